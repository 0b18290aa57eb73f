"""What a bundle was made from, kept in the store, so that it can be made again from there alone.

The delivered bytes are snapshots since they were collected. Before a publication the study's own
files join them, and what the run remembered of earlier deliveries; the manifest names them all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sdtmflow import bundle
from sdtmflow.errors import StudyError
from sdtmflow.pipeline.deliveries import Deliveries
from sdtmflow.pipeline.earlier import sent_files
from sdtmflow.pipeline.keys import Keys
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.site_jobs import Collect
from sdtmflow.pipeline.study_files import study_files
from sdtmflow.pipeline.workspace import Artifact
from sdtmflow.sources.report import CollectReport, read_collect_report
from sdtmflow.study import StudyFolder

_TRANSFERS = 8
"""Files at a time."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the manifest says of snapshots besides the files that were read."""

    study_files: dict[str, str]
    """Path in the study folder → SHA-256."""
    deliveries: tuple[bundle.Delivery, ...]


def keep(run: Run, delivery_keys: Mapping[str, str], deliveries: Deliveries) -> Kept:
    """Keep what the run was made from; ``delivery_keys`` is of what each source has sent by now.

    Raises StudyError where a file of the study was changed while it ran: what was made of it before
    and after cannot be told apart. Raises StoreError where the store refuses, and DeliveryError
    where a delivery that must be kept anew was changed meanwhile.
    """
    files = study_files(StudyFolder(run.root))
    with ThreadPoolExecutor(_TRANSFERS) as pool:
        kept = dict(zip(files, pool.map(run.snapshots.keep, files.values()), strict=True))
    if Keys.of(StudyFolder(run.root)) != run.keys:
        raise StudyError(
            "a file of the study was changed while it ran, and nothing was published",
            place=str(run.root),
            remedy="run again",
        )
    _keep_anew(run, delivery_keys, deliveries)
    return Kept(kept, tuple(_deliveries(run, delivery_keys, deliveries)))


def _keep_anew(run: Run, delivery_keys: Mapping[str, str], deliveries: Deliveries) -> None:
    """Keep what was collected before and is not in this store: swept, or sent to another one.

    A last good delivery is no longer where it was sent to; the publication says that it is missing.
    """
    for source, key in delivery_keys.items():
        used = deliveries.used.get(source)
        if used and used.key == key and not _is_kept(run, used):
            with tempfile.TemporaryDirectory(prefix="sdtmflow-") as out:
                Collect(run, source, key).build(Path(out))


def _is_kept(run: Run, delivery: Artifact) -> bool:
    """Whether the store has all its files: as they were sent, and the members of archives."""
    report = read_collect_report(run.workspace.path(delivery))
    hashes = {*report.sent.values(), *(file.sha256 for file in report.files)}
    with ThreadPoolExecutor(_TRANSFERS) as pool:
        return all(pool.map(run.snapshots.has, sorted(hashes)))


def _deliveries(
    run: Run, delivery_keys: Mapping[str, str], deliveries: Deliveries
) -> Iterator[bundle.Delivery]:
    failed = {gap.source: gap.reason for gap in deliveries.gaps}
    for source, key in sorted(delivery_keys.items()):
        yield bundle.Delivery(
            source=source,
            key=key,
            failed=failed.get(source, ""),
            used=_sent(run, deliveries, source),
            last=deliveries.earlier.sent.get(source),
            not_compared=deliveries.earlier.not_compared.get(source, ""),
        )


def _sent(run: Run, deliveries: Deliveries, source: str) -> bundle.Sent | None:
    artifact = deliveries.used.get(source)
    if artifact is None:
        return None
    report = read_collect_report(run.workspace.path(artifact))
    return bundle.Sent(
        key=artifact.key,
        files=sent_files(report),
        passed_over=tuple(report.passed_over),
        settings=_other_settings(run, report),
    )


def _other_settings(run: Run, report: CollectReport) -> dict[str, object]:
    """Those of a last good delivery that was read before study.yaml was changed."""
    if report.settings is None or report.settings == run.study.sources[report.source]:
        return {}
    return report.settings.model_dump(mode="json", by_alias=True, exclude_defaults=True)
