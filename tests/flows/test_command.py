"""`sdtmflow run` as a process of its own: what it prints, its exit codes, interrupts and kills."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

RUN = [sys.executable, "-m", "cli.main", "run"]


def sdtmflow_run(study: Path, environment, *options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUN, str(study), *options], capture_output=True, text=True, check=False, env=environment
    )


def started(study: Path, environment, until: str) -> subprocess.Popen[str]:
    """A run that has printed ``until``; it hears an interrupt even where we were told not to."""
    run = subprocess.Popen(
        ["env", "--default-signal=INT", *RUN, str(study)], stderr=subprocess.PIPE, text=True,
        env=environment, start_new_session=True,
    )  # fmt: skip
    for line in run.stderr:
        if until in line:
            return run
    raise AssertionError(f"it ended ({run.wait()}) before it said: {until}")


def test_the_summary_says_what_came_of_it_and_the_second_run_that_nothing_is_new(
    study, api_environment
):
    for folder in (study / "store").iterdir():
        if folder.name != "snapshots":  # of the last good delivery, which is nowhere else
            shutil.rmtree(folder)
    (study / "raw/site03/dm.csv").write_bytes(b"")
    done = sdtmflow_run(study, api_environment)
    assert done.returncode == 0, done.stderr
    assert "third_clinic" in done.stdout
    assert "used last good delivery" in done.stdout
    assert "0 critical" in done.stdout
    assert "DM 9" in done.stdout
    assert f"{study}/store/bundles/v0001" in done.stdout
    assert "published v0001" in done.stdout
    assert "collect 03 (delimited) failed: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "prefect" not in done.stderr.lower().replace("starting prefect", "")

    again = sdtmflow_run(study, api_environment)
    assert again.returncode == 0
    assert "nothing new since v0001" in again.stdout
    assert again.stderr == ""


def test_a_stop_at_the_gate_is_exit_code_5(study, api_environment):
    shutil.rmtree(study / "store")
    text = (study / "study.yaml").read_text()
    (study / "study.yaml").write_text(text.replace("major: publish", "major: stop"))
    done = sdtmflow_run(study, api_environment, "--quiet")
    assert done.returncode == 5
    assert done.stderr.startswith("error: ")
    assert "AE_END_BEFORE_START 3" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_source_that_must_not_fail_is_exit_code_4(study, api_environment):
    text = (study / "study.yaml").read_text()
    old = "    path: raw/site03"
    (study / "study.yaml").write_text(text.replace(old, "    on_failure: stop\n    path: raw/none"))
    done = sdtmflow_run(study, api_environment, "--quiet")
    assert done.returncode == 4
    assert done.stderr.startswith("error: source third_clinic, raw/none: no file is there")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_nothing_half_done_and_the_next_picks_up(
    fresh, run, tmp_path, api_environment, kill
):
    study = Path(shutil.copytree(fresh, tmp_path / "my study"))
    interrupted = started(study, api_environment, "stage site 02 done")
    os.killpg(interrupted.pid, kill)
    _, told = interrupted.communicate(timeout=240)
    assert interrupted.returncode == (130 if kill == signal.SIGINT else -kill)
    assert "Traceback" not in told
    assert ("nothing is half-done" in told) == (kill == signal.SIGINT)
    assert not (study / "store/bundles").exists()

    state, ended = run(study)
    assert (state.name, state.result().bundle) == ("Completed", "v0001")
    assert ("collect", "01 (delimited)", "unchanged") in ended
    assert ("stage site", "02", "unchanged") in ended
    assert list((study / "work/.building").iterdir()) == []


@pytest.mark.parametrize("until", ["starting Prefect", "collect 01 (delimited) done"])
def test_an_interrupt_is_for_the_run_and_not_for_the_server_that_it_started(fresh, tmp_path, until):
    """A terminal gives it to both, and a run whose server is gone could not end in peace."""
    study = Path(shutil.copytree(fresh, tmp_path / "my study"))
    own = {"PREFECT_HOME": str(tmp_path / "prefect"), "TEST_MARK": str(tmp_path)}
    interrupted = started(study, {**os.environ, **own}, until)
    os.killpg(interrupted.pid, signal.SIGINT)
    _, told = interrupted.communicate(timeout=60)
    assert interrupted.returncode == 130
    last = "interrupted; nothing is half-done, and the next run goes on from here"
    assert told.splitlines()[-1] == last
    assert "Traceback" not in told
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if str(tmp_path).encode() in environ.read_bytes():
                _wait_until_gone(int(environ.parent.name))


def test_what_a_killed_run_has_started_does_not_outlive_it(tmp_path):
    """The server stands for any program: it is started as Prefect starts its own."""
    script = (
        "import os, signal, subprocess, sys\n"
        "from flows.watchdog import watched\n"
        "with watched():\n"
        "    server = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "    print(server.pid, flush=True)\n"
        "    if sys.argv[1] == 'killed': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    server.terminate(); server.wait()\n"
        "from flows.watchdog import MARK\n"
        "assert MARK not in os.environ\n"
    )
    for how, code in (("killed", -signal.SIGKILL), ("in peace", 0)):
        done = subprocess.run(
            [sys.executable, "-c", script, how], stdout=subprocess.PIPE, text=True, check=False
        )
        assert done.returncode == code
        _wait_until_gone(int(done.stdout))


def _wait_until_gone(process: int) -> None:
    last = time.monotonic() + 60
    while Path(f"/proc/{process}/cmdline").is_file() and _command(process):
        assert time.monotonic() < last, "it is still there"
        time.sleep(0.1)


def _command(process: int) -> bytes:
    """What the process runs; nothing of one that has ended and waits to be asked for."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""
