"""Dataset-JSON: valid against the schema, exact numbers, the standard's missing values."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.dataset import Dataset, Variable
from sdtmflow.formats.blocks import frame_blocks
from sdtmflow.formats.dataset_json import write_dataset_json
from sdtmflow.study import Study

CUTOFF = dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
SCHEMA = (
    Path(__file__).parents[3].parent
    / "shared/reference/schemas/dataset-json-1.1/dataset.schema.json"
)

STUDY = Study.model_validate(
    {
        "version": 1,
        "study": "DEMO01",
        "title": "A Study",
        "cutoff": "2026-03-31",
        "standards": {"ct": "2025-03-28"},
        "sites": {"01": {"name": "One", "country": "DEU"}},
        "sources": {"edc": {"kind": "odm", "path": "raw", "site": "01"}},
    }
)
VS = Dataset(
    "VS", "Vital Signs", "FINDINGS", "One record per test", ("STUDYID", "VSSEQ"),
    (
        Variable("STUDYID", "Study Identifier", length=6),
        Variable("VSSEQ", "Sequence Number", "integer", numeric=True),
        Variable("VSORRES", "Result", length=20),
        Variable("VSSTRESN", "Numeric Result", "float", numeric=True, display_format="8.1"),
        Variable("VSDTC", "Date/Time", "date"),
        Variable("VSENDTC", "End Date/Time", "partialDatetime", length=16),
    ),
)  # fmt: skip
ROWS = pl.DataFrame(
    {
        "STUDYID": ["DEMO01", "DEMO01", "DEMO01"],
        "VSSEQ": [1.0, 2.0, None],
        "VSORRES": ["5' 11\"", "back\\slash\n\ttab", None],
        "VSSTRESN": [1.3, None, 5e-8],
        "VSDTC": ["2026-01-05", None, "2026-01-06"],
        "VSENDTC": ["2026-01-05T10:30", "2026-01", None],
    }
)


def write(path: Path, rows: pl.DataFrame = ROWS) -> str:
    write_dataset_json(path, STUDY, VS, rows.height, frame_blocks(rows), created=CUTOFF)
    return path.read_text(encoding="utf-8")


def schema() -> dict[str, Any]:
    if not SCHEMA.is_file():
        pytest.skip("the Dataset-JSON schema beside the project is absent")
    return dict(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_missing_text_is_blank_a_missing_number_null_and_numbers_are_exact(tmp_path: Path) -> None:
    text = write(tmp_path / "vs.json")
    assert json.loads(text)["rows"] == [
        ["DEMO01", 1, "5' 11\"", 1.3, "2026-01-05", "2026-01-05T10:30"],
        ["DEMO01", 2, "back\\slash\n\ttab", None, "", "2026-01"],
        ["DEMO01", None, "", 5e-8, "2026-01-06", ""],
    ]
    assert '["DEMO01",1,' in text, "an integer is written as one"


def test_columns_say_what_define_xml_says(tmp_path: Path) -> None:
    document = json.loads(write(tmp_path / "vs.json"))
    assert document["records"] == 3
    assert document["itemGroupOID"] == "IG.VS"
    assert document["datasetJSONCreationDateTime"] == "2026-03-31T00:00:00"
    columns = {column.pop("name"): column for column in document["columns"]}
    assert columns["VSSEQ"] == {
        "itemOID": "IT.VS.VSSEQ",
        "label": "Sequence Number",
        "dataType": "integer",
        "keySequence": 2,
    }
    assert columns["VSSTRESN"]["dataType"] == "double"
    assert columns["VSSTRESN"]["displayFormat"] == "8.1"
    assert columns["VSDTC"]["dataType"] == "date"
    assert (columns["VSENDTC"]["dataType"], columns["VSENDTC"]["length"]) == ("string", 16)


@pytest.mark.parametrize("rows", [ROWS, ROWS.clear()], ids=["rows", "none"])
def test_json_is_valid_against_the_schema(tmp_path: Path, rows: pl.DataFrame) -> None:
    import jsonschema

    document = json.loads(write(tmp_path / "vs.json", rows))
    jsonschema.validate(document, schema())
    assert len(document["rows"]) == document["records"] == rows.height


@pytest.mark.parametrize("rows", [ROWS, ROWS.clear()], ids=["rows", "none"])
def test_ndjson_is_metadata_and_one_line_a_record(tmp_path: Path, rows: pl.DataFrame) -> None:
    import jsonschema

    head, *records = map(json.loads, write(tmp_path / "vs.ndjson", rows).splitlines())
    assert records == json.loads(write(tmp_path / "vs.json", rows))["rows"]
    # The references of the published NDJSON schema lead nowhere; its metadata are the same.
    jsonschema.validate(head, schema())


@pytest.mark.parametrize("rows", [ROWS, ROWS.clear()], ids=["rows", "none"])
def test_the_compressed_form_is_a_gzip_stream_of_ndjson_without_a_clock(
    tmp_path: Path, rows: pl.DataFrame
) -> None:
    plain = write(tmp_path / "vs.ndjson", rows)
    path = tmp_path / "vs.dsjc"
    write_dataset_json(path, STUDY, VS, rows.height, frame_blocks(rows), created=CUTOFF)
    content = path.read_bytes()
    assert gzip.decompress(content).decode() == plain
    no_name, no_clock = content[3] == 0, content[4:8] == bytes(4)
    assert (no_name, no_clock) == (True, True)


def test_blocks_are_joined_seamlessly(tmp_path: Path) -> None:
    blocks = [block for row in range(3) for block in frame_blocks(ROWS[row : row + 1])]
    for form in ("json", "ndjson"):
        path = tmp_path / f"blocks.{form}"
        write_dataset_json(path, STUDY, VS, 3, blocks, created=CUTOFF)
        assert path.read_text() == write(tmp_path / f"whole.{form}")


values = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.text(max_size=30), values), min_size=1, max_size=20))
def test_any_text_and_number_survives(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, float]]
) -> None:
    rows = pl.DataFrame(
        {
            "STUDYID": ["DEMO01"] * len(cells),
            "VSSEQ": [1.0] * len(cells),
            "VSORRES": [text for text, _ in cells],
            "VSSTRESN": [number for _, number in cells],
            "VSDTC": [""] * len(cells),
            "VSENDTC": [""] * len(cells),
        }
    )
    document = json.loads(write(tmp_path_factory.mktemp("json") / "vs.json", rows))
    assert [(row[2], row[3]) for row in document["rows"]] == cells


def test_a_text_variable_is_a_string_whatever_type_define_xml_gives_it(tmp_path: Path) -> None:
    text = Variable("VSORRES", "Result", "integer", length=3)
    dataset = Dataset("VS", "Vital Signs", "FINDINGS", "One record per test", (), (text,))
    path = tmp_path / "vs.json"
    rows = frame_blocks(pl.DataFrame({"VSORRES": ["120"]}))
    write_dataset_json(path, STUDY, dataset, 1, rows, created=CUTOFF)
    document = json.loads(path.read_text())
    assert document["columns"][0]["dataType"] == "string"
    assert document["rows"] == [["120"]]
