"""`sdtmflow trace`: one value, or all of a record, back to what was sent."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import HERE, StoreOption, StudyOption, store_url, work_folder
from cli.screen import err, out
from sdtmflow.errors import UsageError

if TYPE_CHECKING:
    from sdtmflow.lineage import Opened

EXAMPLE = "Example: sdtmflow trace AE --usubjid DEMO01-01-101 --seq 1 --variable AESTDY"


def trace(
    dataset: Annotated[str, typer.Argument(help="AE, SUPPAE, TA, …")],
    usubjid: Annotated[
        str, typer.Option(help="The subject; not for the trial design.", show_default=False)
    ] = "",
    seq: Annotated[
        str,
        typer.Option(help="The record's --SEQ; of SUPP-- the parent's.", show_default=False),
    ] = "",
    qnam: Annotated[str, typer.Option(help="Of SUPP--: the qualifier.", show_default=False)] = "",
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="VARIABLE=VALUE, where no --SEQ tells the record; repeatable.", show_default=False
        ),
    ] = None,
    variable: Annotated[
        str, typer.Option(help="One variable, as a tree. Default: all.", show_default=False)
    ] = "",
    bundle: Annotated[
        str,
        typer.Option(
            help="v0001, 1 or latest. Default: the last run here; of a store alone, latest.",
            show_default=False,
        ),
    ] = "",
    study: StudyOption = HERE,
    store: StoreOption = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, for programs.")] = False,
) -> None:
    """Show what a value was made from: its rule, the raw values, their file, place and delivery.

    It prints a subject's data: mind where they go.
    """
    from sdtmflow.lineage import Asked
    from sdtmflow.lineage import trace as trace_record

    name = dataset.upper()
    named = _named(name, seq, qnam.upper()) | dict(map(_pair, where or []))
    asked = Asked(name, usubjid, named, variable.upper())
    with _opened(study, store, bundle) as opened:
        found = trace_record(opened, asked)
    if as_json:
        from sdtmflow.lineage import as_data

        sys.stdout.write(json.dumps(as_data(found), indent=1, ensure_ascii=False) + "\n")
        return
    from cli.trace_screen import delivery_table, record_table, value_tree

    out.print(value_tree(found) if variable else record_table(found), "", soft_wrap=False)
    if found.raw:
        out.print(delivery_table(found), soft_wrap=False)
    for note in found.notes:
        err.print(f"note: {note}", markup=False)


def _named(dataset: str, seq: str, qnam: str) -> dict[str, str]:
    """The variables that tell the record."""
    supplemental = dataset.startswith("SUPP")
    sequence = "IDVARVAL" if supplemental else f"{dataset[:2]}SEQ"  # QSPH is numbered by QSSEQ
    return {name: value for name, value in ((sequence, seq), ("QNAM", qnam)) if value}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError("--where wants VARIABLE=VALUE", remedy="write, say, --where ARMCD=PBO")
    return name.strip().upper(), value.strip()


@contextmanager
def _opened(study: Path, store: str, version: str) -> Iterator[Opened]:
    from sdtmflow.bundle import shelf
    from sdtmflow.lineage import LastRun, PublishedBundle

    asked = shelf(study, store_url(store))
    if asked.folder and not version:
        yield LastRun(asked.folder, asked.store)
        return
    with work_folder(study) as work:
        yield PublishedBundle(asked, version or "latest", work)
