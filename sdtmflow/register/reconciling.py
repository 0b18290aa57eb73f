"""What a run does to the lives of findings: plain frames in, plain frames out.

===================  ======================================  ==================================
known as             the run has it                          the run looked, and has it not
===================  ======================================  ==================================
nothing              new                                     —
new, open, queried,  stays                                   resolved
answered, reopened
resolved             reopened                                stays
waived               stays; reopened where the waiver has    resolved
                     ended, or value or severity are others
===================  ======================================  ==================================

Where the run did not look, everything stays, but for a waiver that has ended: it is reopened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from sdtmflow.finding import FINDINGS_SCHEMA, Severity
from sdtmflow.register.entries import entries_of, marked
from sdtmflow.register.looked import Looked
from sdtmflow.standing import Status

CONTENT = ("severity", "stage", "message", "visit", "value", "query")
"""What may change while the finding is the same; a change of it is told in the history."""
_PLACE = ("file", "row")
"""Where the record stands in the delivery: part of where it was seen last, and no change."""
_GRAVITY = {severity.value: -rank for rank, severity in enumerate(Severity)}
NOW = "_now"


class Happening(StrEnum):
    """What a run does to a finding."""

    FOUND = "found"
    FOUND_AGAIN = "found again"
    CHANGED = "changed"
    WAIVER_ENDED = "waiver ended"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class At:
    """The run and its time: what the lives say of it."""

    run: str
    number: int
    """The run's place among the study's runs, from 1."""
    time: str
    who: str
    today: str
    """ISO 8601 date: waivers that end before it have ended."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a run changes.

    ``fresh`` are rows to insert and ``changed`` rows to write anew, both with every column of a
    life. ``entries`` say what the audit trail must hold: ``fingerprint``, ``action``,
    ``status_before``, ``status_after``, ``before``, ``after``, ``text``.
    """

    fresh: pl.DataFrame
    changed: pl.DataFrame
    entries: pl.DataFrame

    def after(self, known: pl.DataFrame) -> pl.DataFrame:
        """What is known then, by fingerprint."""
        same = known.join(self.changed, on="fingerprint", how="anti")
        return pl.concat([same, self.changed, self.fresh]).sort("fingerprint")


def reconcile(known: pl.DataFrame, found: pl.DataFrame, looked: Looked, at: At) -> Reconciled:
    """Settle what a run has found with what is known.

    ``known`` has the columns of a life (``tables.FINDING`` without the study), ``found`` those of
    ``FINDINGS_SCHEMA``; each fingerprint is in each of them at most once.
    """
    found = found.filter(looked.admits())
    fresh = _fresh(found.join(known, on="fingerprint", how="anti"), at)
    now = found.select("fingerprint", *(pl.col(name).alias(name + NOW) for name in _SEEN))
    seen = _seen(known.join(now, on="fingerprint", how="inner"), at)
    unseen = known.join(found, on="fingerprint", how="anti").filter(_is_open_or_waived())
    gone = _resolved(unseen.filter(looked.covers()), at)
    over = _ended(unseen.filter(~looked.covers()), at)
    entries = [
        entries_of(fresh),
        _content_entries(seen),
        *(entries_of(part) for part in (seen, gone, over)),
    ]
    written = [part.select(known.columns) for part in (_different(seen), gone, over)]
    return Reconciled(fresh.select(known.columns), pl.concat(written), pl.concat(entries))


_SEEN = (*CONTENT, *_PLACE)


def _fresh(found: pl.DataFrame, at: At) -> pl.DataFrame:
    return found.with_columns(
        action=pl.lit(Happening.FOUND.value),
        was=pl.lit(""),
        life_before=pl.lit(""),
        status=pl.lit(Status.NEW.value),
        since=pl.lit(at.time),
        since_run=pl.lit(at.number, pl.Int64),
        first_run=pl.lit(at.number, pl.Int64),
        last_run=pl.lit(at.number, pl.Int64),
        runs=pl.lit(1, pl.Int64),
        by=pl.lit(at.who),
        **{name: pl.lit("") for name in ("reason", "until", "query_id", "answer")},
    )


def _seen(both: pl.DataFrame, at: At) -> pl.DataFrame:
    """The known findings that the run has as well, with the run's content and their new status."""
    waived = pl.col("status") == Status.WAIVED.value
    graver = pl.col("severity" + NOW).replace_strict(_GRAVITY) > pl.col("severity").replace_strict(
        _GRAVITY
    )
    other = pl.col("value" + NOW) != pl.col("value")
    happening = (
        pl.when(pl.col("status") == Status.RESOLVED.value)
        .then(pl.lit(Happening.FOUND_AGAIN.value))
        .when(waived & (_is_over(at) | graver | other))
        .then(pl.lit(Happening.WAIVER_ENDED.value))
        .otherwise(pl.lit(""))
    )
    why = (
        pl.when(pl.col("status") == Status.RESOLVED.value)
        .then(pl.lit(f"found again by run {at.run}"))
        .when(_is_over(at))
        .then(_waiver_over())
        .when(graver)
        .then(pl.format("{} is graver now than what {} waived", "severity" + NOW, "by"))
        .otherwise(pl.format("the value is another than what {} waived", "by"))
    )
    told = marked(both, happening, why).with_columns(
        content_before=_content(""), content_after=_content(NOW)
    )
    moved = _moved(told, Status.REOPENED, at)
    repeated = pl.col("last_run") == at.number
    return moved.with_columns(
        **{name: pl.col(name + NOW) for name in _SEEN},
        runs=pl.col("runs") + (~repeated).cast(pl.Int64),
        placed=pl.any_horizontal(pl.col(name) != pl.col(name + NOW) for name in _PLACE),
        repeated=repeated,
    ).with_columns(last_run=pl.lit(at.number, pl.Int64))


