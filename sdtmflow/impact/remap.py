"""The same deliveries mapped under both versions: which cells and findings would be otherwise."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.impact.effects import Effect, Kind, Weight
from sdtmflow.mapping import map_partition
from sdtmflow.mapping.design.datasets import design_datasets
from sdtmflow.mapping.planning.plan import Plan
from sdtmflow.mapping.provenance.identity import IDENTITY
from sdtmflow.mapping.records.numbering import SEQUENCE
from sdtmflow.mapping.values.numbers import text_of

_AFTER = "_after"
_FINDINGS = "findings"
_OF_FINDING = ["rule", "severity", "dataset", "variable", "value"]
_MOST_PAIRS = 25
"""A variable that changes in more ways is told in one line."""
_CELLS = {"dataset": pl.String, "variable": pl.String, "value": pl.String, "becomes": pl.String}


def remapped(before: Plan, after: Plan, staged: Mapping[str, Path], work: Path) -> Iterator[Effect]:
    """Map every site's staged tables under both plans and compare, cell by cell.

    ``work`` is where the datasets stand meanwhile; nothing of them stays.
    """
    cells, findings = [_design_cells(before, after)], []
    for site, tables in sorted(staged.items()):
        work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".impact-", dir=work) as folder:
            sides = [Path(folder) / name for name in ("before", "after")]
            for plan, out, numbers in (
                (before, sides[0], None),
                # As in a run after a bundle: what is there already keeps its --SEQ.
                (after, sides[1], sides[0] / SEQUENCE),
            ):
                out.mkdir()
                map_partition(plan, tables, site, out, numbers=numbers)
            cells += list(_site_cells(*sides))
            findings.append(_finding_counts(*sides))
    yield from _cell_effects(pl.concat(cells))
    if findings:
        yield from _finding_effects(pl.concat(findings))


def _design_cells(before: Plan, after: Plan) -> pl.DataFrame:
    sides = [design_datasets(plan.study, plan.terminology) for plan in (before, after)]
    found = [_no_cells()]
    for name in (name for name in sides[0] if sides[0][name].height):
        old, new = (side[name].with_row_index("_at").lazy() for side in sides)
        found.append(_changed(name, old, new, ["_at"]))
    return pl.concat(found)


def _site_cells(before: Path, after: Path) -> Iterator[pl.DataFrame]:
    names = {path.stem for side in (before, after) for path in side.glob("*.parquet")}
    for name in sorted(names - {_FINDINGS}):
        key = ["USUBJID", *IDENTITY, *(["QNAM"] if name.startswith("SUPP") else [])]
        old, new = (_numbered(table, key) for table in _tables(name, before, after))
        yield _changed(name, old, new, [*key, "_again"])


def _tables(name: str, before: Path, after: Path) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """A dataset on both sides; where a side has none, it has no record there."""
    old, new = (side / f"{name}.parquet" for side in (before, after))
    if old.is_file() and new.is_file():
        return pl.scan_parquet(old), pl.scan_parquet(new)
    there = pl.scan_parquet(old if old.is_file() else new)
    return (there, there.clear()) if old.is_file() else (there.clear(), there)


def _numbered(frame: pl.LazyFrame, key: list[str]) -> pl.LazyFrame:
    """Records with one key told apart by their order."""
    return frame.with_columns(_again=pl.int_range(pl.len()).over(key))


def _changed(name: str, before: pl.LazyFrame, after: pl.LazyFrame, key: list[str]) -> pl.DataFrame:
    """The dataset's cells that differ, counted by variable, value and what it becomes.

    A record that is on one side only counts with an empty variable.
    """
    here = [frame.with_columns(_there=pl.lit(value=True)) for frame in (before, after)]
    joined = (
        here[0]
        .join(here[1], on=key, how="full", suffix=_AFTER, coalesce=True, nulls_equal=True)
        .collect()
    )
    alone = joined.filter(pl.col("_there").is_null() | pl.col(f"_there{_AFTER}").is_null())
    both = joined.filter(pl.col("_there") & pl.col(f"_there{_AFTER}"))
    parts = [_column(name, both, column) for column in _compared(joined, key)]
    return pl.concat([_no_cells(), _alone(name, alone), *parts])


def _compared(joined: pl.DataFrame, key: list[str]) -> list[str]:
    return [
        name
        for name in joined.columns
        if f"{name}{_AFTER}" in joined.columns and name not in {*key, "_there"}
    ]


def _column(dataset: str, both: pl.DataFrame, column: str) -> pl.DataFrame:
    differ = both.filter(pl.col(column).ne_missing(pl.col(f"{column}{_AFTER}")))
    named = pl.col("QNAM") if column == "QVAL" else pl.lit(column)
    return _counted(
        differ.select(
            dataset=pl.lit(dataset),
            variable=named,
            value=_text(both, column),
            becomes=_text(both, f"{column}{_AFTER}"),
        )
    )


def _text(frame: pl.DataFrame, column: str) -> pl.Expr:
    numeric = frame.schema[column].is_numeric()
    text = text_of(pl.col(column)) if numeric else pl.col(column).cast(pl.String)
    return text.fill_null("")


def _alone(dataset: str, rows: pl.DataFrame) -> pl.DataFrame:
    gone = pl.col("_there").is_not_null()
    return _counted(
        rows.select(
            dataset=pl.lit(dataset),
            variable=pl.lit(""),
            value=pl.when(gone).then(pl.lit("a record")).otherwise(pl.lit("")),
            becomes=pl.when(gone).then(pl.lit("")).otherwise(pl.lit("a record")),
        )
    )


def _counted(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.group_by(list(_CELLS)).agg(records=pl.len().cast(pl.Int64))


def _no_cells() -> pl.DataFrame:
    return pl.DataFrame(schema={**_CELLS, "records": pl.Int64})


def _cell_effects(cells: pl.DataFrame) -> Iterator[Effect]:
    totals = cells.group_by(list(_CELLS)).agg(pl.col("records").sum()).sort(list(_CELLS))
    for (dataset, variable), rows in totals.group_by(["dataset", "variable"], maintain_order=True):
        where = {"dataset": str(dataset), "variable": str(variable)}
        if rows.height > _MOST_PAIRS:
            records = int(rows["records"].sum())
            yield _otherwise(f"changes in {rows.height:,} ways", records=records, **where)
            continue
        for row in rows.iter_rows(named=True):
            yield _otherwise("what the same deliveries would give", **row)


def _otherwise(
    message: str, *, dataset: str, variable: str, records: int, value: str = "", becomes: str = ""
) -> Effect:
    return Effect(
        weight=Weight.CHANGES,
        kind=Kind.RECORDS,
        message=message,
        dataset=dataset,
        variable=variable,
        value=value,
        becomes=becomes or "(missing)" if value else becomes,
        records=records,
    )


def _finding_counts(before: Path, after: Path) -> pl.DataFrame:
    """Findings by what they say, counted on each side."""
    sides = [
        pl.read_parquet(side / f"{_FINDINGS}.parquet", columns=_OF_FINDING)
        .with_columns(pl.col(_OF_FINDING).cast(pl.String))
        .with_columns(before=pl.lit(sign == 0).cast(pl.Int64), after=pl.lit(sign).cast(pl.Int64))
        for sign, side in enumerate((before, after))
    ]
    return pl.concat(sides)


def _finding_effects(found: pl.DataFrame) -> Iterator[Effect]:
    counts = found.group_by(_OF_FINDING).agg(pl.col("before", "after").sum()).sort(_OF_FINDING)
    for row in counts.filter(pl.col("before") != pl.col("after")).iter_rows(named=True):
        more = row["after"] - row["before"]
        yield Effect(
            weight=_weight(row["severity"], more),
            kind=Kind.FINDING,
            message=f"{row['rule']} ({row['severity']}): {abs(more):,} {_how(more)}",
            dataset=row["dataset"],
            variable=row["variable"],
            value=row["value"],
            records=abs(more),
        )


def _how(more: int) -> str:
    return "new" if more > 0 else "no more"


def _weight(severity: str, more: int) -> Weight:
    if more < 0:
        return Weight.HEALS
    return Weight.CHANGES if severity == Severity.MINOR else Weight.BREAKS
