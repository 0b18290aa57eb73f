"""lookup, earliest, latest: values from the subject's other records."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.conditions import Column, expression, names, parse
from sdtmflow.mapping.days import extremes
from sdtmflow.mapping.identity import IDENTITY, identified, numbered
from sdtmflow.mapping.links import AT, Links, links_of
from sdtmflow.mapping.plan import lookup_columns
from sdtmflow.mapping.problems import Problem, problem
from sdtmflow.mapping.references import extreme_of
from sdtmflow.mapping.sorting import order
from sdtmflow.mapping.spec import Lookup
from sdtmflow.mapping.verbs.copying import in_type, shaped
from sdtmflow.mapping.verbs.dating import dated
from sdtmflow.mapping.verbs.matching import matched
from sdtmflow.mapping.verbs.work import Outcome, Work


def lookup(work: Work) -> Outcome:
    """The value of the subject's other record, read as the variable wants it."""
    spec = work.line.line.lookup
    assert spec is not None  # noqa: S101 — the verb is lookup
    there = _records_there(work, spec)
    names = [spec.value] if isinstance(spec.value, str) else list(spec.value)
    found = _joined(work, spec, there, names)
    texts = [found[f"there.{name}"] for name in names]
    several = found["_several"].fill_null(value=False) if spec.take == "only" else None
    if several is not None:
        texts = [text.set(several, None) for text in texts]
    outcome = _read(work, spec, texts, names)
    problems = (*outcome.problems, *_ambiguous(work, spec, found, names))
    links = Links(spec.table or spec.dataset, _linked(found))
    return Outcome(outcome.values, problems, (links,))


def _linked(found: pl.DataFrame) -> pl.DataFrame:
    """The records looked up, by the position of the record here."""
    there = found.with_row_index(AT).filter(pl.col("_several").is_not_null())
    return there.select(pl.col(AT).cast(pl.Int64), *IDENTITY)


def _records_there(work: Work, spec: Lookup) -> pl.DataFrame:
    """The records looked into: raw columns or variables, restricted by ``where``."""
    columns = list(lookup_columns(work.line.line))
    if spec.table:
        frame = work.world.table(spec.table, columns)
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


def _joined(work: Work, spec: Lookup, there: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """One row a record: ``there.<name>`` and ``_several`` (more than one different value).

    ``IDENTITY`` is that of the record there.
    """
    by = [name for name in ("_subject",) if name in there.columns] + list(spec.match)
    chosen = _chosen(there.drop_nulls(names[0]), spec, by, names)
    here = work.frame.select(
        *(name for name in ("_subject",) if name in there.columns),
        *(work.expr(own).alias(other) for other, own in spec.match.items()),
    )
    return here.join(chosen, on=by, how="left", maintain_order="left")


def _chosen(there: pl.DataFrame, spec: Lookup, by: list[str], names: list[str]) -> pl.DataFrame:
    sort_by = spec.by or ([names[0]] if spec.take in {"min", "max"} else [])
    ordered = there[order(there, sort_by)] if sort_by else there
    late = spec.take in {"last", "max"}
    values, identity = pl.col(names), pl.col(IDENTITY)
    return ordered.group_by(by, maintain_order=True).agg(
        (values.last() if late else values.first()).name.prefix("there."),
        identity.last() if late else identity.first(),
        _several=pl.struct(names).n_unique() > 1,
    )


def _read(work: Work, spec: Lookup, texts: list[pl.Series], names: list[str]) -> Outcome:
    """A date where the line says so, or where raw text goes into a --DTC variable."""
    is_date = bool(spec.table) and work.line.variable.endswith("DTC")
    if is_date or work.line.line.formats:
        return dated(work, texts, names)
    values = shaped(work, texts[0])
    if work.line.matcher:
        return matched(work, values, names[0])
    if work.line.numeric and not values.dtype.is_numeric():
        return Outcome(values.cast(pl.Float64, strict=False))
    return in_type(work, values, names[0])


def _ambiguous(
    work: Work, spec: Lookup, found: pl.DataFrame, names: list[str]
) -> tuple[Problem, ...]:
    if spec.take != "only":
        return ()
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
