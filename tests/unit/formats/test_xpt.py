"""The XPT writer: what it writes, what it refuses, and that SAS's own files come out again."""

from __future__ import annotations

import datetime as dt
import pickle
from dataclasses import replace
from pathlib import Path

import pandas as pd
import polars as pl
import pyreadstat
import pytest
from polars.testing import assert_frame_equal

from sdtmflow.errors import FormatError
from sdtmflow.formats.blocks import BLOCK_ROWS, frame_blocks, parquet_blocks
from sdtmflow.formats.xpt import (
    Column,
    DisplayFormat,
    Member,
    XptError,
    missing_kind,
    open_xpt,
    read_xpt,
    write_xpt,
)
from sdtmflow.formats.xpt.header import stamp

CUTOFF = dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
SHARED = Path(__file__).parents[3].parent / "shared" / "reference" / "inputs"

VS = Member(
    "VS",
    "Vital Signs",
    (
        Column("STUDYID", "Study Identifier", length=6),
        Column("VSTESTCD", "Vital Signs Test Short Name", length=8),
        Column("VSSTRESN", "Numeric Result", numeric=True, format=DisplayFormat("", 8, 2)),
    ),
)
ROWS = pl.DataFrame(
    {
        "STUDYID": ["DEMO01", "DEMO01", "DEMO01"],
        "VSTESTCD": ["SYSBP", None, "TEMP"],
        "VSSTRESN": [120.0, None, 36.6],
    }
)


def write(path: Path, member: Member = VS, rows: pl.DataFrame = ROWS) -> Path:
    write_xpt(path, member, frame_blocks(rows), created=CUTOFF)
    return path


def with_column(old: str, /, **changes: object) -> Member:
    columns = (replace(c, **changes) if c.name == old else c for c in VS.columns)  # type: ignore[arg-type]
    return replace(VS, columns=tuple(columns))


def refusal(tmp_path: Path, member: Member = VS, rows: pl.DataFrame = ROWS) -> XptError:
    with pytest.raises(XptError) as caught:
        write(tmp_path / "vs.xpt", member, rows)
    assert list(tmp_path.iterdir()) == [], "a refused dataset leaves nothing behind"
    return caught.value


def test_pyreadstat_reads_rows_labels_lengths_and_formats(tmp_path: Path) -> None:
    rows, meta = pyreadstat.read_xport(write(tmp_path / "vs.xpt"), output_format="polars")
    assert rows["VSTESTCD"].to_list() == ["SYSBP", "", "TEMP"]
    assert rows["VSSTRESN"].to_list() == [120.0, None, 36.6]
    assert meta.table_name == "VS"
    assert meta.file_label == "Vital Signs"
    assert meta.column_names_to_labels == {c.name: c.label for c in VS.columns}
    assert meta.variable_storage_width == {"STUDYID": 6, "VSTESTCD": 8, "VSSTRESN": 8}
    assert meta.original_variable_types["VSSTRESN"] == "8.2"


def test_pandas_reads_the_same_rows(tmp_path: Path) -> None:
    rows = pd.read_sas(write(tmp_path / "vs.xpt"), format="xport", encoding="ascii")
    assert rows["VSSTRESN"].tolist()[::2] == [120.0, 36.6]
    assert rows["VSTESTCD"].fillna("").tolist() == ["SYSBP", "", "TEMP"]


def test_our_reader_gives_back_metadata_and_rows(tmp_path: Path) -> None:
    member, rows = read_xpt(write(tmp_path / "vs.xpt"))
    assert member == VS
    assert_frame_equal(rows, ROWS)


def test_the_size_of_a_file_is_whole_records_and_the_stamps_are_the_cutoff(tmp_path: Path) -> None:
    data = write(tmp_path / "vs.xpt").read_bytes()
    assert len(data) % 80 == 0
    assert data.count(b"31MAR26:00:00:00") == 4
    assert stamp(dt.datetime(2020, 8, 21, 9, 14, 29, tzinfo=dt.UTC)) == "21AUG20:09:14:29"


