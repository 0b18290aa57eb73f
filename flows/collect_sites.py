"""Subflow: collect every source; one that fails stops no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.performing import finished, submit
from sdtmflow.bundle import Delivery
from sdtmflow.errors import DeliveryError
from sdtmflow.pipeline.crash import UnforeseenError
from sdtmflow.pipeline.deliveries import Deliveries, take_in
from sdtmflow.pipeline.earlier import Earlier, last_jobs, lasts_of, settled
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.workspace import Artifact
from tasks import steps


@flow(name="collect-sites", flow_run_name="collect sites", validate_parameters=False)
def collect_sites(run: Run, jobs: dict[str, Job], known: dict[str, Delivery]) -> State[Any]:
    """The deliveries to go on with, as the state's data (``Deliveries``); ``jobs`` are by source.

    ``known`` is what the last bundle says of each source.

    Raises DeliveryError where a source that fails says ``on_failure: stop``, and StoreError where
    the snapshots cannot be kept: that is no site's fault.
    """
    collected, failed = {}, {}
    for one in finished(submit(steps.collect, jobs)):
        if one.artifact:
            collected[one.name] = one.artifact
        elif isinstance(one.error, DeliveryError | UnforeseenError):
            failed[one.name] = one.reason
        else:
            raise one.error or RuntimeError(one.name)
    deliveries = take_in(run, collected, failed)
    deliveries = replace(deliveries, earlier=_earlier(run, known, deliveries.used))
    if not deliveries.gaps:
        return Completed(message=f"{len(collected)} sources", data=deliveries)
    return Completed(name="CompletedWithGaps", message=_told(deliveries), data=deliveries)


def _earlier(run: Run, known: dict[str, Delivery], used: Mapping[str, Artifact]) -> Earlier:
    """The deliveries before; only those that are not collected here any more are read again."""
    lasts = lasts_of(run, known, used)
    jobs = last_jobs(run, lasts, used)
    read = {source: done for source, job in jobs.items() if (done := job.done())}
    missing = {source: job for source, job in jobs.items() if source not in read}
    failed = {}
    for one in finished(submit(steps.collect, missing)):
        if one.artifact:
            read[one.name] = one.artifact
        elif one.error:
            failed[one.name] = one.error
    return settled(known, used, lasts, read, failed)


def _told(deliveries: Deliveries) -> str:
    return "; ".join(f"{gap.source}: {gap.reason}, used {gap.used}" for gap in deliveries.gaps)
