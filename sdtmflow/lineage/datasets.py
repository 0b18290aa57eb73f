"""Where the datasets of a trace come from: the files of a run, or those of a bundle."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path

import polars as pl

from sdtmflow.errors import StudyError
from sdtmflow.mapping.provenance.rules import RULES, Rules, read_rules
from sdtmflow.package.json_rows import json_records

_ALL = 2**62


class Datasets(ABC):
    """Datasets with their lineage in the folder ``lineage``."""

    def __init__(self, lineage: Path) -> None:
        self.lineage = lineage

    @cached_property
    def rules(self) -> Rules:
        """The rules that made the datasets."""
        try:
            return read_rules(self.lineage / RULES)
        except FileNotFoundError:
            raise StudyError(
                "it was made before rules were kept with the data, and cannot be traced",
                place=str(self.lineage),
                remedy="run the study again",
            ) from None

    @abstractmethod
    def scan(self, name: str) -> pl.LazyFrame:
        """The records of a dataset with ``IDENTITY``."""

    def names(self) -> tuple[str, ...]:
        """The datasets that are there."""
        return tuple(sorted(path.stem for path in self.lineage.glob("*.parquet")))

    def links(self, name: str) -> Path | None:
        """The stored links of a domain."""
        path = self.lineage / "links" / f"{name}.parquet"
        return path if path.is_file() else None

    def _beside(self, name: str, values: pl.LazyFrame) -> pl.LazyFrame:
        """Row for row, values and lineage."""
        lineage = pl.scan_parquet(self.lineage / f"{name}.parquet")
        return pl.concat([values, lineage], how="horizontal")


class RunDatasets(Datasets):
    """The datasets of a run, as ``assemble`` wrote them."""

    def __init__(self, assembled: Path) -> None:
        super().__init__(assembled / "lineage")
        self.assembled = assembled

    def scan(self, name: str) -> pl.LazyFrame:
        """Values from Parquet."""
        return self._beside(name, pl.scan_parquet(self.assembled / f"{name}.parquet"))


class BundleDatasets(Datasets):
    """The datasets of a bundle: Dataset-JSON, which holds every value as it is."""

    def __init__(self, bundle: Path) -> None:
        super().__init__(bundle / "lineage")
        self._files = {path.stem.upper(): path for path in (bundle / "dataset-json").glob("*.*")}

    def names(self) -> tuple[str, ...]:
        """The datasets that are there; one that was refused has lineage and no file."""
        return tuple(name for name in super().names() if name in self._files)

    def scan(self, name: str) -> pl.LazyFrame:
        """Values from Dataset-JSON, where a blank text is missing."""
        with json_records(self._files[name]) as records:
            values = records.following(_ALL)
        texts = pl.col(pl.String)
        return self._beside(name, values.with_columns(texts.replace("", None)).lazy())
