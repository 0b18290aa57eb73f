"""An impact as page, workbook and CSV."""

from __future__ import annotations

import csv
import datetime as dt
from html.parser import HTMLParser

import openpyxl
import pytest

from sdtmflow.impact import (
    CodelistRow,
    Effect,
    Impact,
    Kind,
    Weight,
    write_csv,
    write_html,
    write_xlsx,
)

EVIL = '=1+1 <script>alert("x")</script>'
IMPACT = Impact(
    study="S1",
    title="A <study>",
    before=dt.date(2025, 3, 28),
    after=dt.date(2025, 9, 26),
    data="the last run, 0123",
    mapped=True,
    codelists=(
        CodelistRow("C66769", "AESEV", "Severity", ("AE.AESEV",), "no", renamed=1),
        CodelistRow("C66742", "NY", "No Yes Response", ("AE.AESER",), "no"),
    ),
    effects=(
        Effect(
            Weight.BREAKS, Kind.SPEC, "'MILD' is no term of AESEV", places=("terms/AESEV.csv:2",)
        ),
        Effect(
            Weight.BREAKS,
            Kind.FINDING,
            "TERM_UNMAPPED (major): 2 new",
            dataset="ae",
            variable="AESEV",
            value=EVIL,
            records=2,
        ),
        Effect(
            Weight.CHANGES, Kind.RECORDS, "other", "AESEV", "AE", "AESEV", "MILD", "LIGHT", 1234
        ),
    ),
)
WRITERS = {"page.html": write_html, "book.xlsx": write_xlsx, "table.csv": write_csv}


class Page(HTMLParser):
    """The texts, the tags, and the addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data):
        self.texts.append(data.strip())


@pytest.fixture
def page(tmp_path) -> Page:
    write_html(IMPACT, tmp_path / "page.html")
    return Page((tmp_path / "page.html").read_text())


def test_the_page_escapes_values_and_loads_nothing(page):
    assert EVIL in page.texts
    assert "script" not in page.tags
    assert all(address.startswith("#") for address in page.addresses)


def test_the_page_says_what_breaks_and_where(page):
    assert "2 effects need a decision before the version is pinned" in page.texts
    assert "1\u202f234" in page.texts
    assert "terms/AESEV.csv:2" in page.texts
    assert "1 of 2 codelists that the study’s specs use differ between the versions." in page.texts
    assert "NY" not in page.texts, "a codelist that does not differ is not listed"


def test_a_page_without_effects_says_so(tmp_path):
    same = Impact("S1", "", IMPACT.before, IMPACT.after, "", mapped=False, codelists=(), effects=())
    write_html(same, tmp_path / "page.html")
    page = Page((tmp_path / "page.html").read_text())
    assert "Nothing in this study would change" in page.texts
    assert "no data: specs and terms files only" in page.texts


def test_the_workbook_has_effects_and_codelists_with_texts_as_texts(tmp_path):
    write_xlsx(IMPACT, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert book.sheetnames == ["Upgrade", "Effects", "Codelists"]
    rows = list(book["Effects"].iter_rows(values_only=True))
    assert rows[0][:5] == ("Effect", "About", "Codelist", "Where", "Value")
    assert rows[2][3:7] == ("ae.AESEV", EVIL, "", 2)
    assert book["Effects"]["E3"].data_type == "s"
    assert [row[0] for row in book["Codelists"].iter_rows(values_only=True)] == [
        *("Codelist", "AESEV", "NY"),
    ]


def test_the_csv_has_every_effect(tmp_path):
    write_csv(IMPACT, tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["effect"] for row in rows] == ["breaks", "breaks", "changes"]
    assert rows[1]["value"] == EVIL
    assert rows[2]["records"] == "1234"


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_impact_gives_the_same_bytes(tmp_path, name):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        WRITERS[name](IMPACT, tmp_path / folder / name)
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
