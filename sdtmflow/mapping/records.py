"""Raw tables → the records of a domain, before any variable is made."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.conditions import Column, expression, parse
from sdtmflow.mapping.elements import subject_elements
from sdtmflow.mapping.identity import LINEAGE, PART, SET
from sdtmflow.mapping.plan import BUILTIN, PlannedDomain, plain, sent_columns
from sdtmflow.mapping.problems import Problem, problem
from sdtmflow.mapping.references import RAW
from sdtmflow.mapping.spec import RecordSet, Unpivot
from sdtmflow.mapping.visits import subject_visits
from sdtmflow.mapping.world import World
from sdtmflow.sources.raw import SITE, SUBJECT

BUILTINS = {"subject_elements": subject_elements, "subject_visits": subject_visits}
_KEPT = (SITE, SUBJECT, *LINEAGE, PART)


@dataclass(frozen=True, slots=True)
class Counts:
    """``made`` records (after unpivoting) = ``records`` kept + ``dropped`` + ``quarantined``."""

    read: int = 0
    made: int = 0
    records: int = 0
    dropped: int = 0
    quarantined: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.read + other.read,
            self.made + other.made,
            self.records + other.records,
            self.dropped + other.dropped,
            self.quarantined + other.quarantined,
        )


def records_of(world: World, domain: PlannedDomain) -> tuple[pl.DataFrame, Counts, pl.DataFrame]:
    """The domain's records, their counts, and the records quarantined.

    Columns: ``_set``, ``_subject`` (in the order of USUBJID), ``_site``, lineage, and ``raw.NAME``
    for every raw column that the lines read. Records of one set stand together.
    """
    parts = [_record_set(world, domain, at) for at in range(len(domain.record_sets))]
    frame = pl.concat([part for part, _ in parts], how="diagonal_relaxed")
    frame = _with_identity(world, domain, frame)
    placed, lost = _placed(domain, frame)
    counts = sum((counts for _, counts in parts), Counts())
    kept = Counts(counts.read, counts.made, placed.height, counts.dropped, lost.height)
    return placed, kept, lost


def _record_set(world: World, domain: PlannedDomain, at: int) -> tuple[pl.DataFrame, Counts]:
    records, names = domain.record_sets[at], domain.raw_names(at)
    if records.from_.startswith(BUILTIN):
        made = BUILTINS[records.from_.removeprefix(BUILTIN)](world)
        read = made.height
    else:
        sent = world.table(records.from_, sent_columns(records, names))
        read = sent.height
        made = _unpivoted(sent, records.unpivot) if records.unpivot else _whole(sent)
    absent = [name for name in names if name not in made.columns]
    made = made.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    kept = _where(made, records)
    wide = read * len(records.unpivot.values) if records.unpivot else read
    frame = kept.select(
        *_KEPT, *(pl.col(name).alias(f"{RAW}.{name}") for name in names if name not in _KEPT)
    )
    frame = frame.with_columns(pl.lit(at, pl.Int8).alias(SET))
    return frame, Counts(read=read, made=wide, dropped=wide - kept.height)


def _where(frame: pl.DataFrame, records: RecordSet) -> pl.DataFrame:
    if records.where is None:
        return frame
    return frame.filter(
        expression(
            parse(records.where),
            lambda name: Column(
                pl.col(plain(name)), numeric=frame.schema[plain(name)].is_numeric()
            ),
        )
    )


def _whole(sent: pl.DataFrame) -> pl.DataFrame:
    """One record a row: it has no part."""
    return sent.with_columns(pl.lit(None, pl.Int16).alias(PART))


def _unpivoted(frame: pl.DataFrame, unpivot: Unpivot) -> pl.DataFrame:
    """One record a value, in the order row by row as delivered, values as listed."""
    forms = {
        form.replace("{}", value) for value in unpivot.values for form in unpivot.columns.values()
    }
    common = [name for name in frame.columns if name not in forms]
    parts = [
        frame.with_row_index("_at")
        .select(
            "_at",
            *common,
            pl.lit(part, pl.Int16).alias(PART),
            pl.lit(value).alias(unpivot.into),
            pl.lit(unpivot.labels.get(value)).cast(pl.String).alias(f"{unpivot.into}_LABEL"),
            *(
                pl.col(form.replace("{}", value)).alias(name)
                for name, form in unpivot.columns.items()
            ),
        )
        .filter(~pl.all_horizontal(pl.col(list(unpivot.columns)).is_null()))
        for part, value in enumerate(unpivot.values)
    ]
    return pl.concat(parts).sort("_at", maintain_order=True).drop("_at")


def _with_identity(world: World, domain: PlannedDomain, frame: pl.DataFrame) -> pl.DataFrame:
    """``_subject`` as the partition's type, and the raw columns of the automatic lines."""
    typed = frame.with_columns(pl.col(SUBJECT).cast(world.subject_type))
    position = typed[SUBJECT].to_physical()
    return typed.with_columns(
        world.subjects["usubjid"].gather(position).alias(f"{RAW}._usubjid"),
        world.subjects["subject"].gather(position).alias(f"{RAW}._subject"),
        pl.lit(world.plan.study.study).alias(f"{RAW}._study"),
        pl.lit(domain.name).alias(f"{RAW}._domain"),
        pl.lit(world.site).alias(f"{RAW}._site"),
        pl.lit(world.site).alias(SITE),
    )


def _placed(domain: PlannedDomain, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records that can be placed, and those that cannot: no subject, or a second DM record."""
    at_fault = pl.col(SUBJECT).is_null()
    if domain.name == "DM":
        at_fault = at_fault | ~pl.col(SUBJECT).is_first_distinct()
    fault = frame.select(at_fault.alias("fault")).to_series()
    return frame.filter(~fault), frame.filter(fault)


def quarantine_problems(domain: PlannedDomain, lost: pl.DataFrame) -> tuple[Problem, ...]:
    """What is wrong with the records that ``records_of`` could not place."""
    nobody = lost[SUBJECT].is_null()
    texts = lost[SUBJECT].cast(pl.String)
    return (
        *problem(
            "SUBJECT_MISSING",
            Severity.MAJOR,
            f"the record names no subject; it is left out of {domain.name}",
            at=nobody,
            values=texts,
            variable=SUBJECT.removeprefix("_").upper(),
            query="Please give the subject number of this record.",
        ),
        *problem(
            "SUBJECT_DUPLICATE",
            Severity.CRITICAL,
            "the subject has more than one demographics record; the first is kept",
            at=~nobody,
            values=texts,
            variable=SUBJECT.removeprefix("_").upper(),
            query="Please remove the second demographics record of this subject.",
        ),
    )
