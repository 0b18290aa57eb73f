"""Write the report of a run."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sdtmflow.report.facts import RunFacts
from sdtmflow.report.page import page
from sdtmflow.report.summary import ordered, summarise
from sdtmflow.report.workbook import write_workbook

HTML = "report.html"
XLSX = "report.xlsx"


def write_report(facts: RunFacts, findings: pl.DataFrame, out: Path) -> None:
    """Write ``report.html`` and ``report.xlsx`` into ``out``.

    ``findings`` has the columns of ``FINDINGS_SCHEMA``. The same facts and findings give the same
    bytes. The page needs no network; every value is escaped, in the page and in the workbook.
    """
    rows = ordered(findings)
    summary = summarise(rows)
    (out / HTML).write_text(page(facts, summary, rows), encoding="utf-8")
    write_workbook(facts, summary, rows, out / XLSX)
