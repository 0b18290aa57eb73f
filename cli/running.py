"""`sdtmflow run`: raw exports to a published bundle."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.keys import asker
from cli.options import HERE, ActorOption, StoreOption, store_url
from cli.rebuilding import rebuild
from cli.starting import Start
from sdtmflow.errors import UsageError

if TYPE_CHECKING:
    from sdtmflow.pipeline.run import Run

EXAMPLE = """Examples: sdtmflow run my-study

sdtmflow run my-study --as-of v0006

sdtmflow run MY01 --as-of v0006 --store s3://bucket/prefix"""


class RunnerChoice(StrEnum):
    """Where the work is done; the same names as in flows.runners."""

    THREADS = "threads"
    PROCESSES = "processes"
    DASK = "dask"


def run(
    study: Annotated[
        Path,
        typer.Argument(
            help="The study folder (it holds study.yaml). With --as-of and --store, the study's id "
            "will do.",
            show_default="here",
        ),
    ] = HERE,
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
    as_of: Annotated[
        str,
        typer.Option(
            help="Make this published bundle again (v0006, 6 or latest), from what the store has "
            "kept, and compare every byte; nothing is collected or published.",
            show_default=False,
        ),
    ] = "",
    to: Annotated[
        Path | None,
        typer.Option(
            help="With --as-of: a new folder for it. Default: one named like study and version, "
            "here.",
            show_default=False,
        ),
    ] = None,
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
    if as_of and (site or domain):
        raise UsageError(
            "a bundle is made again as a whole", remedy="leave out --site and --domain"
        )
    if to and not as_of:
        raise UsageError("--to goes with --as-of", remedy="name the bundle to make again")
    start = Start(runner.value, dask_scheduler, quiet, verbose)
    if as_of:
        rebuild(start, study, as_of, to, store=store_url(store), actor=actor)
    else:
        from sdtmflow.pipeline.run import Run

        asked = Run.of(
            study,
            store=store_url(store),
            sites=site or (),
            domains=domain or (),
            signing_key=signing_key,
            actor=actor,
        )
        _run(start, asked)


def _run(start: Start, asked: Run) -> None:
    from cli.summary import tell_nothing_new, tell_outcome
    from expectations.table_plan import load_suites
    from sdtmflow.bundle import Claim
    from sdtmflow.pipeline.following import require_register
    from sdtmflow.pipeline.inputs import published_before, require_key, require_store
    from sdtmflow.pipeline.outcome import StoppedByGateError
    from sdtmflow.pipeline.plan import require_sound

    published = published_before(asked)
    if published:
        tell_nothing_new(asked, published)
        return
    require_store(asked)
    require_register(asked)
    require_key(asked, asker())
    require_sound(asked)  # a mistake in a spec or a suite is told before Prefect is started
    load_suites(asked.folder)
    try:
        outcome = start.run(asked)
    except StoppedByGateError as stop:
        tell_outcome(stop.outcome)
        raise
    if isinstance(outcome, Claim):  # another run of the same inputs was faster
        tell_nothing_new(asked, outcome)
    else:
        tell_outcome(outcome)
