"""Questions to whole blocks of texts have the answers that each text by itself gives."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.formats.texts import (
    all_between,
    any_empty,
    any_ends_with,
    longest,
    padded,
    used_bytes,
    without_nulls,
)

texts = st.lists(st.one_of(st.none(), st.text(max_size=6), st.sampled_from(["", " ", "x "])))


@settings(deadline=None)
@given(texts, st.integers(0, 3))
def test_a_block_is_what_its_texts_are(values: list[str | None], skipped: int) -> None:
    block = without_nulls(pa.array(values, pa.large_string()).slice(skipped))
    each = [(value or "").encode() for value in values[skipped:]]
    assert block.null_count == 0
    assert [text.encode() for text in block.to_pylist()] == each
    assert used_bytes(block).tobytes() == b"".join(each)
    assert longest(block) == max(map(len, each), default=0)
    assert any_empty(block) == (b"" in each)
    assert any_ends_with(block, ord(" ")) == any(text.endswith(b" ") for text in each)
    assert all_between(block, 32, 126) == all(32 <= byte <= 126 for byte in b"".join(each))


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(st.characters(codec="ascii"), max_size=9))))
def test_texts_are_padded_to_one_width(values: list[str | None]) -> None:
    block = without_nulls(pa.array(values, pa.large_string()))
    rows = [row.tobytes() for row in padded(block, 9)]
    assert rows == [(value or "").encode().ljust(9) for value in values]


def test_nulls_that_hold_bytes_are_blank_nevertheless() -> None:
    full = pa.array(["ab", "cd", "ef"], pa.large_string())
    valid = pc.not_equal(full, "cd").buffers()[1]
    _, offsets, data = full.buffers()
    hidden = pa.LargeStringArray.from_buffers(3, offsets, data, valid)
    assert hidden.to_pylist() == ["ab", None, "ef"]
    assert without_nulls(hidden).to_pylist() == ["ab", "", "ef"]
