"""How the records of a raw table are recognised in the next delivery.

By the first of these that there is: the key that ``drift.keys`` in study.yaml gives the table; the
``key`` of its raw suite; what the system itself numbers records by (ODM: event, form and item group
with their repeat keys; REDCap: event and repeating instance); the subject, where each has one
record at most; a number or a planned point that names every record (``AESPID``; visit, test and
time point). By the next of them a record is known again whose first key was corrected. A table
without any is paired by content: a record is there again where every value is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from sdtmflow.sources.raw import SUBJECT
from sdtmflow.study import Source

SYSTEM_KEYS: dict[str, tuple[str, ...]] = {
    "odm": (
        "StudyEventOID",
        "StudyEventRepeatKey",
        "FormOID",
        "FormRepeatKey",
        "ItemGroupOID",
        "ItemGroupRepeatKey",
    ),
    "redcap": ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"),
}
"""Source kind → the columns, as sent, that its system numbers the records of a subject by."""
_NUMBER = re.compile(r"(SPID|SEQ|RECID|RECORDID)$")
_POINT = re.compile(r"(VISIT|VISITNUM|TESTCD|TEST|TPT|TPTNUM|SPEC|POS|LOC|LAT)$")


@dataclass(frozen=True, slots=True)
class Pairing:
    """What names a record; ``keys`` has the subject first."""

    keys: tuple[str, ...]
    by_content: bool = False
    number: tuple[str, ...] = ()
    """Another key, by which a record is known whose first one was corrected."""

    @property
    def words(self) -> str:
        """``AESPID``, ``every value``: how a report says it."""
        if self.by_content:
            return "every value"
        return ", ".join(key for key in self.keys if key != SUBJECT) or "subject"


def pairing_of(
    before: pl.LazyFrame, after: pl.LazyFrame, columns: Sequence[str], known: Known
) -> Pairing:
    """How the records of one table are paired; ``columns`` are the data columns of both sides."""
    naming = (
        keys
        for keys in (known.system_key(columns), *_candidates(columns))
        if keys and _names_each(before, keys) and _names_each(after, keys)
    )
    said = tuple(name for name in known.said if name != known.source.subject_column)
    first = (SUBJECT, *said) if known.said and set(said) <= set(columns) else next(naming, None)
    if first is None:
        return Pairing((SUBJECT, *columns), by_content=True)
    return Pairing(first, number=next((keys for keys in naming if keys != first), ()))


@dataclass(frozen=True, slots=True)
class Known:
    """What the study knows of a table's records before it looks at them."""

    table: str
    source: Source
    said: Sequence[str]
    """The key that study.yaml or a suite gives the table; empty where none does."""

    def system_key(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The columns that the source's system numbers records by, as the study calls them."""
        spec = self.source.tables.get(self.table)
        named = {sent.casefold(): own for own, sent in spec.columns.items()} if spec else {}
        sent = SYSTEM_KEYS.get(self.source.kind, ())
        own = (named.get(name.casefold(), name.upper()) for name in sent)
        found = tuple(name for name in own if name in columns)
        return (SUBJECT, *found) if found else ()


def _candidates(columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    yield (SUBJECT,)
    for name in columns:
        if _NUMBER.search(name):
            yield (SUBJECT, name)
    points = tuple(name for name in columns if _POINT.search(name))
    if points:
        yield (SUBJECT, *points)


def _names_each(rows: pl.LazyFrame, keys: Sequence[str]) -> bool:
    """Whether every record has a name, and no two the same."""
    nameless = rows.filter(pl.all_horizontal(pl.col(key).is_null() for key in keys))
    twice = rows.group_by(keys).len().filter(pl.col("len") > 1)
    one = [frame.head(1).collect(engine="streaming") for frame in (nameless, twice)]
    return all(frame.is_empty() for frame in one)


def said_key(
    settings: Mapping[str, Sequence[str]], suites: Mapping[str, Sequence[str]], table: str
) -> Sequence[str]:
    """The key that study.yaml, else the table's raw suite, gives."""
    named = {name.casefold(): key for name, key in settings.items()}
    return named.get(table.casefold(), suites.get(table, ()))
