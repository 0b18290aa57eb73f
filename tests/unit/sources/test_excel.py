import datetime as dt
import io

import openpyxl
import pytest

from sdtmflow.errors import DeliveryError


def workbook(sheets, prepare=None):
    """An .xlsx of sheets (name → rows)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if prepare:
        prepare(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_every_sheet_is_a_table_of_text(deliver):
    rows = [["ID", "DOSE"], ["001", 1.5], ["002", 3], [3, 3.0], ["x", True]]
    got = deliver("excel", {"b.xlsx": workbook({"Dosing": rows, "Other": [["A"], ["1.10"]]})})
    assert got.rows("Dosing") == [("001", "1.5"), ("002", "3"), ("3", "3"), ("x", "TRUE")]
    assert got.rows("Other") == [("1.10",)]
    assert got.table("Dosing")["_place"].to_list()[0] == "Dosing!2"


def test_dates_and_times_are_iso_by_the_cell_s_own_format(deliver):
    def formats(book):
        sheet = book["S"]
        sheet["A2"].number_format = "dd/mm/yyyy"
        sheet["B2"].number_format = "dd/mm/yyyy hh:mm"
        sheet["D2"].number_format = "[h]:mm:ss"

    moment = dt.datetime(2024, 3, 1)  # noqa: DTZ001 — Excel knows no time zones
    row = [moment, moment, dt.time(8, 5), dt.timedelta(hours=26, minutes=3), "1-Jan"]
    got = deliver("excel", {"b.xlsx": workbook({"S": [["A", "B", "C", "D", "E"], row]}, formats)})
    assert got.rows("S") == [
        ("2024-03-01", "2024-03-01T00:00:00", "08:05:00", "26:03:00", "1-Jan"),
    ]


def test_title_rows_above_the_header(deliver):
    rows = [["Study S1, site 4"], [], ["ID", "TERM", "SEV"], ["1", "Headache", None], ["2", "x", 1]]
    got = deliver("excel", {"b.xlsx": workbook({"AE": rows})})
    assert got.rows("AE") == [("1", "Headache", None), ("2", "x", "1")]
    assert "b.xlsx: AE: the header was found in row 3" in got.report.warnings
    declared = deliver("excel", {"b.xlsx": workbook({"AE": rows})}, header_row=4)
    assert declared.table("AE").columns[:2] == ["1", "Headache"]


def test_hidden_empty_and_merged_sheets_are_reported(deliver):
    def prepare(book):
        book["Secret"].sheet_state = "hidden"
        book["AE"].merge_cells("A2:A3")

    sheets = {"AE": [["ID", "T"], ["1", "a"], [None, "b"]], "Secret": [["ID"], ["7"]], "Void": []}
    got = deliver("excel", {"b.xlsx": workbook(sheets, prepare)})
    assert got.counts == {"AE": 2, "Secret": 1}
    assert [warning.rpartition(": ")[2] for warning in got.report.warnings] == [
        "only the first cell of each holds the value",
        "the sheet is hidden; it was read all the same",
        "the sheet is empty",
    ]
    assert got.rows("AE") == [("1", "a"), (None, "b")]


def test_blank_rows_are_no_records_and_rows_keep_their_number(deliver):
    rows = [["ID"], ["1"], [None], [""], ["2"]]
    table = deliver("excel", {"b.xlsx": workbook({"S": rows})}).table("S")
    assert table["_place"].to_list() == ["S!2", "S!5"]
    assert table["_row"].to_list() == [1, 2]


def test_a_formula_that_was_never_calculated_is_quarantined(deliver):
    rows = [["ID", "BMI"], ["1", "=1+1"], ["2", 21]]
    got = deliver("excel", {"b.xlsx": workbook({"S": rows})})
    assert got.rows("S") == [("2", "21")]
    assert got.quarantine.select("place", "reason").rows() == [
        ("S!2", "a formula has no calculated value; open the workbook in Excel and save it"),
    ]


def test_error_values_are_a_kind_of_missing(deliver):
    table = deliver("excel", {"b.xlsx": workbook({"S": [["A", "B"], ["1", "#N/A"]]})}).table("S")
    assert table["B"].to_list() == [None]
    assert table["_missing"].to_list() == ["B=#N/A"]


def test_a_value_right_of_the_header_is_quarantined(deliver):
    got = deliver("excel", {"b.xlsx": workbook({"S": [["A"], ["1", "note"], ["2"]]})})
    assert got.rows("S") == [("2",)]
    assert "right of the header" in got.quarantine["reason"][0]


def test_repeated_headers_get_names_of_their_own(deliver):
    got = deliver("excel", {"b.xlsx": workbook({"S": [["A", None, "A"], [1, 2, 3]]})})
    assert got.table("S").columns[:3] == ["A", "column2", "A__2"]


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.98])
def test_a_damaged_workbook_is_refused(deliver, keep):
    content = workbook({"S": [["A"], *([str(n)] for n in range(500))]})
    with pytest.raises(DeliveryError, match="cut off or damaged"):
        deliver("excel", {"b.xlsx": content[: int(len(content) * keep)]})
    middle = bytearray(content)
    middle[200:600] = bytes(400)
    with pytest.raises(DeliveryError, match="cut off or damaged"):
        deliver("excel", {"b.xlsx": bytes(middle)})
