"""The lives of findings, the runs that saw them, the trend, and the audit trail."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table, and have the database itself refuse that anything is taken away."""
    _table("study", ["study"], numbers=["entries"], texts=["digest"])
    _table(
        "finding",
        ["study", "fingerprint"],
        numbers=["row", "since_run", "first_run", "last_run", "runs"],
        texts=[
            *("rule", "severity", "stage", "message", "site", "subject", "visit", "dataset"),
            *("record_key", "variable", "value", "query", "file", "status", "since"),
            *("reason", "by", "until", "query_id", "answer"),
        ],
    )
    _table("run", ["study", "number"], texts=["id", "cutoff", "time", "who", "limits", "rules"])
    _table(
        "trend",
        ["study", "number", "site", "severity"],
        numbers=["open", "new", "resolved", "waived"],
    )
    _table(
        "audit",
        ["study", "number"],
        numbers=["run"],
        texts=[
            *("time", "who", "account", "fingerprint", "action", "status_before"),
            *("status_after", "before", "after", "text", "digest"),
        ],
    )
    op.create_index("audit_of_finding", "audit", ["study", "fingerprint", "number"])
    if op.get_bind().dialect.name == "postgresql":
        _refuse_on_postgresql()
    else:
        _refuse_on_sqlite()


def _table(
    name: str, key: Sequence[str], *, numbers: Sequence[str] = (), texts: Sequence[str] = ()
) -> None:
    columns = [
        *((each, sa.Integer if each == "number" else sa.String) for each in key),
        *((each, sa.String) for each in texts),
        *((each, sa.Integer) for each in numbers),
    ]
    op.create_table(
        name,
        *(
            sa.Column(each, kind, primary_key=each in key, nullable=False, quote=True)
            for each, kind in columns
        ),
    )


_REFUSED = (("audit", "UPDATE"), ("audit", "DELETE"), ("finding", "DELETE"))
"""The audit trail only grows, and no finding is ever lost."""


def _refuse_on_sqlite() -> None:
    for table, change in _REFUSED:
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: {change} is refused'); END"
        )


def _refuse_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION sdtmflow_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%: % is refused', TG_TABLE_NAME, TG_OP; END $$"
    )
    for table, change in (*_REFUSED, ("audit", "TRUNCATE"), ("finding", "TRUNCATE")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION sdtmflow_refuse()"
        )
