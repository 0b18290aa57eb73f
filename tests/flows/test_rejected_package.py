"""A package that its agency would reject is not published, unless the study only wants a report."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from sdtmflow.gate import judge

START = r'\n    SSTDTC: \{value: "[0-9-]+", dictionary: ISO 8601\}'


def changed(study: Path, old: str, new: str) -> None:
    path = study / "study.yaml"
    text, times = re.subn(old, lambda _: new, path.read_text(encoding="utf-8"))
    assert times == 1
    path.write_text(text, encoding="utf-8")


def test_the_bundle_of_every_run_is_a_sequence_that_passes(published: Path) -> None:
    (place,) = (published / "store/bundles").iterdir()
    verdict = judge(place)
    assert (verdict.passed, verdict.is_sequence) == (True, True)
    kept = json.loads((place / "reports/gate.json").read_text(encoding="utf-8"))
    assert (kept["agency"], kept["passed"], kept["datasets"]) == ("FDA", True, 12)
    assert [one["decision"] for one in kept["criteria"]] == ["passed"] * 4


def test_it_is_refused_by_criterion_and_published_where_only_a_report_is_wanted(
    run, published: Path, tmp_path: Path
) -> None:
    study = Path(shutil.copytree(published, tmp_path / "my study"))
    shutil.rmtree(study / "store")
    changed(study, START, "")
    state, _ = run(study)
    assert state.name == "StoppedByGate"
    assert "GATE_1734 1" in state.message
    assert not (study / "store/bundles").exists()

    changed(study, "control: placebo}", "control: placebo, gate: report}")
    state, _ = run(study)
    outcome = state.result()
    assert (state.name, outcome.stopping) == ("Completed", {})
    kept = json.loads((Path(outcome.bundle_place) / "reports/gate.json").read_text())
    assert kept["passed"] is False
    assert kept["criteria"][1] == {
        "id": "1734",
        "decision": "failed",
        "why": "there is no parameter SSTDTC (study start date)",
    }


def test_a_limited_run_is_not_stopped_by_what_it_leaves_out(run, published: Path, tmp_path) -> None:
    study = Path(shutil.copytree(published, tmp_path / "my study"))
    state, _ = run(study, domains=["AE"])
    assert (state.name, state.result().stopping) == ("Rehearsed", {})
