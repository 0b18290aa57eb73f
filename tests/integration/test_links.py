"""A link gives one file to whoever has it, until it ends, and nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import time
import urllib.error
import urllib.request
import zipfile
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from sdtmflow.audit import Actor, events
from sdtmflow.bundle import publish, verify_copy
from sdtmflow.bundle.links import link_files, link_zip
from sdtmflow.errors import StoreError, UsageError, VerificationError
from sdtmflow.store.protocol import Stored
from tests.bundle_facts import facts_of

NAMED = "attachment; filename=\"se_al _1_.html\"; filename*=UTF-8''se%C3%B1al%20%221%22.html"
DAY = dt.timedelta(days=1)
WHO = Actor(name="Ada", account="ada@here")


@pytest.fixture
def published(s3_place, tmp_path):
    return publish_files(s3_place, tmp_path)


def publish_files(place, tmp_path):
    tree = tmp_path / "tree"
    for name, text in {
        "m5/dm.xpt": "subjects",
        "m5/define.xml": "<ODM/>",
        'r/señal "1".html': "<b>",
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    return publish(place.open(), "TRIAL", tree, facts_of("a"))


def fetch(url):
    """As a browser without any credentials: the answer's headers and bytes."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.headers, answer.read()


def tells_names(place) -> bool:
    """MiniStack answers without the headers that a link asks for."""
    return place.kind != "ministack"


def refusal(url) -> int:
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(url)
    return refused.value.code


def link_one(place, only, lasts=DAY, version="v0001"):
    _, (shared,) = link_files(place.open(), "TRIAL", version, [only], lasts=lasts, actor=WHO)
    return shared


def test_a_link_brings_the_published_bytes_under_their_name(s3_place, published):
    shared = link_one(s3_place, "dm.xpt")
    headers, data = fetch(shared.link.url)
    assert data == b"subjects"
    assert (shared.size, shared.sha256) == (8, hashlib.sha256(data).hexdigest())
    if tells_names(s3_place):
        assert headers["Content-Disposition"].startswith('attachment; filename="dm.xpt"')
        assert headers["Content-Type"] == "application/octet-stream"
    left = shared.link.expires - dt.datetime.now(dt.UTC)
    assert dt.timedelta(hours=23) < left <= DAY


def test_a_name_beyond_ascii_is_told_in_both_ways(s3_place, published):
    headers, data = fetch(link_one(s3_place, "*.html").link.url)
    assert data == b"<b>"
    said = headers["Content-Disposition"] if tells_names(s3_place) else NAMED
    assert said == NAMED


def test_a_link_stays_with_the_published_bytes(s3_place, published):
    """Object Lock does not stop a newer object on the same key."""
    url = link_one(s3_place, "dm.xpt").link.url
    key = s3_place.open().bundle_prefix(published.claim.slot) + "m5/dm.xpt"
    s3_place.client().put_object(
        Bucket=s3_place.bucket, Key=f"some/prefix/{key}", Body=b"something else"
    )
    assert fetch(url)[1] == b"subjects"
    assert fetch(link_one(s3_place, "dm.xpt").link.url)[1] == b"subjects"


def test_a_link_to_wrong_bytes_is_not_made(s3_place, published):
    class Lying:
        def __init__(self, store):
            self.store = store

        def __getattr__(self, name):
            return getattr(self.store, name)

        def chunks(self, stored: Stored, start=0):
            for chunk in self.store.chunks(stored, start):
                yield chunk.swapcase() if stored.key.endswith("dm.xpt") else chunk

    with pytest.raises(VerificationError, match="other bytes than were published"):
        link_files(Lying(s3_place.open()), "TRIAL", "1", ["dm.xpt"], lasts=DAY)
    assert not [event for event in events(s3_place.open(), "TRIAL") if event.action == "link"]


def test_a_link_ends(guarded_place, tmp_path):
    publish_files(guarded_place, tmp_path)
    link = link_one(guarded_place, "dm.xpt", dt.timedelta(seconds=1)).link
    while dt.datetime.now(dt.UTC) < link.expires + dt.timedelta(seconds=1):
        time.sleep(0.1)
    assert refusal(link.url) in {400, 401, 403}


def test_a_link_opens_nothing_else(guarded_place, tmp_path):
    publish_files(guarded_place, tmp_path)
    url = link_one(guarded_place, "dm.xpt").link.url
    parts = urlsplit(url)
    for changed in (
        parts._replace(path=parts.path.replace("dm.xpt", "define.xml")),
        parts._replace(query=changed_query(parts.query, "X-Amz-Expires", "604800")),
        parts._replace(query=changed_query(parts.query, "versionId", "null")),
        parts._replace(query=""),
    ):
        assert refusal(urlunsplit(changed)) in {400, 401, 403}
    assert fetch(url)[1] == b"subjects"


