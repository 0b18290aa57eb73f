"""The log's own rules, on a folder; tests/integration has every kind of store."""

from __future__ import annotations

import datetime as dt

import pytest

from sdtmflow.audit import (
    Act,
    Actor,
    Event,
    events,
    head,
    last_event,
    read_log,
    record,
    record_publication,
)
from sdtmflow.audit.log import log_series, parse_event
from sdtmflow.errors import SdtmflowError, VerificationError
from sdtmflow.signing import load_key, make_key
from sdtmflow.store.local import LocalStore
from sdtmflow.store.mirrors import mirrored

ANA = Actor(name="Ana", account="ana@desk")


def clock() -> dt.datetime:
    return dt.datetime(2026, 3, 1, 13, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


def tamper(tmp_path, number: int, change) -> None:
    """Change an entry of the log in place."""
    (path,) = (tmp_path / "store/series/audit/S").glob(f"{number:04}*")
    path.chmod(0o644)
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_nothing_follows_a_log_that_was_changed_in_the_middle(store, tmp_path, number):
    for _ in range(4):
        record(store, "S", Act("sweep"), ANA, clock)
    other = record(LocalStore(tmp_path / "other"), "S", Act("sweep"), ANA, clock)
    whole = other.model_copy(update={"number": number, "previous": None}).sealed()
    tamper(tmp_path, number, lambda _: whole.canonical())
    with pytest.raises(VerificationError, match=r"entry \d does not follow the one before it"):
        record(store, "S", Act("download"), ANA, clock)
    assert last_event(store, "S").number == 4


def test_before_an_entry_the_newest_ones_are_read_and_never_more(store, tmp_path, monkeypatch):
    for _ in range(6):
        record(store, "S", Act("sweep"), ANA, clock)
    tamper(tmp_path, 3, lambda data: data.replace(b"Ana", b"Eve"))
    monkeypatch.setattr("sdtmflow.audit.log.CHECKED", 3)
    assert record(store, "S", Act("download"), ANA, clock).number == 7
    monkeypatch.setattr("sdtmflow.audit.log.CHECKED", 5)
    with pytest.raises(VerificationError, match="the entry is damaged"):
        record(store, "S", Act("download"), ANA, clock)


def publication(version: int) -> Act:
    return Act("publish", bundle=version, manifest=f"{version}" * 64)


def test_an_entry_says_who_did_what_when(store):
    act = Act("download", bundle=2, manifest="a" * 64, details={"as": "zip"})
    event = record(store, "S", act, ANA, clock)
    assert events(store, "S") == (event,)
    assert event == event.sealed()
    assert event.model_dump(exclude={"id", "seal"}) == {
        "format": 1,
        "study": "S",
        "number": 1,
        "time": "2026-03-01T12:30:00.000+00:00",
        "who": "Ana",
        "account": "ana@desk",
        "action": "download",
        "bundle": 2,
        "manifest": "a" * 64,
        "details": {"as": "zip"},
        "published": 0,
        "previous": None,
    }


def test_entries_form_a_chain(store):
    first, second = (record(store, "S", Act("verify"), ANA, clock) for _ in range(2))
    assert (second.number, second.previous) == (2, first.digest)
    assert head(store, "S") == second.head
    assert str(second.head) == f"2:{second.digest}"
    assert last_event(store, "T") is None


def test_the_same_act_twice_is_two_entries(store):
    """Two people may do the same in the same millisecond: neither may be taken for the other."""
    first, second = (record(store, "S", Act("verify"), ANA, clock) for _ in range(2))
    assert first.id != second.id


def test_every_entry_is_mirrored_and_a_lost_mirror_is_written_again(store, tmp_path):
    record(store, "S", Act("verify"), ANA)
    (tmp_path / "store/audit/S/0001.json").unlink()
    record(store, "S", Act("verify"), ANA)
    assert mirrored(store, log_series("S")) == store.entries(log_series("S"))


def test_publications_stand_once_and_in_order(store):
    assert record_publication(store, "S", publication(1), ANA).published == 1
    assert record_publication(store, "S", publication(1), ANA) is None
    assert record(store, "S", Act("verify", bundle=9), ANA).published == 1
    assert record_publication(store, "S", publication(2), ANA).published == 2
    with pytest.raises(ValueError, match="version 4 cannot follow version 2"):
        record_publication(store, "S", publication(4), ANA)
    assert [event.bundle for event in events(store, "S")] == [1, 9, 2]


def test_nothing_is_appended_to_a_damaged_log(store, tmp_path):
    record(store, "S", Act("verify"), ANA)
    entry = tmp_path / "store/series/audit/S/0001"
    entry.chmod(0o644)
    entry.write_bytes(entry.read_bytes().replace(b"Ana", b"Bob "))
    entry.write_bytes(entry.read_bytes().replace(b'"Bob "', b'"Bob" '))
    with pytest.raises(VerificationError, match=r"entry 1 of the audit log: the event was changed"):
        record(store, "S", Act("verify"), ANA)


def test_a_log_with_a_gap_or_a_broken_chain_is_not_read(store, tmp_path):
    for _ in range(3):
        record(store, "S", Act("verify"), ANA, clock)
    second = tmp_path / "store/series/audit/S/0002"
    kept = second.read_bytes()
    second.unlink()
    with pytest.raises(VerificationError, match="entry 2 is missing"):
        events(store, "S")
    second.write_bytes(kept.replace(b'"Ana"', b'"Bob"'))
    with pytest.raises(VerificationError, match="entry 2 of the audit log: the entry is damaged"):
        events(store, "S")
    changed = Event.model_validate_json(second.read_bytes()).sealed()
    second.write_bytes(changed.canonical())
    with pytest.raises(VerificationError, match="entry 3 does not follow the one before it"):
        events(store, "S")


def test_an_entry_under_another_number_is_refused(store):
    event = record(store, "S", Act("verify"), ANA)
    with pytest.raises(VerificationError, match="it says that it is entry 1"):
        parse_event(event.canonical(), 2, "x")


def test_a_study_cannot_lead_outside_the_log():
    with pytest.raises(SdtmflowError, match="no key"):
        log_series("../S")


def test_who_acts_is_named_or_taken_from_the_environment(monkeypatch):
    monkeypatch.delenv("SDTMFLOW_ACTOR", raising=False)
    account = Actor.of_account()
    assert account.account.startswith(f"{account.name}@")
    monkeypatch.setenv("SDTMFLOW_ACTOR", "Dr. Ana")
    assert Actor.of_account().name == "Dr. Ana"
    assert Actor.of_account("Bob") == Actor(name="Bob", account=account.account)


@pytest.mark.parametrize("name", ["two\nlines", "a\x1b[2J", "x" * 201])
def test_a_name_is_one_line(name):
    with pytest.raises(SdtmflowError, match="one line of at most 200"):
        Actor.of_account(name)


def test_an_entry_is_signed_where_it_stands(store, tmp_path):
    make_key(tmp_path / "ana.pem")
    key = load_key(tmp_path / "ana.pem")
    record(store, "S", Act("verify"), ANA, clock)
    signed = record(store, "S", Act("approve", bundle=1), ANA, clock, key=key)
    assert events(store, "S")[1] == signed
    assert signed.signature.key == key.public.fingerprint
    for change in ({"who": "Bo"}, {"number": 3}, {"previous": "0" * 64}):
        forged = signed.model_copy(update=change).sealed()
        with pytest.raises(VerificationError, match=r"the signature by key .* does not fit"):
            parse_event(forged.canonical(), forged.number, "x")


def test_an_entry_without_a_signature_is_written_as_before_there_were_any(store):
    event = record(store, "S", Act("verify"), ANA, clock)
    assert b"signature" not in event.canonical()


def test_a_stray_entry_with_a_huge_number_is_named_once(store, tmp_path):
    record(store, "S", Act("verify"), ANA, clock)
    (tmp_path / "store/series/audit/S/999999999999").write_bytes(b"junk")
    told = [str(fault) for fault in read_log(store, "S").faults]
    assert told[0] == (
        "entry 2: was removed, and so were all up to 999999999998: later ones are there"
    )
    assert len(told) == 2


@pytest.mark.parametrize("name", ["Ana\u200b", "\u202eanA", "Ana\udcff", "Ana\nBo"])
def test_a_name_holds_nothing_that_is_not_seen(name):
    with pytest.raises(SdtmflowError, match="a name is one line"):
        Actor.of_account(name)


def test_the_account_is_whom_the_machine_runs_this_for(monkeypatch):
    """LOGNAME and USER are whatever somebody writes there."""
    before = Actor.of_account("Ana").account
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "director")
    assert Actor.of_account("Ana").account == before
    assert Actor.of_account().name == before.partition("@")[0]
