"""`sdtmflow findings`: the findings of the last run, or of a published bundle."""

from __future__ import annotations

import re
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
from sdtmflow.wording import counted

if TYPE_CHECKING:
    import polars as pl

EXAMPLE = "For example: sdtmflow findings --by rule; sdtmflow findings --site 03 --rule SDTM"
"""What the command's help ends with."""

_SHOWN = ["severity", "site", "subject", "rule", "message"]
"""Columns of the table on the screen; csv and json have all."""


class Form(StrEnum):
    """How findings are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class By(StrEnum):
    """What findings are counted by."""

    RULE = "rule"
    SITE = "site"
    DOMAIN = "domain"
    SEVERITY = "severity"


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
    site: Annotated[
        list[str] | None,
        typer.Option(help="Only these sites; repeatable. 'study': what is of no single site."),
    ] = None,
    rule: Annotated[
        list[str] | None, typer.Option(help="Only rules with this text in their id; repeatable.")
    ] = None,
    by: Annotated[
        By | None,
        typer.Option(help="Count them by this instead of listing them.", show_default=False),
    ] = None,
    form: Annotated[
        Form, typer.Option("--format", help="table for people, csv and json for programs.")
    ] = Form.TABLE,
    limit: Annotated[int, typer.Option(min=0, help="Rows of the table; 0 shows all.")] = 50,
) -> None:
    """List the findings of the last run, or count them. They hold subjects' data: mind that."""
    from sdtmflow.report.summary import with_study_wide

    found = with_study_wide(_last_findings(study))
    _tell_unknown(study, found, site or [], rule or [])
    table = _filtered(found, severity or [], site or [], rule or [])
    if by:
        table = _counted_by(table, by)
    if form is Form.CSV:
        sys.stdout.write(table.write_csv())
    elif form is Form.JSON:
        sys.stdout.write(table.write_json() + "\n")
    elif by:
        _print_counts(table)
    else:
        _print(table, limit or table.height)


def _tell_unknown(study: Path, found: pl.DataFrame, sites: list[str], rules: list[str]) -> None:
    """Warn of a name that nothing has: "0 findings" of it alone would sound like good news."""
    from sdtmflow.report.summary import STUDY_WIDE
    from sdtmflow.study import StudyFolder

    known = {*StudyFolder(study).study.sites, *found["site"].unique(), STUDY_WIDE}
    unknown = [
        *(
            f"the study has no site {s}; it has: {', '.join(sorted(known))}"
            for s in sites
            if s not in known
        ),
        *(
            f"no finding has a rule with '{rule}'; --by rule lists those that have some"
            for rule in rules
            if not found["rule"].str.contains(f"(?i){re.escape(rule)}").any()
        ),
    ]
    for told in unknown:
        err.print(Text.assemble(("warning: ", "bold yellow"), told))


def _counted_by(table: pl.DataFrame, by: By) -> pl.DataFrame:
    """One row a name, with its findings by severity; rules with the most severe first."""
    import polars as pl

    from sdtmflow.report.summary import ORDER, counts

    column = "dataset" if by is By.DOMAIN else by.value
    rows = [
        (row.name, *(getattr(row, each) for each in ORDER), row.total)
        for row in counts(table, column)
    ]
    numbers = dict.fromkeys([*ORDER, "findings"], pl.Int64)
    made = pl.DataFrame(rows, schema={by.value: pl.String, **numbers}, orient="row")
    if by is By.SEVERITY:
        made = made.select("severity", "findings")
    if by is By.SITE:
        return made
    most = ["findings"] if by is By.SEVERITY else [*ORDER, "findings"]
    return made.sort([*most, by.value], descending=[*(True for _ in most), False])


def _print_counts(table: pl.DataFrame) -> None:
    shown = Table(box=None, pad_edge=False)
    for name in table.columns:
        shown.add_column(name, justify="left" if name == table.columns[0] else "right")
    for name, *numbers in table.iter_rows():
        shown.add_row(Text(name), *(f"{number:,}" if number else "" for number in numbers))
    out.print(shown)
    err.print(counted(int(table["findings"].sum()), "finding"))


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
    err.print(
        counted(table.height, "finding")
        + (f", {limit:,} shown; --limit 0 shows all, --by rule counts them" if more > 0 else "")
    )
