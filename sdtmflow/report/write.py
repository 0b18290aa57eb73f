"""Write the report of a run."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sdtmflow.report.facts import RunFacts
from sdtmflow.report.life import current, with_life
from sdtmflow.report.page import Shown, page
from sdtmflow.report.records import Records
from sdtmflow.report.summary import ordered, summarise
from sdtmflow.report.trend import runs_of
from sdtmflow.report.workbook import write_workbook
from sdtmflow.standing import Standing

HTML = "report.html"
XLSX = "report.xlsx"


def write_report(
    facts: RunFacts,
    findings: pl.DataFrame,
    out: Path,
    *,
    standing: Standing | None = None,
    records: Records | None = None,
) -> None:
    """Write ``report.html`` and ``report.xlsx`` into ``out``.

    ``findings`` has the columns of ``FINDINGS_SCHEMA``. ``standing`` adds each finding's status and
    history, the resolved findings and the trend; ``records`` adds each finding's record. The same
    input gives the same bytes. The page needs no network; every value is escaped, in the page and
    in the workbook.
    """
    shown = _shown(findings, standing, records or Records())
    (out / HTML).write_text(page(facts, shown), encoding="utf-8")
    write_workbook(facts, shown, out / XLSX)


def _shown(findings: pl.DataFrame, standing: Standing | None, records: Records) -> Shown:
    listed = ordered(findings if standing is None else with_life(findings, standing))
    summary = summarise(current(listed))
    if standing is None:
        return Shown(listed, summary, records)
    history = standing.history.join(listed, on="fingerprint", how="semi", maintain_order="left")
    return Shown(listed, summary, records, runs_of(standing.trend), history)
