"""`sdtmflow findings`: the findings of the last run, or of a published bundle."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.options import HERE, StudyArgument
from cli.screen import SEVERITY_STYLES, err, out
from sdtmflow.errors import StudyError

if TYPE_CHECKING:
    import polars as pl

_SHOWN = ["severity", "site", "subject", "rule", "message"]
"""Columns of the table on the screen; csv and json have all."""


class Form(StrEnum):
    """How findings are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class SeverityChoice(StrEnum):
    """The severities, as sdtmflow.finding has them."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


def findings(
    study: StudyArgument = HERE,
    severity: Annotated[
        list[SeverityChoice] | None, typer.Option(help="Only these severities; repeatable.")
    ] = None,
    site: Annotated[list[str] | None, typer.Option(help="Only these sites; repeatable.")] = None,
    rule: Annotated[
        list[str] | None, typer.Option(help="Only rules with this text in their id; repeatable.")
    ] = None,
    form: Annotated[
        Form, typer.Option("--format", help="table for people, csv and json for programs.")
    ] = Form.TABLE,
    limit: Annotated[int, typer.Option(min=0, help="Rows of the table; 0 shows all.")] = 50,
) -> None:
    """List the findings of the last run. They hold subjects' data: mind where they go."""
    table = _filtered(_last_findings(study), severity or [], site or [], rule or [])
    if form is Form.CSV:
        sys.stdout.write(table.write_csv())
    elif form is Form.JSON:
        sys.stdout.write(table.write_json() + "\n")
    else:
        _print(table, limit or table.height)


def _last_findings(study: Path) -> pl.DataFrame:
    import polars as pl

    from sdtmflow.pipeline.outcome import last_outcome
    from sdtmflow.pipeline.workspace import Workspace
    from sdtmflow.study import StudyFolder

    outcome = last_outcome(Workspace(StudyFolder(study).work))
    if outcome is None or not Path(outcome.findings_table).is_file():
        raise StudyError(
            "there are no findings of a run here",
            place=str(study),
            remedy="run it first: sdtmflow run; findings of bundles are in their reports folder",
        )
    return pl.read_parquet(outcome.findings_table)


def _filtered(
    table: pl.DataFrame, severities: list[SeverityChoice], sites: list[str], rules: list[str]
) -> pl.DataFrame:
    import polars as pl

    if severities:
        table = table.filter(pl.col("severity").is_in([each.value for each in severities]))
    if sites:
        table = table.filter(pl.col("site").is_in(sites))
    if rules:
        wanted = [
            pl.col("rule").str.to_lowercase().str.contains(each.lower(), literal=True)
            for each in rules
        ]
        table = table.filter(pl.any_horizontal(wanted))
    return table


def _print(table: pl.DataFrame, limit: int) -> None:
    shown = Table(*_SHOWN, box=None, pad_edge=False)
    for row in table.select(_SHOWN).head(limit).iter_rows(named=True):
        severity, *others = (str(row[name] or "") for name in _SHOWN)
        shown.add_row(Text(severity, SEVERITY_STYLES[severity]), *map(Text, others))
    out.print(shown)
    more = table.height - limit
    err.print(f"{table.height:,} findings" + (f", {limit:,} shown" if more > 0 else ""))
