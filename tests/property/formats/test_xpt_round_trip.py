"""XPT: what we write is what pyreadstat and our own reader read; numbers are exact."""

from __future__ import annotations

import datetime as dt
import string
import struct
import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sdtmflow.formats.blocks import frame_blocks
from sdtmflow.formats.xpt import (
    Column,
    Member,
    XptError,
    ibm,
    missing_kind,
    read_xpt,
    write_xpt,
)

CUTOFF = dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
SMALLEST, LARGEST = 16.0**-65, np.nextafter(16.0**63, 0)

texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200)
numbers = st.one_of(
    st.just(0.0),
    st.integers(-(2**53), 2**53).map(float),
    st.floats(SMALLEST, LARGEST),
    st.floats(-LARGEST, -SMALLEST),
    st.decimals(-10_000, 10_000, places=3).map(float),
)
rows = st.lists(
    st.tuples(
        st.one_of(st.none(), texts.map(lambda text: text.rstrip(" ") or None)),
        st.one_of(st.none(), numbers),
    ),
    max_size=12,
)


def write(path: Path, data: list[tuple[str | None, float | None]]) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "STUDYID": ["DEMO01"] * len(data),
            "QVAL": [text for text, _ in data],
            "RESULT": [number for _, number in data],
        },
        schema={"STUDYID": pl.String, "QVAL": pl.String, "RESULT": pl.Float64},
    )
    member = Member(
        "XX",
        columns=(
            Column("STUDYID", length=6),
            Column("QVAL", length=frame["QVAL"].str.len_bytes().max() or 1),
            Column("RESULT", numeric=True),
        ),
    )
    write_xpt(path, member, frame_blocks(frame), created=CUTOFF)
    return frame


@settings(deadline=None, max_examples=150)
@given(rows)
def test_pyreadstat_and_our_reader_read_what_was_written(
    data: list[tuple[str | None, float | None]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "xx.xpt"
        frame = write(path, data)
        assert_frame_equal(read_xpt(path)[1], frame, check_exact=True)
        theirs, _ = pyreadstat.read_xport(path, output_format="dict")
        assert list(theirs["QVAL"]) == frame["QVAL"].fill_null("").to_list()
        assert same_numbers(theirs["RESULT"], frame["RESULT"])


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.text(max_size=210), st.floats()), min_size=1, max_size=6))
def test_whatever_is_not_refused_is_read_as_it_was(cells: list[tuple[str, float]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "xx.xpt"
        if any(refused(text, number) for text, number in cells):
            with pytest.raises(XptError):
                write(path, cells)
            assert not path.exists()
            return
        write(path, cells)
        read = read_xpt(path)[1]
        theirs, _ = pyreadstat.read_xport(path, output_format="dict")
    texts = [text.rstrip(" ") for text, _ in cells]
    assert read["QVAL"].fill_null("").to_list() == list(theirs["QVAL"]) == texts
    assert read["RESULT"].to_list() == [number for _, number in cells]
    assert same_numbers(theirs["RESULT"], read["RESULT"])


def refused(text: str, number: float) -> bool:
    fits = number == 0 or SMALLEST <= abs(number) <= LARGEST
    return not fits or not text.isascii() or "\0" in text or len(text) > 200


def same_numbers(theirs: Iterable[float | None], ours: pl.Series) -> bool:
    read = np.array([np.nan if value is None else value for value in theirs], dtype=float)
    return bool(np.array_equal(read, ours.to_numpy(), equal_nan=True))


def by_hand(value: float) -> bytes:
    """An IBM double by exact integer arithmetic, as TS-140 describes it."""
    if value == 0:
        return bytes(8)
    numerator, denominator = abs(value).as_integer_ratio()
    exponent = 64
    while numerator >= denominator:
        denominator, exponent = denominator * 16, exponent + 1
    while numerator * 16 < denominator:
        numerator, exponent = numerator * 16, exponent - 1
    fraction, rest = divmod(numerator << 56, denominator)
    assert rest == 0, "a double of the range is exact"
    return bytes([exponent | (128 if value < 0 else 0)]) + fraction.to_bytes(7, "big")


@settings(deadline=None)
@given(numbers)
def test_ibm_doubles_are_exact(value: float) -> None:
    encoded = ibm.to_ibm(np.array([value]))
    assert struct.pack(">Q", int(encoded[0])) == by_hand(value)


@settings(deadline=None)
@given(st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=40))
def test_any_ibm_double_is_read_as_the_nearest_double(found: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "xx.xpt"
        write(path, [(None, 1.0)] * len(found))
        content = path.read_bytes()
        header = content.index(b"OBS     HEADER") + 60
        observations = b"".join(b"DEMO01 " + number for number in found)
        path.write_bytes(content[:header] + observations.ljust(-(-len(observations) // 80) * 80))
        read = read_xpt(path)[1]["RESULT"].to_list()
    assert read == [as_double(number) for number in found]


def as_double(number: bytes) -> float | None:
    """An IBM double by exact arithmetic; the missing values are a character and zeros."""
    first, fraction = number[0], int.from_bytes(number[1:], "big")
    if not fraction and chr(first) in "._ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        return None
    sign = -1 if first & 128 else 1
    return float(sign * Fraction(fraction, 1 << 56) * Fraction(16) ** ((first & 127) - 64))


kinds = st.sampled_from(["", "_", *string.ascii_uppercase])


@settings(deadline=None)
@given(st.lists(st.tuples(st.one_of(st.none(), numbers), kinds), min_size=1, max_size=12))
def test_every_kind_of_missing_number_survives(cells: list[tuple[float | None, str]]) -> None:
    kept = [kind or None if number is None else None for number, kind in cells]
    rows = pl.DataFrame(
        {"AGE": [number for number, _ in cells], missing_kind("AGE"): kept},
        schema={"AGE": pl.Float64, missing_kind("AGE"): pl.String},
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "xx.xpt"
        columns = (Column("AGE", numeric=True),)
        write_xpt(path, Member("XX", columns=columns), frame_blocks(rows), created=CUTOFF)
        read = read_xpt(path, kinds=True)[1]
        content = path.read_bytes()
        theirs, _ = pyreadstat.read_xport(path, output_format="dict")
    assert_frame_equal(read.with_columns(pl.col(pl.String).replace("", None)), rows)
    assert same_numbers(theirs["AGE"], rows["AGE"])
    written = [content[880 + 8 * row :][:8] for row in range(len(cells))]
    assert written == [
        (kind or ".").encode().ljust(8, b"\0") if number is None else by_hand(number)
        for number, kind in cells
    ]


@settings(deadline=None)
@given(st.floats())
def test_representable_is_the_range_of_ibm_doubles(value: float) -> None:
    inside = value == 0 or SMALLEST <= abs(value) <= LARGEST
    assert bool(ibm.representable(np.array([value]))[0]) == inside
