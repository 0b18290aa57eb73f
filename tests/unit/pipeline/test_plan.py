"""The plan is made once for each content, kept in work/plan, and never believed where it is not."""

from __future__ import annotations

import pickle
import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import polars as pl
import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.mapping import Plan
from sdtmflow.mapping.planning import derivations
from sdtmflow.pipeline.plan import plan_of, plan_of_folder
from sdtmflow.pipeline.run import Run
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import StudyErrors

SPEC = "version: 1\nextends: standard\ndomain: CM\nvariables:\n  CMSCAT: {constant: %s}\n"
DERIVING = "version: 1\nextends: standard\ndomain: CM\nvariables:\n  CMCAT: {derive: in_capitals}\n"
FUNCTION = "def in_capitals(records):\n    return [{}.upper() for _ in records['USUBJID']]\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = Path(shutil.copytree(TEMPLATE, tmp_path / "study"))
    (root / "mappings/cm.yaml").write_text(SPEC % "ONE")
    (root / "work").mkdir()
    return root


def planned(root: Path) -> Plan:
    """The plan as another command finds it: what this process remembers is of another folder."""
    return plan_of_folder(StudyFolder(root))


def constant(plan: Plan) -> object:
    (line,) = plan.domains["CM"].lines_of("CMSCAT")
    return line.line.constant


def kept(root: Path) -> list[Path]:
    return sorted((root / "work/plan").glob("*/files/plan.pickle"))


def test_what_is_kept_is_the_plan_that_was_made(root):
    made, found = planned(root), planned(root)
    assert found is not made
    assert found.domains == made.domains
    assert (found.steps, found.study, found.terms) == (made.steps, made.study, made.terms)
    assert found.raw_columns() == made.raw_columns()
    assert found.terminology.package.equals(made.terminology.package)
    assert found.place("standards", "ct") == made.place("standards", "ct")
    assert len(kept(root)) == 1


def test_a_changed_line_is_planned_anew_and_what_it_was_before_is_found_again(root):
    planned(root)
    (root / "mappings/cm.yaml").write_text(SPEC % "TWO")
    assert constant(planned(root)) == "TWO"
    both = kept(root)
    (root / "mappings/cm.yaml").write_text(SPEC % "ONE")
    assert constant(planned(root)) == "ONE"
    assert kept(root) == both
    assert len(both) == 2


def test_a_mistake_is_told_though_an_earlier_plan_is_kept(root):
    planned(root)
    (root / "mappings/cm.yaml").write_text((SPEC % "ONE").replace("CMSCAT", "CMSCUT"))
    for _ in range(2):
        with pytest.raises(StudyErrors, match="CMSCUT"):
            planned(root)


def test_only_a_few_plans_are_kept(root):
    for text in ("A", "B", "C", "D", "E", "F", "G"):
        (root / "mappings/cm.yaml").write_text(SPEC % text)
        planned(root)
    assert len(kept(root)) == 4
    assert constant(planned(root)) == "G"


@pytest.mark.parametrize("damage", [b"", b"no plan", pickle.dumps("no plan either")])
def test_a_damaged_plan_is_made_anew(root, damage):
    planned(root)
    (file,) = kept(root)
    sound = file.read_bytes()
    file.write_bytes(damage)
    assert constant(planned(root)) == "ONE"
    (again,) = kept(root)
    assert len(again.read_bytes()) == len(sound)


def test_a_folder_that_moved_is_planned_for_where_it_is(root, tmp_path):
    planned(root)
    moved = root.rename(tmp_path / "moved")
    assert planned(moved).folder == moved


def test_only_a_run_makes_the_work_folder(root):
    (root / "work").rmdir()
    planned(root)
    assert not (root / "work").exists()
    plan_of(Run.of(root))
    assert len(kept(root)) == 1


def test_a_folder_that_cannot_be_written_to_is_planned_each_time(root):
    (root / "work").rmdir()
    (root / "work").write_text("in the way")
    assert constant(planned(root)) == constant(plan_of(Run.of(root))) == "ONE"


def test_a_derivation_is_kept_by_its_name_and_called_as_it_stands_in_its_file(root):
    (root / "mappings/cm.yaml").write_text(DERIVING)
    (root / "mappings/functions.py").write_text(FUNCTION.format("'one'"))
    planned(root)
    assert derived(planned(root)) == ["ONE"]
    (root / "mappings/functions.py").write_text(FUNCTION.format("'two'"))
    assert derived(planned(root)) == ["TWO"]
    assert derived(planned(root)) == ["TWO"]


def derived(plan: Plan) -> list[str]:
    (line,) = plan.domains["CM"].lines_of("CMCAT")
    assert line.function is not None
    records = pl.DataFrame({"USUBJID": ["S-1"]})
    return derivations.call(line.function, records, plan.folder, numeric=False).to_list()


def test_processes_that_plan_at_the_same_time_make_the_same_plan(root):
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as processes:
        found = list(processes.map(constant_of, [root] * 3))
    assert found == ["ONE"] * 3
    assert len(kept(root)) == 1


def constant_of(root: Path) -> object:
    return constant(planned(root))
