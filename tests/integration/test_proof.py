"""How it is proven that S3 has what it was given: by the server's own checksum, or by reading back.

What goes over the wire is counted by botocore's own events.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from sdtmflow.bundle import publish, verify
from sdtmflow.errors import StoreError
from sdtmflow.store import s3_multipart, s3_writing
from sdtmflow.store.protocol import read_object, sha256_of
from sdtmflow.store.s3_proof import READ_BACK, Word
from tests.bundle_facts import facts_of

LARGE = os.urandom(1 << 20) * 20
"""Three parts, where one request carries no more than ``in_parts`` lets it."""


class Wire:
    """Requests and bytes that a store's client sends and gets, from now on."""

    def __init__(self, store):
        self.requests, self.sent = Counter(), 0
        for client in (store.clients.usual, store.clients.sender):
            client.meta.events.register("before-send.s3", self._request)

    def _request(self, request, **_):
        self.requests[request.method] += 1
        self.sent += int(request.headers.get("Content-Length", 0))


@pytest.fixture
def large(tmp_path) -> Path:
    path = tmp_path / "lb.xpt"
    path.write_bytes(LARGE)
    return path


def reading(place, how):
    return replace(place, environ={**place.environ, "SDTMFLOW_S3_READ_BACK": how})


def in_parts(place):
    """One request carries two parts at most."""
    return replace(place, environ={**place.environ, "SDTMFLOW_S3_THREADS": "2"})


def test_a_server_is_believed_where_it_refuses_wrong_sums(s3_place):
    """MiniStack does; moto and old Ceph store whatever they are told."""
    believed = Word(objects=True, parts=True) if s3_place.kind == "ministack" else READ_BACK
    assert s3_place.open().word() == believed


def test_a_person_may_want_everything_read_back(guarded_place):
    assert reading(guarded_place, "always").open().word() == READ_BACK


@pytest.mark.parametrize("sent", [in_parts, lambda place: place], ids=["parts", "whole"])
@pytest.mark.parametrize("how", ["proven", "always"])
def test_what_is_proven_is_not_read_back(guarded_place, large, how, sent):
    store = sent(reading(guarded_place, how)).open()
    gets = 2 if store.word() == READ_BACK else 0
    wire = Wire(store)
    stored, found = store.put_file("a/lb.xpt", large)
    store.copy(stored, "b/lb.xpt", large, found.sha256)
    assert wire.requests["GET"] == gets
    assert len(LARGE) <= wire.sent < 1.01 * len(LARGE)


def test_damage_on_the_way_is_refused(guarded_place, large):
    """By a server that is believed, so that nothing is there; elsewhere by reading back."""
    store = in_parts(guarded_place).open()
    believed = store.word() != READ_BACK
    refusal = "received other bytes than were sent" if believed else "read back"

    def damage(params, **_):
        data = params["body"].read()
        params["body"] = b"!" + data[1:]

    for call in ("PutObject", "UploadPart"):
        for client in (store.clients.usual, store.clients.sender):
            client.meta.events.register(f"before-call.s3.{call}", damage)
    (large.parent / "dm.xpt").write_bytes(b"subjects")
    for path in (large, large.parent / "dm.xpt"):
        with pytest.raises(StoreError, match=refusal):
            store.put_file(f"a/{path.name}", path)
        assert (store.current(f"a/{path.name}") is None) == believed


def test_an_unchanged_bundle_sends_next_to_nothing(s3_place, tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("ae.xpt", "lb.xpt"):
        (tree / name).write_bytes(name.encode() + LARGE)
    publish(in_parts(s3_place).open(), "TRIAL", tree, facts_of("a"))
    store = s3_place.open()
    store.probe()
    store.word()
    wire = Wire(store)
    assert publish(store, "TRIAL", tree, facts_of("b")).name == "v0002"
    assert wire.sent < 20_000
    assert verify(s3_place.open(), "TRIAL", "2").faults == ()


def test_what_one_request_cannot_copy_is_copied_in_parts(s3_place, large, monkeypatch):
    monkeypatch.setattr(s3_writing, "_COPY_LIMIT", 6 << 20)
    monkeypatch.setattr(s3_multipart, "COPY_PART", 6 << 20)
    store = in_parts(s3_place).open()
    store.word()
    source, found = store.put_file("a/lb.xpt", large)
    wire = Wire(store)
    copied = store.copy(source, "b/lb.xpt", large, found.sha256)
    assert wire.sent < 2_000
    assert wire.requests["PUT"] == 4
    assert sha256_of([read_object(store, copied)]) == found.sha256


def test_a_part_that_fails_ends_the_upload_and_takes_it_back(guarded_place, large):
    store = in_parts(guarded_place).open()

    def fail(params, **_):
        if params["query_string"].get("partNumber") == 2:
            raise ConnectionResetError("the line is down")

    for client in (store.clients.usual, store.clients.sender):
        client.meta.events.register("before-call.s3.UploadPart", fail)
    with pytest.raises(ConnectionResetError):
        store.put_file("a/lb.xpt", large)
    assert store.current("a/lb.xpt") is None
    uploads = guarded_place.client().list_multipart_uploads(Bucket=guarded_place.bucket)
    assert not uploads.get("Uploads")
