"""Columns that a delivery has and no mapping reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.pipeline.deliveries import take_in
from sdtmflow.pipeline.inputs import delivery_keys
from sdtmflow.pipeline.plan import plan_of
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.site_jobs import Collect
from sdtmflow.pipeline.unmapped import unmapped


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATE, tmp_path / "study"))


def notes(root: Path) -> list[str]:
    run = Run.of(root)
    collected = {
        source: Collect(run, source, key).perform() for source, key in delivery_keys(run).items()
    }
    take_in(run, collected, {})
    return list(unmapped(run.study, run.workspace, plan_of(run).raw_columns()))


def test_nothing_is_known_of_what_was_never_collected(root):
    run = Run.of(root)
    assert list(unmapped(run.study, run.workspace, plan_of(run).raw_columns())) == []


def test_columns_and_tables_that_no_mapping_reads_are_told_by_their_names(root):
    before = notes(root)
    events = root / "raw/site01/ae.csv"
    events.write_text(events.read_text().replace("AESPID", "AESPID,Mood", 1).replace(",1,", ",1,,"))
    (root / "raw/site01/diary.csv").write_text("SUBJID,PAIN\n001,3\n")
    new = [note for note in notes(root) if note not in before]
    assert "source first_clinic, table diary: no mapping reads it" in new
    (of_ae,) = (note for note in new if "table ae" in note)
    assert of_ae.endswith("MOOD") or "MOOD" in of_ae
    assert "SUBJID" not in of_ae


def test_a_column_under_another_name_counts_as_the_study_column(root):
    events = root / "raw/site01/ae.csv"
    events.write_text(events.read_text().replace("AESEV", "Grade"))
    assert any("GRADE" in note for note in notes(root))
    text = (root / "study.yaml").read_text()
    tables = "    tables:\n      ae: {columns: {AESEV: Grade}}\n"
    (root / "study.yaml").write_text(text.replace("    # Where your columns", f"{tables}    #", 1))
    assert not any("GRADE" in note or "AESEV" in note for note in notes(root))


def test_a_column_that_another_table_from_the_same_file_reads_is_not_told(root):
    raw, text = root / "raw/site01", (root / "study.yaml").read_text()
    (raw / "rand.csv").unlink()
    people = (raw / "dm.csv").read_text().splitlines()
    added = ["Drawn,Group,Mood", *["2025-01-27,EXA,fine"] * (len(people) - 1)]
    pairs = zip(people, added, strict=True)
    (raw / "dm.csv").write_text("\n".join(f"{one},{other}" for one, other in pairs) + "\n")
    tables = (
        "    tables:\n      dm: {from: dm}\n"
        "      rand: {from: dm, columns: {RANDDAT: Drawn, ARMCD: Group}}\n"
    )
    (root / "study.yaml").write_text(text.replace("    # Where your columns", f"{tables}    #", 1))
    (of_dm,) = (note for note in notes(root) if "table dm" in note)
    assert "MOOD" in of_dm
    assert "DRAWN" not in of_dm
    assert "GROUP" not in of_dm
