"""Completeness and distributions of a table's columns: new records against the last delivery's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from sdtmflow.drift import measures
from sdtmflow.drift.measures import Filled
from sdtmflow.drift.records import Sides
from sdtmflow.drift.telling import Telling
from sdtmflow.drift_rules import DriftRule
from sdtmflow.mapping.values.numbers import number_of
from sdtmflow.wording import counted

_MOST_CODES = 30
"""A column with more different values is no column of codes."""
_FEWEST_NUMBERS = 10
"""Numbers with fewer different values are codes."""
_NUMERIC = 0.95
"""The share of values that must be numbers for a column of numbers."""
_COUNTING = re.compile(
    r"(DAT|DATE|DTC?|TIME?|TM|DY|DAY|YR|YEAR|SEQ|SPID|ID|NO|NUM|INSTANCE|KEY|OID|VISIT|EPOCH)$"
)
"""Dates, visits and running numbers: later records have others by their nature."""
_DATES = (19000101, 21001231)
_TEST = re.compile(r"TEST(CD)?$")
_QUERY = "Please confirm that this is how it was collected."


@dataclass(frozen=True, slots=True)
class Samples:
    """Values of one column (of one test): of the last delivery's records, and of the new ones."""

    column: str
    test: str
    """``LBTEST=ALT``; empty where the table does not name tests."""
    before: pl.Series
    new: pl.Series


def tell_columns(telling: Telling, sides: Sides, new: Sequence[pl.Series], decimal: str) -> None:
    """Tell what moved; ``new`` are the positions of the new records.

    One column is in memory at a time.
    """
    positions = pl.concat([pl.Series(dtype=pl.UInt32), *new])
    height = sides.before.select(pl.len()).collect().item()
    if min(height, len(positions)) < telling.settings.min_records:
        return
    by_length = sorted(sides.columns, key=len, reverse=True)
    test = next((name for name in by_length if _TEST.search(name)), "")
    keys = () if sides.pairing.by_content else sides.pairing.keys
    for column in sides.columns:
        if column not in keys:
            names = list(dict.fromkeys((column, test) if test else (column,)))
            before = sides.before.select(names).collect()
            after = sides.after.select(names).collect()[positions]
            _tell_completeness(telling, sides, before[column], after[column])
            if not _COUNTING.search(column.upper()) and column != test:
                for samples in _samples(before, after, column, test):
                    _tell_distribution(telling, sides, samples, decimal)


def _tell_completeness(telling: Telling, sides: Sides, before: pl.Series, new: pl.Series) -> None:
    was, now = (Filled(len(s) - s.null_count(), len(s)) for s in (before, new))
    if not measures.is_less_complete(was, now, telling.settings.completeness):
        return
    telling.tell(
        DriftRule.COMPLETENESS,
        f"{new.name} is filled in {_share(now)} of the new records; in the last delivery it was in "
        f"{_share(was)}",
        dataset=sides.table,
        record_key=f"SOURCE={sides.source}",
        variable=new.name,
        value=f"{now.share:.0%}",
        query="Please complete these values, or confirm that they were not collected.",
    )


def _share(part: Filled) -> str:
    return f"{part.filled:,} of {part.records:,} ({part.share:.0%})"


def _samples(before: pl.DataFrame, new: pl.DataFrame, column: str, test: str) -> Iterator[Samples]:
    """The filled values, of each test for itself where the table names tests."""
    before, new = (frame.filter(pl.col(column).is_not_null()) for frame in (before, new))
    if not test:
        yield Samples(column, "", before[column], new[column])
        return
    old_parts = before.partition_by(test, as_dict=True)
    for key, part in sorted(
        new.drop_nulls(test).partition_by(test, as_dict=True).items(), key=lambda item: str(item[0])
    ):
        if key in old_parts:
            yield Samples(column, f"{test}={key[0]}", old_parts[key][column], part[column])


def _tell_distribution(telling: Telling, sides: Sides, samples: Samples, decimal: str) -> None:
    least = telling.settings.min_records
    if min(len(samples.before), len(samples.new)) < least:
        return
    was, now = (_numbers(values, decimal) for values in (samples.before, samples.new))
    if was is not None and now is not None:
        _tell_numbers(telling, sides, samples, was, now)
    elif was is None and samples.before.n_unique() <= _MOST_CODES:
        _tell_codes(telling, sides, samples)


def _numbers(values: pl.Series, decimal: str) -> pl.Series | None:
    """The values as numbers; None where they are codes or texts."""
    numbers = values.to_frame("x").select(number_of(pl.col("x").str.strip_chars(), decimal))["x"]
    found = numbers.drop_nulls()
    enough = len(found) >= _NUMERIC * len(values) and found.n_unique() >= _FEWEST_NUMBERS
    return found if enough and not _are_dates(found) else None


def _are_dates(numbers: pl.Series) -> bool:
    """Whether they are dates without separators, such as 20260131."""
    return bool(numbers.is_between(*_DATES).all())


def _tell_numbers(
    telling: Telling, sides: Sides, samples: Samples, was: pl.Series, now: pl.Series
) -> None:
    before, new = was.to_numpy(), now.to_numpy()
    moved = measures.shift(before, new)
    if abs(moved) < telling.settings.shift or not measures.is_otherwise(before, new):
        return
    factor = measures.conversion(before, new, telling.settings.shift)
    if factor and telling.tells(DriftRule.UNITS):
        message = (
            f"the new values of {samples.column}{_of(samples)} are about {factor} times those of "
            "the last delivery: another unit?"
        )
        telling.tell(DriftRule.UNITS, message, **_named(sides, samples))
        return
    message = (
        f"the median of the new values of {samples.column}{_of(samples)} lies {abs(moved):.1f} "
        f"robust standard deviations {'above' if moved > 0 else 'below'} that of the last delivery "
        f"({len(new):,} against {len(before):,} values)"
    )
    telling.tell(DriftRule.NUMBERS, message, **_named(sides, samples))


def _tell_codes(telling: Telling, sides: Sides, samples: Samples) -> None:
    before, new = (_counts(values) for values in (samples.before, samples.new))
    unseen = sorted(new.keys() - before.keys())
    if unseen and min(before.values()) > 1 and telling.tells(DriftRule.CODE_NEW):
        count = sum(new[code] for code in unseen)
        message = (
            f"{counted(count, 'new record')} of {len(samples.new):,} have a value of "
            f"{samples.column}{_of(samples)} that none had in the last delivery"
        )
        telling.tell(DriftRule.CODE_NEW, message, value=", ".join(unseen), **_named(sides, samples))
        return
    index, chance = measures.stability_index(before, new)
    if len(before) > 1 and index > max(telling.settings.psi, chance):
        message = (
            f"the shares of the values of {samples.column}{_of(samples)} among new records are "
            f"others than in the last delivery (population stability index {index:.2f})"
        )
        telling.tell(DriftRule.SHARES, message, **_named(sides, samples))


def _counts(values: pl.Series) -> dict[str, int]:
    return dict(values.str.strip_chars().value_counts(name="count").iter_rows())


def _of(samples: Samples) -> str:
    return " of one test" if samples.test else ""


def _named(sides: Sides, samples: Samples) -> dict[str, str]:
    """What names the values in a finding."""
    return {
        "dataset": sides.table,
        "record_key": "|".join(filter(None, (f"SOURCE={sides.source}", samples.test))),
        "variable": samples.column,
        "query": _QUERY,
    }
