"""Subflow: collect every source; one that fails stops no other."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.performing import finished, submit
from sdtmflow.errors import DeliveryError
from sdtmflow.pipeline.crash import UnforeseenError
from sdtmflow.pipeline.deliveries import Deliveries, take_in
from sdtmflow.pipeline.run import Job, Run
from tasks import steps


@flow(name="collect-sites", flow_run_name="collect sites", validate_parameters=False)
def collect_sites(run: Run, jobs: dict[str, Job]) -> State[Any]:
    """The deliveries to go on with, as the state's data (``Deliveries``); ``jobs`` are by source.

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
    if not deliveries.gaps:
        return Completed(message=f"{len(collected)} sources", data=deliveries)
    return Completed(name="CompletedWithGaps", message=_told(deliveries), data=deliveries)


def _told(deliveries: Deliveries) -> str:
    return "; ".join(f"{gap.source}: {gap.reason}, used {gap.used}" for gap in deliveries.gaps)
