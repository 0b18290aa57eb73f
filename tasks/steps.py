"""The tasks, in the order of the data's way."""

from __future__ import annotations

from prefect import task

from sdtmflow.bundle import BundleFacts, PublishedBundle
from sdtmflow.bundle import publish as publish_tree
from sdtmflow.pipeline import jobs
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.workspace import Artifact
from tasks.checking import BuildDataDocs, Check
from tasks.policy import RETRY_DELAYS, is_passing, step_task

collect = step_task(jobs.Collect.step)
stage = step_task(jobs.StageSite.step)
compare = step_task(jobs.CompareDeliveries.step)
check = step_task(Check.step)
map_site = step_task(jobs.MapSite.step)
assemble = step_task(jobs.Assemble.step)
package = step_task(jobs.WritePackage.step)
read_back = step_task(jobs.ReadBack.step)
gather = step_task(jobs.GatherFindings.step)
data_docs = step_task(BuildDataDocs.step)
report = step_task(jobs.WriteReport.step)
lay_out = step_task(jobs.LayOutBundle.step)


@task(
    name="publish",
    task_run_name="publish bundle",
    retries=len(RETRY_DELAYS),
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=is_passing,
)
def publish(run: Run, tree: Artifact, facts: BundleFacts) -> PublishedBundle:
    """Publish a laid-out tree. Trying again is safe: the same inputs are never published twice."""
    return publish_tree(run.store, run.study.study, run.workspace.path(tree), facts)
