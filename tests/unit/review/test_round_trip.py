# ruff: noqa: E501 — a row of EDITS reads better than any folding
"""Specs → workbook → specs: unchanged stays byte for byte, changes become the smallest edits."""

import shutil

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sdtmflow.errors import StudyError
from sdtmflow.review import export_specs, import_specs
from sdtmflow.study import StudyFolder

STUDY = """version: 1
study: S1
title: T
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources: {edc: {kind: delimited, path: raw, site: "01"}}
"""
AE = """# Our adverse events.
version: 1
domain: AE
extends: standard   # and a little more

variables:
  # as the protocol says
  AECAT:   {constant: GENERAL}       # one category
  AELOC: null

supplemental:
  AETRTEM:
    label: Treatment Emergent Flag
    case:
      - {when: "AESTDY >= 1", then: "Y"}
    origin: Derived
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    root = tmp_path_factory.mktemp("study")
    (root / "study.yaml").write_text(STUDY)
    (root / "mappings").mkdir()
    (root / "mappings" / "ae.yaml").write_text(AE)
    export_specs(StudyFolder(root), root / "specs.xlsx")
    return root


@pytest.fixture
def study(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "study")
    return tmp_path / "study"


class Book:
    """The exported workbook, as a reviewer edits it."""

    def __init__(self, study):
        self.path = study / "specs.xlsx"
        self.book = openpyxl.load_workbook(self.path)

    def cell(self, sheet, dataset, variable, column):
        page = self.book[sheet]
        heads = [cell.value for cell in page[1]]
        for row in page.iter_rows(min_row=2):
            cells = dict(zip(heads, row, strict=True))
            if cells["Dataset"].value == dataset and (
                variable is None or cells["Variable"].value == variable
            ):
                return cells[column]
        raise KeyError(variable)

    def set(self, sheet, dataset, variable, **columns):
        for column, text in columns.items():
            self.cell(sheet, dataset, variable, column).value = text
        return self

    def delete(self, sheet, dataset, variable):
        self.book[sheet].delete_rows(self.cell(sheet, dataset, variable, "Dataset").row)
        return self

    def add(self, sheet, **columns):
        page = self.book[sheet]
        heads = [cell.value for cell in page[1]]
        page.append([columns.get(head) for head in heads])
        return self

    def back(self, study, **options):
        self.book.save(self.path)
        return import_specs(StudyFolder(study), self.path, **options)


def spec(study):
    return (study / "mappings" / "ae.yaml").read_text()


def test_what_nobody_changed_stays_byte_for_byte(study):
    assert Book(study).back(study).after == {}
    assert spec(study) == AE


EDITS = [
    ("Variables", "AECAT", {"Line": "{constant: OTHER}"}, "{constant: GENERAL}", "{constant: OTHER}"),
    ("Variables", "AECAT", {"Label": "Kind"}, "{constant: GENERAL}", "{constant: GENERAL, label: Kind}"),
    ("Variables", "AECAT", {"Comment": "As agreed"}, "GENERAL}", "GENERAL, comment: As agreed}"),
    ("Supplemental", "AETRTEM", {"Label": "Emergent"}, "Treatment Emergent Flag", "Emergent"),
    ("Supplemental", "AETRTEM", {"Comment": "See SAP"}, "origin: Derived\n",
     "origin: Derived\n    comment: See SAP\n"),
    ("Variables", "AESEV", {"Line": "{assign_ct: GRADE}"}, "  AELOC: null\n",
     "  AELOC: null\n  AESEV: {assign_ct: GRADE}\n"),
    ("Variables", "AESEV", {"Comment": "By phone"}, "  AELOC: null\n",
     "  AELOC: null\n  AESEV: {assign_ct: AESEV, comment: By phone}\n"),
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_cell_is_the_smallest_change_of_the_study_s_spec(study, edit):
    sheet, variable, cells, old, new = edit
    Book(study).set(sheet, "AE", variable, **cells).back(study)
    changed = spec(study).replace("AESEV:   {", "AESEV: {")
    assert changed == AE.replace(old, new)


def test_a_deleted_standard_line_is_left_out(study):
    Book(study).delete("Variables", "AE", "AEPATT").back(study)
    assert spec(study) == AE.replace("  AELOC: null\n", "  AELOC: null\n  AEPATT: null\n")


def test_a_deleted_line_of_the_study_alone_goes(study):
    Book(study).delete("Supplemental", "AE", "AETRTEM").back(study)
    assert spec(study) == AE[: AE.index("supplemental:")]


def test_a_new_row_is_a_new_line(study):
    row = {"Dataset": "AE", "Variable": "AEHOW", "Label": "How", "Line": "{assign: HOW}"}
    Book(study).add("Supplemental", **row).back(study)
    assert spec(study) == AE + "  AEHOW: {assign: HOW, label: How}\n"


def test_a_change_of_a_domain_without_a_spec_of_its_own_makes_one(study):
    Book(study).set("Variables", "CM", "CMTRT", Line="{assign: DRUG}").back(study)
    assert (study / "mappings" / "cm.yaml").read_text() == (
        "version: 1\ndomain: CM\nextends: standard\nvariables:\n  CMTRT: {assign: DRUG}\n"
    )


def test_keys_and_labels_of_datasets_are_taken(study):
    Book(study).set("Datasets", "AE", None, Keys="STUDYID, USUBJID, AETERM").back(study)
    assert spec(study) == AE + "keys: [STUDYID, USUBJID, AETERM]\n"


def test_every_cell_that_cannot_be_taken_is_told_and_nothing_is_written(study):
    book = Book(study).set("Variables", "AE", "AECAT", Line="{constnt: X}")
    book.set("Variables", "AE", "AESEV", Line="[").set("Variables", "AE", "AETERM", Type="Num")
    book.set("Variables", "AE", "AESER", Line="{assign_ct: AESER}", Comment="fine")
    book.add("Variables", Dataset="AX", Variable="AXTERM", Line="{assign: X}")
    with pytest.raises(StudyError) as caught:
        book.back(study)
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert all(line.startswith("Variables, row ") for line in lines)
    assert any("column Line: unknown key 'constnt'; did you mean 'constant'?" in x for x in lines)
    assert any("column Line: this cannot be read as a line of a spec" in x for x in lines)
    assert any("column Type: this column follows from the line" in x for x in lines)
    assert any("column Dataset: there is no dataset 'AX'; " in x for x in lines)
    assert spec(study) == AE


def test_what_only_the_whole_spec_shows_is_told_by_its_cell_too(study):
    book = Book(study).set("Variables", "AE", "AECAT", Line="{derive: nothing_there}")
    row = book.cell("Variables", "AE", "AECAT", "Line").row
    with pytest.raises(StudyError) as caught:
        book.back(study)
    assert str(caught.value).startswith(f"Variables, row {row}, column Line: no function")
    assert spec(study) == AE


def test_sheets_that_only_show_are_not_imported(study):
    book = Book(study)
    book.book["Codelists"]["C2"].value = "Another name"
    with pytest.raises(StudyError, match="Codelists, row 2: changes of this sheet are not import"):
        book.back(study)


def test_a_spec_that_was_changed_meanwhile_is_not_overwritten(study):
    (study / "mappings" / "ae.yaml").write_text(AE.replace("GENERAL", "OTHER"))
    book = Book(study).set("Variables", "AE", "AECAT", Line="{constant: THIRD}")
    with pytest.raises(StudyError, match="the spec was changed since the export; export again"):
        book.back(study)


def test_a_dry_run_shows_the_change_and_writes_nothing(study):
    book = Book(study).set("Variables", "AE", "AECAT", Line="{constant: OTHER}")
    diff = list(book.back(study, dry_run=True).diff())
    assert "-  AECAT:   {constant: GENERAL}       # one category" in diff
    assert "+  AECAT:   {constant: OTHER}       # one category" in diff
    assert spec(study) == AE


def test_reviewers_remarks_are_given_and_change_nothing(study):
    book = Book(study).set("Variables", "AE", "AECAT", **{"Review status": "rejected"})
    book.set("Variables", "AE", "AECAT", **{"Review note": "Why?"})
    (remark,) = (imported := book.back(study)).remarks
    assert (remark.status, remark.note, remark.row["Variable"]) == ("rejected", "Why?", "AECAT")
    assert imported.after == {}


def test_a_file_that_is_no_exported_workbook_is_refused(study):
    (study / "other.xlsx").write_text("nothing")
    with pytest.raises(StudyError, match="no workbook that sdtmflow exported"):
        import_specs(StudyFolder(study), study / "other.xlsx")


TEXTS = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), max_size=20)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(st.sampled_from(["AECAT", "AESEV", "AETERM", "AESTDTC"]), TEXTS, min_size=1))
def test_comments_come_back_as_they_were_written_and_all_else_stays(exported, tmp_path, comments):
    study = tmp_path / "again"
    shutil.rmtree(study, ignore_errors=True)
    shutil.copytree(exported, study)
    book = Book(study)
    before = {name: book.cell("Variables", "AE", name, "Line").value for name in comments}
    for name, text in comments.items():
        book.set("Variables", "AE", name, Comment=text)
    book.back(study)
    export_specs(StudyFolder(study), study / "specs.xlsx")
    again = Book(study)
    for name, text in comments.items():
        assert (again.cell("Variables", "AE", name, "Comment").value or "") == text.strip()
        assert again.cell("Variables", "AE", name, "Line").value == before[name]
    assert "# as the protocol says" in spec(study)


def test_a_line_of_one_of_several_record_sets_says_what_to_write(study):
    book = Book(study).set("Variables", "VS", "VSREASND", Line="{assign: WHY}")
    with pytest.raises(StudyError) as caught:
        book.back(study)
    assert "VSREASND has a line for each of several record sets" in str(caught.value)
    assert "write it in mappings/vs.yaml as 'records: [{name: " in str(caught.value)
    assert "variables: {VSREASND: {assign: WHY}}}]', and take the row back" in str(caught.value)
