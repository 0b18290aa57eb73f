"""One subject's records, with their lineage, as a bundle or a run has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

import polars as pl

from sdtmflow.lineage.datasets import Datasets
from sdtmflow.mapping.provenance.identity import IDENTITY, PART, SET
from sdtmflow.mapping.provenance.links import THERE

Row = Mapping[str, Any]
Identity = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A record that a value of this one was taken from."""

    place: str
    there: Identity


class Records:
    """The records of one subject; those of the trial design belong to everybody."""

    def __init__(self, datasets: Datasets, usubjid: str) -> None:
        self.datasets = datasets
        self.rules = datasets.rules
        self.usubjid = usubjid
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._at: dict[str, dict[Identity, int]] = {}
        self._links: dict[str, dict[tuple[Identity, str], list[Link]]] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """The datasets that are there."""
        return frozenset(self.datasets.names())

    def columns(self, dataset: str) -> list[str]:
        """The dataset's variables and ``IDENTITY``, in order."""
        return self.datasets.scan(dataset).collect_schema().names()

    def of(self, dataset: str) -> list[dict[str, Any]]:
        """The subject's records in the dataset's order; none where there is no such dataset."""
        if dataset not in self._rows:
            self._rows[dataset] = self._read(dataset) if dataset in self.names else []
        return self._rows[dataset]

    def of_domain(self, domain: str) -> list[dict[str, Any]]:
        """The subject's records of a domain: those of its datasets, one behind the other."""
        datasets = self.rules.datasets_of(domain)
        if len(datasets) == 1:
            return self.of(domain)
        return [row for dataset in datasets for row in self.of(dataset)]

    def in_domain(self, dataset: str, at: int) -> tuple[str, int]:
        """The domain of a dataset's record number ``at``, and its number there."""
        domain = self.rules.domain_of(dataset)
        before = takewhile(lambda name: name != dataset, self.rules.datasets_of(domain))
        return domain, at + sum(len(self.of(name)) for name in before)

    def _read(self, dataset: str) -> list[dict[str, Any]]:
        scan = self.datasets.scan(dataset)
        if "USUBJID" in scan.collect_schema().names():
            scan = scan.filter(pl.col("USUBJID") == self.usubjid)
        return scan.collect().to_dicts()

    def position(self, domain: str, identity: Identity) -> int | None:
        """Which of the subject's records of a domain it is."""
        if domain not in self._at:
            rows = self.of_domain(domain)
            self._at[domain] = {identity_of(row): at for at, row in enumerate(rows)}
        return self._at[domain].get(identity)

    def links(self, dataset: str, row: Row, column: str) -> list[Link]:
        """The records that a column of a record was taken from, besides its own raw row."""
        if dataset not in self._links:
            self._links[dataset] = self._read_links(dataset)
        return self._links[dataset].get((identity_of(row), column), [])

    def _read_links(self, dataset: str) -> dict[tuple[Identity, str], list[Link]]:
        path = self.datasets.links(dataset)
        if path is None:
            return {}
        found: dict[tuple[Identity, str], list[Link]] = {}
        stored = pl.scan_parquet(path).filter(pl.col("USUBJID") == self.usubjid).collect()
        for row in stored.iter_rows(named=True):
            there = tuple(row[THERE[name]] for name in IDENTITY)
            links = found.setdefault((identity_of(row), row["column"]), [])
            links.append(Link(row["place"], there))
        return found

    def qualifier(self, dataset: str, row: Row, name: str) -> Any:
        """The value of a record's supplemental qualifier."""
        identity = identity_of(row)
        for each in self.of_domain(f"SUPP{dataset}"):
            if each["QNAM"] == name and identity_of(each) == identity:
                return each["QVAL"]
        return None


def identity_of(row: Row) -> Identity:
    """What tells a record from the subject's others; one of the trial design has only a number."""
    designed = row[SET] is None
    return tuple(None if designed and name != PART else row[name] for name in IDENTITY)
