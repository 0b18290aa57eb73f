"""The annotated CRF as a reviewer's program reads it."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.documents.crf.contents import visits_in_words
from sdtmflow.documents.crf.drawing import draw_crf
from sdtmflow.documents.crf.files import read_pages, write_crf
from sdtmflow.documents.crf.model import Annotation, Crf, Field, Form, Option
from tests.unit.documents.reading import bookmarks, fonts, notes, read

LEFT, RIGHT, BOTTOM, TOP = 54, 576, 45, 750
"""Margins by FDA's PDF specifications: 3/4 inch on the left, 3/8 elsewhere."""


@pytest.fixture(scope="module")
def reader(drawn):
    return read(drawn.pdf)


def first_page(reader, title):
    return next(page for level, name, page in bookmarks(reader) if level == 1 and name == title)


def test_every_annotation_is_a_free_text_annotation(crf, reader):
    said = [text for page in reader.pages for text, _ in notes(page)]
    for form in crf.forms:
        for annotation in form.annotations():
            assert annotation.text in said
        for name, label in form.datasets:
            assert f"{name} ({label})" in said


def test_annotations_are_on_the_page_of_their_form(reader):
    page = reader.pages[first_page(reader, "Vital signs") - 1]
    assert "VSORRES when VSTESTCD = SYSBP" in [text for text, _ in notes(page)]
    assert "Systolic blood pressure (mmHg)" in page.extract_text()


def test_annotations_stay_within_the_margins_and_apart(reader):
    for page in reader.pages:
        rectangles = [rectangle for _, rectangle in notes(page)]
        assert_apart_and_inside(rectangles)


