"""The files of guide/ speak of what the study has, or are refused line by line."""

from __future__ import annotations

import pytest

from sdtmflow.documents.soundness import require_sound_documents
from sdtmflow.errors import StudyError
from tests.unit.documents.conftest import DEMO


def test_the_demo_is_sound(plan):
    require_sound_documents(DEMO / "guide", plan)


def test_every_mistake_of_both_files_is_told_with_its_line(plan, tmp_path):
    (tmp_path / "csdrg.yaml").write_text("version: 1\ndatasets:\n  AEE: {text: x}\n")
    (tmp_path / "acrf.yaml").write_text(
        "version: 1\n"
        "sources: [basel]\n"
        "forms:\n"
        "  vs: {source: bostn_redcap, visits: [WEEK 3]}\n"
        "pages:\n"
        "  AE.AETREM: [1]\n"
        "  VS.VSORRES.SYSBP: [2]\n"
    )
    with pytest.raises(StudyError) as told:
        require_sound_documents(tmp_path, plan)
    lines = str(told.value).splitlines()
    assert len(lines) == 5
    assert "guide/acrf.yaml:2: sources.1: the study has no source 'basel'" in lines[0]
    assert "guide/acrf.yaml:4: forms.vs.source" in lines[1]
    assert "did you mean boston_redcap?" in lines[1]
    assert "did you mean WEEK 2?" in lines[2] or "did you mean WEEK 8?" in lines[2]
    assert "guide/acrf.yaml:6: pages.AE.AETREM" in lines[3]
    assert "did you mean AE.AETERM?" in lines[3]
    assert "guide/csdrg.yaml:3: datasets.AEE" in lines[4]


def test_a_file_that_cannot_be_read_does_not_hide_the_other(plan, tmp_path):
    (tmp_path / "csdrg.yaml").write_text("version: 2\n")
    (tmp_path / "acrf.yaml").write_text("version: 1\nsources: [nobody]\n")
    with pytest.raises(StudyError) as told:
        require_sound_documents(tmp_path, plan)
    assert "csdrg.yaml:1" in str(told.value)
    assert "nobody" in str(told.value)
