"""Compare two bundles, some subjects at a time, so that memory is bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from sdtmflow import bundle
from sdtmflow.audit import Actor
from sdtmflow.comparison.batches import batches
from sdtmflow.comparison.cells import COLUMN, ROW_FILE, ROW_SOURCE, SUBJECT, Named, changes
from sdtmflow.diff.between import steps
from sdtmflow.diff.causes import Causes
from sdtmflow.diff.metadata import key_variables, metadata_changes
from sdtmflow.diff.model import CHANGES, BundleDiff, DatasetDiff, Depth, Status
from sdtmflow.diff.side import Side
from sdtmflow.errors import StoreError
from sdtmflow.store import Store

_CAUSED = (COLUMN, "site", ROW_SOURCE, ROW_FILE)

Told = Callable[[str, int, int], None]
"""Called with the dataset that is compared, its number and how many there are."""


def untold(name: str, at: int, total: int) -> None:
    """A ``Told`` that nobody listens to."""


def diff(
    store: Store,
    study: str,
    versions: tuple[str, str],
    work: Path,
    *,
    depth: Depth = Depth.VALUES,
    only: Sequence[str] = (),
    actor: Actor | None = None,
    progress: Told = untold,
) -> BundleDiff:
    """Compare the earlier with the later of two published bundles; ``work`` takes what is read.

    ``only`` names datasets. What is compared is shown, so the audit log says that ``actor``
    (default: the account) compares, before any data comes. Raises StoreError where there is no
    such bundle or dataset, or the log refuses, and VerificationError where a file is not the one
    that was published.
    """
    claims = bundle.bundles(store, study)
    picked = (bundle.pick(store, study, claims, one) for one in versions)
    old, new = (Side(store, claim, work) for claim in sorted(picked, key=lambda c: c.version))
    names = _asked(old, new, only)
    act = bundle.act_on(new.claim, "compare", **{"with": old.claim.name})
    bundle.record_act(store, claims, act, actor)
    differing = [name for name in names if old.datasets.get(name) != new.datasets.get(name)]
    comparison = _Comparison(old, new, work, depth)
    found = {}
    for at, name in enumerate(differing):
        progress(name, at, len(differing))
        found[name] = comparison.dataset(name)
    return BundleDiff(
        study=study,
        old=old.claim.name,
        new=new.claim.name,
        created=(old.claim.created, new.claim.created),
        depth=depth,
        between=steps(old.manifest, new.manifest),
        metadata=tuple(
            change
            for change in metadata_changes(old.define, new.define)
            if not only or change.dataset in names
        ),
        datasets=tuple(found.get(name) or DatasetDiff(name, Status.SAME) for name in names),
    )


def _asked(old: Side, new: Side, only: Sequence[str]) -> list[str]:
    there = sorted({*old.datasets, *new.datasets})
    asked = [name.upper() for name in only]
    unknown = [name for name in asked if name not in there]
    if unknown:
        raise StoreError(
            f"neither bundle has a dataset {', '.join(unknown)}",
            remedy=f"they have {', '.join(there)}",
        )
    return asked or there


class _Comparison:
    def __init__(self, old: Side, new: Side, work: Path, depth: Depth) -> None:
        self._old, self._new, self._depth = old, new, depth
        self._causes = Causes(old.manifest, new.manifest, (old.rules, new.rules))
        self._changes = work / f"{_short(old)}-{_short(new)}"
        self._sites: pl.DataFrame | None = None

    def dataset(self, name: str) -> DatasetDiff:
        """One dataset whose files differ."""
        if name not in self._old.datasets or name not in self._new.datasets:
            side, status = (
                (self._new, Status.ADDED)
                if name in self._new.datasets
                else (self._old, Status.REMOVED)
            )
            return self._alone(name, side, status)
        if self._depth is Depth.DATASETS:
            return DatasetDiff(name, Status.CHANGED, key_variables(self._new.define, name))
        return self._compared(name)

    def _alone(self, name: str, side: Side, status: Status) -> DatasetDiff:
        keys = key_variables(side.define, name)
        if self._depth is Depth.DATASETS:
            return DatasetDiff(name, status, keys)
        height = _height(side.table(name))
        if status is Status.ADDED:
            return DatasetDiff(name, status, keys, before=0, after=height, added=height, removed=0)
        return DatasetDiff(name, status, keys, before=height, after=0, added=0, removed=height)

    def _compared(self, name: str) -> DatasetDiff:
        before, after = self._old.table(name), self._new.table(name)
        named = _named(name, before, after, key_variables(self._new.define, name))
        path = self._changes / f"{name}.parquet"
        counts = self._write(name, before, after, named, path)
        return DatasetDiff(
            name,
            Status.CHANGED if counts.total else Status.SAME,
            named.keys,
            before=_height(before),
            after=_height(after),
            added=counts.records["added"],
            removed=counts.records["removed"],
            changed=counts.records["changed"] + counts.records["key changed"],
            cells=counts.variables.total() if self._depth is Depth.VALUES else None,
            variables=tuple(counts.variables.most_common()),
            causes=tuple(cause for cause, _ in counts.causes.most_common()),
            changes=path,
        )

    def _write(self, name: str, before: Path, after: Path, named: Named, path: Path) -> _Counts:
        path.parent.mkdir(parents=True, exist_ok=True)
        counts, writer = _Counts(), None
        try:
            for old, new in batches(pl.scan_parquet(before), pl.scan_parquet(after), SUBJECT):
                found = self._caused(name, changes(old, new, named))
                if self._depth is Depth.RECORDS:
                    found = _by_record(found)
                counts.add(found)
                table = found.select(CHANGES).to_arrow()
                writer = writer or pq.ParquetWriter(path, table.schema)
                writer.write_table(table)
        finally:
            if writer:
                writer.close()
        return counts

    def _caused(self, name: str, found: pl.DataFrame) -> pl.DataFrame:
        """The changes with their causes, in the order of subjects and records."""
        placed = found.join(self._site_of, on="subject", how="left", maintain_order="left")
        distinct = placed.select(_CAUSED).unique().with_columns(pl.col(pl.String).fill_null(""))
        told = distinct.with_columns(
            pl.Series(
                "cause", [self._causes.of(name, *row) for row in distinct.iter_rows()], pl.String
            )
        )
        return (
            placed.with_columns(pl.col(_CAUSED).fill_null(""))
            .join(told, on=_CAUSED, how="left", maintain_order="left")
            .sort("subject", "record", "variable", maintain_order=True, nulls_last=False)
        )

    @property
    def _site_of(self) -> pl.DataFrame:
        """Subject → site, by DM; the later bundle's word counts."""
        if self._sites is None:
            frames = [
                pl.read_parquet(side.table("DM"), columns=[SUBJECT, "SITEID"])
                for side in (self._new, self._old)
                if "DM" in side.datasets
            ]
            empty = pl.DataFrame(schema={SUBJECT: pl.String, "SITEID": pl.String})
            self._sites = (
                pl.concat([*frames, empty])
                .unique(SUBJECT, keep="first", maintain_order=True)
                .rename({SUBJECT: "subject", "SITEID": "site"})
            )
        return self._sites