def assert_apart_and_inside(rectangles):
    for left, bottom, right, top in rectangles:
        assert left >= LEFT
        assert right <= RIGHT + 0.01
        assert bottom >= BOTTOM
        assert top <= TOP
    for one, other in itertools.combinations(rectangles, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart


def test_pages_of_each_variable_are_those_where_it_is_annotated(drawn, reader):
    assert drawn.pages["AE", "AETERM", ""] == (first_page(reader, "Adverse events"),)
    assert drawn.pages["VS", "VSORRES", "SYSBP"] == (first_page(reader, "Vital signs"),)
    assert drawn.pages["SUPPAE", "QVAL", "AESI"]
    for (_, variable, value), pages in drawn.pages.items():
        name = value if variable == "QVAL" else variable
        for page in pages:
            said = [text for text, _ in notes(reader.pages[page - 1])]
            assert any(name in text for text in said)


def test_bookmarks_lead_by_visit_and_by_form(reader):
    found = bookmarks(reader)
    assert [title for level, title, _ in found if level == 0] == ["Contents", "Visits", "Forms"]
    at = found.index(next(each for each in found if each[1] == "BASELINE"))
    assert found[at + 1][1] == "Vital signs"
    assert found[at + 1][2] == first_page(reader, "Vital signs")
    assert "At any time" in [title for _, title, _ in found]


def test_every_page_has_its_number_and_the_contents_lead_to_each_form(crf, reader):
    total = len(reader.pages)
    for at, page in enumerate(reader.pages, start=1):
        assert f"Page {at} of {total}" in page.extract_text()
    links = [
        each.get_object()
        for each in reader.pages[0]["/Annots"]
        if each.get_object()["/Subtype"] == "/Link"
    ]
    assert len(links) == len(crf.forms)


def test_it_is_a_pdf_as_agencies_ask_for(drawn, reader):
    assert drawn.pdf.startswith(b"%PDF-1.4")
    assert b"/Linearized" in drawn.pdf[:1024]
    assert not reader.is_encrypted
    assert reader.page_mode == "/UseOutlines"
    found = fonts(reader)
    assert found
    assert all(found.values()), found
    assert reader.metadata.creation_date.strftime("%Y-%m-%d") == "2025-12-31"


def test_no_value_of_a_subject_is_in_it(delivered, reader):
    shown = "\n".join(page.extract_text() for page in reader.pages)
    shown += "\n".join(text for page in reader.pages for text, _ in notes(page))
    frame = pl.read_parquet(delivered[0].folder / "tables" / "IG.ADVERSE.parquet")
    terms = frame["EVENT"].drop_nulls().unique().to_list()
    assert terms
    assert not [term for term in terms if term in shown]


LONG = "Did the participant take any of the following at any time since the last visit? " * 8


def awkward(options=100):
    """A form with everything that breaks a layout."""
    choices = tuple(
        Option(f"Answer number {at} which is rather long", str(at)) for at in range(options)
    )
    many = tuple(Annotation("XX", f"XXORRES when XXTESTCD = TEST{at}") for at in range(30))
    fields = (
        Field("A", LONG, "choice", choices, annotations=(Annotation("XX", "XXORRES"),)),
        Field("E", LONG * 20, annotations=(Annotation("XX", "XXTERM"),)),
        Field("B", "W" * 300, annotations=(Annotation("XX", "Y" * 200),)),
        Field("C", "Größe, Łódź, Ἀθῆναι, 漢字", annotations=many),
        Field("D", "", annotations=(Annotation("", "[NOT SUBMITTED]"),)),
    )
    form = Form("xx", "T" * 90, "edc (odm), F.XX", (("XX", "An extension"),), fields)
    return Crf("S1", "A study", "2026-01-31", (form,))


def test_long_questions_lists_and_words_stay_on_their_pages():
    reader = read(draw_crf(awkward()).pdf)
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "Answer number 99" in text
    assert "Größe, Łódź, Ἀθῆναι" in " ".join(text.split())
    assert "漢" not in text
    for page in reader.pages:
        assert_apart_and_inside([rectangle for _, rectangle in notes(page)])
        assert_text_inside(page)


def assert_text_inside(page):
    places = []
    page.extract_text(visitor_text=lambda text, _, matrix, *__: places.append((text, matrix)))
    for text, matrix in places:
        if text.strip():
            assert matrix[4] >= LEFT - 1
            assert matrix[5] >= 30


def test_a_study_without_forms_has_a_page_that_says_so():
    drawn = draw_crf(Crf("S1", "A study", "2026-01-31", ()))
    assert len(read(drawn.pdf).pages) == 1
    assert drawn.pages == {}


def test_hundreds_of_forms_go_on_in_the_contents():
    forms = tuple(
        Form(
            f"f{at}",
            f"Form {at}",
            "edc (odm)",
            ((f"D{at}", "A dataset with a label"),),
            (Field("A", "Question"),),
        )
        for at in range(100)
    )
    reader = read(draw_crf(Crf("S1", "A study", "2026-01-31", forms)).pdf)
    assert_text_inside(reader.pages[0])
    assert bookmarks(reader)[0] == (0, "Contents", 1)
    titles = [page.extract_text() for page in reader.pages]
    contents = [text for text in titles if "Datasets" in text]
    assert "Form 0" in contents[0] + contents[1]
    assert "Form 99" in contents[-1]
    assert len(reader.pages) == 100 + len(contents)


def test_pages_are_kept_beside_the_file(drawn, tmp_path):
    write_crf(drawn, tmp_path)
    assert read_pages(tmp_path) == drawn.pages
    assert (tmp_path / "acrf.pdf").read_bytes() == drawn.pdf


_AGAIN = """
import hashlib
from tests.unit.documents.test_crf_drawing import awkward
from sdtmflow.documents.crf.contents import visits_in_words
from sdtmflow.documents.crf.drawing import draw_crf
print(hashlib.sha256(draw_crf(awkward(5)).pdf).hexdigest())
"""


@pytest.mark.parametrize(
    "surroundings",
    [
        {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LC_ALL": "C"},
        {"TZ": "America/St_Johns", "PYTHONHASHSEED": "99", "SOURCE_DATE_EPOCH": "123456789"},
    ],
)
def test_the_same_forms_give_the_same_bytes_anywhere(surroundings):
    here = hashlib.sha256(draw_crf(awkward(5)).pdf).hexdigest()
    done = subprocess.run(
        [sys.executable, "-c", _AGAIN],
        env={**os.environ, **surroundings},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == here


def test_visits_that_follow_each_other_are_told_as_a_span():
    crf = Crf("S1", "A study", "2026-01-31", (), ("SCREENING", "DAY 1", "WEEK 2", "WEEK 4"))
    form = Form("vs", "Vital signs", "edc (odm)", (), ())

    def told(*visits):
        return visits_in_words(crf, replace(form, visits=visits))

    assert told("SCREENING", "DAY 1", "WEEK 2", "UNSCHEDULED") == "SCREENING to WEEK 2, UNSCHEDULED"
    assert told("SCREENING", "DAY 1") == "SCREENING, DAY 1"
    assert told("SCREENING", "WEEK 4") == "SCREENING, WEEK 4"
    assert told() == "At any time"
