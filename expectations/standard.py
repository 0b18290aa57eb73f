"""The standard suites: the rules of ``suites/*.yaml`` spelled out for each SDTM dataset.

A rule names what must hold and its source, and stands for every variable and dataset that ``for``,
``datasets`` and ``but`` name; the SDTMIG metadata says which those are. It is made for a dataset
that has the columns it reads.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from string import Template
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import AfterValidator, ConfigDict, Field

from expectations.standard_target import Target
from expectations.standard_words import WORDS, Words
from expectations.suite import Check, Join, Rule
from expectations.table_plan import TablePlan
from sdtmflow.finding import Severity
from sdtmflow.standards.model import GENERAL_CLASSES
from sdtmflow.standards.own_domains import own_domain
from sdtmflow.standards.sdtmig import DatasetFacts, SdtmIg, sdtmig
from sdtmflow.standards.terminology import study_terminology
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import Strict, load_yaml
from sdtmflow.yaml_words import Said

_SUITES = Path(__file__).parent / "suites"
_POINTS_TO = "POINTS_TO"


def _is_known(word: str) -> str:
    if word not in WORDS:
        raise ValueError(f"unknown '{word}'; known: {', '.join(WORDS)}")
    return word


class StandardRule(Strict):
    """One rule of a file in ``suites/``: a check with ``$words``, and what it is written for.

    ``--STDTC`` stands for the domain's own variable, ``{VARIABLE}`` for the record's value.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    for_: Annotated[str, AfterValidator(_is_known), Field(alias="for")] = "dataset"
    datasets: list[str] = []
    """Names, classes, ``SUPP--`` or ``GENERAL`` (the general observation classes); empty: all."""
    but: list[str] = []
    """Those of them that the rule leaves out."""
    join: dict[str, Any] | list[dict[str, Any]] = []
    rule: Rule
    severity: Severity
    holds: Annotated[str, Said("what must hold, in words")]
    source: Annotated[str, Said("the standard or business rule that asks for it")]
    message: str

    def checks(self, target: Target) -> Iterator[tuple[Check, tuple[Join, ...]]]:
        """The rule's checks of a dataset with their joins, where it applies to it."""
        named = not self.datasets or target.groups & set(self.datasets)
        if not named or target.groups & set(self.but):
            return
        for words in WORDS[self.for_](target):
            every = {"dataset": target.name, "domain": target.domain, **words}
            check = self._check(every)
            joins = tuple(join for join in self._joins(every) if _serves(join, check))
            if _can_be_read(check, joins, target):
                yield check, joins

    def _check(self, words: Words) -> Check:
        own = {"rule": self.rule, "severity": self.severity, "message": self.message}
        item = _filled({**(self.model_extra or {}), **own}, words)
        return Check.model_validate(item | {"optional": True})

    def _joins(self, words: Words) -> Iterator[Join]:
        for join in [self.join] if isinstance(self.join, dict) else self.join:
            yield Join.model_validate(_filled(join, words))


class StandardSuite(Strict):
    """A file in ``suites/``."""

    version: Literal[1]
    title: str
    rules: list[StandardRule]


def _serves(join: Join, check: Check) -> bool:
    """Whether the check reads what the join brings."""
    return bool({*join.columns, join.found} & {*check.columns, *check.condition_columns})


def _can_be_read(check: Check, joins: Sequence[Join], target: Target) -> bool:
    """Whether the dataset has every column that the check and its joins read."""
    joined = {_POINTS_TO, *(name for join in joins for name in (*join.columns, join.found))}
    own = {*check.columns, *check.condition_columns} - joined
    on = {name for join in joins for name in (join.keys or {"USUBJID": ""})}
    dates = {join.during.date for join in joins if join.during}
    return own | on | dates <= set(target.columns)


def standard_plan(target: Target) -> TablePlan:
    """Everything that is expected of any dataset with this metadata."""
    made = [
        pair for suite in standard_suites() for rule in suite.rules for pair in rule.checks(target)
    ]
    checks = tuple(check for check, _ in made)
    return TablePlan(
        table=target.name,
        stage="sdtm",
        place="expectations/suites",
        checks=checks,
        key=target.record_key,
        joins=tuple(join for _, joins in made for join in joins),
        pointer=any(_POINTS_TO in check.columns for check in checks),
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
                study.study,
                terms,
                said.get(name, {}).get("domain") or name.removeprefix("SUPP"),
                tuple(said.get(name, {}).get("keys", ())),
            )
        )
        for name, facts in found.items()
        if facts
    }


def dataset_target(folder: StudyFolder, name: str) -> Target:
    """A dataset of the study's guide with every variable that the guide lists.

    Raises StudyError with the nearest names where the guide has no such dataset.
    """
    facts = sdtmig(folder.study.standards.sdtmig).dataset(name)
    columns = tuple(variable.name for variable in facts.variables)
    domain = name.removeprefix("SUPP")
    return Target(facts, columns, folder.study.study, study_terminology(folder), domain)


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
def standard_suites() -> tuple[StandardSuite, ...]:
    """The rules of sdtmflow itself, file by file."""
    return tuple(
        load_yaml(path, StandardSuite, name=f"expectations/suites/{path.name}")
        for path in sorted(_SUITES.glob("*.yaml"))
    )


def _filled(value: Any, words: Words) -> Any:
    """``$word`` alone becomes the word's value (also a list); inside a text, its text."""
    if isinstance(value, dict):
        return {_filled(key, words): _filled(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, words) for part in value]
    if not isinstance(value, str):
        return value
    return words[value[1:]] if value[1:] in words and value[0] == "$" else _text(value, words)


_PREFIX = re.compile(r"(?<![\w-])--(?=[A-Z])")


def _text(value: str, words: Words) -> str:
    return Template(_PREFIX.sub(words["domain"], value)).safe_substitute(words)
