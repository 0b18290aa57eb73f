"""Which delivery a source's is compared with: the one before it, as the last bundle tells.

A bundle's manifest names, for each source, the delivery that it was made from and the one before
that. While a source sends nothing else, both stay: so its drift is told until its next delivery
comes, whatever else leads to another bundle. Nothing of it is read again then: what was collected
of a delivery is found by its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from sdtmflow.bundle import Delivery, Sent, find, read_manifest
from sdtmflow.errors import DeliveryError
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.site_jobs import CollectAgain
from sdtmflow.pipeline.workspace import Artifact
from sdtmflow.store import DamagedSnapshotError, MissingObjectError
from sdtmflow.store.protocol import version_name

if TYPE_CHECKING:
    from sdtmflow.sources.report import CollectReport


@dataclass(frozen=True, slots=True)
class CollectLast(CollectAgain):
    """The delivery before, read from its snapshots as study.yaml says today.

    It is found where it was collected, unless the settings of its source have changed since.
    """

    title: ClassVar[str] = "read last delivery"


@dataclass(frozen=True, slots=True)
class Last:
    """The delivery before a source's, where there is one, or why it is not compared with it."""

    sent: Sent | None = None
    not_compared: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The deliveries before those that a run uses."""

    sent: Mapping[str, Sent] = field(default_factory=dict)
    """Source → the delivery before, as it was sent."""
    read: Mapping[str, Artifact] = field(default_factory=dict)
    """Source → the same collected; where a source has sent only one as yet, that one."""
    not_compared: Mapping[str, str] = field(default_factory=dict)
    """Source → why."""

    def changed(self, used: Mapping[str, Artifact]) -> tuple[str, ...]:
        """The sources of ``used`` whose delivery before was another."""
        return tuple(
            source
            for source, artifact in sorted(used.items())
            if source in self.read and self.read[source].digest != artifact.digest
        )


def published_deliveries(run: Run, version: int) -> dict[str, Delivery]:
    """What a bundle says of the deliveries by source; version 0 is before the first.

    Bundles of earlier versions say nothing. Raises StoreError and VerificationError where the
    manifest cannot be read.
    """
    if not version:
        return {}
    manifest = read_manifest(run.store, find(run.store, run.study.study, version_name(version)))
    return {each.source: each for each in manifest.deliveries}


def as_compared(deliveries: Iterable[Delivery]) -> dict[str, Delivery]:
    """From what a bundle itself says: deliveries after which its own compare as they did then."""
    return {
        each.source: Delivery(source=each.source, key=each.key, used=each.last)
        if each.last
        else each
        for each in deliveries
    }


def last_of(known: Delivery | None, files: Mapping[str, str]) -> Last:
    """The delivery before ``files`` (name → SHA-256), where ``known`` is of the bundle before."""
    if known is None:
        return Last()
    if known.used and known.used.files != files:
        return Last(known.used)
    return Last(known.last, known.not_compared)


def lasts_of(
    run: Run, known: Mapping[str, Delivery], used: Mapping[str, Artifact]
) -> dict[str, Last]:
    """The delivery before, of every source that the run is about."""
    from sdtmflow.sources.report import read_collect_report

    files = {
        source: sent_files(read_collect_report(path))
        for source, path in run.workspace.paths(used).items()
    }
    return {source: last_of(known.get(source), files.get(source, {})) for source in run.sources()}


def sent_files(report: CollectReport) -> dict[str, str]:
    """Name → SHA-256 of a delivery's files as they were sent."""
    return report.sent or {file.name: file.sha256 for file in report.files}


def last_jobs(
    run: Run, lasts: Mapping[str, Last], used: Mapping[str, Artifact]
) -> dict[str, CollectLast]:
    """By source: what reads the delivery before, of those that are used."""
    from sdtmflow.sources.delivery import sent_key

    jobs = {}
    for source, last in lasts.items():
        if last.sent and source in used:
            files, passed_over = last.sent.files, last.sent.passed_over
            key = sent_key(files, passed_over, run.study.sources[source])
            sent = Sent(key=key, files=files, passed_over=passed_over)
            jobs[source] = CollectLast(run, Delivery(source=source, key=key, used=sent))
    return jobs


def settled(
    known: Mapping[str, Delivery],
    used: Mapping[str, Artifact],
    lasts: Mapping[str, Last],
    read: Mapping[str, Artifact],
    failed: Mapping[str, Exception],
) -> Earlier:
    """What there is to compare with; ``read`` and ``failed`` are what became of ``last_jobs``.

    Raises what is neither the fault of the last delivery nor of its snapshots.
    """
    reasons = {source: last.not_compared for source, last in lasts.items() if last.not_compared}
    reasons |= {source: _reason(error) for source, error in failed.items()}
    only = {
        source: artifact
        for source, artifact in used.items()
        if source in known and source not in reasons and not lasts[source].sent
    }
    sent = {
        source: last.sent for source, last in lasts.items() if last.sent and source not in failed
    }
    return Earlier(sent, dict(sorted({**read, **only}.items())), dict(sorted(reasons.items())))


def _reason(error: Exception) -> str:
    if isinstance(error, MissingObjectError | DamagedSnapshotError):
        return "its last delivery is no longer in the store as it was sent"
    if isinstance(error, DeliveryError):
        return f"its last delivery cannot be read as study.yaml says today: {error}"
    raise error
