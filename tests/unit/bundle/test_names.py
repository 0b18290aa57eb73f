"""What a disk cannot hold is told before it is downloaded."""

from __future__ import annotations

import pytest

from sdtmflow.bundle.names import first_problem, require_holdable
from sdtmflow.errors import StoreError


@pytest.mark.parametrize(
    "path", ["m5/aux.xpt", "CON", "r/a:b.csv", "r/what?.txt", "dot./x", "end ", "r/nul .txt"]
)
def test_names_that_windows_cannot_hold(path):
    assert first_problem([path], folds=True, windows=True).endswith(f"of the name {path}")
    assert first_problem([path], folds=False, windows=False) == ""


def test_ordinary_names_are_fine_everywhere():
    paths = ["m5/datasets/a/dm.xpt", "index.xml", "r/señal (1).html", "console.txt", "r/.x"]
    assert first_problem(paths, folds=True, windows=True) == ""


def test_names_that_differ_by_case_alone():
    problem = first_problem(["r/A.txt", "r/a.txt"], folds=True, windows=False)
    assert problem == "this disk takes r/A.txt and r/a.txt for the same file"
    assert first_problem(["r/A.txt", "r/a.txt"], folds=False, windows=False) == ""


def test_a_disk_that_folds_case_is_found_out(tmp_path):
    """A folder in which the claim answers to its name in capitals, too."""
    (tmp_path / "claim.json").write_text("{}")
    require_holdable(["A", "a"], tmp_path)
    (tmp_path / "CLAIM.JSON").write_text("{}")
    with pytest.raises(StoreError, match="for the same file; download with --zip"):
        require_holdable(["A", "a"], tmp_path)
