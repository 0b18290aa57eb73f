"""The catalogue of broken packages: each is seen by exactly the criterion that it breaks."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from sdtmflow.agency import AGENCIES
from sdtmflow.gate import CRITERIA, Weight
from sdtmflow.gate.judging import judge_package
from sdtmflow.gate.tree import read_package
from tests.unit.gate.box import Box
from tests.unit.gate.catalogue import CATALOGUE, Broken
from tests.unit.gate.conftest import box_of


@pytest.mark.parametrize("broken", CATALOGUE, ids=lambda one: f"{one.code} {one.name}")
def test_one_fault_is_seen_by_its_criterion_alone(
    clean_packages: dict[str, Path], tmp_path: Path, broken: Broken
) -> None:
    box = box_of(clean_packages, broken.agency, tmp_path)
    broken.change(box)
    profile = AGENCIES[broken.agency]
    if broken.dataset_bytes:
        profile = replace(profile, dataset_bytes=broken.dataset_bytes)
    verdict = judge_package(read_package(box.root, profile))
    weights = {one.id: one.weight for one in CRITERIA}
    minded = {
        breach.criterion.id
        for breach in verdict.breaches
        if breach.criterion.weight is not Weight.NOTED or weights[broken.code] is Weight.NOTED
    }
    assert minded == {broken.code}
    assert verdict.passed == (weights[broken.code] is not Weight.REJECTS)
    assert all(breach.what for breach in verdict.breaches)


def test_every_criterion_has_its_broken_package() -> None:
    counts = Counter(broken.code for broken in CATALOGUE)
    assert set(counts) == {criterion.id for criterion in CRITERIA}
    assert counts.total() >= 100
    assert len({(one.code, one.name) for one in CATALOGUE}) == len(CATALOGUE)


def test_criteria_say_what_holds_where_it_comes_from_and_what_to_do() -> None:
    assert len({criterion.id for criterion in CRITERIA}) == len(CRITERIA)
    for criterion in CRITERIA:
        assert criterion.words
        assert criterion.source
        assert criterion.remedy


def test_no_criterion_of_the_four_is_reached_after_one_that_failed(box: Box) -> None:
    shutil.rmtree(box.root / "m5" / "53-clin-stud-rep")
    (box.sdtm / "ts.xpt").unlink()
    box.index(r'<leaf ID="stf".*?</leaf>', "")
    verdict = judge_package(read_package(box.root, AGENCIES["FDA"]))
    decisions = [one.decision.value for one in verdict.judgements]
    assert decisions == ["failed", "not reached", "not reached", "not reached"]


def test_no_value_of_the_data_is_told(box: Box) -> None:
    box.table("lb", lambda table: table.put("USUBJID", [b"GATE_01-77", b"GATE_01-88"]))
    box.table("dm", lambda table: table.put("USUBJID", [b"GATE_01-01", b"GATE_01-01"]))
    verdict = judge_package(read_package(box.root, AGENCIES["FDA"]))
    assert {"DT03", "DT04"} <= {breach.criterion.id for breach in verdict.breaches}
    told = " ".join(f"{breach.place} {breach.what}" for breach in verdict.breaches)
    assert "GATE_01-" not in told
