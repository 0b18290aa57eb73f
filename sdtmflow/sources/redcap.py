"""REDCap CSV exports: the wide table split by instrument, as the data dictionary says.

Each instrument is a table with the keys (record id, event, repeat instrument and instance, data
access group) and its own fields. A wide row gives a row to each instrument for which it holds
anything; a checkbox that is 0 holds nothing, because REDCap writes 0 where nobody answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.delimited import read_text_table
from sdtmflow.sources.raw import (
    PROVENANCE,
    DeliveredFile,
    FileRead,
    Item,
    Noted,
    RawBatch,
    RawColumn,
)
from sdtmflow.sources.redcap_dictionary import Dictionary, is_dictionary, read_dictionary
from sdtmflow.study import Source

KEYS = (
    "redcap_event_name",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
    "redcap_data_access_group",
    "redcap_survey_identifier",
)
ELSEWHERE = "not_in_dictionary"
"""The table of the columns that the dictionary does not know."""


def read_redcap(files: tuple[DeliveredFile, ...], source: Source) -> Iterator[Item]:
    """Read data exports with the dictionary among the files. Raises DeliveryError."""
    dictionaries = [file for file in files if is_dictionary(file)]
    if len(dictionaries) != 1:
        raise DeliveryError(
            "one data dictionary is needed"
            + (f", {len(dictionaries)} were sent" if dictionaries else ", none was sent"),
            place=(dictionaries or list(files))[0].name,
            remedy="name the dictionary's CSV in the source's 'dictionary'",
        )
    dictionary = read_dictionary(dictionaries[0])
    for file in files:
        if file is dictionaries[0]:
            yield FileRead(file, "REDCap data dictionary", 0, 0)
        else:
            yield from _read_export(file, source, dictionary)


def _read_export(file: DeliveredFile, source: Source, dictionary: Dictionary) -> Iterator[Item]:
    split: _Split | None = None
    placed = 0
    for item in read_text_table(file, source, file.name):
        if isinstance(item, RawBatch):
            if split is None:
                split = _Split(dictionary, _checked(item, dictionary, file))
                yield from split.notes(file)
            placed += split.placed(item.rows)
            yield from split.batches(item.rows)
        elif isinstance(item, FileRead):
            keys_only = item.placed - placed
            left_out = item.left_out | ({"keys only": keys_only} if keys_only else {})
            yield replace(item, nature="REDCap export", placed=placed, left_out=left_out)
        else:
            yield item


def _checked(batch: RawBatch, dictionary: Dictionary, file: DeliveredFile) -> tuple[str, ...]:
    """The export's columns. Raises DeliveryError where they are labels instead of field names."""
    names = tuple(name for name in batch.rows.columns if name not in PROVENANCE)
    if dictionary.record_id not in names:
        raise DeliveryError(
            f"the record id column '{dictionary.record_id}' is missing",
            place=file.name,
            remedy="export raw data with field names as headers, and this project's dictionary",
        )
    return names


@dataclass(frozen=True)
class _Split:
    """How the columns of one export are shared out."""

    dictionary: Dictionary
    names: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that this export has."""
        return (self.dictionary.record_id, *(key for key in KEYS if key in self.names))

    def instruments(self) -> dict[str, tuple[RawColumn, ...]]:
        """Instrument → its columns in this export; unknown columns are a table of their own."""
        known = {
            form: tuple(
                column
                for name, column in columns.items()
                if name in self.names and name not in self.keys
            )
            for form, columns in self.dictionary.instruments.items()
        }
        elsewhere = tuple(RawColumn(name) for name in self.unknown())
        return {form: columns for form, columns in known.items() if columns} | (
            {ELSEWHERE: elsewhere} if elsewhere else {}
        )

    def unknown(self) -> tuple[str, ...]:
        """Columns that the dictionary lacks; a survey's time stamp belongs to its instrument."""
        known = self.dictionary.columns | set(self.keys)
        return tuple(name for name in self.names if name not in known)

    def notes(self, file: DeliveredFile) -> Iterator[Noted]:
        for name in self.unknown():
            note = f"column {name} is not in the data dictionary; it is in table {ELSEWHERE}"
            yield Noted(file, "", note)
        for form, columns in self.dictionary.instruments.items():
            lacking = sorted(columns.keys() - set(self.names) - set(self.keys))
            if lacking:
                note = f"instrument {form} was exported without {', '.join(lacking)}"
                yield Noted(file, "", note)

    def holds(self, columns: tuple[RawColumn, ...]) -> pl.Expr:
        """Whether a wide row holds anything for an instrument."""
        return pl.any_horizontal(
            pl.col(column.name).is_not_null()
            & ((pl.col(column.name) != "0") | (column.name not in self.dictionary.checkboxes))
            for column in columns
        )

    def placed(self, rows: pl.DataFrame) -> int:
        """How many wide rows give a row to any instrument."""
        anything = pl.any_horizontal(self.holds(columns) for columns in self.instruments().values())
        return rows.filter(anything).height

    def batches(self, rows: pl.DataFrame) -> Iterator[RawBatch]:
        """One batch an instrument; one without rows still makes its table known."""
        id_column = self._id_column()
        for form, columns in self.instruments().items():
            names = [column.name for column in columns]
            kept = rows.filter(self.holds(columns)).select(*self.keys, *names, *PROVENANCE)
            yield RawBatch(form, kept, (id_column, *columns))

    def _id_column(self) -> RawColumn:
        first = next(iter(self.dictionary.instruments.values()))
        return first.get(self.dictionary.record_id, RawColumn(self.dictionary.record_id))
