"""Subflow: stage, check, compare and map every site; one that fails stops no other."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.performing import Performed, finished, submit
from sdtmflow.errors import DeliveryError
from sdtmflow.finding import Stage
from sdtmflow.pipeline.drift_jobs import Against, CompareSite
from sdtmflow.pipeline.numbering import Numbering
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.site_jobs import MapSite, StageSite
from sdtmflow.pipeline.sites import SitesMade
from sdtmflow.pipeline.workspace import Artifact
from tasks import steps
from tasks.checking import Check


@flow(name="map-partitions", flow_run_name="stage, check and map sites", validate_parameters=False)
def map_partitions(
    run: Run,
    partitions: dict[str, dict[str, Artifact]],
    numbering: Numbering,
    against: Against,
) -> State[Any]:
    """The sites' staged tables, checks and SDTM records, as the state's data (``SitesMade``).

    ``partitions`` gives each site's deliveries, ``numbering`` what the last bundle says of
    sequence numbers, ``against`` what sites were made of before. Raises the first error where no
    site is left.
    """
    made = SitesMade()
    errors: list[Exception] = []

    def note(one: Performed, into: dict[str, Artifact]) -> None:
        if one.artifact:
            into[one.name] = one.artifact
        elif one.error:
            made.failed.setdefault(one.name, one.reason)
            errors.append(one.error)

    jobs = {site: StageSite(run, site, used) for site, used in partitions.items()}
    following = []
    for one in finished(submit(steps.stage, jobs)):
        note(one, made.staged)
        if one.artifact:
            check = Check(run, Stage.RAW, one.name, one.artifact)
            following += submit(steps.check, {one.name: check})
            mapping = MapSite(run, one.name, one.artifact, numbering)
            following += submit(steps.map_site, {one.name: mapping})
            compared = against.job(run, one.name, one.artifact)
            following += submit(steps.drift, {one.name: compared} if compared else {})
    into = {MapSite.step: made.mapped, Check.step: made.checked, CompareSite.step: made.drifted}
    for one in finished(following):
        note(one, into[one.step])
    whole = made.whole()
    if not whole.mapped:
        raise errors[0] if errors else DeliveryError("there is no site to map")
    return _state(whole)


def _state(made: SitesMade) -> State[Any]:
    if not made.failed:
        return Completed(message=f"{len(made.mapped)} sites", data=made)
    told = "; ".join(f"{site}: {reason}" for site, reason in made.failed.items())
    return Completed(name="CompletedWithGaps", message=told, data=made)
