"""The report as a workbook: one sheet a section, every text as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from sdtmflow.formats.workbook import OPTIONS, Columns, Row, long_sheet, sheet
from sdtmflow.report.facts import RunFacts
from sdtmflow.report.page import Shown
from sdtmflow.report.summary import CountRow, Summary
from sdtmflow.report.trend import Run

_FINDINGS = (
    ("Severity", "severity", 10),
    ("Status", "status", 10),
    ("Rule", "rule", 16),
    ("Stage", "stage", 8),
    ("Site", "site", 7),
    ("Subject", "subject", 16),
    ("Visit", "visit", 14),
    ("Dataset", "dataset", 9),
    ("Variable", "variable", 12),
    ("Value", "value", 30),
    ("Message", "message", 60),
    ("Query to the site", "query", 50),
    ("Record", "record_key", 34),
    ("File", "file", 26),
    ("Row", "row", 8),
    ("Finding", "fingerprint", 18),
    ("Since", "since", 12),
    ("First seen", "first_seen", 11),
    ("Last seen", "last_seen", 11),
    ("Runs", "runs", 7),
    ("Reason", "reason", 30),
    ("By", "by", 14),
    ("Until", "until", 11),
    ("Query", "query_id", 12),
    ("Answer", "answer", 30),
)
"""Head, column and width; the columns of a life only where lives are known."""
_HISTORY = (
    ("Finding", "fingerprint", 18),
    ("Time", "time", 27),
    ("Who", "who", 16),
    ("Action", "action", 14),
    ("Before", "before", 11),
    ("After", "after", 11),
    ("Text", "text", 60),
)


def write_workbook(facts: RunFacts, shown: Shown, path: Path) -> None:
    """Write the workbook; its only date is the run's own."""
    summary = shown.summary
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        book.set_properties(
            {
                "title": f"{facts.study}: report of run {facts.run_id}",
                "created": dt.datetime.fromisoformat(facts.cutoff),
            }
        )
        sheet(book, "Run", (("Item", 28), ("Value", 90)), _run(facts, summary))
        if shown.runs:
            sheet(book, "Trend", _TREND, map(_trend, reversed(shown.runs)))
        sheet(book, "Sites", _SITES, _sites(facts, summary))
        _table(book, "Findings", _FINDINGS, shown.findings)
        sheet(book, "Rules by site", _rule_columns(summary), _rules(summary), frozen=1)
        sheet(book, "Findings by dataset", _COUNTS, map(_counts, summary.by_dataset))
        if shown.history.height:
            _table(book, "History", _HISTORY, shown.history)
        sheet(book, "Datasets", _DATASETS, _datasets(facts))
        sheet(book, "Records made", _MAPPED, _mapped(facts))
        if facts.changes:
            sheet(book, "Changes", _CHANGES, _changes(facts))
        sheet(book, "Not checked", _NOT_CHECKED, _not_checked(facts))


def _table(
    book: Any, name: str, columns: Iterable[tuple[str, str, int]], table: pl.DataFrame
) -> None:
    """A sheet of the columns that the table has."""
    there = [each for each in columns if each[1] in table.columns]
    heads = tuple((head, width) for head, _, width in there)
    rows = table.lazy().select(pl.col(column) for _, column, _ in there)
    empty = pl.col(pl.String).fill_null(""), pl.col(pl.Int64).fill_null(0)
    long_sheet(book, name, heads, rows.with_columns(*empty))