def test_blocks_of_rows_are_joined_seamlessly(tmp_path: Path) -> None:
    rows = pl.concat([ROWS] * (BLOCK_ROWS // 2))
    rows.write_parquet(tmp_path / "vs.parquet")
    written = write_xpt(
        tmp_path / "vs.xpt",
        VS,
        parquet_blocks(rows.columns, tmp_path / "vs.parquet"),
        created=CUTOFF,
    )
    assert written == rows.height > BLOCK_ROWS
    assert_frame_equal(read_xpt(tmp_path / "vs.xpt")[1], rows)


def test_no_rows_is_a_valid_file_with_declared_lengths(tmp_path: Path) -> None:
    path = write(tmp_path / "vs.xpt", rows=ROWS.clear())
    rows, meta = pyreadstat.read_xport(path, output_format="polars")
    assert rows.height == 0
    assert meta.variable_storage_width["VSTESTCD"] == 8
    assert_frame_equal(read_xpt(path)[1], ROWS.clear())


def test_columns_without_any_value(tmp_path: Path) -> None:
    empty = ROWS.with_columns(
        pl.lit(None, pl.String).alias("VSTESTCD"), pl.lit(None, pl.Float64).alias("VSSTRESN")
    )
    path = write(tmp_path / "vs.xpt", with_column("VSTESTCD", length=1), empty)
    assert_frame_equal(read_xpt(path)[1], empty)
    assert pyreadstat.read_xport(path, output_format="polars")[0]["VSSTRESN"].null_count() == 3


def test_a_text_of_200_bytes_is_written_whole(tmp_path: Path) -> None:
    rows = ROWS.with_columns(VSTESTCD=pl.lit("x" * 200))
    path = write(tmp_path / "vs.xpt", with_column("VSTESTCD", length=200), rows)
    assert pyreadstat.read_xport(path)[0]["VSTESTCD"].tolist() == ["x" * 200] * 3


@pytest.mark.parametrize(
    ("member", "line"),
    [
        (with_column("VSTESTCD", name="VSTESTCODE"), "VS.VSTESTCODE: a variable name is 1 to 8"),
        (with_column("VSTESTCD", name="vstestcd"), "VS.vstestcd: a variable name is 1 to 8"),
        (with_column("VSTESTCD", label="x" * 41), "VS.VSTESTCD: the label has 41 bytes"),
        (with_column("VSTESTCD", label="Größe"), "other than printable ASCII"),
        (with_column("VSTESTCD", length=201), "a text variable has 1 to 200 bytes, not 201"),
        (with_column("VSTESTCD", length=0), "a text variable has 1 to 200 bytes, not 0"),
        (with_column("VSSTRESN", length=9), "a number has 2 to 8 bytes, not 9"),
        (with_column("VSTESTCD", name="STUDYID"), "VS.STUDYID: two variables have this name"),
        (with_column("VSSTRESN", format=DisplayFormat("TOOLONGFMT", 8)), "a format name"),
        (replace(VS, name="VITALSIGNS"), "VITALSIGNS: a dataset name is 1 to 8"),
        (replace(VS, label="x" * 41), "VS: the label has 41 bytes"),
        (replace(VS, columns=()), "VS: a dataset has 1 to 9999 variables"),
    ],
)
def test_metadata_that_version_5_cannot_hold(tmp_path: Path, member: Member, line: str) -> None:
    assert line in str(refusal(tmp_path, member))


@pytest.mark.parametrize(
    ("column", "values", "line"),
    [
        ("VSTESTCD", ["A", "B" * 9, "C" * 10], "text longer than 8 bytes (record 2, 2 in all)"),
        ("VSTESTCD", ["A", "B", "µ"], "VS.VSTESTCD: a text that is not ASCII (record 3, 1 in all)"),
        ("VSSTRESN", [1e76, 1.0, None], "VS.VSSTRESN: a number that XPORT v5 cannot hold"),
        ("VSSTRESN", [1.0, -1e-79, 0.0], "(record 2, 1 in all)"),
        ("VSSTRESN", [1.0, 1.0, float("nan")], "(record 3, 1 in all)"),
        ("VSSTRESN", [1.0, float("inf"), 1.0], "(record 2, 1 in all)"),
        ("VSTESTCD", ["A", "B\0C", None], "VS.VSTESTCD: a text with the character NUL"),
        ("STUDYID", ["DEMO01", None, " "], "STUDYID is blank (record 2, 2 in all)"),
    ],
)
def test_data_that_version_5_cannot_hold(
    tmp_path: Path, column: str, values: list[object], line: str
) -> None:
    error = refusal(tmp_path, rows=ROWS.with_columns(pl.Series(column, values)))
    assert line in str(error)


def test_a_kind_of_missing_that_sas_does_not_have_is_refused(tmp_path: Path) -> None:
    kinds = pl.Series(missing_kind("VSSTRESN"), ["a", "B", "ZZ"])
    error = refusal(
        tmp_path,
        rows=ROWS.with_columns(VSSTRESN=pl.lit(None), kinds=kinds).rename({"kinds": kinds.name}),
    )
    assert "VS.VSSTRESN: a kind of missing other than A to Z and _ (record 1, 2 in all)" in str(
        error
    )


def test_every_problem_is_told_at_once_without_a_value(tmp_path: Path) -> None:
    rows = ROWS.with_columns(VSTESTCD=pl.lit("SECRET-VALUE"), VSSTRESN=pl.lit(1e300))
    error = refusal(tmp_path, rows=rows)
    assert [problem.rule for problem in error.problems] == ["XPT_TEXT_LENGTH", "XPT_NUMBER"]
    assert "SECRET" not in str(error)
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


def test_problems_of_later_blocks_name_the_record_of_the_file(tmp_path: Path) -> None:
    rows = pl.concat([ROWS, ROWS.with_columns(VSTESTCD=pl.lit("TOO LONG FOR IT"))])
    with pytest.raises(XptError, match=r"record 4, 3 in all"):
        write_xpt(
            tmp_path / "vs.xpt",
            VS,
            [*frame_blocks(rows[:2]), *frame_blocks(rows[2:])],
            created=CUTOFF,
        )


def test_a_number_that_needs_more_bytes_than_declared_is_refused(tmp_path: Path) -> None:
    short = with_column("VSSTRESN", length=3)
    assert "needs more than 3 bytes" in str(refusal(tmp_path, short))
    whole = ROWS.with_columns(VSSTRESN=pl.Series([1.0, None, -250.0]))
    assert_frame_equal(read_xpt(write(tmp_path / "vs.xpt", short, whole))[1], whole)


def test_blocks_of_any_size_and_records_from_any_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = pl.concat([ROWS.with_columns(VSSTRESN=pl.lit(float(n))) for n in range(40)])
    for module in ("writer", "reader"):
        monkeypatch.setattr(f"sdtmflow.formats.xpt.{module}._BLOCK_BYTES", 22 * 7)
    monkeypatch.setattr("sdtmflow.formats.xpt.encode._TILE_BYTES", 22 * 3)
    monkeypatch.setattr("sdtmflow.formats.xpt.decode._TILE_BYTES", 22 * 2)
    file = open_xpt(write(tmp_path / "vs.xpt", rows=rows))
    assert file.rows == rows.height
    for first, count in ((0, 120), (0, 0), (5, 1), (13, 50), (119, 9), (120, 1)):
        assert_frame_equal(file.records(first, count), rows[first : first + count])


@pytest.mark.parametrize("keep", [0, 79, 400, 700, 1100])
def test_a_file_that_ends_within_its_header_is_refused(tmp_path: Path, keep: int) -> None:
    path = write(tmp_path / "vs.xpt")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FormatError, match=r"vs\.xpt: "):
        read_xpt(path)


def test_variables_that_overlap_are_refused(tmp_path: Path) -> None:
    content = bytearray(write(tmp_path / "vs.xpt").read_bytes())
    second = 640 + 140 + 84
    content[second : second + 4] = (2).to_bytes(4, "big")
    (tmp_path / "vs.xpt").write_bytes(content)
    with pytest.raises(FormatError, match="do not stand one behind the other"):
        read_xpt(tmp_path / "vs.xpt")


def test_a_file_that_is_no_xport_5_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vs.xpt"
    path.write_bytes(b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!" + b"0" * 800)
    with pytest.raises(FormatError, match=r"vs\.xpt: this is no SAS XPORT version 5 file"):
        read_xpt(path)


def _sas_files() -> list[Path]:
    return sorted(
        path
        for folder in ("sas", "submission")
        for path in (SHARED / folder).rglob("*.xpt")
        if path.read_bytes()[20:27] == b"LIBRARY"
    )


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference files beside the project are absent")
def test_files_written_by_sas_are_written_again_byte_for_byte(tmp_path: Path) -> None:
    files = _sas_files()
    assert len(files) >= 7
    for original in files:
        expected = bytearray(original.read_bytes())
        member, rows = read_xpt(original, kinds=True)
        written = bytearray(write(tmp_path / original.name, member, rows).read_bytes())
        for data in (expected, written):
            for start in (144, 160, 464, 480):  # the stamps: created and modified, twice
                data[start : start + 16] = b" " * 16
        assert written == expected, original.name
