"""Keys change with everything that decides content, and with nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.errors import StudyError
from sdtmflow.pipeline.inputs import delivery_keys, expected_inputs_key
from sdtmflow.pipeline.keys import Keys, Recipe
from sdtmflow.pipeline.run import Run
from sdtmflow.study import StudyFolder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATE, tmp_path / "study"))


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_same_study_elsewhere_has_the_same_keys(root, tmp_path):
    copy = Path(shutil.copytree(root, tmp_path / "elsewhere"))
    assert Keys.of(StudyFolder(root)) == Keys.of(StudyFolder(copy))
    assert delivery_keys(Run.of(root)) == delivery_keys(Run.of(copy))
    assert expected_inputs_key(Run.of(root)) == expected_inputs_key(Run.of(copy))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("study.yaml", "cutoff: 2025-06-30", "cutoff: 2025-07-31"),
        ("expectations/ae.yaml", "severity: major", "severity: minor"),
        ("raw/site01/ae.csv", "Headache", "Migraine"),
    ],
)
def test_a_change_that_decides_content_changes_the_inputs_key(root, file, old, new):
    before = expected_inputs_key(Run.of(root))
    rewrite(root / file, old, new)
    assert expected_inputs_key(Run.of(root)) != before


@pytest.mark.parametrize(
    ("old", "new"), [("store: store", "store: elsewhere"), ("major: publish", "major: stop")]
)
def test_where_and_whether_to_publish_decide_no_content(root, old, new):
    before = expected_inputs_key(Run.of(root))
    rewrite(root / "study.yaml", old, new)
    assert expected_inputs_key(Run.of(root)) == before


def test_an_imported_terminology_decides_content_only_where_it_is_pinned(root):
    def imported(version: str, terms: str) -> None:
        (root / "terminology" / version).mkdir(parents=True, exist_ok=True)
        (root / "terminology" / version / "terms.csv").write_text(terms)
        (root / "terminology" / version / "package.json").write_text(terms)

    before = Keys.of(StudyFolder(root))
    imported("2025-09-26", "other version")
    assert Keys.of(StudyFolder(root)) == before
    imported("2025-03-28", "pinned version")
    after = Keys.of(StudyFolder(root))
    assert after.standards != before.standards
    assert (after.specs, after.study) == (before.specs, before.study)
    (root / "terminology" / "2025-03-28" / "package.json").write_text("read from another form")
    assert Keys.of(StudyFolder(root)) == after


def test_a_delivery_that_is_not_there_has_a_key_of_its_own(root):
    before = delivery_keys(Run.of(root))
    shutil.rmtree(root / "raw")
    assert delivery_keys(Run.of(root)) != before


def test_a_site_that_the_study_lacks_is_refused(root):
    with pytest.raises(StudyError, match="there is no site 7; it has: 01"):
        Run.of(root, sites=["7"])


def test_the_usdm_study_definition_is_part_of_the_recipe(root):
    rewrite(root / "study.yaml", "design:\n", "design:\n  usdm: design/study.usdm.json\n")
    (root / "design").mkdir()
    (root / "design/study.usdm.json").write_text("{}")
    before = expected_inputs_key(Run.of(root))
    assert "design/study.usdm.json" in Recipe.of(StudyFolder(root)).specs
    (root / "design/study.usdm.json").write_text("{ }")
    assert expected_inputs_key(Run.of(root)) != before
