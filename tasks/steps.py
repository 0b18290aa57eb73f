"""The tasks, in the order of the data's way."""

from __future__ import annotations

from prefect import task

from sdtmflow.bundle import BundleFacts, PublishedBundle
from sdtmflow.bundle import publish as publish_tree
from sdtmflow.bundle.meter import watcher
from sdtmflow.pipeline import (
    document_jobs,
    drift_jobs,
    judging_jobs,
    report_jobs,
    site_jobs,
    study_jobs,
)
from sdtmflow.pipeline.closing import limits_of
from sdtmflow.pipeline.crash import plainly
from sdtmflow.pipeline.deliveries import Deliveries
from sdtmflow.pipeline.following import follow as take_in
from sdtmflow.pipeline.keeping import Kept
from sdtmflow.pipeline.keeping import keep as keep_inputs
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.workspace import Artifact
from sdtmflow.register import Looked
from sdtmflow.signing import publishing_key
from tasks.checking import BuildDataDocs, Check
from tasks.policy import RETRY_DELAYS, is_passing, step_task

collect = step_task(site_jobs.Collect.step)
stage = step_task(site_jobs.StageSite.step)
compare = step_task(study_jobs.CompareDeliveries.step)
check = step_task(Check.step)
map_site = step_task(site_jobs.MapSite.step)
drift = step_task(drift_jobs.CompareSite.step)
assemble = step_task(study_jobs.Assemble.step)
crf = step_task(document_jobs.DrawCrf.step)
package = step_task(study_jobs.WritePackage.step)
read_back = step_task(study_jobs.ReadBack.step)
gate = step_task(judging_jobs.JudgePackage.step)
gather = step_task(study_jobs.GatherFindings.step)
data_docs = step_task(BuildDataDocs.step)
report = step_task(report_jobs.WriteReport.step)
lay_out = step_task(report_jobs.LayOutBundle.step)


@task(
    name="follow",
    task_run_name="follow findings",
    retries=len(RETRY_DELAYS),
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=is_passing,
)
def follow(run: Run, run_id: str, findings: Artifact, looked: Looked) -> Artifact:
    """Take the run in to the register of findings; what stands then is the artifact.

    Trying again is safe: a run that was taken in already changes nothing.
    """
    with plainly("follow findings", run.workspace.crashes):
        return take_in(run, run_id, findings, looked, limits_of(run))


@task(
    name="keep",
    task_run_name="keep what the bundle is made from",
    retries=len(RETRY_DELAYS),
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=is_passing,
)
def keep(run: Run, delivery_keys: dict[str, str], deliveries: Deliveries) -> Kept:
    """Keep the study's own files as snapshots; the same bytes are kept once."""
    with plainly("keep", run.workspace.crashes):
        return keep_inputs(run, delivery_keys, deliveries)


@task(
    name="publish",
    task_run_name="publish bundle",
    retries=len(RETRY_DELAYS),
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=is_passing,
)
def publish(run: Run, tree: Artifact, facts: BundleFacts, after: int) -> PublishedBundle:
    """Publish a laid-out tree as the version that follows ``after`` (0: as the first).

    Trying again is safe: the same inputs are never published twice.
    """
    folder = run.workspace.path(tree)
    key = publishing_key(run.folder, run.signing_key)
    with plainly("publish", run.workspace.crashes):
        return publish_tree(
            run.store,
            run.study.study,
            folder,
            facts,
            after=after,
            key=key,
            actor=run.actor,
            progress=watcher(),
        )
