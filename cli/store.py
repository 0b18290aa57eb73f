"""`sdtmflow store`: make a store, and find out whether it keeps what publishing rests on."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.table import Table
from rich.text import Text

from cli.bundles import opened_shelf
from cli.options import HERE, StoreOption, StudyOption, store_url
from cli.screen import out

if TYPE_CHECKING:
    from sdtmflow.errors import StoreError
    from sdtmflow.store import Store
    from sdtmflow.store.protocol import Promise

CHECK_EXAMPLE = "Example: sdtmflow store check --store s3://trials"
MAKE_EXAMPLE = "Example: sdtmflow store make --store s3://trials"
app = typer.Typer(
    help="Make a store, or check whether bundles would be safe in it.", no_args_is_help=True
)


@app.command(epilog=MAKE_EXAMPLE)
def make(study: StudyOption = HERE, store: StoreOption = "") -> None:
    """Make the store: a folder, or two buckets with the right settings.

    The bundles' bucket gets Object Lock and versions; the claims' bucket gets neither. What is
    there already is not changed.
    """
    opened = _opened(study, store)
    made = opened.make()
    for name in made:
        out.print(Text(f"made {name}"))
    if not made:
        out.print(Text(f"{opened.url} was there before; nothing was changed"))
    named = ["--store", store] if store else ["--study", str(study)] if study != HERE else []
    out.print(Text(f"check it with: {shlex.join(['sdtmflow', 'store', 'check', *named])}"))


@app.command(epilog=CHECK_EXAMPLE)
def check(study: StudyOption = HERE, store: StoreOption = "") -> None:
    """Check whether bundles would be safe in the store; publishing asks the same each time.

    Nothing is published. Under probe/ some objects of a few bytes may stay, where their removal
    is forbidden.
    """
    opened = _opened(study, store)
    table = Table("promise", "kept", "what was seen", box=None, pad_edge=False)
    first: StoreError | None = None
    told: set[str] = set()
    for promise in opened.promises():
        answer, said, error = _asked(promise)
        table.add_row(promise.name, answer, Text("the same" if said in told else said))
        told |= {said} - {""}
        first = first or error
    out.print(table)
    if first is not None:
        raise first
    out.print(Text(f"{opened.url} will do"))


def _opened(study: Path, store: str) -> Store:
    """The store that is named; a study is only needed where none is."""
    from sdtmflow.store import open_store

    return open_store(store_url(store), Path()) if store else opened_shelf(study, store).store


def _asked(promise: Promise) -> tuple[str, str, StoreError | None]:
    """Whether it is kept, what is to be said of it, and the error where it is not."""
    from sdtmflow.errors import StoreError

    try:
        warning = promise.ask()
    except StoreError as error:
        return "no", error.message, error
    return ("warning", warning, None) if warning else ("yes", "", None)
