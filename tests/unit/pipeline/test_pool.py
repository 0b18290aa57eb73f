"""Jobs in processes: the same artifacts, and no process outlives the run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.finding import FINDINGS_SCHEMA
from sdtmflow.pipeline.crash import UnforeseenError
from sdtmflow.pipeline.pool import perform, processes
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.study_jobs import GatherFindings
from sdtmflow.pipeline.workspace import Artifact


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.of(Path(shutil.copytree(TEMPLATE, tmp_path / "study")))


def test_a_job_makes_the_same_artifact_in_a_process_of_the_pool_as_here(run):
    job = GatherFindings(run, (), (), {})
    with processes(1):
        there = perform(job)
    shutil.rmtree(run.workspace.root)
    assert perform(job) == there
    table = pl.read_parquet(run.workspace.path(there) / "findings.parquet")
    assert table.schema == FINDINGS_SCHEMA


def test_errors_cross_the_process_border_and_quote_nothing(run):
    job = GatherFindings(run, (), (Artifact("nowhere", "k", "d"),), {})
    with processes(1), pytest.raises(UnforeseenError, match="unforeseen FileNotFoundError"):
        perform(job)
    assert len(list((run.root / "work/crashes").iterdir())) == 1


POOL = """
import time
from pathlib import Path
from sdtmflow.pipeline.study_jobs import GatherFindings
from sdtmflow.pipeline.pool import perform, processes
from sdtmflow.pipeline.run import Run
if __name__ == "__main__":
    with processes(2):
        perform(GatherFindings(Run.of(Path({study!r})), (), (), {{}}))
        print("ready", flush=True)
        time.sleep(60)
"""


def test_no_process_outlives_a_killed_run(run, tmp_path):
    script = tmp_path / "pool.py"
    script.write_text(POOL.format(study=str(run.root)))
    parent = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert parent.stdout.readline() == "ready\n"
    group = os.getpgid(parent.pid)
    assert members(group) > 1
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 20
    while members(group) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert members(group) == 0


def members(group: int) -> int:
    """Living processes of the group, zombies left out."""
    found = subprocess.run(
        ["ps", "-e", "-o", "pgid=,stat="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in found.stdout.splitlines()]
    return sum(int(pgid) == group and not stat.startswith("Z") for pgid, stat in rows)


IMPORTED = """
import sys
from sdtmflow.pipeline import pool

class Job:
    def perform(self):
        return {"pandas", "sdtmflow.mapping"} - set(sys.modules)

sys.exit(str(pool.perform(Job()) or "") or 0)
"""


def test_a_job_in_a_thread_finds_the_heavy_imports_done() -> None:
    """Two threads that import pandas at once, which has cycles, lock each other."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
