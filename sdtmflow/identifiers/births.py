"""How much of a date a text gives: its year, its month too, or all of it."""

from __future__ import annotations

import re

import polars as pl

from sdtmflow.privacy import Precision

_MONTH = "(?:jan|feb|m[aä]r|apr|ma[iyj]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*"
_YEAR = "(?:18|19|20)[0-9]{2}"
_DAY = "(?:0?[1-9]|[12][0-9]|3[01])"
_SEPARATOR = "[-/. ]{1,2}"
_FULL = (
    rf"(?i)\b{_YEAR}{_SEPARATOR}{_DAY}{_SEPARATOR}{_DAY}(?:[ T]|\b)"
    rf"|\b{_DAY}{_SEPARATOR}{_DAY}{_SEPARATOR}(?:{_YEAR}|[0-9]{{2}})\b"
    rf"|\b{_DAY}[-/. ]{{0,2}}{_MONTH}[-/., ]{{0,2}}(?:{_YEAR}|[0-9]{{2}})\b"
    rf"|\b{_MONTH}{_SEPARATOR}{_DAY},?{_SEPARATOR}{_YEAR}\b"
    rf"|\b{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])\b"
)
_YEAR_MONTH = (
    rf"(?i)\b{_YEAR}[-/.](?:0?[1-9]|1[0-2])\b"
    rf"|\b(?:0?[1-9]|1[0-2])[-/.]{_YEAR}\b"
    rf"|{_MONTH}[-/., ]{{0,2}}(?:{_YEAR}|[0-9]{{2}})\b"
)
_MONTHS = 12
_PART = "^[0-9]{1,2}$"
_BORN = re.compile(
    r"(?i)\b(?:born|d\.?o\.?b\.?|date of birth|birth ?date|geb(?:oren|\.)?|geburtsdatum"
    r"|n[ée]e? le|nacid[oa] el|nat[oa] il|geboren|nascid[oa] em)\b[^0-9]{0,12}(.{6,20})"
)


def more_precise(values: pl.Series, allowed: Precision) -> pl.Series:
    """Which texts of a column of birth dates give more of one than is allowed.

    Day and month may have a column each: numbers of which some are above 12 are days.
    """
    full = values.str.contains(_FULL).fill_null(value=False)
    if allowed == "full":
        return pl.Series(values.name, [False] * len(values), pl.Boolean)
    parts = values.str.contains(_PART).fill_null(value=False)
    numbers = values.filter(parts).cast(pl.Int64)
    if allowed == "year-month":
        return full | parts if (numbers > _MONTHS).any() else full
    return full | parts | values.str.contains(_YEAR_MONTH).fill_null(value=False)


def tells_birth(text: str) -> bool:
    """Whether a sentence gives the whole date on which somebody was born."""
    found = _BORN.search(text)
    return bool(found and re.search(_FULL.replace("(?i)", ""), found[1], re.IGNORECASE))
