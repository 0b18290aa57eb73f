"""Start the flow in this process, with Prefect's own server behind it."""

from __future__ import annotations

from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from flows.progress import Listener, listening
from flows.run_study import run_study
from flows.runners import Runner
from flows.watchdog import watched
from sdtmflow.bundle import Claim
from sdtmflow.pipeline.outcome import Outcome
from sdtmflow.pipeline.run import Run


def run_here(
    run: Run, *, runner: Runner, dask_scheduler: str, listener: Listener
) -> Outcome | Claim:
    """Run the study and give its outcome, or the last bundle's claim where there is nothing new.

    Raises StoppedByGateError, which holds the outcome, where findings forbid the publication.

    Raises SdtmflowError where the run could not come to one.
    """
    # The heartbeat tells a server that a worker is alive; a flow in our own process would only
    # wait for its last beat, up to a second for each flow and subflow.
    settings = temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
    with watched(), settings, listening(listener):
        state = run_study(
            run.root,
            sites=list(run.sites),
            domains=list(run.domains),
            store=run.store_url,
            signing_key=str(run.signing_key or ""),
            runner=runner,
            dask_scheduler=dask_scheduler,
            actor=run.actor.name if run.actor else "",
            return_state=True,
        )
    result = state.result(raise_on_failure=False)
    if isinstance(result, Outcome | Claim):
        return result
    raise result if isinstance(result, Exception) else RuntimeError(state.message)
