"""The flow of a study: from what the sites have sent to a published bundle."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from expectations.table_plan import load_suites, rule_messages
from flows.collect_sites import collect_sites
from flows.map_partitions import map_partitions
from flows.performing import data_of, perform
from flows.publish_bundle import publish_bundle
from flows.run_page import show
from flows.runners import Runner, task_runners
from sdtmflow.bundle import PublishedBundle
from sdtmflow.finding import Stage
from sdtmflow.pipeline.closing import bundle_facts, draw_up
from sdtmflow.pipeline.deliveries import Deliveries
from sdtmflow.pipeline.document_jobs import DrawCrf
from sdtmflow.pipeline.guide_facts import Told
from sdtmflow.pipeline.inputs import delivery_keys, published_before, require_key, require_store
from sdtmflow.pipeline.judging_jobs import JudgePackage
from sdtmflow.pipeline.numbering import Numbering, Remember, numbering_of
from sdtmflow.pipeline.outcome import Outcome, StoppedByGateError
from sdtmflow.pipeline.plan import require_sound
from sdtmflow.pipeline.report_jobs import LayOutBundle, WriteReport
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.sites import SitesMade
from sdtmflow.pipeline.study_jobs import (
    Assemble,
    CompareDeliveries,
    GatherFindings,
    ReadBack,
    WritePackage,
)
from tasks import steps
from tasks.checking import STUDY, BuildDataDocs, Check, not_checked


def _run_name() -> str:
    """The study folder's name, and what the run is limited to."""
    asked = flow_run.parameters
    limits = [*(asked.get("sites") or ()), *(asked.get("domains") or ())]
    return " ".join([Path(asked["study"]).resolve().name, *limits])


@flow(name="run-study", flow_run_name=_run_name)
def run_study(
    study: Path,
    sites: list[str] | None = None,
    domains: list[str] | None = None,
    store: str = "",
    runner: Runner = "threads",
    dask_scheduler: str = "",
    signing_key: str = "",
    actor: str = "",
) -> State[Any]:
    """Collect, check, map, package and publish the study folder ``study``.

    ``sites`` and ``domains`` limit the run, which then publishes nothing. ``store`` is a folder
    or ``s3://…`` (default: study.yaml's). ``signing_key`` is the file of the private key that signs
    the manifest (default: ``SDTMFLOW_SIGNING_KEY``, else study.yaml's), ``actor`` who publishes
    (default: ``SDTMFLOW_ACTOR``, else the account). The final state tells what came of it:
    NothingNew, Completed, CompletedWithGaps, Rehearsed, or a Failed StoppedByGate; its data is the
    ``Outcome``, or the last bundle's ``Claim`` where there is nothing new.
    """
    run = Run.of(
        study,
        store=store,
        sites=sites or (),
        domains=domains or (),
        signing_key=signing_key,
        actor=actor,
    )
    last = published_before(run)
    if last:
        return Completed(name="NothingNew", message=f"nothing new since {last.name}", data=last)
    require_store(run)
    require_key(run)
    require_sound(run)
    load_suites(run.folder)
    run.workspace.sweep()

    keys, numbering = delivery_keys(run), numbering_of(run)
    with task_runners(runner, dask_scheduler) as task_runner:
        collect = collect_sites.with_options(task_runner=task_runner())
        collected = collect(run=run, delivery_keys=keys, return_state=True)
        deliveries = data_of(collected, Deliveries)
        map_sites = map_partitions.with_options(task_runner=task_runner())
        partitions = deliveries.partitions(run)
        mapped = map_sites(run=run, partitions=partitions, numbering=numbering, return_state=True)
        made = data_of(mapped, SitesMade)
        outcome, tree = _study_wide(run, keys, deliveries, made, numbering)

    if outcome.publishes:
        facts = bundle_facts(run, outcome, deliveries, dt.datetime.now(dt.UTC))
        published = publish_bundle(tree=tree, facts=facts, return_state=True)
        outcome = outcome.with_bundle(run.store, data_of(published, PublishedBundle))
    return _final_state(run, outcome)


def _study_wide(
    run: Run,
    delivery_keys: dict[str, str],
    deliveries: Deliveries,
    sites: SitesMade,
    numbering: Numbering,
) -> tuple[Outcome, LayOutBundle]:
    """The steps that need every site, up to the report; with what there is to publish."""
    compared = perform(steps.compare, CompareDeliveries(run, deliveries, sites.staged))
    assembled = perform(steps.assemble, Assemble(run, sites.mapped))
    checked = perform(steps.check, Check(run, Stage.SDTM, STUDY, assembled))
    crf = perform(steps.crf, DrawCrf(run, deliveries.used, sites.staged))
    found_before = (*sites.with_findings(), compared, checked)
    told = Told.of(deliveries, sites, found_before, rule_messages(run.folder))
    package = perform(steps.package, WritePackage(run, assembled, crf, told))
    read_back = perform(steps.read_back, ReadBack(run, assembled, package))
    judged = perform(steps.gate, JudgePackage(run, package))

    of_study = (compared, checked, read_back, judged)
    found = GatherFindings(run, sites.with_findings(), of_study, deliveries.used)
    findings = perform(steps.gather, found)
    outcome = draw_up(run, delivery_keys, deliveries, sites, assembled=assembled, findings=findings)
    checks = {**sites.checked, STUDY: checked}
    docs = perform(steps.data_docs, BuildDataDocs(run, outcome.run_id, checks))
    skipped = not_checked(run, checks)
    report = perform(steps.report, WriteReport(run, outcome, assembled, findings, skipped))

    numbers = Remember(numbering, sites.staged, sites.mapped)
    tree = LayOutBundle(run, package, judged, assembled, findings, report, docs, numbers)
    return outcome.placed(run.workspace, report=report, data_docs=docs, package=package), tree


def _final_state(run: Run, outcome: Outcome) -> State[Any]:
    """The state that tells the truth; the outcome is kept and shown on the run page as well."""
    outcome.keep(run.workspace)
    show(run, outcome)
    name, message = outcome.state_name, outcome.message
    if outcome.stopping:
        return Failed(name=name, message=message, data=StoppedByGateError(outcome))
    return Completed(name=name, message=message, data=outcome)
