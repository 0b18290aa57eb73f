"""Gate, final state and messages."""

from __future__ import annotations

import pytest

from sdtmflow.finding import Finding, Severity, Stage, findings_frame
from sdtmflow.pipeline.deliveries import Gap
from sdtmflow.pipeline.gate import by_severity, judged
from sdtmflow.pipeline.outcome import Outcome, SiteCounts, StoppedByGateError, last_outcome
from sdtmflow.pipeline.workspace import Workspace
from sdtmflow.study import Gates

FOUND = findings_frame(
    Finding(rule, severity, Stage.RAW, "")
    for rule, severity in [
        ("B", Severity.MAJOR),
        ("A", Severity.CRITICAL),
        ("B", Severity.MAJOR),
        ("C", Severity.CRITICAL),
    ]
)
GAP = Gap("03", "edc", "cut off", "last good delivery")


def outcome(**given) -> Outcome:
    sites = {"01": SiteCounts(3, 20), "03": SiteCounts(2, 9)}
    return Outcome("T1", "Title", "run", "key", **{"delivered": sites, "isolated": {}} | given)


@pytest.mark.parametrize(
    ("gates", "rules"),
    [
        (Gates(), {"A": 1, "C": 1}),
        (Gates(major="stop"), {"B": 2, "A": 1, "C": 1}),
        (Gates(critical="publish"), {}),
    ],
)
def test_the_gate_counts_what_forbids_a_publication_most_first(gates, rules):
    gate = judged(gates, FOUND)
    assert (list(gate.stopping.items()), gate.waived) == (list(rules.items()), {})


def test_what_is_waived_forbids_nothing_and_is_counted_apart():
    waived = FOUND.filter(rule="C")["fingerprint"].to_list()
    gate = judged(Gates(), FOUND, waived)
    assert (gate.stopping, gate.waived) == ({"A": 1}, {"C": 1})
    told = outcome(stopping=gate.stopping, waived=gate.waived).verdict
    assert (
        told == "1 finding forbids a publication: A 1; 1 finding is waived and does not count: C 1"
    )
    assert outcome(waived={"C": 2}).verdict == (
        "the gate is open; 2 findings are waived and do not count: C 2"
    )


def test_every_severity_is_counted():
    assert by_severity(FOUND) == {"critical": 2, "major": 2, "minor": 0}


@pytest.mark.parametrize(
    ("given", "state", "message"),
    [
        ({"bundle": "v0002", "new_bundle": True}, "Completed", "published v0002; 2 sites"),
        ({"bundle": "v0002"}, "Completed", "nothing new since v0002; 2 sites"),
        (
            {"bundle": "v0002", "new_bundle": True, "isolated": {"06": "cut off"}},
            "CompletedWithGaps",
            "published v0002; 2 sites; left out: 06",
        ),
        (
            {"bundle": "v0002", "new_bundle": True, "gaps": (GAP,)},
            "CompletedWithGaps",
            "published v0002; 2 sites; last good delivery of: edc",
        ),
        (
            {"limits": "sites 01"},
            "Rehearsed",
            "nothing published: the run was limited to sites 01; 2 sites",
        ),
        (
            {"stopping": {"A": 2, "B": 1}},
            "StoppedByGate",
            "3 findings forbid a publication: A 2, B 1; 2 sites",
        ),
    ],
)
def test_the_final_state_tells_the_truth(given, state, message):
    ended = outcome(**given)
    assert (ended.state_name, ended.message) == (state, message)
    assert ended.publishes == (state.startswith("Completed"))


def test_the_last_outcome_is_remembered(tmp_path):
    workspace = Workspace(tmp_path)
    assert last_outcome(workspace) is None
    ended = outcome(gaps=(GAP,), datasets={"DM": 5}, findings={"major": 1})
    ended.keep(workspace)
    assert last_outcome(workspace) == ended


def test_where_files_lie_is_no_content():
    assert outcome().content() == outcome(report="/here", bundle="v0001").content()
    assert outcome().content() != outcome(datasets={"DM": 5}).content()


@pytest.mark.parametrize(
    ("stopping", "told"),
    [
        ({"GATE_1734": 1}, "submission: {gate: report}"),
        ({"GATE_1734": 1, "AE_NO_TERM": 2}, "'gates' in study.yaml"),
    ],
)
def test_who_is_stopped_is_told_what_to_do(stopping, told):
    assert told in str(StoppedByGateError(outcome(stopping=stopping)))
