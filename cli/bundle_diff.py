"""`sdtmflow bundles diff`: what changed from one bundle to another, and why."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.options import HERE, ActorOption, StoreOption, StudyOption, work_folder
from cli.screen import err, out
from sdtmflow.wording import counted

if TYPE_CHECKING:
    from sdtmflow.diff import BundleDiff, DatasetDiff

EXAMPLE = "Example: sdtmflow bundles diff v0006 v0007 --html changes.html"
_STYLES = {"added": "green", "removed": "red", "changed": "yellow", "key changed": "yellow"}
_METADATA = 20
"""Statements of define.xml that are printed."""


class DepthChoice(StrEnum):
    """The depths, as sdtmflow.diff has them."""

    DATASETS = "datasets"
    RECORDS = "records"
    VALUES = "values"


def diff(
    earlier: Annotated[str, typer.Argument(help="v0001 or 1.")],
    later: Annotated[str, typer.Argument(help="v0002, 2 or latest.")] = "latest",
    depth: Annotated[
        DepthChoice,
        typer.Option(
            help="datasets: files and define.xml, quick; records: which came, went and differ; "
            "values: every cell, too."
        ),
    ] = DepthChoice.VALUES,
    only: Annotated[list[str] | None, typer.Option(help="Only these datasets; repeatable.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the diff as one HTML page.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write it as a workbook, all changes.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write all changes as CSV.")] = None,
    limit: Annotated[
        int, typer.Option(help="Changes of a dataset to print; 0 prints none.", min=0)
    ] = 10,
    study: StudyOption = HERE,
    store: StoreOption = "",
    actor: ActorOption = "",
) -> None:
    """Show what changed between two bundles: records, values, metadata, and the cause.

    It prints subjects' data: mind where they go. The audit log says who compared.
    """
    from cli.bundles import acting_shelf
    from sdtmflow.audit import Actor
    from sdtmflow.diff import Depth
    from sdtmflow.diff import diff as compare
    from sdtmflow.diff.write import write_csv, write_html, write_xlsx

    asked = acting_shelf(study, store)
    versions = asked.find(earlier).name, asked.find(later).name
    with work_folder(study) as work:
        found = compare(
            asked.store,
            asked.study,
            versions,
            work / "diff",
            depth=Depth(depth),
            only=only or (),
            actor=Actor.of_account(actor),
            progress=_progress,
        )
        _tell(found, limit)
        for path, write in ((html, write_html), (xlsx, write_xlsx), (csv, write_csv)):
            if path:
                path.parent.mkdir(parents=True, exist_ok=True)
                write(found, path)
                out.print(Text(f"written: {path}"))


def _progress(name: str, at: int, total: int) -> None:
    err.print(Text(f"comparing {name} ({at + 1} of {total})", "dim"))


def _tell(found: BundleDiff, limit: int) -> None:
    wide = Console(highlight=False)  # a table needs to know the width
    out.print(Text(f"{found.study}  {found.old} → {found.new}", "bold"))
    for step in found.between:
        out.print(Text.assemble((f"{step.kind:9} ", "dim"), f"{step.what} ", (step.how, "yellow")))
    _tell_metadata(wide, found)
    if not found.differing:
        out.print(Text("no dataset differs", "green"))
        return
    wide.print(_datasets(found))
    for one in found.differing:
        _tell_changes(wide, one, limit)


def _tell_metadata(wide: Console, found: BundleDiff) -> None:
    if not found.metadata:
        return
    table = Table(box=None, pad_edge=False, title_justify="left")
    for name in ("define.xml", "what", "before", "after"):
        table.add_column(name, overflow="fold")
    for one in found.metadata[:_METADATA]:
        name = f"{one.dataset} {one.name}".strip()
        table.add_row(*map(Text, (name, one.what, one.before, one.after)))
    wide.print(table)
    if len(found.metadata) > _METADATA:
        err.print(f"{counted(len(found.metadata) - _METADATA, 'more statement')}; see --html")


def _datasets(found: BundleDiff) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("dataset")
    table.add_column("status")
    for name in ("before", "after", "added", "removed", "changed", "cells"):
        table.add_column(name, justify="right")
    table.add_column("variables", overflow="fold")
    for one in found.differing:
        counts = (one.before, one.after, one.added, one.removed, one.changed, one.cells)
        table.add_row(
            Text(one.name, "bold"),
            Text(one.status, _STYLES.get(one.status, "")),
            *("" if count is None else f"{count:,}" for count in counts),
            ", ".join(f"{name} {count:,}" for name, count in one.variables[:6]),
        )
    same = len(found.datasets) - len(found.differing)
    table.caption = f"{counted(same, 'dataset')} the same" if same else None
    table.caption_justify = "left"
    return table


def _tell_changes(wide: Console, one: DatasetDiff, limit: int) -> None:
    from sdtmflow.diff.write import first_changes

    shown = first_changes(one, limit)
    if not shown:
        return
    table = Table(box=None, pad_edge=False)
    for name in (one.name, "record", "cell", "cause"):
        table.add_column(name, overflow="fold")
    for change, subject, record, variable, before, after, cause in shown:
        cell = f"{variable}: {before or '(empty)'} → {after or '(empty)'}" if variable else ""
        told = Text(f"{subject} {record}".strip())
        table.add_row(Text(change, _STYLES.get(change, "")), told, Text(cell), Text(cause))
    wide.print(table)
    total = (one.added or 0) + (one.removed or 0) + (one.cells or 0)
    if total > len(shown):
        err.print(
            f"{counted(total - len(shown), 'more change')} of {one.name}; --xlsx and --csv hold all"
        )
