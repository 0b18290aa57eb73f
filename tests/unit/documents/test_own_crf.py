"""A sponsor's own acrf.pdf: its pages from its annotations, its bookmarks, or a list."""

from __future__ import annotations

import io

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from sdtmflow.documents.crf.choices import CrfChoices
from sdtmflow.documents.crf.own import own_crf
from sdtmflow.errors import StudyError


def written(path, *pages, bookmarks=()):
    """A PDF with these annotations on its pages, and (title, page) as bookmarks."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for number, notes in enumerate(pages, start=1):
        canvas.bookmarkPage(f"page{number}")
        for at, text in enumerate(notes):
            canvas.freeTextAnnotation(text, "(0 g)", Rect=[50, 50 + 20 * at, 200, 65 + 20 * at])
        canvas.showPage()
    for at, (title, page) in enumerate(bookmarks):
        canvas.bookmarkPage(f"page{page}") if page > len(pages) else None
        canvas.addOutlineEntry(title, f"page{page}", 0 if not at else 1)
    canvas.save()
    path.write_bytes(out.getvalue())
    return path


@pytest.fixture
def read(plan, crf, tmp_path):
    def own(*pages, bookmarks=(), declared=None):
        path = written(tmp_path / "acrf.pdf", *pages, bookmarks=bookmarks)
        return own_crf(path, plan, crf, CrfChoices(pages=declared or {}))

    return own


def test_the_file_is_shipped_as_it_is(read, tmp_path):
    assert read(["AETERM"]).pdf == (tmp_path / "acrf.pdf").read_bytes()


def test_a_variable_has_the_pages_that_annotate_it(read):
    pages = read(["AETERM"], ["Nothing of note"], ["AETERM"]).pages
    assert pages == {("AE", "AETERM", ""): (1, 3)}


def test_a_condition_names_the_value(read):
    pages = read(["VSORRES when VSTESTCD = SYSBP", 'VSORRESU where VSTESTCD="DIABP"']).pages
    assert pages["VS", "VSORRES", "SYSBP"] == (1,)
    assert pages["VS", "VSORRESU", "DIABP"] == (1,)


def test_another_condition_only_tells_which_records_are_meant(read):
    pages = read(["DSSTDTC when DSDECOD = RANDOMIZED"]).pages
    assert pages == {("DS", "DSSTDTC", ""): (1,)}


def test_what_we_draw_we_read_again(plan, crf, drawn, tmp_path):
    (tmp_path / "acrf.pdf").write_bytes(drawn.pdf)
    again = own_crf(tmp_path / "acrf.pdf", plan, crf, CrfChoices()).pages
    assert drawn.pages.keys() <= again.keys()
    # A constant such as DSDECOD = RANDOMIZED is annotated, too; the PDF does not say who set it.
    assert all(set(pages) <= set(again[place]) for place, pages in drawn.pages.items())


def test_a_qualifier_is_a_value_of_its_dataset(read):
    assert read(["AESI in SUPPAE"]).pages == {("SUPPAE", "QVAL", "AESI"): (1,)}
    assert set(read(["RACE1 to RACE2 in SUPPDM"]).pages) == {
        ("SUPPDM", "QVAL", "RACE1"),
        ("SUPPDM", "QVAL", "RACE2"),
    }


def test_a_variable_of_several_datasets_belongs_to_those_on_the_page(read):
    pages = read(["VS (Vital Signs)", "VISIT"], ["AE = Adverse Events", "EPOCH / AESEV"]).pages
    assert pages["VS", "VISIT", ""] == (1,)
    assert pages["AE", "EPOCH", ""] == (2,)
    assert pages["AE", "AESEV", ""] == (2,)


def test_a_dataset_may_be_named_before_the_variable(read):
    assert read(["DM.SEX"]).pages == {("DM", "SEX", ""): (1,)}


def test_the_value_of_a_constant_is_no_variable(read):
    assert read(["DSDECOD = DEATH"]).pages == {("DS", "DSDECOD", ""): (1,)}


def test_several_lines_are_several_annotations(read):
    assert set(read(["AESTDTC\rAEENDTC"]).pages) == {("AE", "AESTDTC", ""), ("AE", "AEENDTC", "")}


def test_a_declared_list_comes_first(read):
    pages = read(["AETERM"], [], declared={"AE.AETERM": [2], "VS.VSORRES.SYSBP": [1]}).pages
    assert pages["AE", "AETERM", ""] == (2,)
    assert pages["VS", "VSORRES", "SYSBP"] == (1,)


def test_without_annotations_bookmarks_lead_to_the_forms(read):
    pages = read([], [], bookmarks=[("Forms", 1), ("Adverse events", 2)]).pages
    assert pages["AE", "AETERM", ""] == (2,)
    assert ("DM", "SEX", "") not in pages


def test_what_is_not_submitted_is_known_all_the_same(read):
    assert "RANDNO" in [each.column for each in read(["AETERM"]).not_submitted]


def test_a_page_that_is_not_there_is_refused(read):
    with pytest.raises(StudyError, match=r"page 9 of AE\.AETERM is not in acrf\.pdf.*1 pages"):
        read(["AETERM"], declared={"AE.AETERM": [9]})


def test_what_is_no_pdf_is_told_in_one_line(plan, crf, tmp_path):
    (tmp_path / "acrf.pdf").write_bytes(b"not a PDF")
    with pytest.raises(StudyError, match=r"guide/acrf\.pdf: this is no readable PDF"):
        own_crf(tmp_path / "acrf.pdf", plan, crf, CrfChoices())


@pytest.mark.parametrize(("user", "said"), [("secret", "password"), ("", "security")])
def test_a_protected_file_is_refused(plan, crf, tmp_path, user, said):
    path = written(tmp_path / "open.pdf", ["AETERM"])
    with pikepdf.open(path) as pdf:
        pdf.save(tmp_path / "acrf.pdf", encryption=pikepdf.Encryption(owner="x", user=user))
    with pytest.raises(StudyError, match=said):
        own_crf(tmp_path / "acrf.pdf", plan, crf, CrfChoices())
