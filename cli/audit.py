"""`sdtmflow audit`: who did what to which bundle, and whether the log of it is whole."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.bundles import known_heads, opened_shelf
from cli.options import HERE, StoreOption, StudyOption
from cli.screen import err, out
from sdtmflow.errors import UsageError
from sdtmflow.wording import counted, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdtmflow.audit import Event, KnownHeads, Seen
    from sdtmflow.bundle import Shelf
    from sdtmflow.store import Store

app = typer.Typer(
    help="Read the audit log of the bundles, and prove that nobody changed it.",
    no_args_is_help=True,
)
LIST = "Examples: sdtmflow audit list --bundle v0007  ·  sdtmflow audit list --csv log.csv"
VERIFY = "Examples: sdtmflow audit verify  ·  sdtmflow audit verify --head 41:9f2c…"
_HEAD = re.compile(r"([1-9][0-9]{0,11}):([0-9a-f]{64})")
_COLUMNS = ("number", "time", "who", "account", "action", "bundle", "details", "manifest", "sha256")


@app.command("list", epilog=LIST)
def list_events(
    bundle: Annotated[
        str,
        typer.Option(help="Only what was done with this version: v0001, 1, latest or released."),
    ] = "",
    action: Annotated[
        list[str] | None, typer.Option(help="Only this action, such as download; repeatable.")
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Write the entries as CSV.", show_default=False)
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", help="Write them as JSON, whole.", show_default=False),
    ] = None,
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """List who did what to which bundle and when, oldest first.

    A log that is not whole is listed as far as it can be read, and the command fails.
    """
    from sdtmflow.bundle import verify_audit
    from sdtmflow.store.disk import disk_errors

    asked = opened_shelf(study, store)
    number = _number(asked, bundle)
    seen = _seen(known_heads(study), asked.store)
    verification = verify_audit(asked.store, asked.study, seen, asked.signers)
    chosen = [event for event in verification.events if _is_asked(event, number, action or ())]
    if csv_file:
        with disk_errors(csv_file):
            _write_csv(chosen, csv_file)
    if json_file:
        records = [event.model_dump(mode="json") for event in chosen]
        text = json.dumps(records, indent=1, ensure_ascii=False)
        with disk_errors(json_file):
            json_file.write_text(f"{text}\n", encoding="utf-8")
    if not (csv_file or json_file):
        _tell(chosen)
    verification.require()


@app.command(epilog=VERIFY)
def verify(
    head: Annotated[
        str,
        typer.Option(
            metavar="N:SHA256",
            help="The newest entry as you noted it down before: it must still be there.",
            show_default=False,
        ),
    ] = "",
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Check every entry: its text, number, chain and mirror, and the claims on the versions.

    An end that was cut off, or a log that was written anew, is found by whoever has seen it before:
    each version's claim, this machine (in work/), and you with --head. Note the head that is
    printed, away from the store.
    """
    from sdtmflow.bundle import verify_audit

    asked = opened_shelf(study, store)
    known = known_heads(study)
    seen = [*_seen(known, asked.store), *_noted(head)]
    verification = verify_audit(asked.store, asked.study, seen, asked.signers)
    verification.require()
    entries = _entries(len(verification.events))
    out.print(
        Text(
            f"the audit log of {asked.study} is whole: {entries}, "
            f"{counted(verification.versions, 'version')}"
        )
    )
    if verification.unmirrored:
        what = _entries(verification.unmirrored)
        err.print(Text(f"{what} without a mirror yet; the next writer of the log makes it"))
    if verification.head:
        known.remember(asked.store, verification.head)
        out.print(Text(f"its head, to note down: {verification.head}"))


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"


def _seen(known: KnownHeads, store: Store) -> list[Seen]:
    seen = known.of(store)
    return [seen] if seen else []


def _noted(given: str) -> list[Seen]:
    from sdtmflow.audit import Head, Seen

    if not given:
        return []
    match = _HEAD.fullmatch(given.strip().lower())
    if match is None:
        raise UsageError(
            "this is no head of a log",
            place="--head",
            remedy="write it as audit verify prints it: a number, a colon, 64 digits",
        )
    return [Seen(Head(number=int(match[1]), sha256=match[2]), "the head that was noted")]


def _number(asked: Shelf, version: str) -> int | None:
    """The version's number, which may be of a bundle that is gone; None where none is named."""
    from sdtmflow.bundle import asked_number

    number = asked_number(version)
    return asked.find(version).version if version and number is None else number


def _is_asked(event: Event, bundle: int | None, actions: Sequence[str]) -> bool:
    return bundle in {None, event.bundle} and (not actions or event.action in actions)


def _tell(events: Sequence[Event]) -> None:
    if not events:
        out.print(Text("no entry"))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("no.", "time (UTC)", "who", "action", "bundle"):
        table.add_column(name, no_wrap=name != "who", overflow="fold")
    table.add_column("details", overflow="fold")
    for event in events:
        row = _row(event)
        time = row["time"].partition(".")[0].replace("T", " ")
        cells = (row["number"], time, row["who"], row["action"], row["bundle"], row["details"])
        table.add_row(*map(Text, cells))
    Console(highlight=False).print(table)


def _row(event: Event) -> dict[str, str]:
    """The entry in one line's words; what could redraw a terminal is shown as a mark."""
    from sdtmflow.store.protocol import version_name

    details = "; ".join(f"{name}: {value}" for name, value in event.details.items())
    values = (
        str(event.number),
        event.time,
        event.who,
        event.account,
        event.action,
        version_name(event.bundle) if event.bundle else "",
        details,
        event.manifest or "",
        event.digest,
    )
    return dict(zip(_COLUMNS, map(plain, values), strict=True))


def _write_csv(events: Sequence[Event], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        writer.writerows(map(_row, events))
