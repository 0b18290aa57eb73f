"""What became of a table's records, as findings: one by one, or one with their number."""

from __future__ import annotations

import polars as pl

from sdtmflow.drift.records import Cells, Compared, Sides
from sdtmflow.drift.telling import Telling
from sdtmflow.drift_rules import DriftRule
from sdtmflow.mapping.values.numbers import number_of
from sdtmflow.wording import counted

_ALIKE = 0.95
"""The share of changed values that must have been changed alike to say how."""
_RESEND = "Please confirm that this was removed on purpose, or send it again."
_CORRECTED = "Please confirm that this value was corrected on purpose."


def tell_records(telling: Telling, sides: Sides, compared: Compared) -> None:
    """Tell of gone records and changed values."""
    if sides.pairing.by_content:
        _tell_unpaired(telling, sides, compared)
    else:
        _tell_gone(telling, sides, compared)
    for (column, locked), cells in sorted(compared.cells.items()):
        _tell_cells(telling, sides, compared, column, cells, locked=locked)


def _whole(sides: Sides) -> dict[str, str]:
    """What a finding about all of a table's records says of them."""
    return {"dataset": sides.table, "record_key": f"SOURCE={sides.source}"}


def _tell_gone(telling: Telling, sides: Sides, compared: Compared) -> None:
    if compared.tally.gone > telling.settings.one_by_one:
        _tell_many_gone(telling, sides, compared)
        return
    for rows in compared.gone:
        for subject, record, locked in rows.iter_rows():
            rule = DriftRule.RECORD_GONE
            if locked and telling.tells(DriftRule.LOCKED_CHANGED):
                rule = DriftRule.LOCKED_CHANGED
            telling.tell(
                rule,
                f"the {'verified or locked ' if locked else ''}record was in the last delivery of "
                f"source {sides.source}, not in this one",
                subject=subject or "",
                dataset=sides.table,
                record_key=record_key(subject, record),
                query=_RESEND,
            )


def _tell_many_gone(telling: Telling, sides: Sides, compared: Compared) -> None:
    tally = compared.tally
    telling.tell(
        DriftRule.RECORDS_GONE,
        f"{tally.gone:,} of {counted(tally.before, 'record')} of the last delivery of source "
        f"{sides.source} are not in this one",
        value=f"{tally.gone}",
        query=_RESEND,
        **_whole(sides),
    )


def _tell_unpaired(telling: Telling, sides: Sides, compared: Compared) -> None:
    """Records that nothing names: as many are surely gone as no new one may stand for."""
    subjects = sorted({subject for subject, what in compared.by_subject if what == "gone"})
    if len(subjects) > telling.settings.one_by_one:
        _tell_many_gone(telling, sides, compared)
        return
    for subject in subjects:
        gone, new = (compared.by_subject[subject, what] for what in ("gone", "new"))
        rule = DriftRule.RECORD_GONE if gone > new else DriftRule.RECORDS_DIFFER
        telling.tell(
            rule,
            f"{counted(gone, 'record')} of the subject in the last delivery of source "
            f"{sides.source} {'is' if gone == 1 else 'are'} not in this one as sent, {new:,} "
            f"{'is' if new == 1 else 'are'} new; no key of the table tells which was changed",
            subject=subject,
            dataset=sides.table,
            record_key=record_key(subject, ""),
            value=f"{gone} gone, {new} new",
            query="Please confirm that these records were corrected on purpose.",
        )


def _tell_cells(
    telling: Telling,
    sides: Sides,
    compared: Compared,
    column: str,
    cells: Cells,
    *,
    locked: bool,
) -> None:
    locked = locked and telling.tells(DriftRule.LOCKED_CHANGED)
    if cells.total > telling.settings.one_by_one:
        _tell_column(telling, sides, compared, column, cells, locked=locked)
        return
    for subject, record, before, after, file, row in cells.rows.iter_rows():
        telling.tell(
            _cell_rule(removed=after is None, locked=locked),
            f"{column}{' of a verified or locked record' if locked else ''} "
            f"{'is empty now' if after is None else 'is another now'}; it had a value in the last "
            "delivery",
            subject=subject or "",
            dataset=sides.table,
            record_key=record_key(subject, record),
            variable=column,
            value=f"{before} → {'' if after is None else after}".strip(),
            query=_CORRECTED,
            file=file,
            row=row,
        )


def _cell_rule(*, removed: bool, locked: bool) -> DriftRule:
    if locked:
        return DriftRule.LOCKED_CHANGED
    return DriftRule.VALUE_REMOVED if removed else DriftRule.VALUE_CHANGED


def _tell_column(
    telling: Telling,
    sides: Sides,
    compared: Compared,
    column: str,
    cells: Cells,
    *,
    locked: bool,
) -> None:
    removed = f" ({cells.removed:,} are empty now)" if cells.removed else ""
    paired = compared.tally.before - compared.tally.gone
    telling.tell(
        DriftRule.LOCKED_CHANGED if locked else DriftRule.COLUMN_CHANGED,
        f"{column} is another in {cells.total:,} of {counted(paired, 'record')} that both "
        f"deliveries have{removed}{' and that were verified or locked' if locked else ''}"
        f"{how(cells.rows)}",
        variable=column,
        value=f"{cells.total}",
        query="Please confirm that these values were changed on purpose.",
        **_whole(sides),
    )


def how(cells: pl.DataFrame) -> str:
    """What changed values (``before``, ``after``) have in common, in words without any of them."""
    pairs = cells.drop_nulls("after").select("before", "after")
    if pairs.is_empty():
        return ""
    numbers = pairs.select(number_of(pl.all().str.strip_chars())).drop_nulls()
    factor = _factor(numbers.filter(pl.col("before") != 0))
    if numbers.height >= _ALIKE * pairs.height and factor:
        same = abs(factor - 1) < 1e-9  # noqa: PLR2004 — the dust of floating point
        return ": the same numbers, written otherwise" if same else f": {factor:.4g} times each"
    kinds = pairs.unique()
    if kinds["before"].is_unique().all() and kinds.height * 2 <= pairs.height:
        return ": each value has become one other, as in a new coding"
    return ""


def _factor(numbers: pl.DataFrame) -> float | None:
    """What nearly all numbers were multiplied by."""
    ratios = (numbers["after"] / numbers["before"]).drop_nulls()
    middle = ratios.median()
    if not isinstance(middle, float) or middle == 0:
        return None
    alike = ((ratios / middle - 1).abs() < 0.01).sum()  # noqa: PLR2004 — one per cent, for rounding
    return middle if alike >= _ALIKE * len(ratios) else None


def record_key(subject: str | None, record: str) -> str:
    """``SUBJID=003|AESPID=2``."""
    return "|".join(filter(None, (f"SUBJID={subject or ''}", record)))
