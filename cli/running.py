"""`sdtmflow run`: raw exports to a published bundle."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli.keys import asker
from cli.options import HERE, ActorOption, StoreOption, StudyArgument, store_url
from cli.screen import display_console, err

if TYPE_CHECKING:
    from sdtmflow.bundle import Claim
    from sdtmflow.pipeline.outcome import Outcome
    from sdtmflow.pipeline.run import Run


class RunnerChoice(StrEnum):
    """Where the work is done; the same names as in flows.runners."""

    THREADS = "threads"
    PROCESSES = "processes"
    DASK = "dask"


def run(
    study: StudyArgument = HERE,
    *,
    site: Annotated[
        list[str] | None,
        typer.Option(help="Only this site; repeatable. Such a run publishes nothing."),
    ] = None,
    domain: Annotated[
        list[str] | None,
        typer.Option(help="Only this dataset; repeatable. Such a run publishes nothing."),
    ] = None,
    store: StoreOption = "",
    runner: Annotated[
        RunnerChoice,
        typer.Option(help="Threads of one process, processes of this machine, or a Dask cluster."),
    ] = RunnerChoice.THREADS,
    dask_scheduler: Annotated[
        str,
        typer.Option(
            help="Address of a running Dask cluster (tcp://…); else one is started here.",
            show_default=False,
        ),
    ] = "",
    signing_key: Annotated[
        str,
        typer.Option(
            help="The private key that signs what is published. Default: SDTMFLOW_SIGNING_KEY, "
            "else what study.yaml says, else nothing is signed.",
            show_default=False,
        ),
    ] = "",
    actor: ActorOption = "",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, only the result.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Prefect's log instead of the progress display.")
    ] = False,
) -> None:
    """Collect, check, map, package and publish a study.

    What was done before and has not changed is not done again; where nothing at all has changed,
    nothing is published. A site that fails is left out, and the others go on.
    """
    from cli.summary import tell_nothing_new, tell_outcome
    from expectations.table_plan import load_suites
    from sdtmflow.bundle import Claim
    from sdtmflow.pipeline.inputs import published_before, require_key, require_store
    from sdtmflow.pipeline.outcome import StoppedByGateError
    from sdtmflow.pipeline.plan import require_sound
    from sdtmflow.pipeline.run import Run

    asked = Run.of(
        study,
        store=store_url(store),
        sites=site or (),
        domains=domain or (),
        signing_key=signing_key,
        actor=actor,
    )
    published = published_before(asked)
    if published:
        tell_nothing_new(asked, published)
        return
    require_store(asked)
    require_key(asked, asker())
    require_sound(asked)  # a mistake in a spec or a suite is told before Prefect is started
    load_suites(asked.folder)
    try:
        outcome = _flow(asked, runner, dask_scheduler, quiet=quiet, verbose=verbose)
    except KeyboardInterrupt:
        err.print("interrupted; nothing is half-done, and the next run goes on from here")
        raise
    except StoppedByGateError as stop:
        tell_outcome(stop.outcome)
        raise
    if isinstance(outcome, Claim):  # another run of the same inputs was faster
        tell_nothing_new(asked, outcome)
    else:
        tell_outcome(outcome)


def _flow(
    asked: Run, runner: RunnerChoice, dask_scheduler: str, *, quiet: bool, verbose: bool
) -> Outcome | Claim:
    from cli.progress import display
    from flows import environment

    environment.prepare(quiet=not verbose)
    with display(display_console, shown=not quiet and not verbose) as listener:
        listener.note("starting Prefect")
        from flows.starting import run_here

        return run_here(
            asked, runner=runner.value, dask_scheduler=dask_scheduler, listener=listener
        )
