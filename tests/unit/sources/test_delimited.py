import pytest

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.raw import PLACE, ROW


def test_every_value_stays_the_text_that_was_sent(deliver):
    got = deliver("delimited", {"ae.csv": "ID,DOSE,NOTE\n0496,1.10,NA\n01, ,\n"})
    assert got.rows("ae") == [("0496", "1.10", "NA"), ("01", " ", None)]
    assert got.report.files[0].separator == ","


@pytest.mark.parametrize(
    ("encoding", "reported"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")],
)
def test_the_encoding_is_detected_and_reported(deliver, encoding, reported):
    got = deliver("delimited", {"lab.csv": "ID;UNIT\n1;µmol/l\n2;Größe\n".encode(encoding)})
    assert got.rows("lab") == [("1", "µmol/l"), ("2", "Größe")]
    assert got.report.files[0].encoding == reported
    guessed = any("guess" in warning for warning in got.report.warnings)
    assert guessed == (encoding == "cp1252")


def test_a_declared_encoding_that_does_not_fit_is_refused_with_its_line(deliver):
    text = "ID;UNIT\n1;mg\n2;µmol/l\n".encode("cp1252")
    with pytest.raises(DeliveryError, match=r"lab.csv: the bytes of line 3 are not utf-8; correct"):
        deliver("delimited", {"lab.csv": text}, encoding="utf-8")
    with pytest.raises(DeliveryError, match="'latin-99' is no known encoding"):
        deliver("delimited", {"lab.csv": text}, encoding="latin-99")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_detected_in_spite_of_others_in_the_text(deliver, separator):
    lines = ["ID", "TEXT", "MORE"], ["1", '"a, b; c | d"', "x"], ["2", "decimal 1.5", "y"]
    got = deliver("delimited", {"t.csv": "\n".join(separator.join(line) for line in lines)})
    assert got.rows("t") == [("1", "a, b; c | d", "x"), ("2", "decimal 1.5", "y")]


def test_rows_and_lines_are_counted_through_cells_with_line_breaks(deliver):
    text = 'A,B\n1,"two\nlines"\n2,x\n3\n"4","q""uote"\n\n5,y\n'
    got = deliver("delimited", {"t.csv": text})
    table = got.table("t")
    assert table["A"].to_list() == ["1", "2", "4", "5"]
    assert table["B"][2] == 'q"uote'
    assert table[ROW].to_list() == [1, 2, 4, 6]
    assert table[PLACE].to_list() == ["line 2", "line 4", "line 6", "line 8"]
    assert got.quarantine.rows() == [
        (got.report.files[0].sha256, 3, "line 5", "1 fields, but the header has 2", "3")
    ]
    file = got.report.files[0]
    assert (file.records, file.placed, file.quarantined, file.left_out) == (6, 4, 1, {"blank": 1})


def test_rows_with_too_many_empty_fields_lose_nothing(deliver):
    got = deliver("delimited", {"t.csv": "A;B\n1;2\n3;4;\n5;6;7\n"})
    assert got.rows("t") == [("1", "2"), ("3", "4")]
    assert got.table("t")[PLACE].to_list() == ["line 2", "line 3"]
    assert got.quarantine["record"].to_list() == ["5;6;7"]


def test_a_header_that_is_one_separator_short(deliver):
    got = deliver("delimited", {"t.csv": "A;B\n1;2;\n3;4;\n"})
    assert got.rows("t") == [("1", "2", None), ("3", "4", None)]
    assert "column3" in got.report.warnings[0]


def test_repeated_and_blank_header_fields_get_names_that_are_reported(deliver):
    got = deliver("delimited", {"t.csv": "AE,AE,,AE\n1,2,3,4\n"})
    assert got.table("t").columns[:4] == ["AE", "AE__2", "column3", "AE__3"]
    assert len(got.report.warnings) == 3


def test_the_header_row_is_declared(deliver):
    text = "Export of 2026\n\nID,SEX\n1,M\n"
    got = deliver("delimited", {"t.csv": text}, header_row=3)
    assert got.rows("t") == [("1", "M")]
    assert got.table("t")[PLACE].to_list() == ["line 4"]


def test_a_file_without_a_header_is_refused(deliver):
    with pytest.raises(DeliveryError, match="line 1: no header found"):
        deliver("delimited", {"t.csv": "2020-01-01 10:00:00,0.5,1\n2020-01-01 10:00:01,0.6,2\n"})


def test_a_quote_that_is_never_closed_is_a_cut_off_file(deliver):
    with pytest.raises(DeliveryError, match=r"t.csv, line 3: a quote is opened and never closed"):
        deliver("delimited", {"t.csv": 'A,B\n1,2\n3,"4\n5,6\n7,8\n'})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_that_ends_in_the_middle_of_a_row_is_refused(deliver, encoding):
    text = "A,B,C\n1,2,3\n4,5"
    with pytest.raises(DeliveryError, match=r"t.csv, line 3: the file ends in the middle of a row"):
        deliver("delimited", {"t.csv": text.encode(encoding)})
    got = deliver("delimited", {"t.csv": (text + "\n").encode(encoding)})
    assert got.quarantine["record"].to_list() == ["4,5"]


def test_a_last_row_needs_no_line_end(deliver):
    assert deliver("delimited", {"t.csv": "A,B\n1\n3,4"}).rows("t") == [("3", "4")]


def test_a_stray_quote_inside_a_value_is_text(deliver):
    got = deliver("delimited", {"t.csv": 'A,B\n5" tall,x\n"y\nz",1\n'})
    assert got.rows("t") == [('5" tall', "x"), ("y\nz", "1")]


def test_a_table_without_rows_is_still_a_table(deliver):
    got = deliver("delimited", {"ae.csv": "ID,TERM\n", "dm.csv": "ID\n1\n"})
    assert got.counts == {"ae": 0, "dm": 1}
    assert got.table("ae").columns[:2] == ["ID", "TERM"]


def test_many_blocks_keep_order_numbers_and_ragged_rows(deliver, monkeypatch):
    monkeypatch.setattr("sdtmflow.sources.delimited.BLOCK", 4096)
    lines = [f"{n},v{n}" if n % 100 else f"{n}" for n in range(1, 3001)]
    got = deliver("delimited", {"t.csv": "A,B\n" + "\n".join(lines) + "\n"})
    table = got.table("t")
    assert table["A"].cast(int).to_list() == table[ROW].to_list()
    assert got.quarantine["row"].to_list() == list(range(100, 3001, 100))
    assert got.quarantine["place"][0] == "line 101"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("S01,SCREENING,2025-01-13,Y", "S02,SCREENING,2025-01-20,N"),
        ("001,Headache,MILD", "002,Cough,SEVERE"),
        ("S01,SYSBP,152.5,mmHg", "S01,DIABP,94.0,mmHg"),
        ("S01,13-JAN-2025,Y", "S02,20-JAN-2025,N"),
    ],
)
def test_a_record_is_not_taken_for_a_header(deliver, first, second):
    with pytest.raises(DeliveryError, match="no header found") as refused:
        deliver("delimited", {"ae.csv": f"{first}\n{second}\n"})
    assert not [
        value for value in first.split(",") if len(value) > 3 and value in str(refused.value)
    ]


def test_columns_may_be_called_after_days_and_numbers(deliver):
    got = deliver("delimited", {"steps.csv": "SUBJID,VISIT,ARM,2025-01-13,01\nS1,V1,A,4711,8\n"})
    assert got.rows("steps") == [("S1", "V1", "A", "4711", "8")]
