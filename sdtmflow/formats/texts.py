"""Text columns of a block by their Arrow buffers: questions and padding without a look at each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def without_nulls(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """The texts with "" for null; nothing is copied where nulls hold no bytes, as is usual."""
    if not texts.null_count:
        return texts
    if np.diff(_ends(texts))[texts.is_null().to_numpy(zero_copy_only=False)].any():
        return pc.fill_null(texts, "")
    _, offsets, data = texts.buffers()
    return pa.LargeStringArray.from_buffers(len(texts), offsets, data, None, 0, texts.offset)


def longest(texts: pa.LargeStringArray) -> int:
    """The length of the longest text in bytes."""
    return int(np.diff(_ends(texts)).max(initial=0))


def all_between(texts: pa.LargeStringArray, first: int, last: int) -> bool:
    """Whether every byte of the texts is one of ``first`` to ``last``."""
    used = used_bytes(texts)
    return not used.size or (int(used.max()) <= last and int(used.min()) >= first)


def any_empty(texts: pa.LargeStringArray) -> bool:
    """Whether a text has no bytes."""
    return not np.diff(_ends(texts)).all()


def any_ends_with(texts: pa.LargeStringArray, byte: int) -> bool:
    """Whether the last byte of a text is ``byte``."""
    ends = _ends(texts)
    filled = np.diff(ends) > 0
    last = ends[1:][filled] - ends[0] - 1
    return bool((used_bytes(texts)[last] == byte).any())


def padded(texts: pa.LargeStringArray, width: int) -> Bytes:
    """Rows × width, blank padded; no text is longer, none is null."""
    used = used_bytes(texts)
    if used.size != len(texts) * width:
        used = used_bytes(pc.ascii_rpad(texts, width))
    return used.reshape(-1, width)


def _ends(texts: pa.LargeStringArray) -> NDArray[np.int64]:
    """Where the texts begin, and where the last one ends."""
    if not len(texts):
        return np.zeros(1, np.int64)
    return np.frombuffer(texts.buffers()[1], np.int64, len(texts) + 1, texts.offset * 8)


def used_bytes(texts: pa.LargeStringArray) -> Bytes:
    """The bytes of all texts."""
    ends = _ends(texts)
    return np.frombuffer(texts.buffers()[2] or b"", np.uint8)[ends[0] : ends[-1]]
