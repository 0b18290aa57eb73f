"""What check says of a sound study folder that leaves something open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.mapping import load_plan
from sdtmflow.pipeline.plan_notes import plan_notes
from sdtmflow.pipeline.workspace import Workspace
from sdtmflow.study import StudyFolder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATE, tmp_path / "study"))


def notes(root: Path) -> list[str]:
    folder = StudyFolder(root)
    return list(plan_notes(folder, load_plan(folder), Workspace(folder.work)))


def test_domains_without_a_table_are_named_in_one_line(root):
    (first, *_) = notes(root)
    assert first.startswith("no source has a table for these domains, so they are not made: CE, CM")
    assert " AE," not in first
    (root / "raw/site01/cm.csv").write_text("SUBJID,CMTRT\n001,X\n")
    assert " CM," not in notes(root)[0]


def test_nothing_is_said_where_the_tables_are_not_known(root):
    shutil.rmtree(root / "raw")
    assert not [note for note in notes(root) if "not made" in note]


def test_a_dictionary_without_version_is_told_once_with_what_to_write(root):
    study = root / "study.yaml"
    study.write_text(study.read_text().replace("ct: 2025-03-28}", "ct: 2025-03-28}  #"))
    (told,) = (note for note in notes(root) if "version of" in note)
    assert told.startswith("study.yaml:8: standards: the version of MedDRA, which sdtm_mappings/ae")
    assert told.endswith("""add it, as 'dictionaries: {MedDRA: "27.1"}'""")
    text = study.read_text().replace("2025-03-28}", '2025-03-28, dictionaries: {meddra: "27.1"}}')
    study.write_text(text)
    assert not [note for note in notes(root) if "version of" in note]
