import datetime as dt
import math

import polars as pl
import pyreadstat
import pytest

from sdtmflow.errors import DeliveryError
from sdtmflow.sources import sas
from sdtmflow.sources.sas_values import kind_of, text_of


def write_xpt(path, columns, version=5, table="AE", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(columns)
    pyreadstat.write_xport(
        frame, str(path), file_format_version=version, table_name=table, **options
    )
    return path.read_bytes()


AE = {"SUBJ": ["001", "002"], "DOSE": [1.5, 3.0], "ONSET": [21915.0, None]}


@pytest.fixture
def xpt(tmp_path):
    formats = {"ONSET": "DATE9."}
    return write_xpt(
        tmp_path / "ae.xpt", AE, variable_format=formats, column_labels=["", "Dose", ""]
    )


def test_text_numbers_and_dates_of_a_transport_file(deliver, xpt):
    got = deliver("xpt", {"ae.xpt": xpt})
    assert got.rows("AE") == [("001", "1.5", "2020-01-01"), ("002", "3", None)]
    assert got.table("AE")["_place"].to_list() == ["AE row 1", "AE row 2"]
    columns = {column.name: column for column in got.report.tables[0].columns}
    assert columns["DOSE"].label == "Dose"


def test_version_8_has_long_names(deliver, tmp_path):
    columns = {"A_VERY_LONG_NAME": ["x"], "VALUE": [0.1]}
    got = deliver("xpt", {"l.xpt": write_xpt(tmp_path / "l.xpt", columns, version=8)})
    assert got.rows("AE") == [("x", "0.1")]


def test_several_members_in_one_file(deliver, tmp_path):
    first = write_xpt(tmp_path / "a.xpt", AE)
    second = write_xpt(tmp_path / "b.xpt", {"SUBJ": ["009"]}, table="DM")
    got = deliver("xpt", {"all.xpt": first + second[240:]})
    assert got.counts == {"AE": 2, "DM": 1}
    assert got.rows("DM") == [("009",)]


def test_special_missing_values_of_a_transport_file(deliver, tmp_path):
    content = bytearray(write_xpt(tmp_path / "m.xpt", {"SUBJ": ["1", "2"], "X": [None, 5.0]}))
    start = content.index(b"OBS     HEADER RECORD") - 20 + 80
    row = content[start : start + 9]
    assert row == b"1" + b"." + bytes(7)
    content[start + 1] = ord("A")
    table = deliver("xpt", {"m.xpt": bytes(content)}).table("AE")
    assert table["X"].to_list() == [None, "5"]
    assert table["_missing"].to_list() == ["X=.A", None]


@pytest.mark.parametrize("cut", [400, 1000, -80, -7])
def test_a_transport_file_that_is_cut_off_is_refused(deliver, tmp_path, cut):
    columns = {"SUBJ": [f"subject {n}" for n in range(50)], "X": [float(n) for n in range(50)]}
    content = write_xpt(tmp_path / "ae.xpt", columns)
    with pytest.raises(DeliveryError, match=r"ae.xpt: the file .*; ask for it again"):
        deliver("xpt", {"ae.xpt": content[:cut]})


def test_chunks_join_to_the_whole(deliver, tmp_path, monkeypatch):
    monkeypatch.setattr("sdtmflow.sources.sas.CHUNK", 7)
    values = {"N": [float(n) for n in range(20)]}
    got = deliver("xpt", {"n.xpt": write_xpt(tmp_path / "n.xpt", values)})
    table = got.table("AE")
    assert table["N"].to_list() == [str(n) for n in range(20)]
    assert table["_row"].to_list() == list(range(1, 21))


def test_a_reader_that_does_not_end_is_stopped(deliver, xpt, monkeypatch):
    monkeypatch.setattr(sas, "PATIENCE", 0.001)
    with pytest.raises(DeliveryError, match="reading it failed or did not end"):
        deliver("xpt", {"ae.xpt": xpt})


def test_garbage_after_a_sas_header_is_refused(deliver):
    head = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
    with pytest.raises(DeliveryError, match=r"ae.sas7bdat: the file is"):
        deliver("sas7bdat", {"ae.sas7bdat": head + bytes(range(256)) * 64})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("DATE9.", "date"),
        ("DATE", "date"),
        ("YYMMDD10.", "date"),
        ("E8601DA10.", "date"),
        ("MONYY7.", "date"),
        ("DATETIME20.", "datetime"),
        ("E8601DT19.", "datetime"),
        ("B8601DT15.", "datetime"),
        ("TIME8.", "time"),
        ("TIME20.3", "time"),
        ("HHMM5.", "time"),
        ("E8601TM8.", "time"),
        ("BEST12.", ""),
        ("8.2", ""),
        ("", ""),
        ("$CHAR10.", ""),
        ("AESEV.", ""),
    ],
)
def test_what_a_format_says(name, kind):
    assert kind_of(name) == kind


def texts(values, format_name=""):
    return (
        pl.DataFrame({"X": values}, schema={"X": pl.Float64})
        .select(text_of("X", format_name))["X"]
        .to_list()
    )


def test_numbers_are_their_shortest_text():
    assert texts([1.0, -0.0, 1.1, 0.1 + 0.2, 20080826.0, -5.5, None]) == [
        *("1", "0", "1.1", "0.30000000000000004", "20080826", "-5.5"),
        None,
    ]


def test_dates_times_and_what_they_cannot_hold():
    assert texts([0.0, -138061.0, 21915.0, 21915.5, 1e9], "DATE9.") == [
        *("1960-01-01", "1582-01-01", "2020-01-01", "21915.5", "1000000000"),
    ]
    assert texts([0.0, 1893456000.5, 1e15], "DATETIME20.")[:2] == [
        "1960-01-01T00:00:00",
        "2020-01-01T00:00:00.500",
    ]
    assert texts([0.0, 36610.0, 93784.25, -1.0], "TIME8.") == [
        *("00:00:00", "10:10:10", "26:03:04.25", "-1"),
    ]


def test_dates_agree_with_python():
    days = list(range(-138061, 2936547, 9973))
    expected = [(dt.date(1960, 1, 1) + dt.timedelta(days=day)).isoformat() for day in days]
    assert texts([float(day) for day in days], "YYMMDD10.") == expected


def test_number_texts_give_the_number_again():
    numbers = [math.pi * 10**n for n in range(-12, 25, 3)] + [0.1, 1e15, 123456789012345678.0]
    assert [float(text) for text in texts(numbers)] == numbers
