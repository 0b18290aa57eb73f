"""The flow of a study: from what the sites have sent to a published bundle."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from expectations.table_plan import load_suites
from flows.making import Begun, make
from flows.notifying import notify
from flows.performing import data_of
from flows.publish_bundle import publish_bundle
from flows.rebuild import rebuild
from flows.run_page import show
from flows.runners import Runner
from sdtmflow.bundle import PublishedBundle
from sdtmflow.pipeline.closing import bundle_facts
from sdtmflow.pipeline.crash import plainly
from sdtmflow.pipeline.earlier import published_deliveries
from sdtmflow.pipeline.following import require_register
from sdtmflow.pipeline.inputs import delivery_keys, published_before, require_key, require_store
from sdtmflow.pipeline.numbering import numbering_of
from sdtmflow.pipeline.outcome import Outcome, StoppedByGateError
from sdtmflow.pipeline.plan import require_sound
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.site_jobs import Collect
from tasks import steps


def _run_name() -> str:
    """The study folder's name, what the run is limited to, and which bundle is made again."""
    asked = flow_run.parameters
    limits = [*(asked.get("sites") or ()), *(asked.get("domains") or ()), asked.get("as_of") or ""]
    return " ".join(filter(None, [Path(asked["study"]).resolve().name, *limits]))


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
    as_of: str = "",
    to: Path | None = None,
) -> State[Any]:
    """Collect, check, map, package and publish the study folder ``study``.

    ``sites`` and ``domains`` limit the run, which then publishes nothing. ``store`` is a folder
    or ``s3://…`` (default: study.yaml's). ``signing_key`` is the file of the private key that signs
    the manifest (default: ``SDTMFLOW_SIGNING_KEY``, else study.yaml's), ``actor`` who publishes
    (default: ``SDTMFLOW_ACTOR``, else the account). The final state tells what came of it:
    NothingNew, Completed, CompletedWithGaps, Rehearsed, or a Failed StoppedByGate; its data is the
    ``Outcome``, or the last bundle's ``Claim`` where there is nothing new.

    ``as_of`` names a published bundle, which is made again into the folder ``to`` and compared;
    nothing is collected or published (``flows.rebuild``). ``study`` may then be a study's id.
    """
    if as_of:
        return rebuild(
            study,
            as_of,
            to,
            store=store,
            runner=runner,
            dask_scheduler=dask_scheduler,
            actor=actor,
        )
    run = Run.of(
        study,
        store=store,
        sites=sites or (),
        domains=domains or (),
        signing_key=signing_key,
        actor=actor,
    )
    with plainly("run", run.workspace.crashes):
        return _run(run, runner, dask_scheduler)


def _run(run: Run, runner: Runner, dask_scheduler: str) -> State[Any]:
    last = published_before(run)
    if last:
        return Completed(name="NothingNew", message=f"nothing new since {last.name}", data=last)
    require_store(run)
    require_register(run)
    require_key(run)
    require_sound(run)
    load_suites(run.folder)
    run.workspace.sweep()

    collect = {name: Collect(run, name, key) for name, key in delivery_keys(run).items()}
    numbering = numbering_of(run)
    begun = Begun(run, collect, numbering, published_deliveries(run, numbering.parent))
    made = make(begun, runner, dask_scheduler)
    outcome = made.outcome
    if outcome.publishes:
        kept = steps.keep(run, begun.delivery_keys, made.deliveries)
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        facts = bundle_facts(run, outcome, made.deliveries, kept, now)
        published = publish_bundle(tree=made.tree, facts=facts, return_state=True)
        outcome = outcome.with_bundle(run.store, data_of(published, PublishedBundle))
    return _final_state(run, outcome)


def _final_state(run: Run, outcome: Outcome) -> State[Any]:
    """The state that tells the truth; the outcome is kept, shown on the run page and notified."""
    outcome.keep(run.workspace)
    show(run, outcome)
    notify(run, outcome)
    name, message = outcome.state_name, outcome.message
    if outcome.stopping:
        return Failed(name=name, message=message, data=StoppedByGateError(outcome))
    return Completed(name=name, message=message, data=outcome)
