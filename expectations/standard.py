"""The standard suites: `suites/sdtm.yaml` spelled out for each SDTM dataset by its metadata."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import ConfigDict, Field

from expectations.suite import Check, Join
from expectations.table_plan import TablePlan
from sdtmflow.standards.model import GENERAL_CLASSES
from sdtmflow.standards.own_domains import own_domain
from sdtmflow.standards.sdtmig import DatasetFacts, SdtmIg, VariableFacts, sdtmig
from sdtmflow.standards.terminology import Terminology, study_terminology
from sdtmflow.study import Study, StudyFolder
from sdtmflow.typed_yaml import Strict, load_yaml

_SUITE = Path(__file__).parent / "suites" / "sdtm.yaml"
_REFERENCE = "DM_RFSTDTC"
"""What a joined DM.RFSTDTC is called; DM has its own."""

Words = dict[str, Any]


class StandardRule(Strict):
    """One item of sdtm.yaml: a check with ``$words``, and what it is written for."""

    model_config = ConfigDict(frozen=True, extra="allow")

    for_: Annotated[
        Literal[
            "required_variable",
            "expected_variable",
            "study",
            "domain",
            "demographics",
            "subject_data",
            "sequence",
            "key",
            "date_variable",
            "start_and_end",
            "study_day",
            "coded_variable",
            "test_code",
        ],
        Field(alias="for"),
    ]

    def check(self, words: Words) -> Check:
        """The check with its ``$words`` filled in."""
        return Check.model_validate(_filled(self.model_extra, words))


class StandardSuite(Strict):
    """suites/sdtm.yaml."""

    version: Literal[1]
    rules: list[StandardRule]


@dataclass(frozen=True, slots=True)
class Target:
    """A dataset that is there: its metadata, its columns, and what the study says."""

    facts: DatasetFacts
    columns: tuple[str, ...]
    study: Study
    terminology: Terminology
    domain: str
    """``AE`` for AE and SUPPAE, ``QS`` for a part of it."""
    key: tuple[str, ...] = ()

    @property
    def variables(self) -> tuple[VariableFacts, ...]:
        """The IG's variables that the dataset has."""
        return tuple(facts for facts in self.facts.variables if facts.name in self.columns)


def standard_plan(target: Target) -> TablePlan:
    """Everything that is expected of any dataset with this metadata."""
    checks = [
        rule.check({"dataset": target.facts.name, **words})
        for rule in _suite().rules
        for words in _WORDS[rule.for_](target)
    ]
    joins = (Join(to="DM", on="USUBJID", take={_REFERENCE: "RFSTDTC"}),)
    return TablePlan(
        table=target.facts.name,
        stage="sdtm",
        place="expectations/suites/sdtm.yaml",
        checks=tuple(checks),
        key=_record_key(target),
        joins=joins if _is_subject_data(target) else (),
    )


def standard_plans(
    folder: StudyFolder, tables: Path, datasets: Sequence[str], said: Mapping[str, Words]
) -> dict[str, TablePlan]:
    """Dataset → its standard plan, for those of ``datasets`` (in ``tables``) that are SDTM's.

    ``said`` is what ``datasets.json`` says of them, where it is there: the natural keys of the
    mapping specs, and the class of a study's own domains.
    """
    study = folder.study
    guide = sdtmig(study.standards.sdtmig)
    terms = study_terminology(folder)
    found = {name: _facts(guide, name, said.get(name, {})) for name in datasets}
    return {
        name: standard_plan(
            Target(
                facts,
                tuple(pl.read_parquet_schema(tables / f"{name}.parquet")),
                study,
                terms,
                said.get(name, {}).get("domain") or name.removeprefix("SUPP"),
                tuple(said.get(name, {}).get("keys", ())),
            )
        )
        for name, facts in found.items()
        if facts
    }


def _facts(guide: SdtmIg, name: str, said: Words) -> DatasetFacts | None:
    """What SDTM says of a dataset: of the guide, a part of one, or a study's own domain."""
    domain = said.get("domain") or name.removeprefix("SUPP")
    if name.startswith("SUPP") and (said or domain in guide.datasets):
        return guide.supplemental(name)
    if domain in guide.datasets:
        return replace(guide.datasets[domain], name=name)
    if said.get("cls") in GENERAL_CLASSES:
        return replace(own_domain(guide.version, domain, said["cls"], said["label"]), name=name)
    return None


@functools.cache
def _suite() -> StandardSuite:
    return load_yaml(_SUITE, StandardSuite, name="expectations/suites/sdtm.yaml")


