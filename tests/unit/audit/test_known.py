"""What a machine remembers of the logs it has seen, by the store they are in."""

from __future__ import annotations

import json

import pytest

from sdtmflow.audit import Act, Actor, Head, KnownHeads, last_event, record
from sdtmflow.errors import VerificationError
from sdtmflow.settings import Settings
from sdtmflow.store import open_store
from sdtmflow.store.local import LocalStore

ANA = Actor(name="Ana", account="ana@desk")


@pytest.fixture
def known(tmp_path):
    return KnownHeads(tmp_path / "heads.json")


def head(number: int, letter: str = "a") -> Head:
    return Head(number=number, sha256=letter * 64)


def server(tmp_path, port: int, **options: str):
    query = "&".join(f"{name}={value}" for name, value in options.items())
    address = f"s3://trials/my01?endpoint=http://localhost:{port}&{query}".rstrip("&")
    return open_store(address, tmp_path, Settings.read({}))


def test_only_a_newer_head_is_remembered(known, tmp_path):
    one, other = LocalStore(tmp_path / "one"), LocalStore(tmp_path / "other")
    assert known.of(one) is None
    for number in (2, 1):
        known.remember(one, head(number))
    assert known.of(one).head.number == 2
    assert known.of(other) is None
    (tmp_path / "heads.json").write_text("{}}")
    assert known.of(one) is None


def test_buckets_of_one_name_on_two_servers_are_two_stores(known, tmp_path):
    stores = [server(tmp_path, 9001), server(tmp_path, 9002), server(tmp_path, 9001, claims="c")]
    for number, store in enumerate(stores, start=1):
        known.remember(store, head(number))
    assert [known.of(store).head.number for store in stores] == [1, 2, 3]
    assert len({store.url for store in stores}) == 1


def test_what_was_remembered_without_the_server_counts_until_it_was_seen_again(known, tmp_path):
    store, url = server(tmp_path, 9001), "s3://trials/my01"
    old = {"heads": {url: {"number": 4, "sha256": "a" * 64}}}
    (tmp_path / "heads.json").write_text(json.dumps(old))
    assert known.of(store).head == head(4)
    known.remember(store, head(4))
    assert json.loads((tmp_path / "heads.json").read_text())["heads"].keys() == {store.identity}
    assert known.of(store).head == head(4)
    assert known.of(server(tmp_path, 9002)) is None


def test_a_log_is_followed_from_what_was_seen(known, tmp_path):
    store = LocalStore(tmp_path / "store")
    for _ in range(2):
        record(store, "TRIAL", Act("sweep"), ANA)
        known.follow(store, "TRIAL")
        assert known.of(store).head == last_event(store, "TRIAL").head
    (newest,) = (tmp_path / "store").glob("series/audit/TRIAL/0002*")
    newest.unlink()
    with pytest.raises(VerificationError, match="entry 2 is not the one that this machine has se"):
        known.follow(store, "TRIAL")
