"""The progress display: one line a step, one mark a site, while the flow runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cli import transfer

if TYPE_CHECKING:
    from flows.progress import Event

_MARKS = {
    "started": ("…", "dim"),
    "done": ("✓", "green"),
    "unchanged": ("=", "blue"),
    "failed": ("✗", "bold red"),
}
_WORDS = {"done": "done", "unchanged": "unchanged", "failed": "failed"}


class Progress:
    """Listens to a flow's events and draws them; off a terminal it prints one line each."""

    def __init__(self, console: Console, *, shown: bool) -> None:
        self._console = console
        self._shown = shown
        self._steps: dict[str, dict[str, Event]] = {}
        self._spinner = Spinner("dots", "")
        self._bars = transfer.bars(console)

    @property
    def animated(self) -> bool:
        """Whether the display redraws itself."""
        return self._shown and self._console.is_terminal

    def note(self, doing: str) -> None:
        """What is going on where no step is: ``starting Prefect``."""
        self._spinner.update(text=Text(doing, "dim"))
        for line in self._bars.tasks:
            self._bars.remove_task(line.id)
        if self._shown and not self.animated:
            self._console.print(Text(doing))

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        self._steps.setdefault(event.step, {})[event.part] = event
        self._measure(event)
        self._spinner.update(text=Text(f"{event.step} {event.part}".strip(), "dim"))
        if self._shown and not self.animated and event.status != "started":
            self._console.print(_line(event))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The display as it stands."""
        table = Table.grid(padding=(0, 2))
        for step, events in self._steps.items():
            table.add_row(step, Text(" ").join(_mark(event) for event in events.values()))
        yield table
        for events in self._steps.values():
            yield from (_line(event) for event in events.values() if event.status == "failed")
        yield self._bars.get_renderable() if self._bars.tasks else self._spinner

    def _measure(self, event: Event) -> None:
        """Show a step that moves bytes by them, as long as it does."""
        lines = {line.description: line.id for line in self._bars.tasks}
        line = lines.get(event.step)
        if line is None and event.total:
            line = self._bars.add_task(event.step, total=event.total)
        if line is not None and event.total:
            self._bars.update(line, completed=event.done, total=event.total)
        elif line is not None:
            self._bars.remove_task(line)


@contextmanager
def display(console: Console, *, shown: bool) -> Iterator[Progress]:
    """Show progress on ``console`` while inside; the last picture stays."""
    progress = Progress(console, shown=shown)
    if not progress.animated:
        yield progress
        return
    with Live(progress, console=console, refresh_per_second=8):
        yield progress
        progress.note("")


def _mark(event: Event) -> Text:
    mark, style = _MARKS[event.status]
    return Text.assemble((f"{event.part} {mark}".strip(), style))


def _line(event: Event) -> Text:
    reason = f": {event.reason}" if event.reason else ""
    return Text(f"{event.step} {event.part}".strip() + f" {_WORDS[event.status]}{reason}")
