"""The proposal as a whole: the files, what they do not say again, and why."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.dataset import CLASSES, Dataset, ValueLevel
from sdtmflow.define_lint.model import Define
from sdtmflow.define_lint.parsing import parse
from sdtmflow.define_spec.comparing import Difference, differences, level_differences
from sdtmflow.define_spec.declaring import declared
from sdtmflow.define_spec.left_out import LeftOut, left_out
from sdtmflow.define_spec.proposing import Proposer, is_made, proposed
from sdtmflow.define_spec.reading import Reader
from sdtmflow.define_spec.standard import Standard
from sdtmflow.errors import FormatError
from sdtmflow.mapping.spec import DomainSpec
from sdtmflow.mapping.values.flow_text import flow
from sdtmflow.standards.sdtmig import VERSIONS
from sdtmflow.standards.terminology import carried_versions
from sdtmflow.study import Standards
from sdtmflow.typed_yaml import load_yaml

_NOT_IN_STUDY = re.compile(r"[^A-Za-z0-9._-]+")
_STUDY_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Proposal:
    """Files by their path in the study folder, and what the define.xml has beyond them."""

    files: dict[str, str]
    datasets: int
    differences: tuple[Difference, ...]
    left_out: tuple[LeftOut, ...]


def propose(path: Path, folder: Path) -> Proposal:
    """Write the specs that a define.xml asks for into ``folder``, and read them again.

    The differences are those between the metadata of the define.xml and those that the written
    specs say. Raises FormatError where ``path`` is no define.xml.
    """
    define = parse(path)
    datasets = Reader.of(define).datasets()
    _refuse_analysis(define, datasets)
    standards, standard = _standards(define)
    files = dict(_files(define, datasets, standard, standards))
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    said = tuple(_said(folder, files, standard, standards))
    found = tuple(_differences(datasets, said, standard))
    return Proposal(files, len(datasets), found, tuple(left_out(define, datasets, standard)))


def _refuse_analysis(define: Define, datasets: tuple[Dataset, ...]) -> None:
    found = [dataset for dataset in datasets if dataset.cls and dataset.cls not in CLASSES]
    if found:
        raise FormatError(
            f"{found[0].name} is of class {found[0].cls}, which is not SDTM",
            place=f"{define.path}:{define.datasets[0].line}",
            remedy="mapping specs make tabulation datasets; name their define.xml",
        )


def _files(
    define: Define, datasets: tuple[Dataset, ...], standard: Standard, standards: Standards
) -> Iterator[tuple[str, str]]:
    yield "study.yaml", _study(define, standards)
    proposer = Proposer(standard)
    for dataset, supplemental in proposed(datasets, standard):
        yield f"mappings/{dataset.name.lower()}.yaml", proposer.spec(dataset, supplemental)


def _said(
    folder: Path, files: dict[str, str], standard: Standard, standards: Standards
) -> Iterator[Dataset]:
    for name in files:
        if name.startswith("mappings/"):
            yield from declared(load_yaml(folder / name, DomainSpec), standard, standards)


def _differences(
    before: tuple[Dataset, ...], after: tuple[Dataset, ...], standard: Standard
) -> Iterator[Difference]:
    yield from differences([one for one in before if is_made(one, standard)], after)
    for dataset in before:
        if dataset.name.startswith("SUPP"):
            made = next((one for one in after if one.name == dataset.name), None)
            old, new = (_values(each) for each in (dataset, made))
            yield from level_differences(f"{dataset.name}.QVAL", old, new)


def _values(dataset: Dataset | None) -> tuple[ValueLevel, ...]:
    variables = dataset.variables if dataset else ()
    return next((v.value_level for v in variables if v.name == "QVAL"), ())


def _standards(define: Define) -> tuple[Standards, Standard]:
    """The versions to go on with: those of the define.xml as far as they are carried."""
    guides = [define.version.standard_version]
    guides += [one.version for one in define.standards if one.type == "IG"]
    guide = next((one for one in guides if one in VERSIONS), VERSIONS[-1])
    dates = [
        one.version for one in define.standards if one.type == "CT" and one.publishing_set == "SDTM"
    ]
    terms = max(
        (dt.date.fromisoformat(d) for d in dates if _is_date(d)), default=carried_versions()[-1]
    )
    said = Standards.model_validate({"sdtmig": guide, "ct": terms})
    return said, Standard.of(guide, terms)


def _is_date(text: str) -> bool:
    try:
        return len(text) == len("2025-03-28") and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _study(define: Define, standards: Standards) -> str:
    """study.yaml with what a define.xml says of a study, and what it leaves open."""
    names = define.study
    study = _NOT_IN_STUDY.sub("-", names["StudyName"]).strip("-._")[:_STUDY_LENGTH] or "STUDY"
    created = define.header.created[:10]
    return f"""# Proposed from {define.path.name}; what no define.xml says is marked "open:".
version: 1
study: {flow(study)}
title: {flow(names["StudyDescription"] or study)}
protocol: {flow(names["ProtocolName"])}
cutoff: {created if _is_date(created) else "2000-01-01"} # open: the data cut-off
standards: {{sdtmig: "{standards.sdtmig}", ct: {standards.ct}}}
sites: # open: the sites
  "01": {{name: To be named, country: XXX}}
sources: # open: here the datasets themselves, as SAS transport files
  datasets: {{kind: xpt, path: sdtm, site: "01", subject_column: USUBJID}}
usubjid: "{{subject}}"
"""
