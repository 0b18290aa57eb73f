"""What becomes of the codelists themselves, as far as the study uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from sdtmflow.impact.data import StudyData
from sdtmflow.impact.effects import CodelistRow, Effect, Kind, Weight
from sdtmflow.mapping.planning.term_uses import TermUse
from sdtmflow.standards.ct_changes import Change, CtChanges


def codelist_rows(
    found: CtChanges, heads: pl.DataFrame, uses: Mapping[str, Sequence[TermUse]]
) -> tuple[CodelistRow, ...]:
    """One row for each codelist in use, sorted by submission value.

    ``heads`` are the codelists of both versions (the later one's where both have it), ``uses``
    the lines by the codelist's code.
    """
    counts = {
        (code, change): count
        for code, change, count in found.terms.group_by("codelist", "change").len().iter_rows()
    }
    opened = {
        row["code"]: f"{row['extensible']} → {row['extensible_after']}".lower()
        for row in found.codelists.filter(pl.col("change") == Change.EXTENSIBLE.value).iter_rows(
            named=True
        )
    }
    rows = heads.filter(pl.col("code").is_in(list(uses))).sort("submission_value")
    return tuple(
        CodelistRow(
            code=code,
            submission_value=value,
            name=name,
            used_by=tuple(dict.fromkeys(use.name for use in uses[code])),
            extensible=opened.get(code, extensible.lower()),
            **{change.value: counts.get((code, change.value), 0) for change in _COUNTED},
        )
        for code, value, name, extensible in rows.iter_rows()
    )


_COUNTED = (Change.REMOVED, Change.ADDED, Change.RENAMED, Change.RECODED, Change.WORDING)


def codelist_effects(
    found: CtChanges, uses: Mapping[str, Sequence[TermUse]], data: StudyData, version: str
) -> Iterator[Effect]:
    """Codelists that are gone, renamed, opened or closed, with the records that they code."""
    for row in found.codelists.iter_rows(named=True):
        lines = uses[row["code"]]
        variables = {use.name: use for use in lines}.values()
        counts = [data.records(use) for use in variables]
        for weight, message, becomes in _verdict(row, version):
            yield Effect(
                weight=weight,
                kind=Kind.CODELIST,
                message=message,
                codelist=row["submission_value"] or row["submission_value_after"],
                value=row["submission_value"] if becomes else row["code"],
                becomes=becomes,
                records=sum(sum((count or {}).values()) for count in counts) if data.said else None,
                places=tuple(dict.fromkeys(use.place for use in lines)),
            )


def _verdict(row: Mapping[str, str], version: str) -> Iterator[tuple[Weight, str, str]]:
    match row["change"]:
        case Change.REMOVED:
            yield Weight.BREAKS, f"{version} has no such codelist", ""
        case Change.ADDED:
            yield Weight.CHANGES, "the codelist is new; its variables are matched and checked", ""
        case Change.RENAMED:
            yield Weight.CHANGES, "the codelist has another name", row["submission_value_after"]
        case Change.EXTENSIBLE if row["extensible_after"] == "Yes":
            yield Weight.HEALS, "the codelist may be extended now", ""
        case Change.EXTENSIBLE:
            yield Weight.CHANGES, "the codelist may not be extended any more", ""
        case Change.WORDING:
            yield Weight.NOTE, f"its long name is '{row['name_after']}' now", ""
