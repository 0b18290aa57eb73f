"""What sites are asked: findings with a text for the site, numbered, with their age.

A query has the id ``<site>-<number>``; numbers ascend within a site and are never given twice. A
finding that comes back after it was settled is asked again under a new number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import polars as pl

from sdtmflow.standing import Standing, Status

_TO_ASK = (Status.NEW, Status.OPEN, Status.REOPENED)
_WAITING = (Status.QUERIED, Status.ANSWERED)
AGES = (7, 14, 30)
"""Days up to which a query without an answer is young, older, old; the rest is overdue."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question to a site."""

    id: str
    fingerprint: str
    site: str
    status: Status
    asked_on: dt.date
    age: int
    """Days from the question to the answer, to the settling, or until today."""
    severity: str
    rule: str
    dataset: str
    subject: str
    visit: str
    record_key: str
    variable: str
    value: str
    message: str
    """What is wrong."""
    text: str
    """What the site is asked to do."""
    answer: str

    @property
    def is_waiting(self) -> bool:
        """Whether the site has not answered, and the data have not either."""
        return self.status is Status.QUERIED


def ask(standing: Standing, sites: Sequence[str]) -> dict[str, str]:
    """Fingerprint → the new query's id, for each finding of ``sites`` that should be asked.

    Asked is what is new, open or reopened, is of one site and has a text for it; in the order of
    form, subject, record and rule.
    """
    found = standing.findings.filter(_to_be_asked(), pl.col("site").is_in(list(sites))).sort(
        "site", "dataset", "subject", "record_key", "rule", "variable", "fingerprint"
    )
    used = _used(standing)
    numbers = {site: count(used.get(site, 0) + 1) for site in sites}
    return {
        fingerprint: f"{site}-{next(numbers[site]):04}"
        for fingerprint, site in found.select("fingerprint", "site").iter_rows()
    }


def nobody_to_ask(standing: Standing, sites: Sequence[str]) -> int:
    """How many findings have a text for the site, and are of none of ``sites``."""
    return standing.findings.filter(_to_be_asked(), ~pl.col("site").is_in(list(sites))).height


def _to_be_asked() -> pl.Expr:
    """Whether a finding is new, open or reopened, and has a text for the site."""
    return pl.col("status").is_in([each.value for each in _TO_ASK]) & (pl.col("query") != "")


def _used(standing: Standing) -> dict[str, int]:
    """Site → the highest number that a query of it ever had."""
    asked_once = _questions(standing.history)["text"]
    highest: dict[str, int] = {}
    for query in [*standing.findings["query_id"], *asked_once]:
        site, _, number = query.rpartition("-")
        if number.isdecimal():
            highest[site] = max(highest.get(site, 0), int(number))
    return highest


def followed_by(standing: Standing) -> dict[str, str]:
    """Id of an earlier query → the one that asks of the same finding now."""
    events = _questions(standing.history)
    now = dict(standing.findings.select("fingerprint", "query_id").iter_rows())
    return {
        former: now[fingerprint]
        for fingerprint, former in events.select("fingerprint", "text").iter_rows()
        if former != now[fingerprint]
    }


def asked(
    standing: Standing, today: dt.date, new: dict[str, str] | None = None
) -> tuple[Query, ...]:
    """Every finding that was asked, with those of ``new`` as if they had been asked ``today``."""
    times = dict(_questions(standing.history).select("fingerprint", "time").iter_rows())
    ids = new or {}
    found = standing.findings.filter(
        (pl.col("query_id") != "") | pl.col("fingerprint").is_in(list(ids))
    )
    queries = [_query(row, ids, times, today) for row in found.iter_rows(named=True)]
    return tuple(sorted(queries, key=lambda query: (query.site, query.id)))


def _questions(history: pl.DataFrame) -> pl.DataFrame:
    """The changes that were questions, oldest first; their text is the query's id."""
    return history.filter(pl.col("action") == Status.QUERIED.value)


def _query(
    row: dict[str, str], new: dict[str, str], times: dict[str, str], today: dt.date
) -> Query:
    fresh = row["fingerprint"] in new
    status = Status.QUERIED if fresh else Status(row["status"])
    since = today if fresh else _day(times[row["fingerprint"]])
    until = today if status is Status.QUERIED else _day(row["since"])
    return Query(
        id=new.get(row["fingerprint"], row["query_id"]),
        fingerprint=row["fingerprint"],
        site=row["site"],
        status=status,
        asked_on=since,
        age=max((until - since).days, 0),
        severity=row["severity"],
        rule=row["rule"],
        dataset=row["dataset"],
        subject=row["subject"],
        visit=row["visit"],
        record_key=row["record_key"],
        variable=row["variable"],
        value=row["value"],
        message=row["message"],
        text=row["query"],
        answer="" if fresh else row["answer"],
    )


def _day(time: str) -> dt.date:
    return dt.date.fromisoformat(time[:10])


def site_summary(queries: Sequence[Query]) -> pl.DataFrame:
    """One row a site: how many wait by age, how many are answered and closed, the oldest's days.

    Columns: ``site``, ``waiting``, one for each of ``AGES`` (``<= 7 d``) and ``> 30 d``,
    ``answered``, ``closed``, ``oldest``.
    """
    return pl.DataFrame(list(_summaries(queries)), schema=_SUMMARY, orient="row")


_BOUNDS = [*(f"<= {days} d" for days in AGES), f"> {AGES[-1]} d"]
_SUMMARY: dict[str, pl.DataType] = {
    "site": pl.String(),
    **{name: pl.Int64() for name in ("waiting", *_BOUNDS, "answered", "closed", "oldest")},
}


def _summaries(queries: Sequence[Query]) -> Iterator[tuple[str | int, ...]]:
    for site in sorted({query.site for query in queries}):
        own = [query for query in queries if query.site == site]
        ages = [query.age for query in own if query.is_waiting]
        buckets = [sum(_bucket(age) == each for age in ages) for each in range(len(_BOUNDS))]
        answered = sum(query.status is Status.ANSWERED for query in own)
        closed = sum(query.status not in _WAITING for query in own)
        yield (site, len(ages), *buckets, answered, closed, max(ages, default=0))


def _bucket(age: int) -> int:
    return next((number for number, days in enumerate(AGES) if age <= days), len(AGES))
