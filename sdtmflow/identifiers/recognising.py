"""The columns of a raw table that identify people, and the rows that do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from sdtmflow.identifiers.births import more_precise
from sdtmflow.identifiers.naming import kind_called, may_be_names
from sdtmflow.identifiers.national import all_are_one
from sdtmflow.identifiers.texts import kinds_in
from sdtmflow.privacy import MASK, Kind, Precision


@dataclass(frozen=True, slots=True)
class Described:
    """What the delivery says of a column."""

    name: str
    """As sent."""
    label: str = ""
    marked: bool = False
    """The source's own metadata call it identifying."""
    coded: bool = False
    """It has a code list: its values are one of a few for everybody."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A column of one kind of identifiers, or single rows of a column that usually has none."""

    column: str
    kind: Kind
    why: Literal["called", "marked", "values"]
    rows: tuple[int, ...]
    """Positions in the table, from 0, of the values that are such identifiers."""
    whole: bool
    """The column as such holds them; else only these rows do."""


_SHAPES = {
    Kind.NAME: r"\p{L}{2}",
    Kind.INITIALS: r"^\p{L}[\p{L}. -]{0,5}$",
    Kind.PHONE: r"^[^\p{L}]*(?:[0-9][^0-9]*){6,}",
    Kind.EMAIL: r"@",
    Kind.ADDRESS: r"\p{L}{3}",
    Kind.POSTAL_CODE: r"^[0-9A-Za-z][0-9A-Za-z -]{1,9}$",
    Kind.RECORD_NUMBER: r"[0-9]{3}",
    Kind.NATIONAL_ID: r"[0-9]{4}",
    Kind.IP_ADDRESS: r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|:[0-9A-Fa-f]*:",
}
"""What a value must look like where the column's name says its kind: *Yes* is no address."""
_PERSON = r"^\p{Lu}[\p{L}'.-]+(?:,? \p{Lu}[\p{L}'.-]*){1,3}$"
_HIDDEN = r"^[Xx*#.\-]+$"
"""What a site puts in the place of an identifier."""
_MOST = 0.5
"""Of the different values of a column that holds identifiers as such."""


def recognise(
    rows: pl.DataFrame,
    columns: Mapping[str, Described],
    *,
    birth_date: Precision = "full",
    subjects: pl.Series | None = None,
    country: str = "",
) -> Iterator[Recognised]:
    """Every identifying column of ``rows`` (text columns) among ``columns``, in their order.

    ``birth_date`` says how much of one is no finding, ``subjects`` are the numbers of subjects,
    which identify nobody, ``country`` is the site's (ISO 3166-1 alpha-2).
    """
    known = (
        subjects.drop_nulls().unique() if subjects is not None else pl.Series([], dtype=pl.String)
    )
    for column, described in columns.items():
        values = rows[column].str.strip_chars()
        given = values.filter(values.is_not_null() & (values != "") & (values != MASK))
        if given.is_empty():
            continue
        look = _Look(column, described, values, birth_date, country)
        said = look.as_such(known)
        yield from [said] if said and said.rows else look.here_and_there(known)


@dataclass(frozen=True, slots=True)
class _Look:
    """One column, looked at."""

    column: str
    described: Described
    values: pl.Series
    birth_date: Precision
    country: str

    def as_such(self, known: pl.Series) -> Recognised | None:
        """What the column's name, label, mark or all its values say; None where they say nothing.

        ``rows`` are empty where the study allows it, or where no value looks like it.
        """
        described = self.described
        kind = None if described.coded else kind_called(described.name, described.label)
        if kind is None and known.len() and self._are_names():
            kind = Kind.NAME
        if kind is None and self._are_numbers():
            return self._whole(Kind.NATIONAL_ID, "values", self.values.is_not_null())
        if kind is None and described.marked:
            kind = Kind.MARKED
        if kind is None:
            return None
        return self._whole(kind, "marked" if described.marked else "called", self._fitting(kind))

    def here_and_there(self, known: pl.Series) -> Iterator[Recognised]:
        """What single values say; where most of them do, the column as such."""
        distinct = self.values.drop_nulls().unique()
        found = kinds_in(distinct.filter(~distinct.is_in(known.implode())), self.country)
        for kind in Kind:
            texts = [text for text, shown in found.items() if shown is kind]
            if texts and not (kind is Kind.BIRTH_DATE and self.birth_date == "full"):
                whole = len(texts) >= _MOST * distinct.len() and distinct.len() > 1
                held = self.values.is_in(pl.Series(texts).implode())
                yield Recognised(self.column, kind, "values", _positions(held), whole)

    def _are_names(self) -> bool:
        described = self.described
        if described.coded or not may_be_names(described.name, described.label):
            return False
        distinct = self.values.drop_nulls().unique()
        return distinct.str.contains(_PERSON).sum() > _MOST * distinct.len()

    def _are_numbers(self) -> bool:
        distinct = self.values.filter(self.values != "").unique()
        return (
            all_are_one(distinct.to_list())
            if distinct.str.contains("^[0-9]{9,12}$").all()
            else False
        )

    def _fitting(self, kind: Kind) -> pl.Series:
        if kind is Kind.BIRTH_DATE:
            return more_precise(self.values, self.birth_date)
        if kind is Kind.MARKED:
            return self.values.is_not_null() & (self.values != "")
        hidden = self.values.str.contains(_HIDDEN)
        return self.values.str.contains(_SHAPES[kind]) & ~hidden & (self.values != MASK)

    def _whole(
        self, kind: Kind, why: Literal["called", "marked", "values"], held: pl.Series
    ) -> Recognised:
        return Recognised(
            self.column, kind, why, _positions(held.fill_null(value=False)), whole=True
        )


def _positions(held: pl.Series) -> tuple[int, ...]:
    return tuple(held.fill_null(value=False).arg_true().to_list())
