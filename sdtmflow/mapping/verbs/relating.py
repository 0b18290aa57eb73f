"""lookup, earliest, latest: values from the subject's other records."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.planning.plan import lookup_columns
from sdtmflow.mapping.planning.references import extreme_of
from sdtmflow.mapping.provenance.identity import IDENTITY, identified, numbered
from sdtmflow.mapping.provenance.links import AT, Links, links_of
from sdtmflow.mapping.records.problems import Problem, problem
from sdtmflow.mapping.records.sorting import order
from sdtmflow.mapping.spec import Lookup
from sdtmflow.mapping.values.conditions import Column, expression, names, parse
from sdtmflow.mapping.values.days import extremes
from sdtmflow.mapping.verbs.copying import in_type, shaped
from sdtmflow.mapping.verbs.matching import matched
from sdtmflow.mapping.verbs.readings import WORDS, read_there
from sdtmflow.mapping.verbs.work import Outcome, Work
from sdtmflow.sources.raw import SUBJECT


def lookup(work: Work) -> Outcome:
    """The value of the subject's other record, read as the variable wants it."""
    spec = work.line.line.lookup
    assert spec is not None  # noqa: S101 — the verb is lookup
    there = read_there(work, spec, _records_there(work, spec))
    found = _joined(work, spec, there)
    if spec.take == "count":
        return Outcome(_counted(work, found), links=(_all_linked(work, spec, there),))
    several = found["_several"].fill_null(value=False) if spec.take == "only" else None
    value = found["value"] if several is None else found["value"].set(several, None)
    outcome = _shaped(work, spec, value)
    told = (*outcome.problems, *_unreadable(work, spec, found), *_ambiguous(work, spec, found))
    links = Links(spec.table or spec.dataset, _linked(found))
    if several is None or not several.any():
        return Outcome(outcome.values, told, (links,))
    differing = _all_linked(work, spec, there).where(several)
    return Outcome(outcome.values, told, (links.where(~several), differing))


def _all_linked(work: Work, spec: Lookup, there: pl.DataFrame) -> Links:
    here, by = _asking(work, spec, there)
    return links_of(spec.table or spec.dataset, here, _in_one_group(there), by)


def _counted(work: Work, found: pl.DataFrame) -> pl.Series:
    count = found["_count"].fill_null(0)
    return count.cast(pl.Float64) if work.line.numeric else count.cast(pl.String)


def _shaped(work: Work, spec: Lookup, value: pl.Series) -> Outcome:
    """The value found with the line's pattern and codelist."""
    values = shaped(work, value)
    said = ", ".join(spec.values()) or work.line.variable
    return matched(work, values, said) if work.line.matcher else in_type(work, values, said)


def _linked(found: pl.DataFrame) -> pl.DataFrame:
    """The records looked up, by the position of the record here."""
    there = found.with_row_index(AT).filter(pl.col("_several").is_not_null())
    return there.select(pl.col(AT).cast(pl.Int64), *IDENTITY)


def _records_there(work: Work, spec: Lookup) -> pl.DataFrame:
    """The records looked into: raw columns or variables, restricted by ``where``."""
    columns = list(lookup_columns(work.line.line))
    if spec.table:
        frame = work.world.staged.table(spec.table, columns)
        frame = frame.with_columns(pl.col("_subject").cast(work.world.subject_type, strict=False))
    else:
        frame = work.world.dataset(spec.dataset, columns)
    if spec.where:
        frame = frame.filter(expression(parse(spec.where), _columns_of(frame)))
    own = ("_subject",) if "_subject" in frame.columns else ()
    known = identified(frame if own else numbered(frame))
    return known.select(*own, *IDENTITY, *columns)


def _columns_of(frame: pl.DataFrame) -> Callable[[str], Column]:
    return lambda name: Column(pl.col(name), numeric=frame.schema[name].is_numeric())


def _joined(work: Work, spec: Lookup, there: pl.DataFrame) -> pl.DataFrame:
    """One row a record: ``value``, ``rule`` and ``said`` of what cannot be read (``readings.py``).

    ``_several``: more than one different value; ``_count``: of the records there that have one;
    ``_first``: the first record here that asks for them; ``IDENTITY``: of the record there.
    """
    here, by = _asking(work, spec, there)
    asked = here.with_columns(_first=pl.struct(by).is_first_distinct())
    chosen = _chosen(_in_one_group(there), spec, by)
    return asked.join(chosen, on=by, how="left", maintain_order="left")


