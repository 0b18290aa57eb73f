"""4 Data conformance summary: what was checked, what was found, what the sponsor says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sdtmflow.documents.guide.content import OPEN, Block, Paragraph, Section, paragraphs, table
from sdtmflow.documents.guide.facts import GuideFacts, Issue
from sdtmflow.documents.guide.rules import rule_text
from sdtmflow.documents.guide.texts import GuideTexts
from sdtmflow.finding import Severity, Stage


def conformance(facts: GuideFacts, texts: GuideTexts) -> Section:
    """The section."""
    raw = [issue for issue in facts.issues if issue.stage == Stage.RAW]
    submitted = [issue for issue in facts.issues if issue.stage != Stage.RAW]
    return Section(
        "Data Conformance Summary",
        sections=(
            Section("Conformance Inputs", _inputs(facts, texts)),
            Section("Issues Summary", _issues(submitted, facts, texts)),
            Section("Issues in Collected Data", _issues(raw, facts, texts)),
            Section(
                "Additional Conformance Details", paragraphs(texts.details) or (Paragraph("None."),)
            ),
        ),
    )


def _inputs(facts: GuideFacts, texts: GuideTexts) -> tuple[Block, ...]:
    standards = facts.study.standards
    rows = (
        ("Program", f"sdtmflow {facts.version}"),
        ("Rules", f"sdtmflow's own, and {len(facts.rules):,} of the study"),
        ("Implementation guide", f"SDTMIG {standards.sdtmig}"),
        ("Controlled terminology", f"SDTM CT {standards.ct.isoformat()}"),
        ("Data definitions", "Define-XML 2.1"),
        ("Read back", "Every file was read by a program other than the one that wrote it"),
    )
    return (*table(("Input", "Value"), rows, (0.35, 0.65)), *paragraphs(texts.conformance))


def _issues(issues: list[Issue], facts: GuideFacts, texts: GuideTexts) -> tuple[Block, ...]:
    if not issues:
        return (Paragraph("No rule found anything."),)
    place = "Raw table" if issues[0].stage == Stage.RAW else "Dataset"
    head = (place, "Rule", "What was found", "Severity", "Count", "Explanation")
    rows = (_row(issue, facts, texts) for issue in issues)
    return (
        Paragraph(_counted(issues)),
        *table(head, rows, (0.12, 0.2, 0.25, 0.09, 0.08, 0.26)),
    )


def _row(issue: Issue, facts: GuideFacts, texts: GuideTexts) -> Iterator[str]:
    said = rule_text(issue.rule, facts.rules)
    variables = f" ({', '.join(issue.variables)})" if issue.variables else ""
    yield issue.dataset or "Study"
    yield issue.rule
    yield f"{said}{variables}"
    yield issue.severity.capitalize()
    yield f"{issue.count:,}"
    yield texts.explanation(issue.rule, issue.dataset) or OPEN


def _counted(issues: Iterable[Issue]) -> str:
    counts: Counter[str] = Counter()
    for issue in issues:
        counts[issue.severity] += issue.count
    parts = [f"{counts[each.value]:,} {each.value}" for each in Severity]
    return f"Findings by severity: {', '.join(parts)}."
