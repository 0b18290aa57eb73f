"""How long a SAS7BDAT or SAS7BCAT file says it is: ReadStat reads a short one without a word.

The layout is not published; these offsets are those that ReadStat and the R package sas7bdat found:
``3`` (ASCII) at 32 means 64-bit fields, at 35 that header fields begin 4 bytes later; 37 is 1 for
little-endian; then the header's length at 196, the page size at 200, the number of pages at 204.
"""

from __future__ import annotations

import struct
from pathlib import Path

_HEAD = 288


def is_whole(path: Path) -> bool:
    """Whether the file holds its header and all the pages that the header counts."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if len(head) < _HEAD:
        return False
    wide, shift = head[32] == ord("3"), 4 if head[35] == ord("3") else 0
    order = "<" if head[37] == 1 else ">"
    layout = struct.Struct(f"{order}II{'Q' if wide else 'I'}")
    header, page, pages = layout.unpack_from(head, 196 + shift)
    return path.stat().st_size >= int(header) + int(page) * int(pages)
