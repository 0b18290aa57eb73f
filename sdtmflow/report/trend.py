"""The trend over runs as a drawing: open findings by severity, one bar a run."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log10

import polars as pl

from sdtmflow.report.summary import ORDER

MOST_RUNS = 24
"""Older runs are in the table of the workbook."""
WIDTH, HEIGHT = 900, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 14, 42
_WIDEST = 56


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the trend: what was open at its end by severity, what it changed."""

    number: int
    run: str
    cutoff: str
    critical: int
    major: int
    minor: int
    new: int
    resolved: int
    waived: int

    @property
    def open(self) -> int:
        """Of all severities."""
        return self.critical + self.major + self.minor


@dataclass(frozen=True, slots=True)
class Part:
    """A severity's part of a bar, in the drawing's units."""

    severity: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A run's bar."""

    run: Run
    x: float
    width: float
    parts: tuple[Part, ...]
    labelled: bool
    """Whether the date below it fits."""

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The bars, and the lines of the scale as (number, y)."""

    bars: tuple[Bar, ...]
    scale: tuple[tuple[int, float], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT


def runs_of(trend: pl.DataFrame) -> tuple[Run, ...]:
    """The runs of a trend (columns of ``TREND_SCHEMA``), the oldest first."""
    openings = [
        pl.col("open").filter(severity=severity).sum().alias(severity) for severity in ORDER
    ]
    sums = [pl.col(name).sum() for name in ("new", "resolved", "waived")]
    by_run = trend.group_by("number", "run", "cutoff").agg(*openings, *sums).sort("number", "run")
    return tuple(Run(**row) for row in by_run.iter_rows(named=True))


def drawing(runs: tuple[Run, ...]) -> Drawing:
    """The last ``MOST_RUNS`` runs as bars; the scale begins at nothing."""
    shown = runs[-MOST_RUNS:]
    step = _step(max((run.open for run in shown), default=0))
    top = step * max(1, ceil(max((run.open for run in shown), default=0) / step))
    unit = (HEIGHT - _TOP - _BOTTOM) / top
    wide = (WIDTH - _LEFT - _RIGHT) / max(len(shown), 8)
    every = ceil(len(shown) / 12)
    bars = tuple(
        _bar(run, _LEFT + at * wide, wide, unit, labelled=(len(shown) - 1 - at) % every == 0)
        for at, run in enumerate(shown)
    )
    scale = tuple((n, round(HEIGHT - _BOTTOM - n * unit, 1)) for n in range(0, top + 1, step))
    return Drawing(bars, scale)


def _bar(run: Run, x: float, room: float, unit: float, *, labelled: bool) -> Bar:
    width = min(room * 0.66, _WIDEST)
    parts, base = [], float(HEIGHT - _BOTTOM)
    for severity in ORDER:
        height = getattr(run, severity) * unit
        base -= height
        if height:
            parts.append(Part(severity, round(base, 1), round(height, 1)))
    return Bar(run, round(x + (room - width) / 2, 1), round(width, 1), tuple(parts), labelled)


def _step(most: int) -> int:
    """1, 2 or 5 times a power of ten, so that the scale has at most five lines."""
    power = int(10 ** int(log10(max(most, 1))))
    steps = [step for unit in (power // 10, power) if unit for step in (unit, 2 * unit, 5 * unit)]
    return next((step for step in steps if most <= 5 * step), power)