class _Counts:
    """What the batches of a dataset come to."""

    def __init__(self) -> None:
        self.records: Counter[str] = Counter()
        self.variables: Counter[str] = Counter()
        self.causes: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """Records that differ in any way."""
        return self.records.total()

    def add(self, found: pl.DataFrame) -> None:
        """Take in the changes of one batch."""
        records = found.select("change", "subject", "record").unique()
        self.records.update(_counted(records["change"]))
        self.variables.update(_counted(found["variable"].drop_nulls()))
        self.causes.update(_counted(found["cause"]))


def _counted(values: pl.Series) -> dict[str, int]:
    return dict(values.value_counts(name="count").iter_rows())


def _named(name: str, before: Path, after: Path, keys: Sequence[str]) -> Named:
    """By the keys that both sides have; a dataset without any by all its variables."""
    both = [one for one in _columns(after) if one in set(_columns(before))]
    number = (SUBJECT, f"{name[:2]}SEQ")
    return Named(
        tuple(key for key in keys if key in both) or tuple(both),
        number if set(number) <= set(both) else (),
    )


def _columns(path: Path) -> list[str]:
    return [name for name in pl.read_parquet_schema(path) if not name.startswith("_")]


def _by_record(found: pl.DataFrame) -> pl.DataFrame:
    """One row a record instead of one a cell, with the causes of all of its cells."""
    nothing = pl.lit(None, pl.String)
    records = found.group_by("change", "subject", "record", maintain_order=True).agg(
        pl.col("cause").unique(maintain_order=True).str.join("; ")
    )
    return records.with_columns(nothing.alias(name) for name in ("variable", "before", "after"))


def _height(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)


def _short(side: Side) -> str:
    return side.claim.manifest.sha256[:16]
