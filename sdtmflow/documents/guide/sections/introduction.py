"""1 Introduction: purpose, acronyms, standards and dictionaries."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.dataset import Codelist, Dataset
from sdtmflow.documents.guide.content import OPEN_VERSION, Paragraph, Section, paragraphs, table
from sdtmflow.documents.guide.facts import GuideFacts
from sdtmflow.documents.guide.texts import GuideTexts

_ACRONYMS = {
    "aCRF": "Annotated Case Report Form",
    "CDISC": "Clinical Data Interchange Standards Consortium",
    "CRF": "Case Report Form",
    "cSDRG": "Clinical Study Data Reviewer's Guide",
    "CT": "Controlled Terminology",
    "EDC": "Electronic Data Capture",
    "SDTM": "Study Data Tabulation Model",
    "SDTMIG": "SDTM Implementation Guide",
    "XPT": "SAS Transport File, version 5",
}


def introduction(facts: GuideFacts, texts: GuideTexts) -> Section:
    """The section."""
    return Section(
        "Introduction",
        sections=(
            Section("Purpose", _purpose(facts, texts)),
            Section("Acronyms", table(("Acronym", "Meaning"), _acronyms(texts), (0.25, 0.75))),
            Section(
                "Study Data Standards and Dictionary Inventory",
                table(
                    ("Standard or dictionary", "Version", "Used for"),
                    _inventory(facts, texts),
                    (0.35, 0.25, 0.4),
                ),
            ),
        ),
    )


def _purpose(facts: GuideFacts, texts: GuideTexts) -> tuple[Paragraph, ...]:
    return paragraphs(texts.purpose) or (
        Paragraph(
            f"This guide accompanies the tabulation datasets of study {facts.study.study}. It "
            "tells what define.xml and the annotated CRF cannot: how the data came about, what is "
            "special in them, what is not in them, and how far they conform to the standards."
        ),
    )


def _acronyms(texts: GuideTexts) -> Iterator[tuple[str, str]]:
    known = _ACRONYMS | texts.acronyms
    yield from sorted(known.items(), key=lambda item: item[0].casefold())


def _inventory(facts: GuideFacts, texts: GuideTexts) -> Iterator[tuple[str, str, str]]:
    standards = facts.study.standards
    yield "CDISC SDTM Implementation Guide", standards.sdtmig, "Tabulation datasets"
    terms = "Controlled terms of tabulation datasets"
    yield "CDISC SDTM Controlled Terminology", standards.ct.isoformat(), terms
    yield "CDISC Define-XML", "2.1", "Data definitions"
    for (name, version), used in sorted(_dictionaries(facts).items()):
        yield name, version or OPEN_VERSION, ", ".join(used)
    for line in texts.standards:
        yield line.standard, line.version, line.used_for


def _dictionaries(facts: GuideFacts) -> dict[tuple[str, str], list[str]]:
    """(external dictionary, version) → the datasets that are coded with it."""
    found: dict[tuple[str, str], list[str]] = {}
    for dataset in facts.datasets:
        for codelist in _codelists(dataset):
            if codelist.dictionary:
                key = (codelist.dictionary, codelist.dictionary_version)
                used = found.setdefault(key, [])
                if dataset.name not in used:
                    used.append(dataset.name)
    return found


def _codelists(dataset: Dataset) -> Iterator[Codelist]:
    for variable in dataset.variables:
        levels = (level.codelist for level in variable.value_level)
        yield from (codelist for codelist in (variable.codelist, *levels) if codelist)
