"""A flow started from the command line, with its progress on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.interrupts import leaving
from cli.screen import display_console

if TYPE_CHECKING:
    from cli.progress import Progress
    from flows.runners import Runner
    from sdtmflow.bundle import Claim
    from sdtmflow.pipeline.outcome import Outcome
    from sdtmflow.pipeline.run import Run
    from sdtmflow.rebuild import Rebuilt


@dataclass(frozen=True, slots=True)
class Start:
    """Where the work is done, and how much is told of it. Prefect is imported at the start only."""

    runner: Runner
    dask_scheduler: str
    quiet: bool
    verbose: bool

    def run(self, asked: Run) -> Outcome | Claim:
        """Run a study."""
        with self._screen("the next run goes on from here") as listener:
            from flows.starting import run_here

            return run_here(
                asked, runner=self.runner, dask_scheduler=self.dask_scheduler, listener=listener
            )

    def rebuild(
        self, study: Path, as_of: str, to: Path | None, *, store: str, actor: str
    ) -> Rebuilt:
        """Make a published bundle again."""
        with self._screen("nothing stays of it") as listener:
            from flows.starting import rebuild_here

            return rebuild_here(
                study,
                as_of,
                to,
                store=store,
                runner=self.runner,
                dask_scheduler=self.dask_scheduler,
                actor=actor,
                listener=listener,
            )

    @contextmanager
    def _screen(self, left: str) -> Iterator[Progress]:
        """The progress display; an interrupt is told with what is ``left`` of the work."""
        from cli.progress import display
        from flows import environment

        environment.prepare(quiet=not self.verbose)
        shown = not self.quiet and not self.verbose
        with (
            leaving(f"; nothing is half-done, and {left}"),
            display(display_console, shown=shown) as listener,
        ):
            listener.note("starting Prefect")
            yield listener
