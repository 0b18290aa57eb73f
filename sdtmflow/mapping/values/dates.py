"""Collected dates and times → ISO 8601 text, as precise as they were collected and no more.

A format is written in the words of study.yaml: ``YYYY``, ``MM``, ``MON`` (English month name or its
first three letters, any letter case), ``DD``, ``HH``, ``MM`` after ``HH`` (minutes), ``SS``, ``AM``
(AM or PM), ``Z`` (time zone: Z, UTC, +01:00, +0100, +01; kept as sent); everything else stands for
itself (a blank for any number of blanks). Between separators, days, months and hours may have one
digit. ``ISO`` (the default) is ISO 8601 itself, cut short at any component, ``T`` or a blank before
the time.

A year has four digits. ``YY`` has two and no century, so it is refused unless the line or the
source says ``year_cutoff: 1950``, the first of the hundred years that two digits may mean (as in
SAS: 50 to 99 are 1950 to 1999, 00 to 49 are 2000 to 2049).

The formats of a list are tried in order; one *fits* when the text has its form **and** the date
exists, so ``13/04/2019`` fits ``DD/MM/YYYY`` although ``MM/DD/YYYY`` comes first in the list.

Unknown parts (``UN``, ``UNK``, ``UNKN``, ``NK``, dashes, and what the line declares) leave the
component out: 2019, 2019-02, 2019---20, 2019-02-05T10. Nothing is ever filled in.

| text | format | ISO 8601 |
|---|---|---|
| 05-Feb-2019 | DD-MON-YYYY | 2019-02-05 |
| UN-UNK-2019 | DD-MON-YYYY | 2019 |
| 20-UNK-2019 | DD-MON-YYYY | 2019---20 |
| UN-JAN-2019, 10:30 | DD-MON-YYYY, HH:MM | 2019-01--T10:30 |
| missing, 10:30 | HH:MM | -----T10:30 |
| 05-Feb-2019, UNK | DD-MON-YYYY, HH:MM | 2019-02-05 |
| UNK | DD-MON-YYYY | missing, and no finding |
| 31-FEB-2019 | DD-MON-YYYY | missing, finding DATE_IMPOSSIBLE |
| spring 2019 | DD-MON-YYYY | missing, finding DATE_UNREADABLE |
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from sdtmflow.mapping.values.date_formats import (
    MONTH_NAMES,
    UNKNOWN_PARTS,
    FormatError,
    check,
    dates_of,
    is_time,
    pattern,
    times_of,
)
from sdtmflow.mapping.values.date_parts import FOUND, PARTS, exists, iso_texts, known_parts
from sdtmflow.mapping.values.distinct import once_each, repeated

IMPOSSIBLE = "DATE_IMPOSSIBLE"
UNREADABLE = "DATE_UNREADABLE"
COMPLETE_DATE = r"^\d{4}-\d{2}-\d{2}"
"""ISO text that is complete to the day."""
__all__ = [
    "COMPLETE_DATE",
    "IMPOSSIBLE",
    "UNKNOWN_PARTS",
    "UNREADABLE",
    "FormatError",
    "check",
    "dates_of",
    "is_time",
    "joined",
    "read",
    "read_parts",
    "times_of",
]


def read(
    texts: pl.Series,
    formats: Sequence[str],
    unknown: Sequence[str] = (),
    year_cutoff: int | None = None,
) -> pl.DataFrame:
    """Texts → ``date`` (``2019-02``), ``stem`` (``2019-02--``), ``time``, ``problem`` (a rule).

    Row for row. ``stem`` is the date as it stands before a time. No text gives nothing and no
    problem. Each distinct text is read once.
    """
    if texts.null_count() == len(texts):
        return pl.DataFrame(
            [repeated(None, len(texts), pl.String()).alias(name) for name in _ANSWER]
        )
    return once_each(
        texts, lambda distinct: _read_distinct(distinct, formats, tuple(unknown), year_cutoff)
    )


_ANSWER = ("date", "stem", "time", "problem")


def joined(date: pl.DataFrame, time: pl.DataFrame | None = None) -> pl.Series:
    """ISO 8601 text of what ``read`` gave for a date column and, if any, a time column.

    A time of the time column goes before one inside the date column.
    """
    clock = pl.Series("clock", date["time"])
    if time is not None:
        clock = time["time"].zip_with(time["time"].is_not_null(), clock)
    frame = date.with_columns(clock=clock, stem=pl.col("stem").fill_null(_NO_DATE))
    return frame.select(
        pl.when(pl.col("clock").is_not_null())
        .then(pl.concat_str("stem", pl.lit("T"), "clock"))
        .otherwise("date")
    ).to_series()


_NO_DATE = "-----"


def _read_distinct(
    texts: pl.Series,
    formats: Sequence[str],
    unknown: tuple[str, ...],
    year_cutoff: int | None,
) -> pl.DataFrame:
    tries = [
        _try(texts, pattern(format_, unknown), unknown, year_cutoff)
        for format_ in _spelled_out(formats)
    ]
    reading = tries[0]
    for other in tries[1:]:
        reading = _better(reading, other)
    return reading.with_columns(silent=_silent(texts, unknown)).select(*iso_texts(), _told())


def _silent(texts: pl.Series, unknown: tuple[str, ...]) -> pl.Series:
    """Where a text as a whole says that nothing is known: ``UNK``."""
    words = [*UNKNOWN_PARTS, *(text.upper() for text in unknown)]
    return texts.str.strip_chars().str.to_uppercase().is_in(words)


def _told() -> pl.Expr:
    """The problem, of texts that say something."""
    return pl.when(~pl.col("silent")).then(_problem()).alias("problem")


def _problem() -> pl.Expr:
    return (
        pl.when(pl.col("exists").is_null())
        .then(pl.lit(UNREADABLE))
        .when(~pl.col("exists"))
        .then(pl.lit(IMPOSSIBLE))
        .alias("problem")
    )


def _spelled_out(formats: Sequence[str]) -> list[str]:
    """``YYYY-MM-DD`` also reads what ISO 8601 cuts short (2019-02, 2019)."""
    spelled = []
    for format_ in formats:
        short = ("YYYY-MM", "YYYY") if format_.upper() == "YYYY-MM-DD" else ()
        spelled += [format_, *short]
    return spelled


def _better(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Row by row the first reading, unless only the second exists (or has the form at all)."""
    left, right = first["exists"], second["exists"]
    take_second = (right.fill_null(value=False) & ~left.fill_null(value=False)) | (
        left.is_null() & right.is_not_null()
    )
    return pl.DataFrame([second[name].zip_with(take_second, first[name]) for name in first.columns])


