"""From deliveries to a laid-out bundle: the same steps whether it is published or made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from expectations.table_plan import record_keys, rule_messages
from flows.collect_sites import collect_sites
from flows.map_partitions import map_partitions
from flows.performing import data_of, perform
from flows.progress import tell
from flows.runners import Runner, task_runners
from sdtmflow.bundle import Delivery
from sdtmflow.finding import Stage
from sdtmflow.pipeline.closing import draw_up, run_id_of
from sdtmflow.pipeline.deliveries import Deliveries
from sdtmflow.pipeline.document_jobs import DrawCrf
from sdtmflow.pipeline.drift_jobs import Against, last_partitions
from sdtmflow.pipeline.guide_facts import Told
from sdtmflow.pipeline.judging_jobs import JudgePackage
from sdtmflow.pipeline.looked import looked_at
from sdtmflow.pipeline.numbering import Numbering, Remember
from sdtmflow.pipeline.outcome import Outcome
from sdtmflow.pipeline.privacy_notes import allowed
from sdtmflow.pipeline.report_jobs import LayOutBundle, WriteReport
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.sites import SitesMade
from sdtmflow.pipeline.study_jobs import (
    Assemble,
    CompareDeliveries,
    GatherFindings,
    ReadBack,
    WritePackage,
)
from sdtmflow.pipeline.workspace import Artifact
from sdtmflow.register import Looked
from tasks import steps
from tasks.checking import STUDY, BuildDataDocs, Check, not_checked

_FOLLOW = "follow findings"


@dataclass(frozen=True, slots=True)
class Before:
    """The run that made a bundle: its id, and what stood in the register when it ended."""

    run_id: str
    standing: Artifact


@dataclass(frozen=True, slots=True)
class Begun:
    """What a bundle is made from besides the study folder."""

    run: Run
    collect: Mapping[str, Job]
    """Source → the job that collects its delivery."""
    numbering: Numbering
    known: Mapping[str, Delivery]
    """Source → what the bundle before says of it."""
    before: Before | None = None
    """Where the bundle was made before: what only that run could know."""

    @property
    def delivery_keys(self) -> dict[str, str]:
        """Source → the key of what it has sent."""
        return {source: job.key for source, job in self.collect.items()}


@dataclass(frozen=True, slots=True)
class Made:
    """A run's outcome up to the gate, and the tree that there is to lay out."""

    outcome: Outcome
    deliveries: Deliveries
    tree: LayOutBundle


def make(begun: Begun, runner: Runner, dask_scheduler: str) -> Made:
    """Collect, check, map and package; nothing is laid out or published yet."""
    run = begun.run
    with task_runners(runner, dask_scheduler) as task_runner:
        collect = collect_sites.with_options(task_runner=task_runner())
        collected = collect(
            run=run, jobs=dict(begun.collect), known=dict(begun.known), return_state=True
        )
        deliveries = data_of(collected, Deliveries)
        map_sites = map_partitions.with_options(task_runner=task_runner())
        mapped = map_sites(
            run=run,
            partitions=deliveries.partitions(run),
            numbering=begun.numbering,
            against=Against(last_partitions(run, deliveries), record_keys(run.folder)),
            return_state=True,
        )
        return _study_wide(begun, deliveries, data_of(mapped, SitesMade))


def _study_wide(begun: Begun, deliveries: Deliveries, sites: SitesMade) -> Made:
    """The steps that need every site, up to the report."""
    run = begun.run
    compared = perform(steps.compare, CompareDeliveries(run, deliveries, sites.staged))
    assembled = perform(steps.assemble, Assemble(run, sites.mapped))
    checked = perform(steps.check, Check(run, Stage.SDTM, STUDY, assembled))
    crf = perform(steps.crf, DrawCrf(run, deliveries.used, sites.staged))
    found_before = (*sites.with_findings(), compared, checked)
    rules = rule_messages(run.folder)
    told = Told.of(deliveries, sites, found_before, rules)
    package = perform(steps.package, WritePackage(run, assembled, crf, told))
    read_back = perform(steps.read_back, ReadBack(run, assembled, package))
    judged = perform(steps.gate, JudgePackage(run, package))

    of_study = (compared, checked, read_back, judged)
    found = GatherFindings(run, sites.with_findings(), of_study, deliveries.used)
    findings = perform(steps.gather, found)
    checks = {**sites.checked, STUDY: checked}
    skipped = not_checked(run, checks)
    looked = looked_at(run, deliveries, sites, skipped, rules)
    before = begun.before or _followed(begun, deliveries, findings, looked)
    outcome = draw_up(
        run,
        begun.delivery_keys,
        deliveries,
        sites,
        assembled=assembled,
        findings=findings,
        standing=before.standing,
        run_id=before.run_id,
    )
    docs = perform(steps.data_docs, BuildDataDocs(run, outcome.run_id, checks))
    writing = WriteReport(
        run,
        outcome,
        deliveries.used,
        sites.staged,
        assembled,
        findings,
        before.standing,
        (*skipped, *allowed(run.study.privacy)),
        sites.drifted,
        deliveries.earlier.not_compared,
    )
    report = perform(steps.report, writing)

    numbers = Remember(begun.numbering, sites.staged, sites.mapped)
    tree = LayOutBundle(
        run, package, judged, assembled, findings, report, docs, before.standing, numbers
    )
    placed = outcome.placed(run.workspace, report=report, data_docs=docs, package=package)
    return Made(placed, deliveries, tree)


def _followed(begun: Begun, deliveries: Deliveries, findings: Artifact, looked: Looked) -> Before:
    """Take the run in to the register of findings."""
    run = begun.run
    run_id = run_id_of(run, begun.delivery_keys, deliveries)
    tell(_FOLLOW, "", "started")
    standing = steps.follow(run, run_id, findings, looked)
    tell(_FOLLOW, "", "done")
    return Before(run_id, standing)
