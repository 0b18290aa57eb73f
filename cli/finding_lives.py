"""`sdtmflow findings show|history|verify`: the life of findings, and whether it is whole."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.finding_choice import FindingsArgument
from cli.options import HERE, StudyOption
from cli.screen import SEVERITY_STYLES, err, out
from sdtmflow.errors import VerificationError
from sdtmflow.wording import counted

if TYPE_CHECKING:
    import polars as pl

    from sdtmflow.register import Register

SHOW = "For example: sdtmflow findings show 3f9a1c07"
HISTORY = "Examples: sdtmflow findings history 3f9a1c07  ·  sdtmflow findings history --format csv"
VERIFY = "For example: sdtmflow findings verify --study my-study"

_PARTS = ("rule", "site", "subject", "visit", "dataset", "record_key", "variable", "value", "query")
_WORDS = {"record_key": "record", "query": "query text", "query_id": "query", "by": "by"}


class Form(StrEnum):
    """How the history is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def show(
    finding: Annotated[
        list[str],
        typer.Argument(
            metavar="FINDING...",
            help="The beginning of a finding's fingerprint, as the list shows it, or more of it.",
        ),
    ],
    study: StudyOption = HERE,
) -> None:
    """Show findings whole: what is wrong where, how they stand, and their history."""
    from cli.finding_choice import Choice, meant

    register = _register(study)
    found = meant(register.findings(), finding, Choice.of(None, None, None, None))
    changes = register.history(found["fingerprint"].to_list())
    for number, row in enumerate(found.iter_rows(named=True)):
        if number:
            out.print()
        _print_finding(row)
        _print_history(changes.filter(fingerprint=row["fingerprint"]).drop("fingerprint"))


def history(
    finding: FindingsArgument = None,
    form: Annotated[
        Form, typer.Option("--format", help="table for people, csv and json for programs.")
    ] = Form.TABLE,
    limit: Annotated[int, typer.Option(min=0, help="Newest rows of the table; 0 shows all.")] = 50,
    study: StudyOption = HERE,
) -> None:
    """List who did what to which finding and when, oldest first: the audit trail."""
    from sdtmflow.register import SHOWN_DIGITS, fingerprints_of

    register = _register(study)
    prints = fingerprints_of(register.findings()["fingerprint"], finding) if finding else None
    changes = register.history(prints)
    if form is Form.CSV:
        sys.stdout.write(changes.write_csv())
    elif form is Form.JSON:
        sys.stdout.write(changes.write_json() + "\n")
    else:
        shown = changes.tail(limit or changes.height)
        _print_history(shown.with_columns(id=shown["fingerprint"].str.head(SHOWN_DIGITS)))
        more = (
            f", the newest {limit:,} shown; --limit 0 shows all" if limit < changes.height else ""
        )
        err.print(f"{counted(changes.height, 'change')}{more if limit else ''}")


def verify(study: StudyOption = HERE) -> None:
    """Check that nobody changed the audit trail, or a finding past it."""
    register = _register(study)
    faults = register.faults()
    if faults:
        told = "\n".join(f"  {fault}" for fault in faults)
        raise VerificationError(
            f"the audit trail of the findings is not whole:\n{told}\n",
            place=str(study),
            remedy="restore the database from a backup, and find out who changed it",
        )
    out.print(Text(f"the audit trail is whole: {counted(register.history().height, 'change')}"))


def _register(study: Path) -> Register:
    from sdtmflow.pipeline.following import register_of
    from sdtmflow.study import StudyFolder

    return register_of(StudyFolder(study))


def _print_finding(row: dict[str, Any]) -> None:
    head = Text.assemble(
        (f"{row['fingerprint']}  ", "bold"),
        (row["severity"], SEVERITY_STYLES[row["severity"]]),
        f"  {row['message']}",
    )
    out.print(head)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", min_width=10)
    for name in _PARTS:
        if row[name]:
            grid.add_row(_WORDS.get(name, name), Text(row[name]))
    if row["file"]:
        grid.add_row(
            "file", Text(f"{row['file']}, row {row['row']}" if row["row"] else row["file"])
        )
    grid.add_row("status", Text(_standing(row)))
    for name in ("reason", "query_id", "answer"):
        if row[name]:
            grid.add_row(_WORDS.get(name, name), Text(row[name]))
    seen = f"first by run {row['first_run']}, last by run {row['last_run']}"
    grid.add_row(
        "seen", Text(f"{seen} (data of {row['last_seen']}), {counted(row['runs'], 'run')}")
    )
    out.print(grid)


def _standing(row: dict[str, Any]) -> str:
    until = f" until {row['until']}" if row["until"] else ""
    since = row["since"][:19].replace("T", " ")
    return f"{row['status']}{until} since {since}, by {row['by']}"


def _print_history(changes: pl.DataFrame) -> None:
    from sdtmflow.wording import plain

    columns = [name for name in ("id", "time", "who", "action", "after", "text") if name in changes]
    shown = Table(*(_HEADS.get(name, name) for name in columns), box=None, pad_edge=False)
    for row in changes.with_columns(time=_shown_time("time")).select(columns).iter_rows():
        shown.add_row(*(Text(plain(cell)) for cell in row))
    out.print(shown)


def _shown_time(column: str) -> pl.Expr:
    """``2026-11-23 06:45:19``: the register's times are all UTC."""
    import polars as pl

    return pl.col(column).str.head(19).str.replace("T", " ", literal=True)


_HEADS = {"time": "time (UTC)", "after": "status then", "text": "why"}