def changed_query(query, name, value):
    return urlencode({**dict(parse_qsl(query)), name: value})


@pytest.mark.parametrize("days", [0, 7.01, 8])
def test_no_link_lasts_longer_than_a_week(s3_place, published, days):
    with pytest.raises(UsageError, match="at most 7 days; write 7d or less"):
        link_one(s3_place, "dm.xpt", dt.timedelta(days=days))
    assert fetch(link_one(s3_place, "dm.xpt", dt.timedelta(days=7)).link.url)[1] == b"subjects"


def test_a_folder_has_no_links_and_says_what_to_do(request, tmp_path):
    from tests.integration.conftest import make_place

    local = make_place(request, "local", tmp_path)
    publish_files(local, tmp_path)
    with pytest.raises(StoreError, match="a folder has no links; download with"):
        link_one(local, "dm.xpt")
    with pytest.raises(StoreError, match="a folder has no links"):
        link_zip(local.open(), "TRIAL", "1", (), lasts=DAY)


def test_making_a_link_is_logged_and_the_link_is_not(s3_place, published):
    shared = link_one(s3_place, "dm.xpt")
    event = events(s3_place.open(), "TRIAL")[-1]
    assert (event.action, event.bundle, event.who) == ("link", 1, "Ada")
    assert event.manifest == published.claim.manifest.sha256
    assert event.details == {
        "file": "m5/dm.xpt",
        "sha256": shared.sha256,
        "expires": shared.link.expires.isoformat(timespec="seconds"),
    }
    assert "http" not in event.canonical().decode()
    assert shared.link.url not in repr(shared)


def test_links_of_temporary_credentials_say_so(s3_place, published):
    assert not link_one(s3_place, "dm.xpt").link.temporary
    session = {**s3_place.environ, "SDTMFLOW_S3_SESSION_TOKEN": "a token"}
    from dataclasses import replace

    store = replace(s3_place, environ=session).open()
    assert store.link(Stored("bundles/x", "1"), "x", DAY).temporary


def test_a_zip_is_stored_once_and_verified_each_time(s3_place, published, tmp_path):
    _, first = link_zip(s3_place.open(), "TRIAL", "latest", (), lasts=DAY, actor=WHO)
    _, second = link_zip(s3_place.open(), "TRIAL", "latest", (), lasts=DAY, actor=WHO)
    assert first.sha256 == second.sha256
    key = "some/prefix/exports/TRIAL/TRIAL-v0001.zip"
    assert len(versions(s3_place, key)) == 1
    headers, data = fetch(second.link.url)
    assert hashlib.sha256(data).hexdigest() == first.sha256
    if tells_names(s3_place):
        assert 'filename="TRIAL-v0001.zip"' in headers["Content-Disposition"]
    (tmp_path / "d.zip").write_bytes(data)
    assert verify_copy(tmp_path / "d.zip").faults == ()
    details = events(s3_place.open(), "TRIAL")[-1].details
    assert (details["file"], details["sha256"]) == ("TRIAL-v0001.zip", first.sha256)


def versions(place, key):
    listed = place.client().list_object_versions(Bucket=place.bucket, Prefix=key)
    return listed.get("Versions", [])


def test_a_stored_zip_that_is_not_the_bundle_is_made_again(s3_place, published):
    _, first = link_zip(s3_place.open(), "TRIAL", "1", (), lasts=DAY)
    key = "some/prefix/exports/TRIAL/TRIAL-v0001.zip"
    s3_place.client().put_object(Bucket=s3_place.bucket, Key=key, Body=b"rubbish")
    _, second = link_zip(s3_place.open(), "TRIAL", "1", (), lasts=DAY)
    assert second.sha256 == first.sha256
    assert hashlib.sha256(fetch(second.link.url)[1]).hexdigest() == first.sha256


def test_a_zip_of_some_files_has_a_name_of_its_own(s3_place, published):
    _, shared = link_zip(s3_place.open(), "TRIAL", "1", ["*.xpt"], lasts=DAY)
    assert shared.path.startswith("TRIAL-v0001-")
    with zipfile.ZipFile(io.BytesIO(fetch(shared.link.url)[1])) as archive:
        names = archive.namelist()
    assert "TRIAL-v0001/m5/dm.xpt" in names
    assert "TRIAL-v0001/m5/define.xml" not in names
