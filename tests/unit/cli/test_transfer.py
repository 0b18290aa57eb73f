"""The screen while bytes move: a line on a terminal, nothing elsewhere, nothing left behind."""

from __future__ import annotations

import io

from rich.console import Console

from cli import transfer
from cli.progress import Progress, display
from flows.progress import Event


def screen(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=100)


def test_a_transfer_shows_what_is_done_of_how_much():
    console = screen(terminal=True)
    with transfer.shown("downloading", console) as progress:
        progress(50_000_000, 200_000_000)
    shown = console.file.getvalue()
    assert "downloading" in shown
    assert "50.0/200.0 MB" in shown


def test_a_transfer_is_quiet_off_a_terminal():
    console = screen(terminal=False)
    with transfer.shown("downloading", console) as progress:
        progress(50_000_000, 200_000_000)
    assert console.file.getvalue() == ""


def picture(progress: Progress) -> str:
    console = screen(terminal=False)
    console.print(progress)
    return console.file.getvalue()


def test_publishing_shows_its_bytes_until_it_is_done():
    progress = Progress(screen(terminal=True), shown=True)
    progress(Event("publish", "", "started"))
    assert "MB" not in picture(progress)
    progress(Event("publish", "", "started", done=50_000_000, total=200_000_000))
    assert "50.0/200.0 MB" in picture(progress)
    progress(Event("publish", "v0001", "done"))
    assert "MB" not in picture(progress)


def test_no_line_stays_where_publishing_failed():
    console = screen(terminal=True)
    with display(console, shown=True) as progress:
        progress(Event("publish", "", "started", done=1, total=2_000_000))
    assert "MB" not in picture(progress)


def test_bytes_print_nothing_off_a_terminal():
    console = screen(terminal=False)
    with display(console, shown=True) as progress:
        progress(Event("publish", "", "started", done=1, total=2_000_000))
    assert console.file.getvalue() == ""
