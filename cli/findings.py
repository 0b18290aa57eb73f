"""`sdtmflow findings`: what the last run found, and where each finding stands in its life."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli import finding_acts, finding_lives
from cli.finding_choice import (
    Choice,
    RuleOption,
    SeverityOption,
    SiteOption,
    StatusOption,
    chosen,
)
from cli.options import HERE, StudyArgument
from cli.screen import SEVERITY_STYLES, err, out
from sdtmflow.errors import StudyError
from sdtmflow.wording import counted

if TYPE_CHECKING:
    import polars as pl

EXAMPLE = "For example: sdtmflow findings --by rule; sdtmflow findings --site 03 --status new"
"""What the command's help ends with."""

_SHOWN = ["severity", "status", "site", "subject", "rule", "message"]
"""Columns of the table on the screen, after the id; csv and json have all."""


class ListByDefault(typer.core.TyperGroup):
    """A group that lists: a word that names no command is the list's own argument."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``list`` before what names no command and asks for no help."""
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=ListByDefault,
    help="The findings of the last run, and what became of them. Without a command they are "
    "listed, as `sdtmflow findings list` does: a study folder and its options may follow at once.",
    epilog=EXAMPLE,
)


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
    STATUS = "status"


def findings(
    study: StudyArgument = HERE,
    severity: SeverityOption = None,
    site: SiteOption = None,
    rule: RuleOption = None,
    status: StatusOption = None,
    by: Annotated[
        By | None,
        typer.Option(help="Count them by this instead of listing them.", show_default=False),
    ] = None,
    form: Annotated[
        Form, typer.Option("--format", help="table for people, csv and json for programs.")
    ] = Form.TABLE,
    limit: Annotated[int, typer.Option(min=0, help="Rows of the table; 0 shows all.")] = 50,
) -> None:
    """List the findings of the last run, or count them. They hold subjects' data: mind that.

    With --status they are those of the study's whole life, resolved ones included.
    """
    from sdtmflow.report.summary import with_study_wide

    asked = Choice.of(severity, site, rule, status)
    found = with_study_wide(_listed(study, whole_life=bool(status)))
    _tell_unknown(study, found, asked.sites, asked.rules)
    table = chosen(found, asked)
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


def _listed(study: Path, *, whole_life: bool) -> pl.DataFrame:
    """The findings of the last run, or of the study's life, with where they stand."""
    import polars as pl

    from sdtmflow.pipeline.following import known_register
    from sdtmflow.standing import LIFE_SCHEMA, Standing
    from sdtmflow.study import StudyFolder

    register = known_register(StudyFolder(study))
    lives = register.findings() if register else Standing.nothing().findings
    if whole_life:
        return lives
    life = lives.select("fingerprint", *LIFE_SCHEMA)
    found = _last_findings(study).join(life, on="fingerprint", how="left", maintain_order="left")
    return found.with_columns(pl.col(pl.String).fill_null(""))


def _tell_unknown(
    study: Path, found: pl.DataFrame, sites: Sequence[str], rules: Sequence[str]
) -> None:
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


def _print(table: pl.DataFrame, limit: int) -> None:
    from sdtmflow.register import SHOWN_DIGITS

    shown = Table("id", *_SHOWN, box=None, pad_edge=False)
    for row in table.select("fingerprint", *_SHOWN).head(limit).iter_rows(named=True):
        severity, *others = (str(row[name] or "") for name in _SHOWN)
        digits = Text(row["fingerprint"][:SHOWN_DIGITS], "dim")
        shown.add_row(digits, Text(severity, SEVERITY_STYLES[severity]), *map(Text, others))
    out.print(shown)
    more = table.height - limit
    err.print(
        counted(table.height, "finding")
        + (f", {limit:,} shown; --limit 0 shows all, --by rule counts them" if more > 0 else "")
    )


app.command("list", epilog=EXAMPLE)(findings)
app.command("show", epilog=finding_lives.SHOW)(finding_lives.show)
app.command("open", epilog=finding_acts.OPEN)(finding_acts.open_findings)
app.command("waive", epilog=finding_acts.WAIVE)(finding_acts.waive)
app.command("reopen", epilog=finding_acts.REOPEN)(finding_acts.reopen)
app.command("history", epilog=finding_lives.HISTORY)(finding_lives.history)
app.command("verify", epilog=finding_lives.VERIFY)(finding_lives.verify)
