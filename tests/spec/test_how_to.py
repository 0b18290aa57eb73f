"""The walk-throughs of the manual: a page's files make a study, its tables are what comes out."""

import re
from pathlib import Path

import pytest

from sdtmflow.mapping import load_plan, map_partition
from sdtmflow.mapping.planning.loading import standard_folder
from sdtmflow.study import StudyFolder

PAGES = {
    name: Path(f"docs/how-to/{name}.md").read_text(encoding="utf-8")
    for name in ("map-a-domain", "add-a-domain")
}
TABLE = r"\n\n(\|.*?)\n(?!\|)"
GIVEN = {
    page: re.findall(rf"^gives (\w+):{TABLE}", text, re.DOTALL | re.MULTILINE)
    for page, text in PAGES.items()
}
FINDINGS = re.search(
    rf"^with the findings:{TABLE}", PAGES["map-a-domain"], re.DOTALL | re.MULTILINE
)


def plain(table):
    """A Markdown table without its rule."""
    head, _, *rows = table.splitlines()
    return "\n".join([head, *rows])


def files(page):
    return re.findall(r"^```\w*\n# (\S+)\n(.*?)^```$", PAGES[page], re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def mapped(tmp_path_factory, staged):
    """Page → the folder in which its study is mapped."""
    done = {}

    def of(page):
        if page not in done:
            done[page] = _mapped(tmp_path_factory.mktemp(page), page, staged)
        return done[page]

    return of


def _mapped(root, page, staged):
    for name, text in files(page):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    for folder in ("staged", "mapped"):
        (root / folder).mkdir()
    raw = rf"^Raw table `(\w+)`:{TABLE}"
    for name, text in re.findall(raw, PAGES[page], re.DOTALL | re.MULTILINE):
        staged(plain(text), name).write_parquet(root / "staged" / f"{name}.parquet")
    plan = load_plan(StudyFolder(root), standard_folder())
    map_partition(plan, root / "staged", "01", root / "mapped")
    return root / "mapped"


@pytest.mark.parametrize(
    ("page", "specs", "given"),
    [
        ("map-a-domain", {"ae", "vs"}, ["AE", "SUPPAE", "SUPPDM", "VS"]),
        ("add-a-domain", {"pp", "xa", "fa"}, ["PP", "XA", "SUPPXA", "FAAE", "FACE"]),
    ],
)
def test_a_page_shows_a_study_and_what_comes_out(page, specs, given):
    assert {name for name, _ in files(page)} >= {
        "study.yaml",
        *(f"mappings/{name}.yaml" for name in specs),
    }
    assert [name for name, _ in GIVEN[page]] == given


@pytest.mark.parametrize(
    ("page", "given"),
    [(page, given) for page, listed in GIVEN.items() for given in listed],
)
def test_a_table_of_the_page_is_what_comes_out(mapped, shown, same, page, given):
    dataset, expected = given
    columns = [cell.strip() for cell in expected.splitlines()[0].strip("|").split("|")]
    same(shown(mapped(page) / f"{dataset}.parquet", columns), plain(expected))


def test_the_findings_of_the_page_are_all_there_are(mapped, shown, same):
    columns = ["rule", "subject", "variable", "value"]
    same(shown(mapped("map-a-domain") / "findings.parquet", columns), plain(FINDINGS[1]))
