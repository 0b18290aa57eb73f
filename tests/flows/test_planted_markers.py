"""Markers in every value position of the raw data: no log, database or message holds one.

The study is run as users run it, well and badly, with Prefect's own log as talkative as it can be,
its home, the user's home and the temporary files in folders of the test's own. Then everything is
searched for the markers, but the places where data are meant to be (``MEANT``).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.planted import Markers, holding, plant

MEANT = re.compile(
    r"my study/raw/"  # what the sites have sent
    r"|my study/work/(?!\.building)"  # what is made of it, crashes included
    r"|my study/findings\.db"  # the lives of findings
    r"|my study/store/snapshots/"  # the deliveries, byte for byte
    r"|my study/store/bundles/[^/]+/(m5|dataset-json|lineage|reports|sequence)/"  # submitted
)
"""Where subjects' values may be, as docs/explanation/where-data-are.md says."""

DERIVATION = '''
import logging
import sys
import warnings


class Answer:
    """Whatever asks for its text gets an error of another library's kind that quotes it."""

    def __init__(self, term):
        self.term = term

    def __str__(self):
        if "raise" in self.term:
            raise LookupError(f"no such term: {self.term}")
        return "Y"


def told(records):
    for term in records["AETERM"]:
        print("printed", term)
        print("printed", term, file=sys.stderr)
        warnings.warn(f"warned of {term}")
        logging.getLogger("study").error("logged %s", term)
        logging.getLogger("prefect").error("logged %s", term)
    return [Answer(term) for term in records["AETERM"]]
'''
SPEC = """version: 1
domain: AE
extends: standard
supplemental:
  AETOLD: {label: What was told, derive: told, origin: Derived, method: As told}
"""


class Screen:
    """Commands as a user gives them, and what they said."""

    def __init__(self, root: Path, study: Path, environment: dict[str, str]) -> None:
        self.study, self.said = study, {}
        for name in ("tmp", "home", "prefect"):
            (root / name).mkdir()
        self.environment = environment | {
            "TMPDIR": str(root / "tmp"),
            "HOME": str(root / "home"),
            "PREFECT_HOME": str(root / "prefect"),
            "PREFECT_LOGGING_LEVEL": "DEBUG",
            "PREFECT_LOGGING_ROOT_LEVEL": "DEBUG",
            "PREFECT_LOGGING_EXTRA_LOGGERS": "study,polars,great_expectations,sdtmflow",
            "COLUMNS": "300",
        }

    def sdtmflow(self, *command: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *command],
            capture_output=True, text=True, check=False, env=self.environment, cwd=self.study,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert (done.returncode, "Traceback" in said) == (code, False), said
        self.said[" ".join((*command, str(len(self.said))))] = said
        return said


def database() -> list[Path]:
    """The files of Prefect's database: what is in its log of changes is in it, too."""
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL

    path = Path(re.sub(r"^.*?:///", "", PREFECT_API_DATABASE_CONNECTION_URL.value()))
    return [found for found in path.parent.iterdir() if found.name.startswith(path.name)]


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(old, text)
    path.write_text(re.sub(old, new, text, count=1), encoding="utf-8")


@pytest.mark.slow
def test_no_marker_is_where_no_data_may_be(fresh, tmp_path, api_environment):
    markers, study = Markers(), Path(shutil.copytree(fresh, tmp_path / "my study"))
    plant(study, markers)
    (study / "mappings/derivations.py").write_text(DERIVATION, encoding="utf-8")
    (study / "mappings/ae.yaml").write_text(SPEC, encoding="utf-8")
    screen = Screen(tmp_path, study, {**os.environ, **api_environment})
    assert "published v0001" in screen.sdtmflow("run")

    # A record where the header should be, a step that stops unforeseen, values changed after the
    # fact, a package that the agency would reject, and a gate that holds all of it up.
    change(study / "raw/site02/vs.csv", "^[^\n]*\n", "")
    change(study / "raw/site03/ae.csv", r"(?<=,)Qzv", "raise Qzv")
    change(study / "raw/site01/ae.csv", r"(?<=,)Qzv", f"{markers.text('a later term')} Qzv")
    change(study / "study.yaml", r'\n    SSTDTC: \{value: "[0-9-]+", dictionary: ISO 8601\}', "")
    change(study / "study.yaml", "major: publish", "major: stop")
    stopped = screen.sdtmflow("run", code=5)
    assert "vs.csv, line 1: no header found" in stopped
    assert "map site 03: stopped at an unforeseen LookupError" in stopped
    assert "GATE_1734" in stopped
    for command in (
        ("check",),
        ("findings", "--by", "rule"),
        ("bundles", "list"),
        ("bundles", "show", "v0001"),
        ("bundles", "verify", "v0001"),
        ("bundles", "diff", "v0001", "v0001", "--limit", "0"),
        ("bundles", "status"),
        ("audit", "list"),
    ):
        screen.sdtmflow(*command)

    told = {command: markers.found_in(said.encode()) for command, said in screen.said.items()}
    assert {command: held for command, held in told.items() if held} == {}
    others = [
        path
        for path in tmp_path.rglob("*")
        if not MEANT.match(path.relative_to(tmp_path).as_posix())
    ]
    assert len(others) > 50  # results of Prefect, claims, manifests, the audit log
    assert holding(markers, [*others, *database()]) == {}
    # The search itself finds what there is, even in a database and in a report's workbook.
    (crash,) = (study / "work/crashes").iterdir()
    assert holding(markers, [crash, study / "raw/site01/dm.csv"]).keys() == {
        str(crash), str(study / "raw/site01/dm.csv"),
    }  # fmt: skip
    assert any(b"run-study" in path.read_bytes() for path in database())
