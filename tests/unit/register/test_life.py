"""The life of findings over runs and people's acts, on both databases."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from sdtmflow.errors import RegisterError
from sdtmflow.finding import FINDINGS_SCHEMA, Severity, Stage
from sdtmflow.register import Register, Unseen, open_register
from sdtmflow.register.address import shown
from sdtmflow.standing import HISTORY_SCHEMA, STANDING_SCHEMA, TREND_SCHEMA
from tests.lives import ANNA, Clock, finding, frame, looked, seen_by

ONE, TWO = finding("1"), finding("2", site="02")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(sqlite: URL, clock: Clock) -> Register:
    return open_register(sqlite, "S1", clock)


def statuses(register: Register) -> dict[str, str]:
    found = register.findings()
    assert dict(found.schema) == STANDING_SCHEMA
    return dict(found.select("record_key", "status").iter_rows())


def story(register: Register, key: str = "1") -> list[tuple[str, str]]:
    """Action and status after of the finding's history."""
    fingerprint = finding(key).fingerprint
    return list(register.history([fingerprint]).select("action", "after").iter_rows())


def test_a_whole_life_is_told_in_order(url: URL, clock: Clock):
    register = open_register(url, "S1", clock)
    fingerprint = ONE.fingerprint
    register.take(seen_by("a"), frame(ONE, TWO))
    register.open([fingerprint], ANNA)
    register.query({fingerprint: "Q-7"}, ANNA)
    register.answer({fingerprint: "It is as the patient said"}, ANNA)
    register.take(seen_by("b"), frame(ONE, TWO))
    register.waive([fingerprint], ANNA, reason="confirmed by the site", until="2026-03-05")
    clock.sleep(days=10)
    register.take(seen_by("c"), frame(ONE, TWO))
    register.take(seen_by("d"), frame(TWO))
    standing = register.take(seen_by("e"), frame(ONE, TWO))

    assert story(register) == [
        ("found", "new"),
        ("opened", "open"),
        ("queried", "queried"),
        ("answered", "answered"),
        ("waived", "waived"),
        ("waiver ended", "reopened"),
        ("resolved", "resolved"),
        ("found again", "reopened"),
    ]
    texts = register.history([fingerprint])["text"].to_list()
    assert texts[3] == "It is as the patient said"
    assert texts[5] == "the waiver of Anna ended on 2026-03-05 (confirmed by the site)"
    row = standing.findings.row(by_predicate=pl.col("fingerprint") == fingerprint, named=True)
    assert (row["first_run"], row["last_run"], row["runs"]) == ("a", "e", 4)
    assert (row["status"], row["reason"], row["by"]) == (
        "reopened",
        "found again by run e",
        "run e",
    )
    assert (row["query_id"], row["answer"]) == ("Q-7", "It is as the patient said")
    assert register.faults() == ()
    schemas = (STANDING_SCHEMA, HISTORY_SCHEMA, TREND_SCHEMA)
    parts = (standing.findings, standing.history, standing.trend)
    assert [dict(part.schema) for part in parts] == list(schemas)


def test_the_same_run_again_changes_nothing(register: Register, clock: Clock):
    first = register.take(seen_by("a"), frame(ONE, TWO))
    clock.sleep(days=1)
    again = register.take(seen_by("a"), frame(ONE, TWO))
    assert again.findings.equals(first.findings)
    assert again.history.equals(first.history)
    assert again.trend.equals(first.trend)


def test_another_run_of_the_same_findings_changes_when_they_were_seen(register: Register):
    first = register.take(seen_by("a"), frame(ONE)).findings
    second = register.take(seen_by("b"), frame(ONE)).findings
    other = [name for name in STANDING_SCHEMA if not first[name].equals(second[name])]
    assert other == ["last_run", "runs"]
    assert story(register) == [("found", "new")]


@pytest.mark.parametrize(
    ("where", "given"),
    [
        ({}, {"sites": ["02"]}),
        ({"site": ""}, {"study_wide": False}),
        ({"site": "", "stage": Stage.PACKAGE}, {"package": False}),
        ({}, {"unseen": (Unseen(stage="sdtm", dataset="AE", rule="R1"),)}),
        ({}, {"unseen": (Unseen(stage="sdtm", site="01"),)}),
        ({"stage": Stage.RAW, "dataset": "ae"}, {"delivered": frozenset({("01", "dm")})}),
    ],
)
def test_where_a_run_did_not_look_nothing_is_resolved(register: Register, where, given):
    there = finding("1", **where)
    register.take(seen_by("a"), frame(there))
    register.take(seen_by("b", looked(**given)), frame())
    assert statuses(register) == {"1": "new"}


