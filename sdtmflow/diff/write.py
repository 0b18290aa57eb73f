"""A diff as a page, a workbook, or CSV; the same diff gives the same bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import xlsxwriter

from sdtmflow.diff.model import CHANGES, BundleDiff, DatasetDiff
from sdtmflow.formats.workbook import OPTIONS, Row, long_sheet, sheet
from sdtmflow.report.page import inline, template

SHOWN = 500
"""Changes of one dataset that the page shows; the workbook and CSV hold all."""
_DATASETS = (
    ("Dataset", 10),
    ("Status", 10),
    ("Before", 10),
    ("After", 10),
    ("Added", 10),
    ("Removed", 10),
    ("Changed", 10),
    ("Cells", 10),
    ("Variables", 50),
    ("Told apart by", 50),
    ("Causes", 70),
)
_BETWEEN = (("What", 12), ("Name", 70), ("How", 30))
_METADATA = (("Dataset", 10), ("Name", 40), ("What", 18), ("Before", 50), ("After", 50))
_WIDTHS = (12, 20, 50, 12, 30, 30, 50)
"""Of ``CHANGES``."""


def write_html(diff: BundleDiff, path: Path) -> None:
    """One page that stands for itself; it shows ``SHOWN`` changes a dataset."""
    changes = {one.name: first_changes(one, SHOWN) for one in diff.differing if one.changes}
    text = template("diff.html.j2").render(
        diff=diff,
        changes=changes,
        shown=SHOWN,
        style=inline("report.css"),
        own_style=inline("diff.css"),
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def write_xlsx(diff: BundleDiff, path: Path) -> None:
    """Sheets: what lies between, metadata, datasets, and all changes of each dataset."""
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        book.set_properties(
            {
                "title": f"{diff.study}: {diff.old} to {diff.new}",
                "created": dt.datetime.fromisoformat(diff.created[1]),
            }
        )
        sheet(book, "Made from", _BETWEEN, _between(diff))
        sheet(book, "Datasets", _DATASETS, map(_dataset, diff.datasets))
        sheet(book, "Metadata", _METADATA, _metadata(diff))
        heads = [name.capitalize() for name in CHANGES]
        columns = tuple(zip(heads, _WIDTHS, strict=True))
        for one in diff.differing:
            if one.changes:
                rows = pl.scan_parquet(one.changes).select(CHANGES).fill_null("")
                long_sheet(book, one.name, columns, rows)


def write_csv(diff: BundleDiff, path: Path) -> None:
    """All changes of all datasets, one a row."""
    frames = [
        pl.scan_parquet(one.changes).select(pl.lit(one.name).alias("dataset"), *CHANGES)
        for one in diff.differing
        if one.changes
    ]
    empty = pl.LazyFrame(schema=dict.fromkeys(("dataset", *CHANGES), pl.String()))
    pl.concat([empty, *frames]).sink_csv(path)


def first_changes(one: DatasetDiff, count: int) -> list[tuple[str, ...]]:
    """The first changes of a dataset, in the order of ``CHANGES``; missing is empty."""
    if one.changes is None:
        return []
    frame = pl.scan_parquet(one.changes).head(count).collect()
    return frame.select(CHANGES).fill_null("").rows()


def _between(diff: BundleDiff) -> Iterator[Row]:
    yield ("study", diff.study, "")
    yield ("earlier", diff.old, diff.created[0])
    yield ("later", diff.new, diff.created[1])
    for step in diff.between:
        yield (step.kind, step.what, step.how)


def _dataset(one: DatasetDiff) -> Row:
    counts = (one.before, one.after, one.added, one.removed, one.changed, one.cells)
    variables = ", ".join(f"{name} {count}" for name, count in one.variables)
    return (
        one.name,
        one.status,
        *("" if count is None else count for count in counts),
        variables,
        ", ".join(one.keys),
        "\n".join(one.causes),
    )


def _metadata(diff: BundleDiff) -> Iterator[Row]:
    for one in diff.metadata:
        yield (one.dataset, one.name, one.what, one.before, one.after)
