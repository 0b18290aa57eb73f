"""`sdtmflow design` draws the design of study.yaml and of a USDM file."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.scaffold import TEMPLATE

ROOT = Path(__file__).parents[3]


def shown(folder: Path) -> list[str]:
    done = CliRunner().invoke(app, ["design", str(folder)], env={"COLUMNS": "120"})
    assert done.exit_code == 0, done.output
    return [" ".join(line.split()) for line in done.output.splitlines()]


@pytest.fixture
def study(tmp_path):
    return Path(shutil.copytree(TEMPLATE, tmp_path / "study"))


def test_the_design_of_study_yaml_is_drawn(study):
    lines = shown(study)
    assert "arm SCREENING TREATMENT" in lines
    assert "PBO Placebo SCRN PBO" in lines
    assert "SCRN Screening P14D first DM.RFICDTC" in lines
    assert "EXA Examplin P28D first EX.EXSTDTC" in lines
    assert "2 BASELINE 1 1 to 1 Day of randomization" in lines


def test_the_design_of_a_usdm_file_is_drawn_with_what_study_yaml_adds(study):
    (study / "design").mkdir()
    shutil.copy(ROOT / "tests/unit/usdm/crossover.usdm.json", study / "design")
    text = (study / "study.yaml").read_text()
    head, _, _ = text.partition("visits:")
    (study / "study.yaml").write_text(
        head
        + "design:\n  usdm: design/crossover.usdm.json\n  names: {StudyElement_4: WASH}\n"
        + "  elements:\n    WASH: {starts: {latest: EX.EXENDTC, plus_days: 1}}\n"
    )
    lines = shown(study)
    assert "arm SCREENING TREATMENT 1 WASHOUT TREATMENT 2 FOLLOW-UP" in lines
    assert "VP Velorastat then placebo SCRN VEL WASH PBO FU" in lines
    assert "WASH Washout last EX.EXENDTC, plus 1 day" in lines
    assert "3 Period 1 Day 14 14 13 to 15 End of the first period" in lines