@pytest.mark.parametrize(
    ("where", "given"),
    [
        ({"stage": Stage.RAW, "dataset": "ae"}, {"delivered": frozenset({("01", "ae")})}),
        ({"site": "", "stage": Stage.PACKAGE}, {"sites": ["02"], "study_wide": False}),
        ({}, {"unseen": (Unseen(stage="raw", dataset="AE"), Unseen(dataset="AE", rule="R2"))}),
    ],
)
def test_where_it_looked_what_is_gone_is_resolved(register: Register, where, given):
    register.take(seen_by("a"), frame(finding("1", **where)))
    register.take(seen_by("b", looked(**given)), frame())
    assert statuses(register) == {"1": "resolved"}
    assert story(register)[-1:] in ([("resolved", "resolved")], [])


def test_a_rule_that_no_suite_has_any_more_resolves_nothing(register: Register):
    register.take(seen_by("a", looked(rules=frozenset({"R1", "R2"}))), frame(ONE))
    register.take(seen_by("b", looked(rules=frozenset({"R2"}))), frame())
    assert statuses(register) == {"1": "new"}
    register.take(seen_by("c", looked(rules=frozenset({"R1", "R2"}))), frame())
    assert statuses(register) == {"1": "resolved"}


def test_a_limited_run_takes_in_what_is_of_its_sites_only(register: Register):
    of_study = finding("3", site="")
    limited = looked(sites=["01"], study_wide=False, package=False)
    register.take(seen_by("a", limited, limits="sites 01"), frame(ONE, TWO, of_study))
    assert statuses(register) == {"1": "new"}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, "waived"),
        ({"message": "is still wrong"}, "waived"),
        ({"row": 7, "file": "ae2.csv"}, "waived"),
        ({"severity": Severity.MINOR}, "waived"),
        ({"severity": Severity.CRITICAL}, "reopened"),
        ({"value": "y"}, "reopened"),
    ],
)
def test_a_waiver_is_of_what_was_seen(register: Register, changed, status):
    register.take(seen_by("a"), frame(ONE))
    register.waive([ONE.fingerprint], ANNA, reason="known")
    register.take(seen_by("b"), frame(finding("1", **changed)))
    assert statuses(register) == {"1": status}


def test_a_waiver_ends_also_where_nobody_looks(register: Register, clock: Clock):
    register.take(seen_by("a"), frame(ONE))
    register.waive([ONE.fingerprint], ANNA, reason="known", until="2026-03-02")
    clock.sleep(days=1)
    register.take(seen_by("b", looked(sites=["02"])), frame())
    assert statuses(register) == {"1": "waived"}
    clock.sleep(days=1)
    register.take(seen_by("c", looked(sites=["02"])), frame())
    assert statuses(register) == {"1": "reopened"}


def test_a_changed_content_is_told(register: Register):
    register.take(seen_by("a"), frame(ONE))
    register.take(seen_by("b"), frame(finding("1", value="y", severity=Severity.MINOR)))
    last = register.history().row(-1, named=True)
    assert (last["action"], last["before"], last["after"]) == ("changed", "new", "new")
    assert last["text"] == "the run has another severity, value"


def test_what_no_database_holds_is_replaced(url: URL):
    register = open_register(url, "S1")
    standing = register.take(seen_by("a"), frame(finding("1", value="a\x00b")))
    assert standing.findings["value"].to_list() == ["a\ufffdb"]
    register.take(seen_by("a"), frame(finding("1", value="a\x00b")))
    assert story(register) == [("found", "new")]


def test_the_trend_counts_each_run(register: Register):
    register.take(seen_by("a"), frame(ONE, TWO))
    register.waive([TWO.fingerprint], ANNA, reason="known")
    standing = register.take(seen_by("b"), frame(TWO, finding("3")))
    assert standing.trend.rows() == [
        (1, "a", "2026-02-28", "01", "major", 1, 1, 0, 0),
        (1, "a", "2026-02-28", "02", "major", 1, 1, 0, 0),
        (2, "b", "2026-02-28", "01", "major", 1, 1, 1, 0),
        (2, "b", "2026-02-28", "02", "major", 0, 0, 0, 1),
    ]


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda r, f: r.waive([f], ANNA, reason=" "), "reason"),
        (lambda r, f: r.waive([f], ANNA, reason="known", until="2026-02-01"), "ended already"),
        (lambda r, f: r.waive([f], ANNA, reason="known", until="soon"), "no date"),
        (lambda r, f: r.waive([f, "0" * 16], ANNA, reason="known"), "no such finding"),
        (lambda r, f: r.answer({f: "yes"}, ANNA), "new cannot be answered"),
        (lambda r, f: r.reopen([f], ANNA, reason="no"), "new cannot be reopened"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_changed(register: Register, act, told):
    register.take(seen_by("a"), frame(ONE))
    with pytest.raises(RegisterError, match=told):
        act(register, ONE.fingerprint)
    assert story(register) == [("found", "new")]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET text = 'nothing happened'",
        "DELETE FROM audit",
        "DELETE FROM finding",
    ],
)
def test_the_database_itself_refuses_to_forget(url: URL, change: str):
    open_register(url, "S1").take(seen_by("a"), frame(ONE))
    engine = create_engine(url, poolclass=NullPool)
    with pytest.raises(DBAPIError, match="is refused"), engine.begin() as connection:
        connection.execute(text(change))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE audit SET text = 'nothing' WHERE number = 2", "entry 2 was changed"),
        ("DELETE FROM audit WHERE number = 1", "entry 1 was removed"),
        ("DELETE FROM audit WHERE number = 2", "ends at entry 1"),
        ("UPDATE finding SET status = 'waived'", "is not as the trail says"),
    ],
)
def test_who_gets_around_the_triggers_is_seen(register: Register, sqlite: URL, change, told):
    register.take(seen_by("a"), frame(ONE))
    register.open([ONE.fingerprint], ANNA)
    assert register.faults() == ()
    engine = create_engine(sqlite, poolclass=NullPool)
    with engine.begin() as connection:
        for trigger in ("audit_no_update", "audit_no_delete"):
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(text(change))
    assert any(told in fault for fault in register.faults())


