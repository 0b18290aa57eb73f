"""Reading back: which records get a second opinion, and what is no proper twin."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sdtmflow.errors import FormatError
from sdtmflow.formats.xpt import open_xpt
from sdtmflow.package import read_back, write_package
from sdtmflow.package.json_rows import json_records
from sdtmflow.package.second_opinion import SecondOpinion, telling

SDTM = Path("m5/datasets/demo-01/tabulations/sdtm")


def test_the_ends_and_the_extremes_of_a_block_tell_most() -> None:
    block = pl.DataFrame(
        {
            "AETERM": ["a", "bb", "a", "cccc", None, "", "a"],
            "AESEQ": [4.0, None, -9.0, 5.0, 8.0, 7.0, 6.0],
            "AESTDY": pl.Series([None] * 7, dtype=pl.Float64),
        }
    )
    assert telling(block).to_list() == [0, 2, 3, 4, 6]


def test_pyreadstat_reads_the_chosen_records_by_the_bytes_of_the_file(
    assembled: Any, out: Path
) -> None:
    write_package(assembled.study, assembled.datasets, assembled.data, out)
    path = out / SDTM / "vs.xpt"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"TEMP", b"WARM"))
    rows = pl.read_parquet(assembled.data / "VS.parquet")
    second = SecondOpinion(open_xpt(path))
    second.add(rows.head(1))
    second.add(rows.tail(2))
    assert second.numbers.to_list() == [1, 2, 3]
    assert second.expected["VSTESTCD"].to_list() == ["SYSBP", "TEMP", "SYSBP"]
    assert second.read()["VSTESTCD"].to_list() == ["SYSBP", "WARM", "SYSBP"]


def test_a_file_that_no_reader_takes_is_told(assembled: Any, out: Path) -> None:
    write_package(assembled.study, assembled.datasets, assembled.data, out)
    (out / SDTM / "vs.xpt").write_bytes(b"HEADER RECORD*******NOTHING")
    (finding,) = read_back(assembled.datasets, assembled.data, out)
    assert (finding.rule, finding.dataset) == ("READBACK_FILE", "VS")
    assert "vs.xpt cannot be read" in finding.message


@pytest.mark.parametrize(
    ("written", "instead", "what"),
    [
        ('"TEMP"', "TEMP", "a record is no JSON"),
        ('"36.65"', "36.65", "a text has no quotation marks, or a number has them"),
        (",36.65,", ',"36.65",', "a text has no quotation marks, or a number has them"),
        (",36.65,", ",", "a record has not as many values as columns"),
        ("\n]}\n", "\n", "it ends too early"),
        ("\n]}\n", "\n]}\n]}\n", "something stands behind its end"),
        ('"records":3', '"records:3', "its metadata are no JSON"),
        (",36.65,", ",36.66,", "our reader reads another value"),
        (",36.65,", ",null,", "our reader reads another value"),
    ],
)
def test_a_twin_that_is_none_is_told(
    assembled: Any, out: Path, *, written: str, instead: str, what: str
) -> None:
    write_package(assembled.study, assembled.datasets, assembled.data, out)
    path = out / "dataset-json" / "vs.json"
    text = path.read_text()
    assert written in text
    path.write_text(text.replace(written, instead))
    found = read_back(assembled.datasets, assembled.data, out)
    assert {finding.rule for finding in found} == {"READBACK_JSON"}
    assert what in found[0].message


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_records_come_in_blocks_of_any_size(tmp_path: Path, count: int) -> None:
    head = '{"columns":[{"name":"A","dataType":"string"},{"name":"B","dataType":"double"}]'
    rows = ['["a\\u0022b",1.5]', '["",null]', '["\\\\",-1e-7]']
    body = ",\n".join(rows)
    (tmp_path / "x.json").write_text(f'{head},"rows":[\n{body}\n]}}\n')
    (tmp_path / "x.ndjson").write_text("\n".join([head + "}", *rows]) + "\n")
    (tmp_path / "x.dsjc").write_bytes(gzip.compress((tmp_path / "x.ndjson").read_bytes()))
    for path in tmp_path.iterdir():
        with json_records(path) as records:
            blocks = [records.following(count) for _ in range(4)]
        assert pl.concat(blocks).rows() == [('a"b', 1.5), ("", None), ("\\", -1e-7)], path.name


def test_a_file_without_metadata_is_no_dataset_json(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("")
    missing = pytest.raises(FormatError, match=r"x\.json: its metadata are no JSON")
    with missing, json_records(tmp_path / "x.json"):
        pass
