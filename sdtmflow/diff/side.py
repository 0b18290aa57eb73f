"""One of the two bundles: its manifest, its define.xml, its datasets as Parquet."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path, PurePosixPath

import polars as pl
import pyarrow.parquet as pq

from sdtmflow import bundle
from sdtmflow.bundle import Claim, Manifest
from sdtmflow.comparison.cells import ROW_FILE, ROW_SOURCE
from sdtmflow.define_lint.model import Define
from sdtmflow.define_lint.parsing import parse
from sdtmflow.errors import FormatError, StoreError
from sdtmflow.formats.xpt import open_xpt
from sdtmflow.mapping.provenance.rules import RULES, Rules, read_rules
from sdtmflow.package.tree import SPLIT
from sdtmflow.store import Store

_LINEAGE = "lineage"
_BLOCK = 200_000
"""Records at a time."""


class Side:
    """A bundle of a store. What is read of it is downloaded to ``work`` and verified first."""

    def __init__(self, store: Store, claim: Claim, work: Path) -> None:
        self.claim: Claim = claim
        self.manifest: Manifest = bundle.read_manifest(store, claim)
        self._store = store
        self._folder = work / claim.manifest.sha256[:16]
        self._files = {file.path: file for file in self.manifest.files}

    @cached_property
    def datasets(self) -> dict[str, str]:
        """Dataset → SHA-256 of its XPT file, by name."""
        return {name: self._files[path].sha256 for name, path in sorted(self._xpt.items())}

    @cached_property
    def define(self) -> Define:
        """The bundle's define.xml."""
        path = next((path for path in self._files if path.endswith("/define.xml")), None)
        if path is None:
            raise StoreError(
                f"bundle {self.claim.name} has no define.xml",
                place=self._store.url,
                remedy="only bundles of SDTM datasets can be compared",
            )
        return parse(*self._fetched(path))

    @cached_property
    def rules(self) -> Rules | None:
        """What made the datasets; None for bundles whose rules this version cannot read."""
        path = f"{_LINEAGE}/{RULES}"
        if path not in self._files:
            return None
        try:
            return read_rules(*self._fetched(path))
        except FormatError:
            return None

    def table(self, name: str) -> Path:
        """The dataset as Parquet: its variables, and source and file of each record's raw row."""
        path = self._folder / "tables" / f"{name}.parquet"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".part")
            self._write(name, unfinished)
            unfinished.replace(path)
        return path

    def _write(self, name: str, path: Path) -> None:
        xpt, *beside = self._fetched(self._xpt[name], f"{_LINEAGE}/{name}.parquet")
        file = open_xpt(xpt)
        raw = _raw_rows(beside, file.rows)
        writer = None
        try:
            for start in range(0, max(file.rows, 1), _BLOCK):
                parts = [file.records(start, _BLOCK)]
                if raw is not None:
                    parts.append(raw.slice(start, _BLOCK).collect())
                block = pl.concat(parts, how="horizontal").to_arrow()
                writer = writer or pq.ParquetWriter(path, block.schema)
                writer.write_table(block)
        finally:
            if writer:
                writer.close()

    @cached_property
    def _xpt(self) -> dict[str, str]:
        """Without the parts of large datasets, which hold nothing else than the whole."""
        files = (PurePosixPath(path) for path in self._files if path.endswith(".xpt"))
        return {file.stem.upper(): str(file) for file in files if file.parent.name != SPLIT}

    def _fetched(self, *paths: str) -> list[Path]:
        """Those of the files that the bundle has."""
        files = [self._files[path] for path in paths if path in self._files]
        bundle.fetch_files(self._store, self.claim, files, self._folder)
        return [self._folder / file.path for file in files]


def _raw_rows(lineage: list[Path], rows: int) -> pl.LazyFrame | None:
    """Lineage stands row for row beside the dataset; some datasets have none."""
    if not lineage or pq.read_metadata(lineage[0]).num_rows != rows:
        return None
    return pl.scan_parquet(lineage[0]).select(ROW_SOURCE, ROW_FILE)