def test_runs_at_the_same_time_are_taken_in_one_after_the_other(url: URL):
    runs = {name: [finding(f"{name}{n}") for n in range(20)] for name in "abcd"}

    def take(name: str) -> None:
        nothing_looked_at = looked(sites=[])
        open_register(url, "S1").take(seen_by(name, nothing_looked_at), frame(*runs[name]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take, runs))
    register = open_register(url, "S1")
    assert len(statuses(register)) == 80
    assert register.trend()["number"].unique().to_list() == [1, 2, 3, 4]
    assert register.faults() == ()


def test_studies_share_a_database_and_nothing_else(url: URL):
    one, two = open_register(url, "S1"), open_register(url, "S2")
    one.take(seen_by("a"), frame(ONE))
    two.take(seen_by("a"), frame(TWO))
    two.take(seen_by("b"), frame())
    assert (statuses(one), statuses(two)) == ({"1": "new"}, {"2": "resolved"})
    assert (one.faults(), two.faults()) == ((), ())


def test_a_database_of_a_newer_version_is_refused(url: URL):
    open_register(url, "S1")
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    with pytest.raises(RegisterError, match="newer version of sdtmflow"):
        open_register(url, "S1")


def test_errors_name_no_password_and_no_value(url: URL):
    register = open_register(url, "S1")
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("DROP TABLE trend"))
    with pytest.raises(RegisterError) as refused:
        register.take(seen_by("a"), frame(finding("1", value="Zebrafish bite")))
    assert "Zebrafish" not in repr(refused.value) + str(refused.value.__cause__)
    assert "hidden" not in shown(url.set(password="hidden")) if url.host else True


def test_a_server_that_is_not_there_is_told(tmp_path):
    from sdtmflow.register.address import address

    with pytest.raises(RegisterError) as gone:
        open_register(address("postgresql://me:hush@127.0.0.1:1/db", tmp_path, ""), "S1")
    assert "cannot be reached" in str(gone.value)
    assert "hush" not in str(gone.value)
    assert gone.value.exit_code == 11


def test_a_file_that_is_no_database_is_told(tmp_path):
    from sdtmflow.register.address import address

    (tmp_path / "findings.db").write_text("x" * 4096)
    with pytest.raises(RegisterError):
        open_register(address("findings.db", tmp_path, ""), "S1")


def test_the_columns_of_the_tables_are_those_of_a_finding():
    from sdtmflow.register.tables import FINDING

    assert FINDINGS_SCHEMA.keys() <= {column.name for column in FINDING.columns}


def test_the_newest_migration_is_the_one_that_is_known():
    from alembic.script import ScriptDirectory

    from sdtmflow.register.migrating import _MIGRATIONS, NEWEST

    assert ScriptDirectory(str(_MIGRATIONS)).get_current_head() == NEWEST


def test_before_and_after_are_in_the_trail(register: Register, sqlite: URL):
    register.take(seen_by("a"), frame(ONE))
    register.waive([ONE.fingerprint], ANNA, reason="known", until="2026-12-31")
    with create_engine(sqlite, poolclass=NullPool).connect() as connection:
        row = connection.execute(text("SELECT * FROM audit WHERE number = 2")).mappings().one()
    assert json.loads(row["before"])["until"] == ""
    assert json.loads(row["after"])["until"] == "2026-12-31"
    assert (row["who"], row["account"], row["text"]) == ("Anna", "anna@clinic", "known")
