"""The package: what is written, what is refused, and that reading back finds every difference."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest

from sdtmflow.finding import Severity
from sdtmflow.formats.xpt import Column, Member, read_xpt, write_xpt
from sdtmflow.package import read_back, write_package

SDTM = Path("m5/datasets/demo-01/tabulations/sdtm")


def build(assembled: Any, out: Path) -> Any:
    return write_package(assembled.study, assembled.datasets, assembled.data, out)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_tree_is_what_an_agency_gets(assembled: Any, out: Path) -> None:
    report = build(assembled, out)
    assert sorted(tree(out)) == [
        "dataset-json/dm.json",
        "dataset-json/ta.json",
        "dataset-json/vs.json",
        f"{SDTM}/define.html",
        f"{SDTM}/define.xml",
        f"{SDTM}/define.xsl",
        f"{SDTM}/dm.xpt",
        f"{SDTM}/ta.xpt",
        f"{SDTM}/vs.xpt",
    ]
    assert [(one.name, one.rows) for one in report.datasets] == [("TA", 2), ("DM", 3), ("VS", 3)]
    assert report.datasets[1].file == f"{SDTM}/dm.xpt"
    assert report.datasets[1].size == (out / SDTM / "dm.xpt").stat().st_size
    assert (report.empty, report.refused, report.findings) == (("SUPPDM",), (), ())


@pytest.mark.parametrize("form", ["json", "ndjson", "dsjc"])
def test_twins_have_the_form_that_the_study_asks_for(assembled: Any, out: Path, form: str) -> None:
    assembled.study = assembled.study.model_copy(update={"dataset_json": form})
    build(assembled, out)
    names = sorted(path.name for path in (out / "dataset-json").iterdir())
    assert names == [f"dm.{form}", f"ta.{form}", f"vs.{form}"]
    assert read_back(assembled.datasets, assembled.data, out) == []
    (out / "dataset-json" / f"dm.{form}").unlink()
    assert rules(assembled, out) == {"READBACK_FILE"}


def test_two_builds_are_equal_in_every_byte(assembled: Any, out: Path, tmp_path: Path) -> None:
    build(assembled, out)
    again = tmp_path / "again"
    again.mkdir()
    build(assembled, again)
    assert tree(out) == tree(again)


def test_what_was_written_is_read_back(assembled: Any, out: Path) -> None:
    build(assembled, out)
    assert read_back(assembled.datasets, assembled.data, out) == []


def test_lengths_are_the_longest_need_of_the_study_or_as_declared(
    assembled: Any, out: Path
) -> None:
    assembled.change("TA", ARMCD=["PLACEBO", "VEL"])
    build(assembled, out)
    lengths = {
        name: {c.name: c.length for c in read_xpt(out / SDTM / f"{name}.xpt")[0].columns}
        for name in ("dm", "ta", "vs")
    }
    assert lengths["dm"]["ARMCD"] == 20, "declared"
    assert lengths["ta"]["ARMCD"] == 7, "measured"
    assert lengths["dm"]["DTHFL"] == 1, "no value at all"
    assert {one["STUDYID"] for one in lengths.values()} == {7}


def test_typographic_characters_are_replaced_and_told(assembled: Any, out: Path) -> None:
    assembled.change("VS", VSREASND=["Subject’s cuff – 5 µm", "plain", "line\nbreak"])
    report = build(assembled, out)
    rows, _ = pyreadstat.read_xport(out / SDTM / "vs.xpt")
    assert rows["VSREASND"].tolist() == ["Subject's cuff - 5 um", "plain", "line break"]
    assert [(f.rule, f.severity, f.row) for f in report.findings] == [
        ("NON_ASCII", Severity.MAJOR, 1),
        ("NON_ASCII", Severity.MAJOR, 3),
    ]
    finding = report.findings[0]
    assert finding.record_key == "STUDYID=DEMO_01|USUBJID=DEMO_01-01-001|VSTESTCD=SYSBP"
    assert (finding.subject, finding.variable) == ("DEMO_01-01-001", "VSREASND")
    assert "U+2019 by \"'\", U+2013 by '-', U+00B5 by 'u'" in finding.message
    assert read_back(assembled.datasets, assembled.data, out) == list(report.findings)


def test_blocks_of_any_size_give_the_same_package(
    assembled: Any, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assembled.change("VS", VSREASND=["5 µm", "plain ", "Subject’s cuff"], VSORRES=["1", "é", "ü"])
    assembled.change("DM", SEX=["F", "F – ", "M…"])
    whole = build(assembled, out)
    monkeypatch.setattr("sdtmflow.formats.blocks.BLOCK_ROWS", 1)
    other = tmp_path / "other"
    other.mkdir()
    assert build(assembled, other) == whole
    assert tree(other) == tree(out)
    assert [f.row for f in whole.findings if f.rule == "NON_ASCII_REFUSED"] == [2, 3]
    assert read_back(assembled.datasets, assembled.data, other) == list(whole.findings)


@pytest.mark.parametrize(
    ("place", "values", "rule", "row"),
    [
        ("VS.VSREASND", ["Übelkeit", None, None], "NON_ASCII_REFUSED", 1),
        ("VS.VSREASND", [None, None, "体温"], "NON_ASCII_REFUSED", 3),
        ("VS.VSREASND", [None, "bell\a", None], "NON_ASCII_REFUSED", 2),
        ("VS.VSREASND", [None, "x" * 201, None], "TEXT_TOO_LONG", 2),
        ("DM.ARMCD", [None, "x" * 21, None], "TEXT_TOO_LONG", 2),
        ("VS.VSSTRESN", [1e80, None, 0.0], "NUMBER_OUT_OF_RANGE", 1),
        ("VS.VSSTRESN", [1.0, float("nan"), 0.0], "NUMBER_OUT_OF_RANGE", 2),
        ("VS.STUDYID", ["DEMO_01", " ", "DEMO_01"], "STUDYID_BLANK", 2),
    ],
)
def test_a_dataset_that_cannot_be_written_is_refused_as_a_whole(
    assembled: Any, out: Path, *, place: str, values: list[object], rule: str, row: int
) -> None:
    dataset, column = place.split(".")
    assembled.change(dataset, **{column: values})
    report = build(assembled, out)
    critical = [f for f in report.findings if f.severity is Severity.CRITICAL]
    assert [(f.rule, f.dataset, f.variable, f.row) for f in critical] == [
        (rule, dataset, column, row)
    ]
    assert report.refused == (dataset,)
    assert not (out / SDTM / f"{dataset.lower()}.xpt").exists()
    assert f'Name="{dataset}"' not in (out / SDTM / "define.xml").read_text()
    assert read_back(assembled.datasets, assembled.data, out) == list(report.findings)


def test_metadata_that_xpt_cannot_hold_refuse_the_dataset(assembled: Any, out: Path) -> None:
    dm, *others = assembled.datasets
    long = replace(dm, label="x" * 41)
    assembled.datasets = (long, *others)
    report = build(assembled, out)
    assert report.refused == ("DM",)
    assert [(f.rule, f.severity) for f in report.findings] == [("XPT_LABEL", Severity.CRITICAL)]


def test_trailing_blanks_are_told(assembled: Any, out: Path) -> None:
    assembled.change("VS", VSREASND=["broken ", None, " "])
    report = build(assembled, out)
    assert [(f.rule, f.severity, f.row) for f in report.findings] == [
        ("TRAILING_BLANK", Severity.MINOR, 1),
        ("TRAILING_BLANK", Severity.MINOR, 3),
    ]
    assert read_back(assembled.datasets, assembled.data, out) == list(report.findings)


def rules(assembled: Any, out: Path) -> set[str]:
    return {finding.rule for finding in read_back(assembled.datasets, assembled.data, out)}


def rewrite(path: Path, rows: pl.DataFrame | None = None, **member: object) -> None:
    """Write an XPT file again with something changed, as a broken writer would."""
    from datetime import UTC, datetime

    from sdtmflow.formats.blocks import frame_blocks

    before, content = read_xpt(path)
    changed = replace(before, **member)  # type: ignore[arg-type]
    blocks = frame_blocks(content if rows is None else rows)
    write_xpt(path, changed, blocks, created=datetime(2026, 3, 31, tzinfo=UTC))


def renamed(member: Member, old: str, **changes: object) -> tuple[Column, ...]:
    return tuple(replace(c, **changes) if c.name == old else c for c in member.columns)  # type: ignore[arg-type]


def test_reading_back_finds_a_changed_cell(assembled: Any, out: Path) -> None:
    build(assembled, out)
    path = out / SDTM / "vs.xpt"
    rows = read_xpt(path)[1]
    rewrite(path, rows.with_columns(VSSTRESN=pl.Series([120.0, 36.6500001, 131.0])))
    (finding,) = read_back(assembled.datasets, assembled.data, out)
    assert (finding.rule, finding.variable, finding.row) == ("READBACK_VALUE", "VSSTRESN", 2)
    assert finding.severity is Severity.CRITICAL


def test_reading_back_finds_lost_and_moved_records(assembled: Any, out: Path) -> None:
    build(assembled, out)
    path = out / SDTM / "vs.xpt"
    rows = read_xpt(path)[1]
    rewrite(path, rows.head(2))
    assert rules(assembled, out) == {"READBACK_ROWS"}
    rewrite(path, pl.concat([rows, rows]))
    assert rules(assembled, out) == {"READBACK_ROWS"}
    rewrite(path, rows.reverse())
    assert rules(assembled, out) == {"READBACK_VALUE"}


def test_reading_back_finds_changed_metadata(assembled: Any, out: Path) -> None:
    build(assembled, out)
    path = out / SDTM / "dm.xpt"
    original = path.read_bytes()
    member, rows = read_xpt(path)
    rewrite(path, label="Demography")
    assert rules(assembled, out) == {"READBACK_LABEL"}
    path.write_bytes(original)
    rewrite(path, columns=renamed(member, "SEX", label="Gender"))
    assert rules(assembled, out) == {"READBACK_LABEL"}
    path.write_bytes(original)
    rewrite(path, columns=renamed(member, "ARMCD", length=21))
    assert rules(assembled, out) == {"READBACK_LENGTH"}
    path.write_bytes(original)
    rewrite(path, rows, columns=tuple(reversed(member.columns)))
    assert rules(assembled, out) == {"READBACK_VARIABLES"}


def test_reading_back_finds_missing_and_foreign_files(assembled: Any, out: Path) -> None:
    build(assembled, out)
    (out / "dataset-json" / "dm.json").unlink()
    shutil.copy(out / SDTM / "ta.xpt", out / SDTM / "suppdm.xpt")
    found = read_back(assembled.datasets, assembled.data, out)
    assert [f.dataset for f in found if f.rule == "READBACK_FILE"] == ["DM", "SUPPDM"]


def test_reading_back_finds_a_file_that_nobody_made(assembled: Any, out: Path) -> None:
    build(assembled, out)
    shutil.copy(out / SDTM / "ta.xpt", out / SDTM / "xx.xpt")
    (finding,) = read_back(assembled.datasets, assembled.data, out)
    assert (finding.rule, finding.dataset) == ("READBACK_FILE", "XX")


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('OID="IT.DM.ARMCD" Name="ARMCD" DataType="text" Length="20"',
         'OID="IT.DM.ARMCD" Name="ARMCD" DataType="text" Length="8"'),
        (">Planned Arm Code<", ">Arm<"),
        ('xlink:href="dm.xpt"', 'xlink:href="demographics.xpt"'),
        ('Name="SUPPDM" ', 'Name="SUPPXX" '),
    ],
)  # fmt: skip
def test_reading_back_finds_a_definition_that_is_wrong(
    assembled: Any, out: Path, written: str, instead: str
) -> None:
    build(assembled, out)
    define = out / SDTM / "define.xml"
    text = define.read_text()
    assert written in text
    define.write_text(text.replace(written, instead))
    assert rules(assembled, out) == {"READBACK_DEFINE"}


def test_reading_back_finds_a_changed_twin(assembled: Any, out: Path) -> None:
    build(assembled, out)
    path = out / "dataset-json" / "vs.json"
    path.write_text(path.read_text().replace('"131"', '"132"'))
    assert rules(assembled, out) == {"READBACK_JSON"}