def _filled(value: Any, words: Words) -> Any:
    """``$word`` alone becomes the word's value (also a list); inside a text, its text."""
    if isinstance(value, dict):
        return {key: _filled(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, words) for part in value]
    if not isinstance(value, str):
        return value
    return words[value[1:]] if value[1:] in words and value[0] == "$" else _text(value, words)


def _text(value: str, words: Words) -> str:
    return Template(value).safe_substitute(words)


def _record_key(target: Target) -> tuple[str, ...]:
    """What names a record within its subject: --SEQ, else the natural key."""
    sequence = next((words["variable"] for words in _sequence(target)), "")
    rest = tuple(name for name in target.key if name not in {"STUDYID", "USUBJID"})
    return (sequence,) if sequence else rest


def _is_subject_data(target: Target) -> bool:
    return "USUBJID" in target.columns and target.facts.name != "DM"


def _core(*cores: str) -> Callable[[Target], Iterator[Words]]:
    def words(target: Target) -> Iterator[Words]:
        for facts in target.facts.variables:
            if facts.core in cores:
                yield {"variable": facts.name, "label": facts.label}

    return words


def _study(target: Target) -> Iterator[Words]:
    if "STUDYID" in target.columns:
        yield {"study": target.study.study}


def _domain(target: Target) -> Iterator[Words]:
    own = ("DOMAIN", "RDOMAIN") if target.facts.name.startswith("SUPP") else ("DOMAIN",)
    for name in own:  # CO and RELREC point to other domains
        if name in target.columns:
            yield {"variable": name, "domain": target.domain}


def _demographics(target: Target) -> Iterator[Words]:
    if target.facts.name == "DM":
        yield {}


def _subject_data(target: Target) -> Iterator[Words]:
    if _is_subject_data(target):
        yield {}


def _sequence(target: Target) -> Iterator[Words]:
    name = f"{target.domain}SEQ"
    if {name, "USUBJID"} <= set(target.columns):
        yield {"variable": name}


def _key(target: Target) -> Iterator[Words]:
    key = _natural(target)
    if key and set(key) <= set(target.columns):
        said = [name for name in key if name not in _SUBJECT] or key
        words = ", ".join(f"{name} {{{name}}}" for name in said)
        yield {"variables": key, "variable": key[-1], "key": words}


_SUBJECT = {"STUDYID", "USUBJID"}


def _natural(target: Target) -> list[str]:
    """The key without the --SEQ that only tells records apart which share it."""
    key = list(target.key)
    added = key[-1:] == [f"{target.domain}SEQ"] and "USUBJID" in key  # TSSEQ is of the key itself
    return key[:-1] if added and set(key[:-1]) - _SUBJECT else key


def _date_variable(target: Target) -> Iterator[Words]:
    for facts in target.variables:
        if facts.name.endswith("DTC"):
            yield {"variable": facts.name}


def _start_and_end(target: Target) -> Iterator[Words]:
    for start in target.columns:
        end = start.removesuffix("STDTC") + "ENDTC"
        if start.endswith("STDTC") and end in target.columns:
            yield {"start": start, "end": end}


def _study_day(target: Target) -> Iterator[Words]:
    reference = "RFSTDTC" if target.facts.name == "DM" else _REFERENCE
    for day in target.columns:
        date = day.removesuffix("DY") + "DTC"
        if day.endswith("DY") and date in target.columns and "USUBJID" in target.columns:
            yield {"variable": day, "date": date, "reference": reference}


def _coded_variable(target: Target) -> Iterator[Words]:
    for facts in target.variables:
        lists = [target.terminology.codelist(code) for code in _carried(facts, target)]
        if lists and not any(codelist.extensible for codelist in lists):
            yield {
                "variable": facts.name,
                "codelist": " or ".join(codelist.submission_value for codelist in lists),
                "terms": [
                    *(term.submission_value for found in lists for term in found.terms),
                    *facts.beside,
                ],
            }


def _carried(facts: VariableFacts, target: Target) -> list[str]:
    """The variable's codelists, none where one of them is not carried."""
    carried = [code for code in facts.codelists if code in target.terminology]
    return carried if len(carried) == len(facts.codelists) else []


def _test_code(target: Target) -> Iterator[Words]:
    for facts in target.variables:
        if facts.name.endswith("TESTCD"):
            yield {"variable": facts.name}


_WORDS: dict[str, Callable[[Target], Iterator[Words]]] = {
    "required_variable": _core("Req"),
    "expected_variable": _core("Exp"),
    "study": _study,
    "domain": _domain,
    "demographics": _demographics,
    "subject_data": _subject_data,
    "sequence": _sequence,
    "key": _key,
    "date_variable": _date_variable,
    "start_and_end": _start_and_end,
    "study_day": _study_day,
    "coded_variable": _coded_variable,
    "test_code": _test_code,
}
