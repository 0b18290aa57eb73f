"""Subflow: lay out the bundle's tree and publish it as the next version."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.performing import perform
from flows.progress import tell, transfer_of
from sdtmflow.bundle import BundleFacts
from sdtmflow.bundle.meter import watched_by
from sdtmflow.pipeline.report_jobs import LayOutBundle
from tasks import steps


@flow(name="publish-bundle", flow_run_name="publish bundle", validate_parameters=False)
def publish_bundle(tree: LayOutBundle, facts: BundleFacts) -> State[Any]:
    """The published bundle, as the state's data (``PublishedBundle``).

    Raises StoreError where the store refuses, or does not keep the promises that a bundle needs.
    """
    laid_out = perform(steps.lay_out, tree)
    tell("publish", "", "started")
    with watched_by(transfer_of("publish")):
        published = steps.publish(tree.run, laid_out, facts, tree.numbers.numbering.parent)
    tell("publish", published.name, "done")
    return Completed(message=f"{published.name}: {published.files} files", data=published)
