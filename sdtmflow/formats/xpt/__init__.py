"""SAS XPORT version 5 (SAS TS-140): a vectorised writer, and a reader of other code than it."""

from sdtmflow.formats.xpt.header import xpt_size
from sdtmflow.formats.xpt.member import (
    Column,
    DisplayFormat,
    Member,
    Problem,
    XptError,
    missing_kind,
)
from sdtmflow.formats.xpt.reader import XptFile, open_xpt, read_xpt
from sdtmflow.formats.xpt.writer import write_part, write_xpt

__all__ = [
    "Column",
    "DisplayFormat",
    "Member",
    "Problem",
    "XptError",
    "XptFile",
    "missing_kind",
    "open_xpt",
    "read_xpt",
    "write_part",
    "write_xpt",
    "xpt_size",
]
