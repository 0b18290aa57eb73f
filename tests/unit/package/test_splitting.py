"""Datasets beyond the agency's limit: their parts, and that reading back looks at them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sdtmflow.finding import Severity
from sdtmflow.formats.xpt import Column, Member, read_xpt, xpt_size
from sdtmflow.package import PartFile, read_back, split_datasets, write_package
from sdtmflow.package.splitting import parts_of

SDTM = Path("m5/datasets/demo-01/tabulations/sdtm")
MEMBER = Member("LB", columns=(Column("USUBJID", length=80),))


@pytest.fixture
def many(assembled: Any) -> Any:
    """VS with 60 subjects of 5 records."""
    path = assembled.data / "VS.parquet"
    number = pl.int_range(300)
    rows = pl.concat([pl.read_parquet(path)] * 100).with_columns(
        USUBJID=pl.lit("DEMO_01-01-") + (number // 5).cast(pl.String).str.zfill(3),
        VISITNUM=number.cast(pl.Float64),
    )
    rows.write_parquet(path)
    return assembled


def build(many: Any, out: Path, limit: int = 10_000) -> Any:
    return write_package(many.study, many.datasets, many.data, out, limit=limit)


def test_a_dataset_beyond_the_limit_is_there_whole_and_in_parts(many: Any, out: Path) -> None:
    report = build(many, out)
    whole, rows = read_xpt(out / SDTM / "vs.xpt")
    parts = sorted((out / SDTM / "split").iterdir())
    assert [path.name for path in parts] == [f"vs{n}.xpt" for n in range(1, len(parts) + 1)]
    read = [read_xpt(path) for path in parts]
    assert [member.name for member, _ in read] == [path.stem.upper() for path in parts]
    assert all(member.columns == whole.columns for member, _ in read), "they share all lengths"
    assert all(path.stat().st_size <= 10_000 for path in parts)
    assert_frame_equal(pl.concat([part for _, part in read]), rows)
    assert report.datasets[-1].parts[0].rows == read[0][1].height
    assert pyreadstat.read_xport(parts[1])[1].table_name == "VS2"


def test_a_subject_s_records_stay_together(many: Any, out: Path) -> None:
    build(many, out)
    seen: set[str] = set()
    for path in sorted((out / SDTM / "split").iterdir()):
        subjects = set(read_xpt(path)[1]["USUBJID"])
        assert not subjects & seen
        seen |= subjects


def test_it_is_told_and_define_xml_names_the_parts(many: Any, out: Path) -> None:
    report = build(many, out)
    (finding,) = report.findings
    assert (finding.rule, finding.severity, finding.dataset) == (
        "DATASET_SPLIT",
        Severity.MINOR,
        "VS",
    )
    first = report.datasets[-1].parts[0]
    define = (out / SDTM / "define.xml").read_text()
    assert f"split/vs1.xpt (records 1 to {first.rows})" in define
    assert read_back(many.datasets, many.data, out, limit=10_000) == list(report.findings)


def test_a_package_says_which_datasets_are_split(many: Any, out: Path) -> None:
    report = build(many, out)
    (name,) = found = split_datasets(out)
    assert name == "VS"
    assert [part.records for part in found["VS"]] == [p.rows for p in report.datasets[-1].parts]
    size = (out / SDTM / "split" / "vs1.xpt").stat().st_size
    assert found["VS"][0] == PartFile(f"{SDTM}/split/vs1.xpt", found["VS"][0].records, size)


def test_nothing_is_split_below_the_limit(many: Any, out: Path) -> None:
    assert build(many, out, limit=1_000_000).findings == ()
    assert not (out / SDTM / "split").exists()
    assert split_datasets(out) == {}


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (lambda content: content.replace(b"TEMP", b"WARM", 1), "READBACK_PART"),
        (lambda content: content[:-800], "READBACK_PART"),
        (lambda content: content.replace(b"Vital", b"Vitel"), "READBACK_PART"),
        (lambda content: content.replace(b"VS2", b"VS3"), "READBACK_PART"),
        (lambda content: content[:100], "READBACK_PART"),
        (None, "READBACK_FILE"),
    ],
)
def test_reading_back_looks_at_the_parts(many: Any, out: Path, damage: Any, rule: str) -> None:
    build(many, out)
    path = out / SDTM / "split" / "vs2.xpt"
    if damage:
        path.write_bytes(damage(path.read_bytes()))
    else:
        path.unlink()
    found = read_back(many.datasets, many.data, out, limit=10_000)
    assert [f.rule for f in found if f.severity is Severity.CRITICAL] == [rule]


def test_reading_back_finds_a_part_that_nobody_made(many: Any, out: Path) -> None:
    build(many, out)
    part = out / SDTM / "split" / "vs1.xpt"
    (out / SDTM / "split" / "dm1.xpt").write_bytes(part.read_bytes())
    found = read_back(many.datasets, many.data, out, limit=10_000)
    assert [f.dataset for f in found if f.rule == "READBACK_FILE"] == ["DM1"]


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=30).filter(lambda sizes: sum(sizes) > 5),
    st.integers(1, 5),
)
def test_parts_hold_every_record_once_and_none_is_too_large(sizes: list[int], most: int) -> None:
    subjects = [f"{number:03d}" for number, size in enumerate(sizes) for _ in range(size)]
    rows = pl.LazyFrame({"USUBJID": subjects})
    limit = xpt_size(MEMBER, most)
    parts = parts_of(MEMBER, len(subjects), rows, limit)
    assert [part.before for part in parts] == [
        sum(earlier.rows for earlier in parts[:position]) for position in range(len(parts))
    ]
    assert sum(part.rows for part in parts) == len(subjects)
    assert all(1 <= part.rows <= most for part in parts)
    assert len({part.name for part in parts}) == len(parts)
    assert all(len(part.name) <= 8 for part in parts)
    small = [size <= most for size in sizes]
    for part in parts[1:]:
        before, after = subjects[part.before - 1], subjects[part.before]
        assert before != after or not small[int(after)], "a subject that fits is not cut"
