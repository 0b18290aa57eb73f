"""Which remembered sequence numbers a partition is mapped with, and what a bundle remembers.

A bundle carries the numbers of all records ever published, and for each partition what it was
mapped from: its inputs, and the bundle whose numbers it was given. A partition whose inputs are
still the same is mapped with the same numbers as then, so that it is found where it was made, and
made alike where it is not; every other one with those of the last bundle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sdtmflow.bundle import (
    Claim,
    Manifest,
    fetch,
    find,
    latest,
    read_bundle,
    read_file,
    read_manifest,
)
from sdtmflow.pipeline.keys import key_of
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.workspace import Artifact, digests
from sdtmflow.store.protocol import version_name

FOLDER = "lineage/sequence"
"""Where a bundle carries the numbers: one table a dataset."""
PARTITIONS = "partitions.json"
"""Beside them: what each partition was mapped from."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers that a bundle carries; version 0 is before the first."""

    version: int = 0
    digest: str = ""
    """Over the tables' SHA-256: the same numbers in another bundle have the same."""


@dataclass(frozen=True, slots=True)
class MappedFrom:
    """What decided a partition of the last bundle."""

    inputs: str
    """``partition_inputs``."""
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Numbering:
    """What the last bundle says of sequence numbers; by default there is no bundle."""

    parent: int = 0
    """The last bundle's version."""
    numbers: Numbers = field(default_factory=Numbers)
    partitions: Mapping[str, MappedFrom] = field(default_factory=dict)
    """By site; a site that was left out lately keeps what its last bundle says."""

    def given_to(self, site: str, inputs: str) -> Numbers:
        """The numbers that the site's partition is mapped with."""
        known = self.partitions.get(site)
        return known.numbers if known and known.inputs == inputs else self.numbers


def numbering_of(run: Run) -> Numbering:
    """What the last published bundle remembers.

    Raises StoreError and VerificationError as publishing does where the store cannot be read.
    """
    claim = latest(run.store, run.study.study)
    return numbering_after(run, claim) if claim else Numbering()


def numbering_after(run: Run, claim: Claim) -> Numbering:
    """What a published bundle remembers. Raises as ``numbering_of`` does."""
    manifest = read_manifest(run.store, claim)
    tables = _tables(manifest)
    if f"{FOLDER}/{PARTITIONS}" not in tables:
        return Numbering(parent=claim.version)
    said: dict[str, Any] = json.loads(read_file(run.store, claim, f"{FOLDER}/{PARTITIONS}"))
    del tables[f"{FOLDER}/{PARTITIONS}"]
    return Numbering(
        parent=claim.version,
        numbers=Numbers(claim.version, key_of("numbers", tables=tables)),
        partitions={
            site: MappedFrom(known["inputs"], Numbers(**known["numbers"]))
            for site, known in said.items()
        },
    )


def _tables(manifest: Manifest) -> dict[str, str]:
    files = (file for file in manifest.files if file.path.startswith(f"{FOLDER}/"))
    return {file.path: file.sha256 for file in files}


def tables_of(run: Run, numbers: Numbers) -> Path | None:
    """The folder of the tables, fetched from the bundle where this machine has them not yet."""
    if not numbers.version:
        return None

    def fetched(out: Path) -> None:
        claim = find(run.store, run.study.study, version_name(numbers.version))
        fetch(run.store, read_bundle(run.store, claim), out, [FOLDER])

    return run.workspace.path(run.workspace.artifact("numbers", numbers.digest, fetched)) / FOLDER


def partition_inputs(run: Run, site: str, staged: Artifact) -> str:
    """SHA-256 over all that decides a partition's records but the remembered numbers."""
    keys = run.keys
    return keys.step(
        "partition", site=site, staged=staged.digest, specs=keys.specs, standards=keys.standards
    )


@dataclass(frozen=True, slots=True)
class Remember:
    """What the next bundle is to remember: what the last one did, and this run's partitions."""

    numbering: Numbering
    staged: Mapping[str, Artifact]
    mapped: Mapping[str, Artifact]

    def content(self, run: Run) -> dict[str, Any]:
        """What decides the tables."""
        return {
            "before": self.numbering.numbers.digest,
            "mapped": digests(self.mapped),
            "partitions": self._partitions(run),
        }

    def write(self, run: Run, out: Path) -> None:
        """Fill the empty folder ``out``."""
        from sdtmflow.mapping.records.remembering import remember

        before = tables_of(run, self.numbering.numbers)
        remember(before, list(run.workspace.paths(self.mapped).values()), out)
        text = json.dumps(self._partitions(run), indent=1, sort_keys=True)
        (out / PARTITIONS).write_text(f"{text}\n", encoding="utf-8")

    def _partitions(self, run: Run) -> dict[str, Any]:
        known = dict(self.numbering.partitions)
        for site in self.mapped:
            inputs = partition_inputs(run, site, self.staged[site])
            known[site] = MappedFrom(inputs, self.numbering.given_to(site, inputs))
        return {site: asdict(each) for site, each in sorted(known.items())}
