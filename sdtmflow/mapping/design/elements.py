"""SE: the elements that each subject went through, from the arm taken and the dates given.

A subject's elements are those of the arm actually taken (DM.ACTARMCD, else ARMCD); of a subject
whose arm is not known, those that all arms begin with. Each begins when its rule says (see
``element_rules.py``); a planned element that no date tells is left out. Where the same element is
planned again, its rule looks at the dates since the elements between the two. An element ends
where the next one begins, the last with the end of participation (DM.RFPENDTC).

Days that are counted (``plus_days``) need a date complete to the day, and participation must reach
them: a follow-up that never came is no element. An element that would begin after one that the arm
plans behind it is left out, and told: the dates contradict the plan, and no order is invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from sdtmflow.design import Unplanned
from sdtmflow.finding import Severity
from sdtmflow.mapping.design.element_rules import (
    NO_ARM,
    UNPLANNED,
    PlannedElement,
    planned_elements,
)
from sdtmflow.mapping.design.element_starts import before, started
from sdtmflow.mapping.design.subject_problems import SubjectRule, tell_subjects
from sdtmflow.mapping.provenance.identity import LINEAGE, PART, numbered
from sdtmflow.mapping.records.world import World
from sdtmflow.sources.raw import SITE, SOURCE, SUBJECT

_COLUMNS = {
    "ETCD": pl.String,
    "ELEMENT": pl.String,
    "TAETORD": pl.Float64,
    "EPOCH": pl.String,
    "SEUPDES": pl.String,
    "SESTDTC": pl.String,
    "SEENDTC": pl.String,
}
_NO_ARM_CODES = ("SCRNFAIL", "NOTASSGN", "NOTTRT", UNPLANNED)
"""What ARMCD said of subjects without an arm before SDTMIG 3.3 gave them ARMNRS."""


def subject_elements(world: World) -> pl.DataFrame:
    """One record an element begun: ETCD, ELEMENT, TAETORD, EPOCH, SEUPDES, SESTDTC, SEENDTC."""
    design = world.plan.study.design
    if design is None:
        return _as_records(pl.DataFrame(schema={SUBJECT: world.subject_type, **_COLUMNS}))
    subjects = _subjects(world, tuple(design.arms))
    planned = [
        _gone_through(world, subjects.filter(pl.col("arm") == code), steps)
        for code, steps in planned_elements(design).items()
    ]
    elements = pl.concat(planned)
    _tell(world, elements)
    begun = elements.filter(pl.col("begun"))
    unplanned = [_unplanned(world, subjects, begun.schema, each) for each in design.unplanned]
    return _as_records(_ended(begun, pl.concat([begun.clear(), *unplanned])))


def _subjects(world: World, arms: Sequence[str]) -> pl.DataFrame:
    """Per subject: the arm taken (``NO_ARM`` where it is none of the design), RFPENDTC."""
    demographics = world.records["DM"]
    codes = [name for name in ("ACTARMCD", "ARMCD") if name in demographics.columns]
    end = [name for name in ("RFPENDTC",) if name in demographics.columns]
    subjects = demographics.frame([SUBJECT, *end, *codes]).select(
        SUBJECT, RFPENDTC=_first(end), code=_first(codes)
    )
    strange = ~pl.col("code").is_in([*arms, *_NO_ARM_CODES])
    tell_subjects(world, subjects.filter(strange), "code", _UNKNOWN_ARM)
    known = pl.col("code").is_in(arms)
    return subjects.with_columns(arm=pl.when(known).then("code").otherwise(pl.lit(NO_ARM)))


def _first(names: Sequence[str]) -> pl.Expr:
    """The first of these variables that is not missing; missing where no line makes one."""
    return pl.coalesce(*names, pl.lit(None, pl.String))


def _gone_through(
    world: World, subjects: pl.DataFrame, steps: Sequence[PlannedElement]
) -> pl.DataFrame:
    """Each subject's elements of one arm with their starts, ``begun`` where they count."""
    starts = subjects.select(SUBJECT, "RFPENDTC")
    for step in steps:
        start = started(world, step.rules, subjects, _since(starts, step))
        starts = starts.join(start, on=SUBJECT, how="left", maintain_order="left")
        starts = starts.rename({"start": f"start{step.order}"})
    parts = [_step(starts, step, steps) for step in steps]
    return pl.concat([_nothing(world), *parts])


def _since(starts: pl.DataFrame, step: PlannedElement) -> pl.DataFrame | None:
    """``_subject``, ``since``: the start of the last element between a step and the one it repeats.

    None where the step repeats nothing.
    """
    if step.repeats is None:
        return None
    between = [pl.col(f"start{order}") for order in reversed(step.between)]
    return starts.select(SUBJECT, since=pl.coalesce(*between, pl.lit(None, pl.String))).drop_nulls()


def _nothing(world: World) -> pl.DataFrame:
    subject = pl.DataFrame(schema={SUBJECT: world.subject_type, "RFPENDTC": pl.String})
    flags = {"begun": pl.Boolean, "overtaken": pl.Boolean}
    return subject.hstack(pl.DataFrame(schema={**_COLUMNS, **flags}))


