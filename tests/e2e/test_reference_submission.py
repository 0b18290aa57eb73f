"""The published example submission at the gate: what it lacks is told, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sdtmflow.gate import Decision, Verdict, judge

SUBMISSION = (
    Path(__file__).parents[2].parent / "shared" / "reference" / "inputs" / "submission"
) / "datasetjson"

pytestmark = pytest.mark.skipif(
    not SUBMISSION.is_dir(),
    reason=f"THE REFERENCE SUBMISSION IS NOT HERE ({SUBMISSION}): the gate is not tried on it",
)


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    return judge(SUBMISSION)


def test_a_plain_folder_is_judged_by_what_it_can_be(verdict: Verdict) -> None:
    assert {one.criterion.id: one.decision for one in verdict.judgements} == {
        "1789": Decision.NOT_JUDGED,
        "1734": Decision.PASSED,
        "1735": Decision.NOT_JUDGED,
        "1736": Decision.PASSED,
    }


def test_six_of_its_datasets_are_there_and_what_define_names_besides_is_missed(
    verdict: Verdict,
) -> None:
    # 28 of its 31 datasets have data (three say they have none): 22 files are not in the folder.
    # Neither are the stylesheet, the annotated CRF and the reviewer's guide.
    assert verdict.datasets == 6
    found = Counter(breach.criterion.id for breach in verdict.breaches)
    assert found == {"DF03": 1, "DF04": 22, "DF07": 2, "DT07": 6, "DT06": 1}
    assert verdict.failed == ("DF03", "DF04", "DF07")


def test_the_command_tells_it_and_fails_with_the_gate_s_exit_code() -> None:
    command = [sys.executable, "-m", "cli.main", "gate", str(SUBMISSION), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert "the package does not keep what FDA asks for: DF03, DF04, DF07" in done.stderr
    told = json.loads(done.stdout)
    assert (told["agency"], told["sequence"], told["passed"]) == ("FDA", False, False)
    assert len(told["breaches"]) == 32
