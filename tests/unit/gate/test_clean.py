"""No false alarm: what is right passes, for each agency, as a sequence and as a plain folder."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sdtmflow.agency import AGENCIES, Agency
from sdtmflow.gate import Decision, judge
from sdtmflow.gate.judging import judge_package
from sdtmflow.gate.tree import read_package
from tests.unit.gate.box import SDTM, Box
from tests.unit.gate.by_hand import Table
from tests.unit.gate.conftest import write_clean


@pytest.mark.parametrize("agency", ["FDA", "PMDA", "NMPA"])
def test_the_clean_package_breaks_nothing(clean_packages: dict[str, Path], agency: Agency) -> None:
    verdict = judge(clean_packages[agency], agency)
    assert [(found.criterion.id, found.place, found.what) for found in verdict.breaches] == []
    assert verdict.passed
    assert verdict.is_sequence
    assert verdict.datasets == 15
    decisions = {one.decision for one in verdict.judgements}
    asked_for = {"FDA": {Decision.PASSED}}.get(agency, {Decision.PASSED, Decision.NOT_JUDGED})
    assert decisions == asked_for


def test_a_folder_above_the_sequence_is_the_sequence(clean_packages: dict[str, Path]) -> None:
    verdict = judge(clean_packages["FDA"].parent)
    assert verdict.root == clean_packages["FDA"]
    assert verdict.passed


def test_a_dataset_over_the_limit_passes_with_its_parts(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    out = tmp_path / "0001"
    out.mkdir()
    whole = 2400
    write_clean(out, tmp_path / "data", "FDA", whole)
    assert [one.name for one in sorted((out / SDTM / "split").iterdir())] == ["vs1.xpt", "vs2.xpt"]
    profile = replace(AGENCIES["FDA"], dataset_bytes=whole)
    verdict = judge_package(read_package(out, profile))
    assert verdict.breaches == ()


def test_an_older_study_needs_its_simplified_ts_only(box: Box) -> None:
    for path in box.sdtm.iterdir():
        if path.name != "ts.xpt":
            path.unlink()

    def simplify(table: Table) -> None:
        table.drop("DOMAIN")
        table.rows = [row for row in table.rows if b"SSTDTC" in row]
        table.put("TSVAL", [b"2014-05-01"])
        table.fit()

    box.table("ts", simplify)
    verdict = judge(box.root)
    assert [(one.criterion.id, one.what) for one in verdict.breaches] == []


def test_the_folder_of_datasets_alone_passes_what_can_be_asked_of_it(
    clean_packages: dict[str, Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(clean_packages["FDA"] / SDTM, tmp_path / "sdtm")
    verdict = judge(folder)
    assert verdict.breaches == ()
    assert not verdict.is_sequence
    assert [one.decision.value for one in verdict.judgements] == [
        "not judged", "passed", "not judged", "passed",
    ]  # fmt: skip
