"""Start the flow in this process, with Prefect's own server behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from flows.progress import Listener, listening
from flows.run_study import run_study
from flows.runners import Runner
from flows.server import start_server
from flows.watchdog import watched
from sdtmflow.bundle import Claim
from sdtmflow.pipeline.outcome import Outcome
from sdtmflow.pipeline.run import Run
from sdtmflow.rebuild import Rebuilt


def run_here(
    run: Run, *, runner: Runner, dask_scheduler: str, listener: Listener
) -> Outcome | Claim:
    """Run the study and give its outcome, or the last bundle's claim where there is nothing new.

    Raises StoppedByGateError, which holds the outcome, where findings forbid the publication.

    Raises SdtmflowError where the run could not come to one.
    """
    state = _state(
        listener,
        study=run.root,
        sites=list(run.sites),
        domains=list(run.domains),
        store=run.store_url,
        signing_key=str(run.signing_key or ""),
        actor=run.actor.name if run.actor else "",
        runner=runner,
        dask_scheduler=dask_scheduler,
    )
    result = state.result(raise_on_failure=False)
    if isinstance(result, Outcome | Claim):
        return result
    raise _error(state, result)


def rebuild_here(
    study: Path,
    as_of: str,
    to: Path | None,
    *,
    store: str,
    runner: Runner,
    dask_scheduler: str,
    actor: str,
    listener: Listener,
) -> Rebuilt:
    """Make a published bundle again and tell what came of it, the same or not.

    Raises SdtmflowError where it could not be made.
    """
    state = _state(
        listener,
        study=study,
        as_of=as_of,
        to=to,
        store=store,
        runner=runner,
        dask_scheduler=dask_scheduler,
        actor=actor,
    )
    result = state.result(raise_on_failure=False)
    if isinstance(result, Rebuilt):
        return result
    raise _error(state, result)


def _state(listener: Listener, **parameters: Any) -> State[Any]:
    """The flow's final state."""
    # The heartbeat tells a server that a worker is alive; a flow in our own process would only
    # wait for its last beat, up to a second for each flow and subflow.
    settings = temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
    with watched(), settings, listening(listener):
        start_server()
        state: State[Any] = run_study(**parameters, return_state=True)
    return state


def _error(state: State[Any], result: object) -> Exception:
    return result if isinstance(result, Exception) else RuntimeError(state.message)
