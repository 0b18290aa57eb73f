"""Checks: a laboratory dataset against forty expectations, findings written; beside it GX itself.

    python -m benchmarks.checks [rows] [--rounds N] [--complete ROWS]

About one row in a hundred fails each expectation. Our way reads the dataset from Parquet, checks it
and writes the findings with their keys. Beside it, on a pandas frame that is there already, GX's
own validation of the same expectations: with its default result format, which gives verdicts and
no keys, and with ``COMPLETE`` and the keys as ``unexpected_index_column_names`` (once, on
``--complete`` rows; where those are fewer, its time is scaled to all rows, and the table says so).
Each way has a process of its own; the ways take turns. CPU seconds count where the machine is busy.
At the end the rows that fail are compared, rule by rule: ours and those of GX's lists must be the
same.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from benchmarks.laboratory.rows import laboratory_with_mistakes
from benchmarks.xpt import STUDY, Turn, timed
from expectations.batch import Batch, make_batch
from expectations.findings import united
from expectations.suite import TableSuite
from expectations.table_check import check_table
from expectations.table_plan import TablePlan
from sdtmflow.typed_yaml import load_yaml

SUITE = Path(__file__).parent / "laboratory" / "suite.yaml"
KEY = ("USUBJID", "LBSEQ")
COMPLETE = {"result_format": "COMPLETE", "unexpected_index_column_names": list(KEY)}
Failing = Mapping[str, Counter[str]]
"""Rule → record keys of the rows that fail it."""


@cache
def plan() -> TablePlan:
    """What is expected of LB."""
    suite = load_yaml(SUITE, TableSuite)
    return TablePlan(suite.table, suite.stage, SUITE.name, tuple(suite.expectations), ("LBSEQ",))


def dataset(folder: Path, rows: int) -> Path:
    """LB of so many rows in a folder of its own; the folder."""
    own = folder / str(rows)
    own.mkdir(exist_ok=True)
    if not (own / "LB.parquet").exists():
        laboratory_with_mistakes(rows).write_parquet(own / "LB.parquet")
    return own


def check(folder: Path) -> None:
    """Our way, as a run does it."""
    checked = check_table(plan(), STUDY, "", folder, folder / "validation.json")
    united(checked.findings).write_parquet(folder / "findings.parquet", compression="zstd")


@cache
def in_pandas(folder: Path) -> tuple[Batch, pd.DataFrame]:
    """What GX gets: made before the clock starts."""
    batch = make_batch(plan(), folder, {})
    return batch, batch.rows.to_pandas()


def validated(folder: Path, result_format: dict[str, Any] | None) -> Any:
    """GX's own way, as its documentation shows it; ``None`` is its default result format."""
    import great_expectations as gx

    from expectations.context import context
    from expectations.gx import expectation_of

    batch, frame = in_pandas(folder)
    with context() as made:
        asset = made.data_sources.add_pandas("pandas").add_dataframe_asset("LB")
        whole = asset.add_batch_definition_whole_dataframe("rows")
        expectations = [expectation_of(step) for step in batch.steps]
        suite = made.suites.add(gx.ExpectationSuite(name="LB", expectations=expectations))
        definition = gx.ValidationDefinition(name="LB", data=whole, suite=suite)
        return made.validation_definitions.add(definition).run(
            batch_parameters={"dataframe": frame},
            expectation_parameters={"cutoff": STUDY.cutoff.isoformat()},
            **({"result_format": result_format} if result_format else {}),
        )


def take_turn(way: str, folder: Path) -> Turn:
    """One turn of a way; what it needs is imported and made before."""
    import expectations.gx  # noqa: F401 — five seconds that every process spends once

    ways: dict[str, Callable[[], object]] = {
        "ours": partial(check, folder),
        "GX": partial(validated, folder, None),
        "GX COMPLETE": partial(validated, folder, COMPLETE),
    }
    if way != "ours":
        in_pandas(folder)
    return timed(ways[way])


def failing_by_gx(folder: Path) -> Failing:
    """The keys of the rows in GX's own lists."""
    results = validated(folder, COMPLETE).results
    return {
        found.expectation_config.meta["rule"]: Counter(
            _key(row) for row in found.result.get("unexpected_index_list") or []
        )
        for found in results
    }


def _key(row: Mapping[str, Any]) -> str:
    subject, number = (None if pd.isna(row[name]) else row[name] for name in KEY)
    return f"USUBJID={subject or ''}|LBSEQ={'' if number is None else f'{number:g}'}"


def failing_by_us(folder: Path) -> Failing:
    """The keys of our findings; ``|#2`` only tells records apart that share a key."""
    check(folder)
    found = pl.read_parquet(folder / "findings.parquet", columns=["rule", "record_key"])
    return {
        str(rule): Counter(re.sub(r"\|#\d+$", "", key) for key in part["record_key"])
        for (rule,), part in found.partition_by("rule", as_dict=True).items()
    }


def show(way: str, rows: int, turns: list[Turn], beside: str = "") -> None:
    """One line: medians."""
    wall, cpu = (
        statistics.median(getattr(turn, name) for turn in turns) for name in ("wall", "cpu")
    )
    peak = max(turn.memory for turn in turns)
    print(
        f"{way:14}{rows:12,} rows {wall:9.1f} s {cpu:9.1f} CPU s {peak:+7.0f} MB  {beside}",
        flush=True,
    )


def over(theirs: list[Turn], ours: list[Turn], scale: float = 1) -> str:
    """How many times as long theirs takes, by the clock and by CPU."""
    ratios = [
        scale
        * statistics.median(getattr(turn, name) for turn in theirs)
        / statistics.median(getattr(turn, name) for turn in ours)
        for name in ("wall", "cpu")
    ]
    return f"{ratios[0]:.1f} x ours, {ratios[1]:.1f} x by CPU"


def measure(folder: Path, rows: int, complete: int, rounds: int) -> None:
    """The ways in turns, and a line for each."""
    turns: dict[str, list[Turn]] = {"ours": [], "GX": [], "GX COMPLETE": []}
    with ExitStack() as stack:
        processes = {
            way: stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
            for way in turns
        }
        for number in range(rounds):
            for way, process in processes.items():
                if way != "GX COMPLETE" or number == 0:
                    asked = dataset(folder, complete if way == "GX COMPLETE" else rows)
                    turns[way].append(process.submit(take_turn, way, asked).result())
    ours = turns["ours"]
    show("ours", rows, ours)
    show("GX", rows, turns["GX"], over(turns["GX"], ours))
    scaled = "" if complete == rows else f", scaled to {rows:,} rows"
    beside = over(turns["GX COMPLETE"], ours, rows / complete) + scaled
    show("GX COMPLETE", complete, turns["GX COMPLETE"], beside)


def main() -> int:
    """Measure, compare and print; 1 where the failing rows differ."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("rows", nargs="?", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument(
        "--complete", type=int, metavar="ROWS", help="rows for COMPLETE; default: all"
    )
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure(folder, given.rows, given.complete or given.rows, given.rounds)
        compared = dataset(folder, min(given.rows, 50_000))
        ours, theirs = failing_by_us(compared), failing_by_gx(compared)
    differing = sorted(rule for rule in theirs if ours.get(rule, Counter()) != theirs[rule])
    count = sum(found.total() for found in theirs.values())
    print(f"the same {count:,} failing rows" if not differing else f"differing: {differing}")
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main())
