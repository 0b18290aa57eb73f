"""What is done with bundles is in the audit log: before it is done, and once."""

from __future__ import annotations

import pytest

from sdtmflow.audit import Act, Actor, events, record
from sdtmflow.bundle import (
    bundles,
    download,
    download_zip,
    export_sequence,
    latest,
    publish,
    verify_and_log,
)
from sdtmflow.errors import StoreError, VerificationError
from sdtmflow.releasing import Signatory, hold
from tests.bundle_facts import facts_of

ANA, BOB = Actor(name="Ana", account="ana@desk"), Actor(name="Bob", account="bob@desk")


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    (folder / "m5").mkdir(parents=True)
    for name in ("index.xml", "index-md5.txt", "m5/dm.xpt", "notes.txt"):
        (folder / name).write_text(name)
    return folder


def entries(store) -> list[tuple]:
    return [(e.who, e.action, e.bundle, e.details) for e in events(store, "TRIAL")]


class ForgetfulStore:
    """A store whose log takes no publication: as though each publisher died after its claim."""

    def __init__(self, store) -> None:
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    def append(self, series, number, data):
        if b'"action": "publish"' in data:
            raise StoreError("the power went off")
        return self._store.append(series, number, data)


def test_each_version_has_its_publication(store, tree):
    for name, actor in (("one", ANA), ("two", BOB)):
        published = publish(store, "TRIAL", tree, facts_of(name), actor=actor)
        assert published.warnings == ()
    assert entries(store) == [("Ana", "publish", 1, {}), ("Bob", "publish", 2, {})]
    first, second = bundles(store, "TRIAL")
    assert [event.manifest for event in events(store, "TRIAL")] == [
        first.manifest.sha256,
        second.manifest.sha256,
    ]
    assert (first.by, first.log) == (ANA, None)
    assert (second.by, second.log) == (BOB, events(store, "TRIAL")[0].head)


def test_what_is_not_new_is_not_logged(store, tree):
    for _ in range(2):
        publish(store, "TRIAL", tree, facts_of("one"), actor=ANA)
    assert entries(store) == [("Ana", "publish", 1, {})]


def test_downloads_say_who_took_what(store, tree, tmp_path):
    publish(store, "TRIAL", tree, facts_of("one"), actor=ANA)
    download(store, "TRIAL", "v0001", tmp_path / "copy", actor=BOB)
    download_zip(store, "TRIAL", "latest", tmp_path / "copy.zip", ["*.txt", "m5"], actor=BOB)
    export_sequence(store, "TRIAL", "1", tmp_path, "0001", actor=BOB)
    assert entries(store)[1:] == [
        ("Bob", "download", 1, {"as": "folder", "files": "5 of 5"}),
        ("Bob", "download", 1, {"as": "zip", "files": "4 of 5", "only": "*.txt m5"}),
        (
            "Bob",
            "download",
            1,
            {
                "as": "eCTD sequence 0001",
                "files": "4 of 5",
                "only": "index.xml index-md5.txt m5",
            },
        ),
    ]


def test_without_a_log_entry_no_byte_comes(store, tree, tmp_path, monkeypatch):
    publish(store, "TRIAL", tree, facts_of("one"), actor=ANA)

    def refuse(*_):
        raise StoreError("the store forbids PutObject")

    monkeypatch.setattr(store, "append", refuse)
    for fetch, name in ((download, "copy"), (download_zip, "copy.zip")):
        with pytest.raises(StoreError, match=r"nothing is downloaded, .*: the store forbids"):
            fetch(store, "TRIAL", "latest", tmp_path / name, actor=BOB)
    with pytest.raises(StoreError, match="forbids"):
        export_sequence(store, "TRIAL", "latest", tmp_path, "0001")
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == []
    assert not (tmp_path / "0001").exists()


def test_a_mistyped_file_is_told_and_not_logged(store, tree, tmp_path):
    publish(store, "TRIAL", tree, facts_of("one"), actor=ANA)
    with pytest.raises(StoreError, match="no file 'ae"):
        download(store, "TRIAL", "latest", tmp_path / "copy", ["ae.xpt"], actor=BOB)
    assert len(entries(store)) == 1


def test_a_verification_is_logged_with_its_result(place, store, tree):
    publish(store, "TRIAL", tree, facts_of("one"), actor=ANA)
    assert verify_and_log(store, "TRIAL", actor=BOB)[1] == ""
    store.put_bytes(store.bundle_prefix(latest(store, "TRIAL").slot) + "extra.txt", b"x")
    verification, note = verify_and_log(store, "TRIAL", actor=BOB)
    assert (len(verification.faults), note) == (1, "")
    assert entries(store)[1:] == [
        ("Bob", "verify", 1, {"result": "intact", "files": "5"}),
        ("Bob", "verify", 1, {"result": "1 fault", "in": "extra.txt"}),
    ]


def test_who_may_not_write_the_log_verifies_all_the_same(store, tree, monkeypatch):
    publish(store, "TRIAL", tree, facts_of("one"), actor=ANA)

    def refuse(*_):
        raise StoreError("the store forbids PutObject")

    monkeypatch.setattr(store, "append", refuse)
    verification, note = verify_and_log(store, "TRIAL", actor=BOB)
    assert verification.faults == ()
    assert note == "this verification is not in the audit log: the store forbids PutObject"


def test_a_publication_that_a_crash_left_out_is_logged_by_whoever_comes_next(store, tree):
    lost = publish(ForgetfulStore(store), "TRIAL", tree, facts_of("one"), actor=ANA)
    (warning,) = lost.warnings
    assert warning.startswith("the audit log lacks the publication yet (the power went off)")
    assert events(store, "TRIAL") == ()
    verify_and_log(store, "TRIAL", actor=BOB)
    assert entries(store) == [
        ("Ana", "publish", 1, {"entered by": "Bob (bob@desk)"}),
        ("Bob", "verify", 1, {"result": "intact", "files": "5"}),
    ]


def test_a_hold_logs_a_lost_publication_first(place, tree):
    publish(ForgetfulStore(place.open()), "TRIAL", tree, facts_of("one"), actor=ANA)
    store = place.as_role("releaser").open()
    hold(store, "TRIAL", "v0001", Signatory(BOB), reason="inspection")
    assert entries(store) == [
        ("Ana", "publish", 1, {"entered by": "Bob (bob@desk)"}),
        ("Bob", "hold", 1, {"reason": "inspection"}),
    ]


def test_lost_publications_come_before_what_follows_them(store, tree):
    publish(ForgetfulStore(store), "TRIAL", tree, facts_of("one"), actor=ANA)
    record(store, "TRIAL", Act("sweep"), BOB)
    publish(store, "TRIAL", tree, facts_of("two"), actor=BOB)
    assert [(who, action, bundle) for who, action, bundle, _ in entries(store)] == [
        ("Bob", "sweep", None),
        ("Ana", "publish", 1),
        ("Bob", "publish", 2),
    ]


def test_a_damaged_log_stops_a_publication_before_its_claim(store, tree):
    publish(store, "TRIAL", tree, facts_of("one"), actor=ANA)
    store.append("audit/TRIAL/", 2, b"scribble")
    with pytest.raises(VerificationError, match="entry 2 of the audit log"):
        publish(store, "TRIAL", tree, facts_of("two"), actor=ANA)
    assert len(bundles(store, "TRIAL")) == 1
