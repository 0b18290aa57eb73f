"""The job that holds a site's records against those of its last deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from sdtmflow.pipeline.deliveries import Deliveries
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.site_jobs import StageSite
from sdtmflow.pipeline.workspace import Artifact, digests


@dataclass(frozen=True, slots=True)
class LastPartition:
    """What a site's partition was made of before its last deliveries came."""

    deliveries: Mapping[str, Artifact]
    changed: tuple[str, ...]
    """The sources that have sent another delivery since."""


@dataclass(frozen=True, slots=True)
class Against:
    """What sites are compared with, and the keys of the raw suites by table."""

    partitions: Mapping[str, LastPartition]
    keys: Mapping[str, tuple[str, ...]]

    def job(self, run: Run, site: str, staged: Artifact) -> CompareSite | None:
        """What compares the site; None where it has sent nothing else than before."""
        last = self.partitions.get(site)
        return CompareSite(run, site, staged, last, self.keys) if last else None


def last_partitions(run: Run, deliveries: Deliveries) -> dict[str, LastPartition]:
    """By site, of those that have sent another delivery than before."""
    found = {}
    for site, used in deliveries.partitions(run).items():
        changed = deliveries.earlier.changed(used)
        read = deliveries.earlier.read
        if changed:
            last = {source: read[source] for source in used if source in read}
            found[site] = LastPartition(last, changed)
    return found


@dataclass(frozen=True, slots=True)
class CompareSite(Job):
    """A site's records against those of its last deliveries, staged as they are today."""

    step: ClassVar[str] = "drift"
    title: ClassVar[str] = "compare site"
    run: Run
    site: str
    staged: Artifact
    last: LastPartition
    keys: Mapping[str, tuple[str, ...]]

    @property
    def part(self) -> str:
        return self.site

    @property
    def key(self) -> str:
        return self.run.keys.step(
            "drift",
            site=self.site,
            staged=self.staged.digest,
            last=digests(self.last.deliveries),
            changed=self.last.changed,
            keys={table: list(key) for table, key in self.keys.items()},
        )

    def build(self, out: Path) -> None:
        from sdtmflow.drift import compare_site

        path = self.run.workspace.path
        last = StageSite(self.run, self.site, self.last.deliveries).perform()
        staged = path(last), path(self.staged)
        compare_site(self.run.study, self.site, self.last.changed, staged, self.keys, out=out)