def _try(
    texts: pl.Series, form: str, unknown: tuple[str, ...], year_cutoff: int | None
) -> pl.DataFrame:
    """The parts (text, null = unknown), ``exists`` (null: not of this form)."""
    groups = texts.to_frame("text").select(found=pl.col("text").str.extract_groups(form))
    named = re.compile(form).groupindex
    found = groups.select(
        *(_named_part(part, unknown) for part in FOUND if part in named),
        *(pl.lit(None, pl.String).alias(part) for part in FOUND if part not in named),
        formed=pl.any_horizontal(pl.col("found").struct.unnest().is_not_null()),
    )
    known = known_parts(found, year_cutoff)
    return known.select(*PARTS, exists=pl.when("formed").then(exists()))


def _named_part(part: str, unknown: tuple[str, ...]) -> pl.Expr:
    found = pl.col("found").struct.field(part).str.to_uppercase()
    declared = [text.upper() for text in unknown]
    return pl.when(~found.is_in(declared)).then(found).alias(part)


_FORMS = {
    "year": r"^\d{4}$",
    "short_year": r"^\d{2}$",
    "month": rf"^(\d{{1,2}}|{MONTH_NAMES})$",
    "day": r"^\d{1,2}$",
    "hour": r"^\d{1,2}$",
    "minute": r"^\d{1,2}$",
    "second": r"^\d{1,2}(\.\d+)?$",
}


def read_parts(
    texts: pl.DataFrame, unknown: Sequence[str] = (), year_cutoff: int | None = None
) -> pl.DataFrame:
    """Columns named after parts of a date (``year`` … ``second``) → what ``read`` gives.

    A part that is missing, or a text for "unknown", is unknown. A two-digit year counts with a
    ``year_cutoff`` only.
    """
    silent = [*UNKNOWN_PARTS, *(text.upper() for text in unknown)]
    upper = texts.select(pl.all().str.to_uppercase())
    said = upper.select(
        pl.when(~(pl.all().is_in(silent) | pl.all().str.contains("^-+$"))).then(pl.all())
    )
    found = said.with_columns(
        pl.lit(None, pl.String).alias(part) for part in FOUND if part not in said.columns
    )
    if year_cutoff is not None:
        short = pl.col("year").str.contains(_FORMS["short_year"])
        found = found.with_columns(
            short_year=pl.when(short).then("year"), year=pl.when(~short).then("year")
        )
    formed = found.select(
        pl.all_horizontal(
            (pl.col(part).str.contains(form)).fill_null(value=True) for part, form in _FORMS.items()
        ),
        nothing=pl.all_horizontal(pl.col(list(FOUND)).is_null()),
    )
    known = known_parts(found, year_cutoff)
    parts = known.select(*PARTS, exists=pl.when(formed.to_series()).then(exists()))
    nothing = formed["nothing"]
    return parts.select(*iso_texts(), pl.when(~nothing).then(_problem()).alias("problem"))