def _step(
    starts: pl.DataFrame, step: PlannedElement, steps: Sequence[PlannedElement]
) -> pl.DataFrame:
    """One step's records: begun, overtaken by a later one, or only passed over (neither)."""
    start = pl.col(f"start{step.order}")
    later = [pl.col(f"start{other.order}") for other in steps if other.order > step.order]
    told = pl.lit(value=bool(step.rules))
    overtaken = _any(before(other, start) for other in later)
    known = starts.with_columns(
        overtaken=overtaken,
        begun=start.is_not_null() & ~overtaken,
        passed=told & start.is_null() & _any(other.is_not_null() for other in later),
    )
    return known.filter(pl.any_horizontal("overtaken", "begun", "passed")).select(
        SUBJECT,
        "RFPENDTC",
        ETCD=pl.lit(step.etcd),
        ELEMENT=pl.lit(step.element or None, pl.String),
        TAETORD=pl.lit(float(step.order)),
        EPOCH=pl.lit(step.epoch),
        SEUPDES=pl.lit(None, pl.String),
        SESTDTC=start,
        SEENDTC=pl.lit(None, pl.String),
        begun="begun",
        overtaken="overtaken",
    )


def _any(conditions: Iterable[pl.Expr]) -> pl.Expr:
    """Whether one of the conditions surely holds."""
    sure = (condition.fill_null(value=False) for condition in conditions)
    return pl.any_horizontal(pl.lit(value=False), *sure)


def _unplanned(
    world: World, subjects: pl.DataFrame, schema: pl.Schema, unplanned: Unplanned
) -> pl.DataFrame:
    """The records of one kind of unplanned element."""
    start = started(world, unplanned.starts, subjects, None).drop_nulls()
    values = {
        "ETCD": UNPLANNED,
        "ELEMENT": None,
        "TAETORD": None,
        "EPOCH": unplanned.epoch or None,
        "SEUPDES": unplanned.description,
        "SEENDTC": None,
        "begun": True,
        "overtaken": False,
    }
    constants = [pl.lit(value, schema[name]).alias(name) for name, value in values.items()]
    found = start.join(subjects.select(SUBJECT, "RFPENDTC"), on=SUBJECT)
    return found.rename({"start": "SESTDTC"}).with_columns(constants).select(schema.names())


def _ended(begun: pl.DataFrame, unplanned: pl.DataFrame) -> pl.DataFrame:
    """In order; each element ends where the next begins, the last with the participation.

    Planned elements stand in the arm's order, an unplanned one behind the last planned one that
    did not begin after it. A participation that ended before its last element began ends nothing.
    """
    placed = pl.concat([begun.with_columns(place="TAETORD"), _placed(begun, unplanned)])
    ordered = placed.sort(SUBJECT, "place", "TAETORD", "SESTDTC", nulls_last=True)
    is_over = before(pl.col("RFPENDTC"), pl.col("SESTDTC")).fill_null(value=False)
    last = pl.when(~is_over).then("RFPENDTC")
    return ordered.with_columns(
        SEENDTC=pl.coalesce(pl.col("SESTDTC").shift(-1).over(SUBJECT), last)
    )


def _placed(begun: pl.DataFrame, unplanned: pl.DataFrame) -> pl.DataFrame:
    """The unplanned elements with their ``place`` among the subject's planned ones."""
    planned = begun.select(SUBJECT, order="TAETORD", since="SESTDTC")
    numbered = unplanned.with_row_index("at")
    earlier = numbered.join(planned, on=SUBJECT).filter(
        ~before(pl.col("SESTDTC"), pl.col("since")).fill_null(value=False)
    )
    place = earlier.group_by("at").agg(place=pl.col("order").max())
    found = numbered.join(place, on="at", how="left", maintain_order="left").drop("at")
    return found.with_columns(pl.col("place").fill_null(0.0))


def _as_records(elements: pl.DataFrame) -> pl.DataFrame:
    """The columns of a record set; no raw row made these records."""
    blank = [name for name in (SITE, *LINEAGE) if name not in {SOURCE, "_row"}]
    return numbered(elements, SUBJECT).select(
        pl.col(SUBJECT).cast(pl.String),
        *(pl.lit(None, pl.String).alias(name) for name in blank),
        pl.lit("builtin").alias(SOURCE),
        pl.lit(None, pl.Int64).alias("_row"),
        PART,
        *_COLUMNS,
    )


def _tell(world: World, elements: pl.DataFrame) -> None:
    """Findings on elements that are left out though others came later."""
    tell_subjects(world, elements.filter("overtaken"), "ETCD", _OVERTAKEN)
    passed = elements.filter(~pl.col("begun") & ~pl.col("overtaken"))
    tell_subjects(world, passed, "ETCD", _PASSED)


_UNKNOWN_ARM = SubjectRule(
    rule="ARM_UNKNOWN",
    severity=Severity.MAJOR,
    message="the design has no arm '{value}'; SE has only the elements that all arms begin with",
    query="Please check the arm '{value}' of this subject.",
    variable="ARMCD",
)
_OVERTAKEN = SubjectRule(
    rule="ELEMENT_ORDER",
    severity=Severity.MAJOR,
    message="element {value} would begin after one that the arm plans behind it; it is left out "
    "of SE",
    query="Please check the dates that tell when {value} began, and those after it.",
    variable="SESTDTC",
)
_PASSED = SubjectRule(
    rule="ELEMENT_UNDATED",
    severity=Severity.MINOR,
    message="no date tells when element {value} began, though a later one has begun; it is left "
    "out of SE",
    query="Please give the dates that tell when {value} began.",
    variable="SESTDTC",
)