def _resolved(gone: pl.DataFrame, at: At) -> pl.DataFrame:
    why = pl.lit(f"run {at.run} looked and did not find it any more")
    return _moved(marked(gone, pl.lit(Happening.RESOLVED.value), why), Status.RESOLVED, at)


def _ended(unseen: pl.DataFrame, at: At) -> pl.DataFrame:
    """Waivers that have ended where the run did not look."""
    over = unseen.filter((pl.col("status") == Status.WAIVED.value) & _is_over(at))
    ended = pl.lit(Happening.WAIVER_ENDED.value)
    return _moved(marked(over, ended, _waiver_over()), Status.REOPENED, at)


def _moved(told: pl.DataFrame, to: Status, at: At) -> pl.DataFrame:
    """The rows to which something happens, in their new status; a waiver is over then."""
    moves = pl.col("action") != ""
    new = {
        "status": pl.lit(to.value),
        "since": pl.lit(at.time),
        "since_run": pl.lit(at.number, pl.Int64),
        "reason": pl.col("why"),
        "by": pl.lit(at.who),
        "until": pl.lit(""),
    }
    return told.with_columns(
        pl.when(moves).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in new.items()
    )


def _different(seen: pl.DataFrame) -> pl.DataFrame:
    """Rows that are not as they are written already: the same run again changes nothing."""
    same = pl.col("repeated") & (pl.col("action") == "") & ~pl.col("placed")
    return seen.filter(~(same & (pl.col("content_before") == pl.col("content_after"))))


def _is_open_or_waived() -> pl.Expr:
    return pl.col("status") != Status.RESOLVED.value


def _is_over(at: At) -> pl.Expr:
    return (pl.col("until") != "") & (pl.col("until") < at.today)


def _waiver_over() -> pl.Expr:
    return pl.format("the waiver of {} ended on {} ({})", "by", "until", "reason")


def _content(suffix: str) -> pl.Expr:
    return pl.struct(pl.col(name + suffix).alias(name) for name in CONTENT).struct.json_encode()


def _content_entries(seen: pl.DataFrame) -> pl.DataFrame:
    changed = seen.filter(pl.col("content_before") != pl.col("content_after"))
    other = [pl.when(_other(name)).then(pl.lit(name)).otherwise(pl.lit(None)) for name in CONTENT]
    return changed.select(
        "fingerprint",
        action=pl.lit(Happening.CHANGED.value),
        status_before=pl.col("was"),
        status_after=pl.col("was"),
        before=pl.col("content_before"),
        after=pl.col("content_after"),
        text=pl.format(
            "the run has another {}", pl.concat_list(other).list.drop_nulls().list.join(", ")
        ),
    )


def _other(name: str) -> pl.Expr:
    before, after = (pl.col(f"content_{when}").str.json_path_match(f"$.{name}") for when in _WHEN)
    return before.ne_missing(after)


_WHEN = ("before", "after")


def once(found: pl.DataFrame) -> pl.DataFrame:
    """A run's findings, each fingerprint once; texts as every database can hold them.

    PostgreSQL holds no NUL, and no column of a life is null.
    """
    texts = [name for name, kind in FINDINGS_SCHEMA.items() if kind == pl.String]
    return (
        found.select(list(FINDINGS_SCHEMA))
        .with_columns(pl.col(texts).fill_null("").str.replace_all("\x00", "\ufffd", literal=True))
        .with_columns(pl.col("row").fill_null(0))
        .sort("fingerprint", "file", "row", "value")
        .unique("fingerprint", keep="first", maintain_order=True)
    )


def counted(lives: pl.DataFrame, number: int) -> pl.DataFrame:
    """The trend of run ``number``: by site and severity, what is open, new, resolved, waived."""
    status = pl.col("status")
    waived, resolved = status == Status.WAIVED.value, status == Status.RESOLVED.value
    counts = {
        "open": ~waived & ~resolved,
        "new": pl.col("first_run") == number,
        "resolved": resolved & (pl.col("since_run") == number),
        "waived": waived,
    }
    sums: Sequence[pl.Expr] = [each.sum().cast(pl.Int64).alias(n) for n, each in counts.items()]
    return (
        lives.group_by("site", "severity")
        .agg(sums)
        .filter(pl.any_horizontal(pl.col(name) > 0 for name in counts))
        .sort("site", "severity")
    )
