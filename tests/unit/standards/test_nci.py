"""Published CT packages: three forms, one content; and every way in which a file can be wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.errors import StudyError
from sdtmflow.standards.nci import read_package
from sdtmflow.standards.terminology import carried

PUBLISHED = Path(__file__).parents[4] / "shared" / "reference" / "SDTM Terminology.txt"
ABSENT = f"NOT COMPARED with NCI's package: {PUBLISHED.name} is absent"


def test_a_package_is_its_codelists_and_their_terms(as_text):
    package = read_package(as_text())
    assert package.codelists.rows() == [
        ("C66769", "AESEV", "Severity", "No"),
        ("C9", "OURS", "Ours", "Yes"),
    ]
    assert package.terms.rows() == [
        ("C66769", "C1", 'MILD "so so"', "Grade 1; 1", "Mild"),
        ("C9", "C2", "A & <B>", "", "A"),
        ("C9", "C3", "C", "See; Sea", "C"),
    ]
    assert package.notes == ()


def test_the_three_forms_say_the_same(as_text, as_odm, as_excel):
    text = read_package(as_text())
    assert text.version is None
    for file in (as_odm(), as_excel()):
        package = read_package(file)
        assert package.equals(text)
        assert package.version == dt.date(2025, 9, 26)


def test_the_whole_published_text_as_odm_is_the_same_package(as_odm):
    if not PUBLISHED.is_file():
        pytest.skip(ABSENT)
    text = read_package(PUBLISHED)
    sent = pl.read_csv(PUBLISHED, separator="\t", quote_char=None, infer_schema=False)
    odm = read_package(as_odm(sent.fill_null("").rows(), version="2025-03-28"))
    assert odm.equals(text)
    assert text.notes == odm.notes == ()
    assert (text.codelists.height, text.terms.height) == (1158, 43698)


def test_the_carried_subset_is_the_published_package_word_for_word():
    if not PUBLISHED.is_file():
        pytest.skip(ABSENT)
    ours, package = carried(dt.date(2025, 3, 28)), read_package(PUBLISHED)
    codes = ours.codelists["code"].to_list()
    assert ours.codelists.equals(package.codelists.filter(pl.col("code").is_in(codes)))
    assert ours.terms.equals(package.terms.filter(pl.col("codelist").is_in(codes)))


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(as_text):
    file = as_text()
    plain = read_package(file)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_package(file).equals(plain)
    assert read_package(file).notes == ()


def test_columns_stand_in_any_order_beside_others(as_text, rows, header):
    turned = read_package(as_text([(*row[::-1], "x") for row in rows], (*header[::-1], "More")))
    assert turned.equals(read_package(as_text()))


def test_blanks_around_a_value_are_left_out_and_told(as_text, rows):
    package = read_package(as_text([*rows, ("C4", "C9", "", "Ours", " D ", "", "", "D")]))
    assert package.terms["submission_value"].to_list()[-1] == "D"
    assert package.notes == (
        "1 term with blanks around its value, which are left out: C9 ' D ' (line 7)",
    )


def test_characters_outside_ascii_are_kept_and_told(as_text, rows):
    more = [
        ("C4", "C9", "", "Ours", "µg", "", "", "D"),
        ("C5", "C9", "", "Ours", "E", "Crohn’s", "", "E"),
    ]
    package = read_package(as_text([*rows, *more]))
    assert package.terms.rows()[-2:] == [
        ("C9", "C4", "µg", "", "D"),
        ("C9", "C5", "E", "Crohn’s", "E"),
    ]
    assert package.notes == (
        "1 term with a submission value outside ASCII, kept as it is; XPT cannot hold it: C9 'µg'",
        "1 term with a synonym or name outside ASCII, kept as it is: C9 'E'",
    )


def test_windows_1252_is_read_as_such_and_told(as_text, rows):
    file = as_text([*rows, ("C5", "C9", "", "Ours", "E", "Crohn’s", "", "E")])
    file.write_bytes(file.read_text().encode("cp1252"))
    package = read_package(file)
    assert package.terms["synonyms"].to_list()[-1] == "Crohn’s"
    assert package.notes[0] == "the file is not UTF-8; it is read as Windows-1252"


def test_repeated_rows_count_once_and_two_terms_of_one_value_are_told(as_text, rows):
    more = [
        ("C3", "C9", "", "Ours", "C", "See; Sea", "Another", "C"),
        ("C7", "C9", "", "Ours", "C", "", "", "C too"),
        ("C2", "C9", "", "Ours", "A2", "", "", "A"),
    ]
    package = read_package(as_text([*rows, *more]))
    assert package.terms.height == 5
    assert package.notes == (
        "1 row stands there twice and counts once",
        "2 terms whose submission value another term of its codelist has too: C9 'C', C9 'C'",
        "2 terms whose NCI code another term of its codelist has too: C9 'A & <B>', C9 'A2'",
    )


def test_a_codelist_without_terms_is_told(as_text, rows):
    package = read_package(as_text([*rows, ("C8", "", "No", "Empty", "NONE", "", "", "")]))
    assert package.notes == ("the codelist NONE (C8) has no terms",)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("X4", "C9", "", "", "D", "", "", ""), "line 7: 'X4' is no NCI code of a term"),
        (("", "", "No", "", "D", "", "", ""), "line 7: '' is no NCI code of a codelist"),
        (
            ("C4", "C99", "", "", "D", "", "", ""),
            "the codelist C99 of this term is not in the file",
        ),
        (("C4", "C9", "", "", " ", "", "", ""), "line 7: the term C4 has no submission value"),
        (("C4", "", "", "", "D", "", "", ""), "C4 is neither extensible nor not"),
        (("C9", "", "Yes", "", "D", "", "", ""), "the codelist C9 is there twice"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_with_its_line(as_text, rows, row, told):
    with pytest.raises(StudyError) as error:
        read_package(as_text([*rows, row]))
    assert told in str(error.value)


def test_a_file_that_is_cut_off_anywhere_in_its_last_line_is_refused(as_text):
    file = as_text()
    whole = file.read_bytes()
    last_line = whole.rstrip(b"\n").rindex(b"\n") + 1
    for end in range(last_line + 1, len(whole)):
        file.write_bytes(whole[:end])
        with pytest.raises(StudyError, match="cut off"):
            read_package(file)


def test_a_line_with_a_missing_cell_is_refused(as_text):
    file = as_text()
    file.write_text(file.read_text().replace("\tMild\n", "\n"))
    with pytest.raises(StudyError, match=r"line 3: the line has 7 cells instead of 8"):
        read_package(file)


def test_odm_that_is_cut_off_is_refused_wherever_the_cut_is(as_odm):
    file = as_odm()
    whole = file.read_bytes()
    for end in range(200, len(whole) - 2, 37):
        file.write_bytes(whole[:end])
        with pytest.raises(StudyError, match="the XML is broken or cut off"):
            read_package(file)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "the file is empty"),
        (b"%PDF-1.7\n", "this is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", r"an Excel file of the old kind \(.xls\)"),
        (b"PK\x03\x04 no zip", "the workbook is damaged, or this is another zip file"),
        (b'{"a": 1}', "this is JSON"),
        (b"collected,submission\n", "the CT package has no column 'Code'"),
        (b"\x00\x81\x8d\xff", "this is no text file"),
        (b"<html><body/></html>", "there is no codelist of NCI EVS in it"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"/>', "DTD"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_one_line(tmp_path, data, told):
    file = tmp_path / "package"
    file.write_bytes(data)
    with pytest.raises(StudyError, match=told) as error:
        read_package(file)
    assert len(str(error.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(StudyError, match=r"none\.txt: no CT package could be read"):
        read_package(tmp_path / "none.txt")


def test_a_workbook_without_the_columns_is_refused(as_excel):
    with pytest.raises(StudyError, match="no sheet has the columns Code"):
        read_package(_without_header(as_excel()))


def _without_header(file: Path) -> Path:
    import openpyxl

    book = openpyxl.load_workbook(file)
    book.worksheets[1].delete_rows(1)
    book.save(file)
    return file


def test_the_terminology_of_another_standard_is_refused(as_odm):
    file = as_odm()
    file.write_text(file.read_text().replace("CDISC_CT.SDTM.", "CDISC_CT.ADaM."))
    with pytest.raises(StudyError, match="this is the terminology of ADaM, not of SDTM"):
        read_package(file)


def test_a_version_in_the_name_must_be_the_files_own(as_odm, tmp_path):
    file = as_odm().rename(tmp_path / "SDTM Terminology 2024-03-29.odm.xml")
    with pytest.raises(StudyError, match="more than one version: 2024-03-29, 2025-09-26"):
        read_package(file)


def test_the_name_of_a_text_file_may_say_its_version(as_text, tmp_path):
    file = as_text().rename(tmp_path / "SDTM Terminology 2024-03-29.txt")
    assert read_package(file).version == dt.date(2024, 3, 29)
