"""What people do to findings, and which of it is allowed where a finding stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from sdtmflow.errors import RegisterError
from sdtmflow.register.entries import marked
from sdtmflow.standing import Status


class Action(StrEnum):
    """What a person does."""

    OPEN = "opened"
    WAIVE = "waived"
    QUERY = "queried"
    ANSWER = "answered"
    REOPEN = "reopened"


_S = Status
_LEADS_TO = {
    Action.OPEN: _S.OPEN,
    Action.WAIVE: _S.WAIVED,
    Action.QUERY: _S.QUERIED,
    Action.ANSWER: _S.ANSWERED,
    Action.REOPEN: _S.REOPENED,
}
_FROM: dict[Action, frozenset[Status]] = {
    Action.OPEN: frozenset({_S.NEW, _S.QUERIED, _S.ANSWERED, _S.REOPENED}),
    Action.WAIVE: frozenset(_S) - {_S.RESOLVED},
    Action.QUERY: frozenset({_S.NEW, _S.OPEN, _S.REOPENED}),
    Action.ANSWER: frozenset({_S.QUERIED, _S.ANSWERED}),
    Action.REOPEN: frozenset({_S.WAIVED, _S.RESOLVED, _S.ANSWERED}),
}


@dataclass(frozen=True, slots=True)
class Done:
    """What is done to some findings, by whom and when.

    ``texts`` gives the query's id, or the answer, of each fingerprint; ``reason`` is of all.
    """

    action: Action
    who: str
    time: str
    reason: str = ""
    until: str = ""
    texts: dict[str, str] = field(default_factory=dict)


def allows(action: Action, status: str) -> bool:
    """Whether ``action`` can be done to a finding of this status."""
    return Status(status) in _FROM[action]


def acted(lives: pl.DataFrame, done: Done) -> pl.DataFrame:
    """The lives (columns of ``tables.FINDING``) after it was done, marked for ``entries_of``.

    Raises RegisterError for the first finding whose status does not allow it: then nothing is done.
    """
    for fingerprint, status in lives.select("fingerprint", "status").iter_rows():
        if not allows(done.action, status):
            raise _refused(done.action, fingerprint, status)
    texts = pl.col("fingerprint").replace_strict(done.texts, default="", return_dtype=pl.String)
    changes: dict[str, pl.Expr] = {
        "status": pl.lit(_LEADS_TO[done.action].value),
        "since": pl.lit(done.time),
        "since_run": pl.lit(0, pl.Int64),
        "by": pl.lit(done.who),
        "reason": pl.lit(done.reason),
        "until": pl.lit(done.until),
    }
    if done.action is Action.QUERY:
        changes["query_id"] = texts
        changes["answer"] = pl.lit("")
    if done.action is Action.ANSWER:
        changes["answer"] = texts
    return marked(lives, pl.lit(done.action.value), pl.lit(done.reason)).with_columns(**changes)


def _refused(action: Action, fingerprint: str, status: str) -> RegisterError:
    can = ", ".join(each.value for each in Action if allows(each, status)) or "nothing"
    return RegisterError(
        f"a finding that is {status} cannot be {action.value}",
        place=f"finding {fingerprint}",
        remedy=f"what it can be: {can}",
    )