def _asking(work: Work, spec: Lookup, there: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The columns here by which records there are found, under their names there."""
    own = [name for name in (SUBJECT,) if name in there.columns]
    matched_here = (work.expr(name).alias(other) for other, name in spec.match.items())
    here = work.frame.select(*own, *matched_here, pl.lit(0).alias(_GROUP))
    return here, [*own, *spec.match, _GROUP]


_GROUP = "_group"
"""The same everywhere: a trial design dataset has no subjects, and may be read without match."""


def _in_one_group(there: pl.DataFrame) -> pl.DataFrame:
    return there.with_columns(pl.lit(0).alias(_GROUP))


def _chosen(there: pl.DataFrame, spec: Lookup, by: list[str]) -> pl.DataFrame:
    """One record a group, as ``take`` says; what cannot be read is chosen last."""
    extreme = spec.take in {"min", "max", "earliest", "latest"}
    ordered = there[order(there, ["rank"] if extreme else spec.by)] if extreme or spec.by else there
    late = spec.take == "last"
    picked = pl.col("value", *IDENTITY)
    wrong = pl.col("rule").is_not_null()
    return ordered.group_by(by, maintain_order=True).agg(
        picked.last() if late else picked.first(),
        pl.col("rule", "said").filter(wrong).first(),
        _several=pl.struct("value", "said").n_unique() > 1,
        _count=pl.len(),
    )


def _unreadable(work: Work, spec: Lookup, found: pl.DataFrame) -> tuple[Problem, ...]:
    """What stands there and cannot be read, told once."""
    place, name = spec.table or spec.dataset, ", ".join(spec.values())
    problems: tuple[Problem, ...] = ()
    for rule, words in WORDS.items():
        problems += problem(
            rule,
            Severity.MAJOR,
            f"{name} in {place} says '{{value}}', {words}; {work.line.variable} stays without it",
            at=(found["rule"] == rule) & found["_first"],
            values=found["said"],
            variable=spec.values()[0] if spec.values() else "",
            query=f"Please correct {name}: '{{value}}' is {words}.",
        )
    return problems


def _ambiguous(work: Work, spec: Lookup, found: pl.DataFrame) -> tuple[Problem, ...]:
    if spec.take != "only" or not spec.values():
        return ()
    names = spec.values()
    place = spec.table or spec.dataset
    return problem(
        "LOOKUP_AMBIGUOUS",
        Severity.MAJOR,
        f"several different values of {names[0]} in {place}; {work.line.variable} stays empty",
        at=found["_several"].fill_null(value=False),
        values=pl.repeat("", found.height, dtype=pl.String, eager=True),
        variable=names[0],
    )


def earliest(work: Work) -> Outcome:
    """The subject's first date of those named."""
    return _extreme(work, "first")


def latest(work: Work) -> Outcome:
    """The subject's last date of those named."""
    return _extreme(work, "last")


def _extreme(work: Work, which: str) -> Outcome:
    dated = list(_dated(work))
    dates = pl.concat(frame.select("_subject", "date") for _, frame in dated)
    found = extremes(dates, ["_subject"], "date").select("_subject", date=which)
    here = work.frame.select("_subject").join(
        found, on="_subject", how="left", maintain_order="left"
    )
    links = (links_of(name, here, frame, ["_subject", "date"]) for name, frame in dated)
    return Outcome(here["date"], links=tuple(links))


def _dated(work: Work) -> Iterator[tuple[str, pl.DataFrame]]:
    """(dataset, its records with ``date``) of each date that the line names."""
    spec = extreme_of(work.line.line)
    for name in spec.of:
        dataset, _, column = name.rpartition(".")
        read = [column, *(names(parse(spec.where)) if spec.where else ())]
        frame = work.world.dataset(dataset or work.line.domain, read)
        if spec.where:
            frame = frame.filter(expression(parse(spec.where), _columns_of(frame)))
        yield dataset or work.line.domain, frame.with_columns(date=pl.col(column).cast(pl.String))
