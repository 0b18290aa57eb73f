"""The tables of the register, as its newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, String, Table
from sqlalchemy.types import TypeEngine

from sdtmflow.finding import FINDINGS_SCHEMA

METADATA = MetaData()

LIFE: dict[str, type[TypeEngine[str] | TypeEngine[int]]] = {
    "status": String,
    "since": String,
    "since_run": Integer,  # the run that changed the status last; 0: a person did
    "first_run": Integer,
    "last_run": Integer,
    "runs": Integer,
    "reason": String,
    "by": String,
    "until": String,
    "query_id": String,
    "answer": String,
}


def _column(name: str, kind: type[TypeEngine[str] | TypeEngine[int]]) -> Column[object]:
    # ``row`` and ``by`` are words of SQL.
    return Column(name, kind, nullable=False, quote=True)


def _key(name: str) -> Column[object]:
    kind = Integer if name == "number" else String
    return Column(name, kind, primary_key=True, autoincrement=False)


STUDY = Table(
    "study",
    METADATA,
    _key("study"),
    _column("entries", Integer),  # of its audit trail
    _column("digest", String),  # of the newest
)
"""One row a study; whoever writes anything of a study holds its row."""

FINDING = Table(
    "finding",
    METADATA,
    _key("study"),
    _key("fingerprint"),
    *(
        _column(name, Integer if name == "row" else String)
        for name in FINDINGS_SCHEMA
        if name != "fingerprint"
    ),
    *(_column(name, kind) for name, kind in LIFE.items()),
)

RUN = Table(
    "run",
    METADATA,
    _key("study"),
    _key("number"),
    *(_column(name, String) for name in ("id", "cutoff", "time", "who", "limits", "rules", "told")),
)
"""``rules``: the rules of the study's suites that the run applied, as a JSON list. ``told``: what
people were told of it (``all``, or the limits of the run); empty: nothing."""

TREND = Table(
    "trend",
    METADATA,
    _key("study"),
    _key("number"),
    _key("site"),
    _key("severity"),
    *(_column(name, Integer) for name in ("open", "new", "resolved", "waived")),
)

AUDIT = Table(
    "audit",
    METADATA,
    _key("study"),
    _key("number"),
    *(_column(name, String) for name in ("time", "who", "account", "fingerprint", "action")),
    _column("run", Integer),  # 0: a person did it
    *(_column(name, String) for name in ("status_before", "status_after", "before", "after")),
    _column("text", String),
    _column("digest", String),
)
"""Append-only: triggers of the database refuse anything else."""
