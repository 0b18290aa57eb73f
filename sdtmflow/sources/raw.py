"""What a reader gives: raw tables with every value as the text that was sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl

from sdtmflow.study import Source

FILE = "_file"
"""SHA-256 of the file that the row came from."""
ROW = "_row"
"""1-based record number within the file (within the sheet; within the XPT member)."""
PLACE = "_place"
"""Where in the file, in the kind's own words: ``line 7``, ``Sheet1!7``, an XPath, ``AE row 7``."""
MISSING = "_missing"
"""Kinds of missing beyond a plain blank, as ``COLUMN=kind;COLUMN=kind`` (``IsNull``, ``.A``)."""
SOURCE = "_source"
SITE = "_site"
SUBJECT = "_subject"
"""Added by staging: the source's name, the site, and the subject's number as sent."""

PROVENANCE = (FILE, ROW, PLACE, MISSING)


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """One file of a delivery, already kept as a snapshot."""

    name: str
    """As delivered, relative to the source's path."""
    path: Path
    """The immutable snapshot."""
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class RawColumn:
    """What the delivery itself says of a column."""

    name: str
    label: str = ""
    type: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    """Code sent → its label, from the delivery's own code list."""
    identifier: bool = False
    """The delivery marks it as identifying a person (REDCap, ODM)."""
    oid: str = ""
    """ODM: the item's OID where ``name`` is its Name."""
    aliases: tuple[tuple[str, str], ...] = ()
    """ODM: (context, name), such as ``("SDTM", "AE.AETERM")``; SDSVarName is one of them."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What the delivery says of a table as a whole."""

    label: str = ""
    forms: dict[str, str] = field(default_factory=dict)
    """ODM: OID → name of the forms that hold this item group; ``from`` may name either too."""
    repeating: bool | None = None
    """ODM: may a form hold it several times; None where the delivery does not say."""
    auxiliary: bool = False
    """Made by the reader from what stands around the data (subject attributes, annotations)."""


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Some rows of one raw table: text columns as sent (null = missing) and ``PROVENANCE``."""

    table: str
    rows: pl.DataFrame
    columns: tuple[RawColumn, ...] = ()
    facts: TableFacts = TableFacts()


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that cannot be placed in a table; it is kept, counted and reported."""

    file: DeliveredFile
    row: int
    place: str
    reason: str
    record: str
    """The record as sent (subject data: stays with the data, never logged)."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that changes no value but that a data manager should know of the delivery."""

    file: DeliveredFile
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file was read to its end: ``records`` = ``placed`` + quarantined + ``left_out``."""

    file: DeliveredFile
    nature: str
    records: int
    placed: int
    left_out: dict[str, int] = field(default_factory=dict)
    """Why → how many records hold nothing to place (``blank``, ``removed by a transaction``)."""
    encoding: str = ""
    separator: str = ""


Item = RawBatch | Quarantined | Noted | FileRead


class Reader(Protocol):
    """One kind of export: every record is placed, quarantined or counted as left out.

    Each file ends with one FileRead. A broken file raises DeliveryError, possibly after the first
    batches: nothing of a delivery counts before the reader is exhausted.
    """

    def __call__(self, files: tuple[DeliveredFile, ...], source: Source) -> Iterator[Item]:
        """Read a delivery, batch by batch, in bounded memory."""
        ...
