"""What every store promises to snapshots and bundles."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest

from sdtmflow.errors import StoreError
from sdtmflow.store import Snapshots
from sdtmflow.store.digests import Digests
from sdtmflow.store.mirrors import mirrored, mirrored_numbers, write_mirrors
from sdtmflow.store.protocol import (
    Created,
    Exists,
    MissingObjectError,
    Slot,
    Stored,
    read_object,
    sha256_of,
)

LARGE = bytes(range(256)) * 4 * 40_000  # three parts of a multipart upload


@pytest.mark.parametrize("data", [b"", b"a", LARGE], ids=["empty", "small", "in parts"])
def test_a_file_comes_back_as_it_was_put(store, tmp_path, data):
    path = tmp_path / "dm.xpt"
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    moved = []
    stored, found = store.put_file("bundles/S/1/m5/dm.xpt", path, sha256, moved.append)
    assert found == Digests(len(data), sha256, hashlib.md5(data).hexdigest())
    assert sum(moved) == len(data)
    assert read_object(store, stored) == data
    assert b"".join(store.chunks(stored, start=len(data) // 2)) == data[len(data) // 2 :]
    assert store.current("bundles/S/1/m5/dm.xpt") == stored


def test_a_store_tells_when_it_got_something_and_the_same_snapshot_keeps_its_time(store, tmp_path):
    assert store.stored_at("snapshots/ab/none") is None
    (tmp_path / "ae.csv").write_bytes(b"events")
    snapshots = Snapshots(store, tmp_path / "cache")
    sha256 = snapshots.keep(tmp_path / "ae.csv")
    received = snapshots.received(sha256)
    assert dt.datetime.fromisoformat(received).utcoffset() == dt.timedelta(0)
    snapshots.keep(tmp_path / "ae.csv")
    assert snapshots.received(sha256) == received
    assert snapshots.received("0" * 64) == ""


def test_reading_from_the_very_end_gives_nothing(store):
    assert b"".join(store.chunks(store.put_bytes("a/b", b"abc"), start=3)) == b""


def test_a_file_that_changed_since_it_was_hashed_is_refused(store, tmp_path):
    path = tmp_path / "dm.xpt"
    path.write_bytes(b"changed")
    with pytest.raises(StoreError):
        store.put_file("a/dm.xpt", path, sha256_of([b"hashed"]))


@pytest.mark.parametrize("data", [b"", b"a", LARGE], ids=["empty", "small", "in parts"])
def test_a_copy_has_the_same_bytes_under_its_own_key(store, tmp_path, data):
    path = tmp_path / "dm.xpt"
    path.write_bytes(data)
    source, found = store.put_file("a/one", path)
    copied = store.copy(source, "b/two", path, found.sha256)
    assert copied.key == "b/two"
    assert read_object(store, copied) == data
    assert store.current("b/two") == copied  # not every server tells the version of a copy


def test_a_copy_never_holds_other_bytes_than_the_original(place, store, tmp_path):
    path = tmp_path / "dm.xpt"
    path.write_bytes(b"as published")
    source = store.put_bytes("a/one", b"damaged")
    if place.kind == "local":  # copies from the original, which costs the same
        copied = store.copy(source, "b/two", path, sha256_of([b"as published"]))
        assert read_object(store, copied) == b"as published"
    else:
        with pytest.raises(StoreError, match="read back"):
            store.copy(source, "b/two", path, sha256_of([b"as published"]))


def test_what_is_not_there_is_missing(store):
    assert store.current("no/thing") is None
    assert list(store.keys("no/")) == []
    with pytest.raises(MissingObjectError, match="no such"):
        read_object(store, Stored("no/thing"))


def test_keys_are_listed_under_their_prefix_only(store):
    names = ["a/é ü.txt", "a/b/c", "a/b c&+%.txt", "ab/d"]
    for name in names:
        store.put_bytes(name, b"x")
    assert list(store.keys("a/")) == sorted(names[:3])


@pytest.mark.parametrize("key", ["../a", "/a", "a//b", "a/./b", "a/../../b", ""])
def test_a_key_cannot_leave_the_store(store, key):
    with pytest.raises(StoreError, match="no key"):
        store.put_bytes(key, b"x")


def attempt(store, version, name, data):
    store.put_bytes(store.attempt_prefix("S", name) + "dm.xpt", name.encode())
    return store.take_claim(Slot("S", version, name), data)


def test_a_version_is_claimed_once(store):
    assert attempt(store, 1, "first", b"mine") == Created()
    assert attempt(store, 1, "second", b"theirs") == Exists(b"mine")
    assert attempt(store, 2, "second", b"theirs") == Created()
    assert store.claims("S") == {1: b"mine", 2: b"theirs"}
    prefix = store.bundle_prefix(Slot("S", 2, "second"))
    assert read_object(store, Stored(prefix + "dm.xpt")) == b"second"


def test_a_claim_that_holds_our_own_bytes_is_ours(store):
    """The answer to the first request was lost, so the same one is sent again."""
    assert attempt(store, 1, "first", b"mine") == Created()
    assert store.take_claim(Slot("S", 1, "first"), b"mine") == Created()


def test_claims_come_in_the_order_of_their_numbers(store):
    for version in (9999, 10000, 2):
        attempt(store, version, f"a{version}", b"%d" % version)
    assert list(store.claims("S")) == [2, 9999, 10000]


def test_nothing_is_claimed_before_the_claim(store):
    store.put_bytes(store.attempt_prefix("S", "first") + "dm.xpt", b"x")
    assert store.claims("S") == {}


def test_a_good_store_passes_its_probe_and_stays_clean(place, store):
    assert store.probe() == ()
    assert store.claims("S") == {}
    assert place.open().probe() == ()


def test_the_same_delivery_is_kept_once(store, tmp_path):
    snapshots = Snapshots(store, tmp_path / "cache")
    for name in ("monday.csv", "tuesday.csv"):
        (tmp_path / name).write_bytes(b"SUBJID\n001\n")
    first, second = (snapshots.keep(tmp_path / name) for name in ("monday.csv", "tuesday.csv"))
    assert first == second == sha256_of([b"SUBJID\n001\n"])
    assert list(store.keys("snapshots/")) == [f"snapshots/{first[:2]}/{first}"]
    assert snapshots.path_of(first).read_bytes() == b"SUBJID\n001\n"
    assert snapshots.path_of(first).read_bytes() == b"SUBJID\n001\n"  # from the cache


def test_a_snapshot_that_was_never_kept_is_missing(store, tmp_path):
    with pytest.raises(MissingObjectError):
        Snapshots(store, tmp_path).path_of("0" * 64)


def test_a_damaged_snapshot_is_refused_and_mended_by_keeping_it_again(place, store, tmp_path):
    (tmp_path / "lab.csv").write_bytes(b"good")
    snapshots = Snapshots(store, tmp_path / "cache")
    sha256 = snapshots.keep(tmp_path / "lab.csv")
    damage(place, f"snapshots/{sha256[:2]}/{sha256}", b"bad!")
    with pytest.raises(StoreError, match="no longer has its SHA-256"):
        snapshots.path_of(sha256)
    assert snapshots.keep(tmp_path / "lab.csv") == sha256
    assert snapshots.path_of(sha256).read_bytes() == b"good"


def damage(place, key, data):
    path = place.open().local_path(key)
    if path is None:
        place.client().put_object(Bucket=place.bucket, Key=f"some/prefix/{key}", Body=data)
    else:
        path.chmod(0o644)
        path.write_bytes(data)


def test_an_entry_is_appended_once(store):
    assert store.last_entry("log/S/") is None
    assert store.entries("log/S/") == {}
    assert store.append("log/S/", 1, b"mine") == Created()
    assert store.append("log/S/", 1, b"theirs") == Exists(b"mine")
    assert store.append("log/S/", 2, b"theirs") == Created()
    assert store.entries("log/S/") == {1: b"mine", 2: b"theirs"}
    assert store.entries("log/S/", after=1) == {2: b"theirs"}
    assert store.last_entry("log/S/") == (2, b"theirs")


def test_an_entry_that_holds_our_own_bytes_is_ours(store):
    """The answer to the first request was lost, so the same one is sent again."""
    assert store.append("log/S/", 1, b"mine") == Created()
    assert store.append("log/S/", 1, b"mine") == Created()


def test_entries_come_in_the_order_of_their_numbers(store):
    for number in (9999, 10000, 2):
        store.append("log/S/", number, b"%d" % number)
    assert list(store.entries("log/S/")) == [2, 9999, 10000]
    assert store.last_entry("log/S/") == (10000, b"10000")


def test_series_objects_and_claims_are_apart(store):
    store.append("log/S/", 1, b"entry")
    store.append("log/S2/", 1, b"another study's")
    store.put_bytes("log/S/0002", b"an object")
    assert store.entries("log/S/") == {1: b"entry"}
    assert list(store.keys("log/S/")) == ["log/S/0002"]
    assert store.claims("S") == {}


def test_a_mirror_is_written_once_and_tells_its_number(store):
    write_mirrors(store, "log/S/", {1: b"one", 2: b"two"})
    write_mirrors(store, "log/S/", {2: b"changed", 3: b"three"})
    store.put_bytes("log/S/notes.json", b"no mirror")
    assert mirrored(store, "log/S/") == {1: b"one", 2: b"two", 3: b"three"}
    assert mirrored_numbers(store, "log/S/") == [1, 2, 3]


@pytest.mark.parametrize("series", ["../log/", "/log/", "log//S/"])
def test_a_series_cannot_leave_the_store(store, series):
    with pytest.raises(StoreError, match="no key"):
        store.append(series, 1, b"x")
