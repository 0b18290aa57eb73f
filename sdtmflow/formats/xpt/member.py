"""What an XPORT v5 file says of its one dataset, and the limits that the format sets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sdtmflow.errors import FormatError

NAME_LENGTH = 8
LABEL_BYTES = 40
TEXT_BYTES = 200
SHORTEST_NUMBER, NUMBER_BYTES = 2, 8
MAX_COLUMNS = 9999
"""The NAMESTR header counts the variables with four digits."""

_DATASET_NAME = re.compile(r"[A-Z][A-Z0-9]{0,7}")
_VARIABLE_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,7}")
_FORMAT_NAME = re.compile(r"(?=.{0,8}$)(\$?[A-Z][A-Z0-9_]*|\$)?")


def missing_kind(variable: str) -> str:
    """The name of the text column that says which missing value a missing number is.

    It holds ``A`` to ``Z`` or ``_`` for ``.A`` to ``.Z`` and ``._``; blank is the ordinary ``.``.
    No variable can have such a name.
    """
    return f".{variable}"


@dataclass(frozen=True, slots=True)
class DisplayFormat:
    """A SAS format or informat: ``DATE9.`` is name ``DATE``, width 9; ``8.2`` has no name."""

    name: str = ""
    width: int = 0
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A variable; ``length`` is bytes: 1 to 200 for text, 8 (on reading 2 to 8) for numbers."""

    name: str
    label: str = ""
    numeric: bool = False
    length: int = NUMBER_BYTES
    format: DisplayFormat = DisplayFormat()
    informat: DisplayFormat = DisplayFormat()
    right_justified: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """The dataset. ``version`` and ``system`` name the release and system that wrote the file."""

    name: str
    label: str = ""
    columns: tuple[Column, ...] = ()
    type: str = ""
    version: str = "6.06"
    system: str = "SDTMFLOW"

    @property
    def row_bytes(self) -> int:
        """The width of one observation."""
        return sum(column.length for column in self.columns)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that XPORT v5 cannot hold.

    ``row`` is the first record (1-based) that has it, ``count`` how many have it; both are 0 where
    the problem is in the metadata. ``what`` never holds a value of the data.
    """

    rule: str
    dataset: str
    variable: str
    what: str
    row: int = 0
    count: int = 0

    def __str__(self) -> str:
        place = f"{self.dataset}.{self.variable}" if self.variable else self.dataset
        records = f" (record {self.row}, {self.count} in all)" if self.row else ""
        return f"{place}: {self.what}{records}"


class XptError(FormatError):
    """Every reason why a dataset cannot be written as XPORT v5, one line each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[object, ...]:
        return (XptError, (self.problems,))


def metadata_problems(member: Member) -> list[Problem]:
    """What XPORT v5 and the agencies refuse in names, labels, lengths and formats.

    Sources: SAS TS-140; FDA Study Data Technical Conformance Guide (names upper case, letters and
    digits, at most 8; labels at most 40 bytes; ASCII).
    """
    found = [
        Problem(rule, member.name, variable, what) for rule, variable, what in _refused(member)
    ]
    names = [column.name for column in member.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    return found + [
        Problem("XPT_NAME", member.name, name, "two variables have this name") for name in repeated
    ]


def _refused(member: Member) -> Iterator[tuple[str, str, str]]:
    if not _DATASET_NAME.fullmatch(member.name):
        yield "XPT_NAME", "", "a dataset name is 1 to 8 letters A-Z and digits, a letter first"
    for what in _label_problems(member.label):
        yield "XPT_LABEL", "", what
    if not 1 <= len(member.columns) <= MAX_COLUMNS:
        yield "XPT_COLUMNS", "", f"a dataset has 1 to {MAX_COLUMNS} variables"
    for column in member.columns:
        for rule, what in _column_problems(column):
            yield rule, column.name, what


def _column_problems(column: Column) -> Iterator[tuple[str, str]]:
    if not _VARIABLE_NAME.fullmatch(column.name):
        yield "XPT_NAME", "a variable name is 1 to 8 letters A-Z, digits and _, a letter first"
    for what in _label_problems(column.label):
        yield "XPT_LABEL", what
    if column.numeric and not SHORTEST_NUMBER <= column.length <= NUMBER_BYTES:
        yield "XPT_LENGTH", f"a number has 2 to 8 bytes, not {column.length}"
    if not column.numeric and not 1 <= column.length <= TEXT_BYTES:
        yield "XPT_LENGTH", f"a text variable has 1 to 200 bytes, not {column.length}"
    for display in (column.format, column.informat):
        if not _FORMAT_NAME.fullmatch(display.name):
            yield (
                "XPT_FORMAT",
                "a format name has at most 8 characters, A-Z, digits and _, a $ first if any",
            )


def _label_problems(label: str) -> Iterator[str]:
    size = len(label.encode())
    if size > LABEL_BYTES:
        yield f"the label has {size} bytes, at most {LABEL_BYTES} are allowed"
    if not label.isascii() or not label.isprintable():
        yield "the label has characters other than printable ASCII"
