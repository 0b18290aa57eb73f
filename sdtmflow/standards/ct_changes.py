"""What differs between two versions of controlled terminology, by NCI code.

A codelist and a term are the same in both where their NCI codes are. So a term with the same code
and another submission value was renamed; a value that stands there with another code was recoded.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from sdtmflow.standards.nci_rows import CODELIST_COLUMNS, TERM_COLUMNS, Package

_AFTER = "_after"


class Change(StrEnum):
    """How a codelist or term differs."""

    REMOVED = "removed"
    ADDED = "added"
    RENAMED = "renamed"
    """Another submission value."""
    RECODED = "recoded"
    """The submission value has another NCI code."""
    EXTENSIBLE = "extensible"
    """A codelist may be extended where it could not be, or the other way round."""
    WORDING = "wording"
    """A codelist's name, a term's synonyms or preferred term."""


@dataclass(frozen=True, slots=True)
class CtChanges:
    """The differences as two tables; a column and its ``_after`` are null where there is none.

    ``codelists``: code, submission_value, name, extensible, each also ``…_after``, and ``change``.
    ``terms``: codelist, code, submission_value, synonyms, preferred_term, the last four also
    ``…_after``, and ``change``. A codelist or term with two changes has two rows.
    """

    codelists: pl.DataFrame
    terms: pl.DataFrame

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.codelists.height or self.terms.height)

    def summary(self) -> str:
        """``2 codelists removed, 13 terms added, 1 term renamed``."""
        parts = [
            f"{count:,} {what}{'' if count == 1 else 's'} {change}"
            for what, table in (("codelist", self.codelists), ("term", self.terms))
            for change, count in _counted(table).items()
        ]
        return ", ".join(parts) or "nothing"


def changes(before: Package, after: Package, codelists: Collection[str] | None = None) -> CtChanges:
    """What ``after`` has otherwise than ``before``, in all codelists or those with these codes."""
    if codelists is not None:
        before, after = _only(before, codelists), _only(after, codelists)
    return CtChanges(
        codelists=_codelists(before.codelists, after.codelists),
        terms=_terms(before.terms, after.terms),
    )


def _only(package: Package, codes: Collection[str]) -> Package:
    return Package(
        package.codelists.filter(pl.col("code").is_in(list(codes))),
        package.terms.filter(pl.col("codelist").is_in(list(codes))),
    )


def _codelists(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    joined = _joined(before, after, ["code"], CODELIST_COLUMNS)
    kinds = {
        Change.RENAMED: _differs("submission_value"),
        Change.EXTENSIBLE: _differs("extensible"),
        Change.WORDING: _differs("name"),
    }
    return _with_changes(joined, kinds).sort("code", "change")


def _terms(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    joined = _joined(before, after, ["codelist", "code"], TERM_COLUMNS)
    kinds = {
        Change.RENAMED: _differs("submission_value"),
        Change.WORDING: _differs("synonyms") | _differs("preferred_term"),
    }
    found = _with_changes(joined, kinds)
    return _recoded(found).sort("codelist", "code", "change")


def _joined(
    before: pl.DataFrame, after: pl.DataFrame, keys: list[str], columns: list[str]
) -> pl.DataFrame:
    there = [frame.unique(keys, keep="first").with_columns(there=True) for frame in (before, after)]
    joined = there[0].join(there[1], on=keys, how="full", suffix=_AFTER, coalesce=True)
    values = [name for name in columns if name not in keys]
    return joined.select(
        *keys, *values, *(f"{name}{_AFTER}" for name in values), "there", f"there{_AFTER}"
    )


def _differs(column: str) -> pl.Expr:
    return pl.col(column) != pl.col(f"{column}{_AFTER}")


def _with_changes(joined: pl.DataFrame, kinds: dict[Change, pl.Expr]) -> pl.DataFrame:
    gone, new = pl.col(f"there{_AFTER}").is_null(), pl.col("there").is_null()
    kinds = {Change.REMOVED: gone, Change.ADDED: new} | kinds
    parts = [
        joined.filter(holds).with_columns(change=pl.lit(kind.value))
        for kind, holds in kinds.items()
    ]
    return pl.concat(parts).drop("there", f"there{_AFTER}")


def _recoded(found: pl.DataFrame) -> pl.DataFrame:
    """A removed and an added term with one submission value become one recoded term."""
    removed, added = (pl.col("change") == kind.value for kind in (Change.REMOVED, Change.ADDED))
    value = ["codelist", pl.coalesce("submission_value", f"submission_value{_AFTER}")]
    both = removed.any().over(value) & added.any().over(value) & (removed | added)
    code = pl.col("code").filter(added).first().over(value)
    marked = found.with_columns(
        again=both,
        **{f"code{_AFTER}": pl.when(both).then(code).otherwise(pl.col("code"))},
    )
    kept = marked.filter(~(pl.col("again") & added))
    recoded = pl.lit(Change.RECODED.value)
    return kept.with_columns(
        change=pl.when("again").then(recoded).otherwise("change"),
    ).drop("again")


def _counted(table: pl.DataFrame) -> dict[str, int]:
    counts = dict(table.group_by("change").len().rows())
    return {kind.value: counts[kind.value] for kind in Change if kind.value in counts}