_SITES = (
    ("Site", 8),
    ("Name", 30),
    ("Country", 9),
    ("Systems", 20),
    ("Status", 12),
    ("Reason", 60),
    ("Subjects", 10),
    ("Records", 10),
    ("Critical", 9),
    ("Major", 9),
    ("Minor", 9),
)
_TREND = (
    ("Data cut-off", 12),
    ("Run", 16),
    ("Open", 9),
    ("Critical", 9),
    ("Major", 9),
    ("Minor", 9),
    ("New", 9),
    ("Resolved", 10),
    ("Waived", 9),
)
_COUNTS = (("Dataset or form", 18), ("Critical", 9), ("Major", 9), ("Minor", 9), ("All", 9))
_DATASETS = (("Dataset", 10), ("Label", 40), ("Rows", 10), ("Variables", 10))
_MAPPED = (
    ("Domain", 10),
    ("Raw rows read", 14),
    ("Possible records", 16),
    ("Records", 10),
    ("Left out by the spec", 20),
    ("Merged", 10),
    ("Quarantined", 12),
)
_NOT_CHECKED = (("Stage", 8), ("Site", 8), ("Table", 12), ("Rule", 16), ("Reason", 60))


_CHANGES = (
    ("Site", 8),
    ("Sources", 24),
    ("Not compared", 30),
    ("Subjects before", 10),
    ("Subjects new", 10),
    ("Subjects gone", 10),
    ("Forms new", 16),
    ("Forms gone", 16),
    ("Records before", 10),
    ("Records new", 10),
    ("Records gone", 10),
    ("Records changed", 10),
    ("Values changed", 10),
    ("Values filled in", 10),
)


def _run(facts: RunFacts, summary: Summary) -> Iterable[Row]:
    counts = summary.by_severity
    return [
        ("Study", facts.study),
        ("Title", facts.title),
        ("Run", facts.run_id),
        ("Data cut-off", facts.cutoff),
        ("Standards", facts.standards),
        ("Verdict", facts.verdict),
        ("Why", facts.verdict_reason),
        ("Findings", summary.total),
        ("Critical", counts.critical),
        ("Major", counts.major),
        ("Minor", counts.minor),
        *((link.label, link.target) for link in facts.links),
    ]


def _sites(facts: RunFacts, summary: Summary) -> Iterable[Row]:
    counts = {row.name: (row.critical, row.major, row.minor) for row in summary.by_site}
    for site in facts.sites:
        yield (
            *(site.site, site.name, site.country, site.systems, site.status, site.reason),
            *(site.subjects, site.records),
            *counts.get(site.site, (0, 0, 0)),
        )


def _trend(run: Run) -> Row:
    numbers = (run.open, run.critical, run.major, run.minor, run.new, run.resolved, run.waived)
    return (run.cutoff, run.run, *numbers)


def _counts(row: CountRow) -> Row:
    return (row.name, row.critical, row.major, row.minor, row.total)


def _rule_columns(summary: Summary) -> Columns:
    said = (("Rule", 16), ("Severity", 10), ("Dataset", 10), ("Message (one of them)", 60))
    return (*said, ("Total", 9), *((site, 8) for site in summary.sites))


def _rules(summary: Summary) -> Iterable[Row]:
    for row in summary.rules:
        counts = (cell.count for cell in row.cells)
        yield (row.rule, row.severity, row.dataset, row.message, row.total, *counts)


def _datasets(facts: RunFacts) -> Iterable[Row]:
    return [(d.name, d.label, d.rows, d.variables) for d in facts.datasets]


def _mapped(facts: RunFacts) -> Iterable[Row]:
    for m in facts.mapped:
        yield (m.domain, m.read, m.made, m.records, m.dropped, m.merged, m.quarantined)


def _not_checked(facts: RunFacts) -> Iterable[Row]:
    return [(gap.stage, gap.site, gap.table, gap.rule, gap.reason) for gap in facts.not_checked]


def _changes(facts: RunFacts) -> Iterable[Row]:
    for c in facts.changes:
        yield (
            *(c.site, c.sources, c.reason),
            *(c.subjects_before, c.subjects_new, c.subjects_gone),
            *(", ".join(c.forms_new), ", ".join(c.forms_gone)),
            *(c.records_before, c.records_new, c.records_gone, c.records_changed),
            *(c.values_changed, c.values_completed),
        )
