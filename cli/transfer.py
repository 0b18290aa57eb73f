"""What is seen while bytes move: how many of how many, how fast, and how long it still takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from cli.screen import display_console


def bars(console: Console) -> Progress:
    """A line for each transfer."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
    )


@contextmanager
def shown(doing: str, console: Console = display_console) -> Iterator[Callable[[int, int], None]]:
    """Show on ``console`` what the function that is given is told: bytes done, bytes in all.

    The line is gone afterwards; off a terminal there is none.
    """
    from sdtmflow.bundle.meter import unseen

    if not console.is_terminal:
        yield unseen
        return
    with bars(console) as lines:
        line = lines.add_task(doing, total=None)
        yield lambda done, total: lines.update(line, completed=done, total=total)
