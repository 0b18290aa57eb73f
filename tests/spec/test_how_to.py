"""The walk-through of the manual: its files make a study, and its tables are what comes out."""

import re
from pathlib import Path

import pytest

from sdtmflow.mapping import load_plan, map_partition
from sdtmflow.mapping.planning.loading import standard_folder
from sdtmflow.study import StudyFolder

PAGE = Path("docs/how-to/map-a-domain.md").read_text(encoding="utf-8")
FILES = re.findall(r"^```\w*\n# (\S+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
TABLE = r"\n\n(\|.*?)\n(?!\|)"
RAW = re.findall(rf"^Raw table `(\w+)`:{TABLE}", PAGE, re.DOTALL | re.MULTILINE)
GIVEN = re.findall(rf"^gives (\w+):{TABLE}", PAGE, re.DOTALL | re.MULTILINE)
FINDINGS = re.search(rf"^with the findings:{TABLE}", PAGE, re.DOTALL | re.MULTILINE)


def plain(table):
    """A Markdown table without its rule."""
    head, _, *rows = table.splitlines()
    return "\n".join([head, *rows])


@pytest.fixture(scope="module")
def mapped(tmp_path_factory, staged):
    root = tmp_path_factory.mktemp("luna")
    for name, text in FILES:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    for folder in ("staged", "mapped"):
        (root / folder).mkdir()
    for name, text in RAW:
        staged(plain(text), name).write_parquet(root / "staged" / f"{name}.parquet")
    plan = load_plan(StudyFolder(root), standard_folder())
    map_partition(plan, root / "staged", "01", root / "mapped")
    return root / "mapped"


def test_the_page_shows_a_study_and_what_comes_out():
    assert {name for name, _ in FILES} >= {"study.yaml", "mappings/ae.yaml", "mappings/vs.yaml"}
    assert [name for name, _ in GIVEN] == ["AE", "SUPPAE", "SUPPDM", "VS"]


@pytest.mark.parametrize(("dataset", "expected"), GIVEN)
def test_a_table_of_the_page_is_what_comes_out(mapped, shown, same, dataset, expected):
    columns = [cell.strip() for cell in expected.splitlines()[0].strip("|").split("|")]
    same(shown(mapped / f"{dataset}.parquet", columns), plain(expected))


def test_the_findings_of_the_page_are_all_there_are(mapped, shown, same):
    columns = ["rule", "subject", "variable", "value"]
    same(shown(mapped / "findings.parquet", columns), plain(FINDINGS[1]))
