"""3 Subject data description: overview, traceability, annotated CRF, datasets, what is left out."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.dataset import Dataset
from sdtmflow.documents.guide.content import OPEN, Block, Paragraph, Section, paragraphs, table
from sdtmflow.documents.guide.facts import GuideFacts
from sdtmflow.documents.guide.texts import DatasetText, GuideTexts
from sdtmflow.standards.sdtmig import sdtmig

SCREEN_FAILURE = "SCREEN FAILURE"
_TRIAL_DESIGN = "TRIAL DESIGN"


def subject_data(facts: GuideFacts, texts: GuideTexts) -> Section:
    """The section."""
    return Section(
        "Subject Data Description",
        sections=(
            Section("Overview", _overview(facts, texts)),
            Section("Traceability", _traceability(facts, texts)),
            Section("Annotated CRF", _annotated_crf(facts, texts)),
            Section("SDTM Subject Domains", _domains(facts, texts), tuple(_texts(facts, texts))),
            Section("Split Datasets", _split(facts, texts)),
            Section("Sites and Deliveries Left Out", _left_out(facts, texts)),
            Section("Conventions", _conventions(facts)),
        ),
    )


def _overview(facts: GuideFacts, texts: GuideTexts) -> tuple[Block, ...]:
    asked = [*_answers(facts), *((each.question, each.answer) for each in texts.overview)]
    arms = [
        (arm or "No planned arm", "" if arm else reason, f"{count:,}")
        for arm, reason, count in facts.arms
    ]
    return (
        *table(("Question", "Answer"), asked, (0.55, 0.45)),
        Paragraph("Subjects by planned arm:"),
        *table(("Planned arm", "Reason where there is none", "Subjects"), arms, (0.4, 0.4, 0.2)),
    )


def _answers(facts: GuideFacts) -> Iterator[tuple[str, str]]:
    failures = sum(count for _, reason, count in facts.arms if reason == SCREEN_FAILURE)
    empty = [one.name for one in facts.datasets if not facts.records.get(one.name)]
    yield "Which data are in the datasets?", f"Data up to {facts.study.cutoff.isoformat()}"
    yield "How many subjects have a record in DM?", f"{facts.subjects:,}"
    yield "Are screening failures in the datasets?", f"Yes, {failures:,}" if failures else "None"
    yield "How many sites are in the datasets?", f"{len(facts.sites):,}"
    yield "Are sites or deliveries left out?", "Yes, see below" if facts.left_out else "No"
    yield "Which planned datasets have no records?", ", ".join(empty) or "None"
    yield "Which datasets could not be written?", ", ".join(facts.refused) or "None"


def _traceability(facts: GuideFacts, texts: GuideTexts) -> tuple[Block, ...]:
    said = Paragraph(
        "Each source's delivery is kept as it was sent. Its records become raw tables with every "
        "value as text; the mapping specification turns them into the datasets, and keeps for each "
        "value the raw record that it comes from. define.xml gives the derivation of every derived "
        "variable, in words and as the line of the specification."
    )
    return (
        said,
        *table(("Site", "Country", "Systems"), facts.sites, (0.2, 0.2, 0.6)),
        *paragraphs(texts.traceability),
    )


def _annotated_crf(facts: GuideFacts, texts: GuideTexts) -> tuple[Block, ...]:
    rows = [
        (
            each.form,
            each.question or "The whole form",
            str(each.page or ""),
            _reason(each.key, texts),
        )
        for each in facts.not_submitted
    ]
    return (
        Paragraph("The annotated CRF shows every unique form once.", link="acrf.pdf"),
        Paragraph("Collected and not submitted:"),
        *table(("Form", "Question", "Page", "Reason"), rows, (0.24, 0.3, 0.08, 0.38)),
    )


def _reason(key: str, texts: GuideTexts) -> str:
    whole = texts.not_submitted.get(key.partition(".")[0], "")
    return texts.not_submitted.get(key) or whole or OPEN


def _domains(facts: GuideFacts, texts: GuideTexts) -> tuple[Block, ...]:
    names = {dataset.name for dataset in facts.datasets}
    rows = [
        _row(dataset, facts, texts.datasets.get(dataset.name, DatasetText()), names)
        for dataset in facts.datasets
        if dataset.cls != _TRIAL_DESIGN and not dataset.name.startswith("SUPP")
    ]
    head = ("Dataset", "Label", "Class", "Used for", "SUPP", "Records", "Remark")
    return table(head, rows, (0.1, 0.22, 0.16, 0.12, 0.12, 0.1, 0.18))


def _row(
    dataset: Dataset, facts: GuideFacts, said: DatasetText, names: set[str]
) -> tuple[str, ...]:
    supplemental = f"SUPP{dataset.name}"
    return (
        dataset.name,
        dataset.label,
        dataset.cls.capitalize(),
        ", ".join(use.capitalize() for use in said.used_for),
        supplemental if supplemental in names else "",
        f"{facts.records.get(dataset.name, 0):,}",
        _remark(dataset, facts),
    )


def _remark(dataset: Dataset, facts: GuideFacts) -> str:
    known = sdtmig(facts.study.standards.sdtmig).datasets
    if dataset.domain == dataset.name and dataset.name not in known:
        return "Sponsor's own domain"
    if dataset.domain and dataset.domain != dataset.name:
        return f"Part of {dataset.domain}"
    return "" if facts.records.get(dataset.name) else "No records"


def _texts(facts: GuideFacts, texts: GuideTexts) -> Iterator[Section]:
    """A section for each dataset of which there is something to say."""
    supplemental = {one.domain: one for one in facts.datasets if one.name.startswith("SUPP")}
    for dataset in facts.datasets:
        if dataset.name.startswith("SUPP"):
            continue
        said = texts.datasets.get(dataset.name, DatasetText())
        blocks = [*paragraphs(said.text), *paragraphs(dataset.comment)]
        blocks += [Paragraph(f"{v.name}: {v.comment}") for v in dataset.variables if v.comment]
        more = supplemental.get(dataset.name)
        qualifiers = list(_qualifiers(more)) if more else []
        if blocks or qualifiers:
            listed = table(("Qualifier", "Label", "Origin"), qualifiers, (0.2, 0.55, 0.25))
            title = f"{dataset.name} - {dataset.label}"
            yield Section(title, (*blocks, *(listed if qualifiers else ())))


def _qualifiers(supplemental: Dataset) -> Iterator[tuple[str, str, str]]:
    for variable in supplemental.variables:
        for level in variable.value_level:
            yield level.value, level.label, level.origin.type if level.origin else ""


def _split(facts: GuideFacts, texts: GuideTexts) -> tuple[Block, ...]:
    rows = [
        (one.domain, one.name, one.label, f"{facts.records.get(one.name, 0):,}")
        for one in facts.datasets
        if one.domain and one.domain != one.name and not one.name.startswith("SUPP")
    ]
    said = paragraphs(texts.split)
    if not rows and not facts.parts:
        return said or (Paragraph("No domain is split into several datasets."),)
    head = ("Domain", "Dataset", "Label", "Records")
    split = table(head, rows, (0.15, 0.15, 0.5, 0.2)) if rows else ()
    why = () if said or not rows else (Paragraph(OPEN),)
    return (*split, *_size_parts(facts), *said, *why)


def _size_parts(facts: GuideFacts) -> tuple[Block, ...]:
    if not facts.parts:
        return ()
    why = (
        "Datasets that are larger than the agency takes are submitted whole, and besides in parts "
        "in the folder split. The parts follow each other in the order of the records, with the "
        "variables and lengths of the whole; a subject's records are together where they fit."
    )
    rows = [
        (one.dataset, one.name, f"{one.file}: {one.holds}", f"{one.records:,}")
        for one in facts.parts
    ]
    head = ("Dataset", "Part", "Holds", "Records")
    return (Paragraph(why), *table(head, rows, (0.15, 0.15, 0.5, 0.2)))


def _left_out(facts: GuideFacts, texts: GuideTexts) -> tuple[Block, ...]:
    if not facts.left_out:
        return (Paragraph("Every site and source of the study is in the data."),)
    rows = [(each.what, each.reason, each.used) for each in facts.left_out]
    said = paragraphs(texts.left_out) or (Paragraph(OPEN),)
    head = ("Site or source", "Reason", "Used instead")
    return (*table(head, rows, (0.2, 0.55, 0.25)), *said)


def _conventions(facts: GuideFacts) -> tuple[Block, ...]:
    sequence = (
        "Sequence numbers (--SEQ) are unique within a subject and dataset. A record keeps its "
        "number from one delivery of the data to the next; a number that was given is not given "
        "again, so numbers may have gaps and need not follow the sort order."
    )
    dates = (
        "Dates are as complete as they were collected; nothing is imputed in the tabulation "
        "datasets. Study days are given only for complete dates."
    )
    arms = (
        "ARMNRS tells why a subject has no planned or no actual arm; ARM and ACTARM are then "
        "missing (SDTMIG 3.4, 5.2)."
    )
    has_arms = any(one.name == "DM" for one in facts.datasets)
    said = (sequence, dates, arms) if has_arms else (sequence, dates)
    return tuple(map(Paragraph, said))
