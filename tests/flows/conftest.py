"""One Prefect server for all flow tests, and a small study of three sites to run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import environment

environment.prepare(quiet=True)  # before anything of Prefect is imported

SECRET = "Zebrafish bite"
"""A term that only the data may hold."""


@pytest.fixture(scope="session", autouse=True)
def prefect_server() -> Iterator[None]:
    """A server with a database of its own, as long as the tests run."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=180):
        yield


@pytest.fixture
def api_environment() -> dict[str, str]:
    """The environment of a command that talks to the tests' server."""
    from prefect.settings import get_current_settings

    return {**os.environ, "PREFECT_API_URL": str(get_current_settings().api.url), "COLUMNS": "200"}


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scaffolded study with three sites; one adverse event has the SECRET term. Not run yet."""
    from cli.scaffold import TEMPLATE

    folder = tmp_path_factory.mktemp("fresh") / "my study"  # paths with a space are paths
    shutil.copytree(TEMPLATE, folder)
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    source = text[text.index("  first_clinic:") : text.index("    # Where your columns")]
    sites = '  "02": {name: Second Clinic, country: FRA}\n  "03": {name: Third, country: ITA}\n'
    text = text.replace("\nsources:", f"{sites}\nsources:")
    for number, name in (("02", "second"), ("03", "third")):
        copy = source.replace("01", number).replace("first", name)
        text = text.replace("\nvisits:", f"{copy}\nvisits:")
        for form in (folder / "raw/site01").iterdir():
            own = folder / f"raw/site{number}" / form.name
            own.parent.mkdir(exist_ok=True)
            own.write_text(form.read_text().replace("\n0", f"\n{number[1]}"))  # subjects 201, …
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    events = folder / "raw/site02/ae.csv"
    events.write_text(events.read_text().replace("Cold,", f"{SECRET},"))
    return folder


@pytest.fixture(scope="session")
def published(fresh: Path, prefect_server: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same study after its first run, which published v0001 and signed it."""
    from flows.run_study import run_study
    from sdtmflow.signing import make_key

    folder = tmp_path_factory.mktemp("published") / "my study"
    shutil.copytree(fresh, folder)
    make_key(folder / "keys/release.pem")
    state = run_study(folder, signing_key=str(folder / "keys/release.pem"), return_state=True)
    assert (state.name, state.result().bundle) == ("Completed", "v0001")
    return folder


@pytest.fixture
def study(published: Path, tmp_path: Path) -> Path:
    """A copy of the published study of one's own, artifacts and store included."""
    return Path(shutil.copytree(published, tmp_path / "my study"))


@pytest.fixture(scope="session")
def run():
    """Run the flow; give its state and the (step, part, status) of every job that ended."""
    return _run


def _run(study: Path, **limits):
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from flows.progress import listening
    from flows.run_study import run_study

    ended = []

    def listen(event):
        if event.status != "started":
            ended.append((event.step, event.part, event.status))

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}), listening(listen):
        state = run_study(study, return_state=True, **limits)
    return state, ended
