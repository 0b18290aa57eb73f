"""datetime, study_day, age, epoch: dates, and days, ages and epochs that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.planning.references import datetime_of, epoch_of, study_day_of
from sdtmflow.mapping.records.manners import Manner, by_source, manner_of
from sdtmflow.mapping.records.problems import Problem, problem
from sdtmflow.mapping.spec import Age, DateParts
from sdtmflow.mapping.values import dates
from sdtmflow.mapping.values.ages import completed
from sdtmflow.mapping.values.days import study_days
from sdtmflow.mapping.verbs.work import Outcome, Work
from sdtmflow.sources.raw import SOURCE

_WORDS = {
    dates.IMPOSSIBLE: (Severity.MAJOR, "a date or time that does not exist"),
    dates.UNREADABLE: (Severity.MAJOR, "a text that fits no date format of its source"),
}


def datetime(work: Work) -> Outcome:
    """ISO 8601 text of a date column, of a date and a time column, or of columns of parts."""
    if isinstance(work.line.line.datetime, DateParts):
        return _of_parts(work, work.line.line.datetime)
    names = datetime_of(work.line.line)
    texts = [work.series(name) for name in names]
    return dated(work, texts, [work.said(name) for name in names])


def dated(work: Work, texts: Sequence[pl.Series], said: Sequence[str]) -> Outcome:
    """Date texts (and time texts) read in the formats of the line or of each record's source."""
    date = _read(work, texts[0], time=False)
    time = _read(work, texts[1], time=True) if len(texts) > 1 else None
    problems = _problems(work, date, texts[0], said[0])
    if time is not None:
        problems += _problems(work, time, texts[1], said[1])
    return Outcome(dates.joined(date, time), problems)


def _of_parts(work: Work, spec: DateParts) -> Outcome:
    columns = spec.columns()
    texts = work.frame.select(
        work.expr(name).cast(pl.String).alias(part) for part, name in columns.items()
    )
    date = _by_source(
        work, texts, lambda part, manner: dates.read_parts(part, manner.unknown, manner.year_cutoff)
    )
    whole = texts.select(pl.concat_str(pl.all(), separator="-", ignore_nulls=True)).to_series()
    problems = _problems(work, date, whole, work.said(next(iter(columns.values()))))
    time = None
    if spec.time:
        clock = work.series(spec.time)
        time = _read(work, clock, time=True)
        problems += _problems(work, time, clock, work.said(spec.time))
    return Outcome(dates.joined(date, time), problems)


def _read(work: Work, texts: pl.Series, *, time: bool) -> pl.DataFrame:
    choose = dates.times_of if time else dates.dates_of
    return _by_source(
        work,
        pl.DataFrame({"text": texts}),
        lambda part, manner: dates.read(
            part["text"], choose(manner.formats), manner.unknown, manner.year_cutoff
        ),
    )


def _by_source(
    work: Work, texts: pl.DataFrame, read: Callable[[pl.DataFrame, Manner], pl.DataFrame]
) -> pl.DataFrame:
    """Each source's records in its own manner, unless the line declares one."""
    study, line = work.world.plan.study, work.line.line
    return by_source(texts, work.frame[SOURCE], lambda source: manner_of(study, source, line), read)


def _problems(work: Work, answer: pl.DataFrame, texts: pl.Series, said: str) -> tuple[Problem, ...]:
    found: tuple[Problem, ...] = ()
    for rule, (severity, words) in _WORDS.items():
        found += problem(
            rule,
            severity,
            f"{said} says '{{value}}', {words}; {work.line.variable} stays without it",
            at=answer["problem"] == rule,
            values=texts,
            variable=said,
            query=f"Please correct {said}: '{{value}}' is {words}.",
        )
    return found


def study_day(work: Work) -> Outcome:
    """Days from the reference, which is day 1; the day before it is day -1."""
    spec = study_day_of(work.line.line)
    return Outcome(study_days(work.days(spec.date), work.days(spec.reference)))


def age(work: Work) -> Outcome:
    """Completed units from birth to the reference, where every day the birth may mean agrees."""
    spec = work.line.line.age or Age()
    reference = work.days(spec.at)
    return Outcome(completed(work.series(spec.birth), reference, spec.unit))


def epoch(work: Work) -> Outcome:
    """The EPOCH of the element that the date falls in."""
    elements = work.world.records.get("SE")
    date = epoch_of(work.line.line).date
    if elements is None or not elements.height:
        return Outcome(pl.repeat(None, work.frame.height, dtype=pl.String, eager=True))
    records = pl.DataFrame(
        {"_subject": work.frame["_subject"], "when": work.series(date), "day": work.days(date)}
    )
    return Outcome(
        _in_element(records, elements.frame(["_subject", "SESTDTC", "SEENDTC", "EPOCH"]))
    )


def _in_element(records: pl.DataFrame, elements: pl.DataFrame) -> pl.Series:
    """The epoch of the last element that has begun and not ended before the record's day.

    A date without time counts as the end of its day, so the day on which an element starts
    belongs to it. Where an element's start is partial, no date within that month or year tells
    whether it had begun: the epoch stays missing.
    """
    begun, count = _side_by_side(elements)
    when = _latest()
    result = pl.lit(None, pl.String)
    for at in range(count):
        start, end = pl.col(f"start{at}"), pl.col(f"end{at}")
        over = ((when > end) & ~when.str.starts_with(end)).fill_null(value=False)
        doubtful = (start.str.len_bytes() < _NO_TIME) & when.str.starts_with(start)
        epoch_here = pl.when(~doubtful).then(f"epoch{at}")
        result = pl.when((start <= when) & ~over).then(epoch_here).otherwise(result)
    joined = records.join(begun, on="_subject", how="left", maintain_order="left")
    known = pl.col("day").is_not_null()
    return joined.select(pl.when(known).then(result).alias("EPOCH")).to_series()


def _side_by_side(elements: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """One row a subject: ``start0``, ``end0``, ``epoch0``, ``start1`` …; and how many there are.

    Elements that begin on one day stand as SE has them.
    """
    known = elements.filter(pl.col("SESTDTC").is_not_null()).with_columns(
        end=pl.col("SEENDTC").str.slice(0, _NO_TIME)
    )
    known = known.sort("_subject", pl.col("SESTDTC").str.slice(0, _NO_TIME), maintain_order=True)
    listed = known.group_by("_subject").agg(start="SESTDTC", end="end", epoch="EPOCH")
    count = int(listed["start"].list.len().max() or 0)  # type: ignore[arg-type]
    columns = [
        pl.col(name).list.get(at, null_on_oob=True).alias(f"{name}{at}")
        for at in range(count)
        for name in ("start", "end", "epoch")
    ]
    return listed.select("_subject", *columns), count


_NO_TIME = 10
"""Length of an ISO date without time."""


def _latest() -> pl.Expr:
    when = pl.col("when")
    return pl.when(when.str.len_bytes() == _NO_TIME).then(when + "T99").otherwise(when)
