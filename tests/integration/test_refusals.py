"""Where publishing cannot be: one line that says what to do, and nothing stays behind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from cli.main import app
from sdtmflow.bundle import publish
from sdtmflow.errors import StoreError
from tests.bundle_facts import facts_of
from tests.integration.conftest import Place, make_place
from tests.integration.servers import OWNER, Keys

FACTS = facts_of("a")
SECRET = "NotToBeSeenByAnybody"


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/dm.xpt").write_text("subjects")
    return tmp_path / "tree"


def refusal(place: Place, tree) -> str:
    """What a publisher is told: one line, without a secret."""
    with pytest.raises(StoreError) as refused:
        publish(place.open(), "TRIAL", tree, FACTS)
    told = str(refused.value)
    assert "\n" not in told
    assert SECRET not in told
    assert place.environ["SDTMFLOW_S3_SECRET_ACCESS_KEY"] not in told
    return told


def everything(place: Place) -> list[str]:
    """What lies in the two buckets."""
    client = place.client()
    return [
        found["Key"]
        for bucket in (place.bucket, f"{place.bucket}-claims")
        for found in client.list_objects_v2(Bucket=bucket).get("Contents", [])
    ]


@pytest.fixture
def files_behind(rclone):
    """rclone: no versions, no conditions, no locks."""
    place = Place("rclone", "s3://trials", rclone.environ(OWNER), rclone)
    open_as_owner(place).make()
    return place


def test_a_server_without_versions_and_conditions(files_behind, tree):
    assert "the bucket is not versioned" in refusal(files_behind, tree)
    assert everything(files_behind) == []


def test_a_check_tells_each_promise_that_is_not_kept(files_behind, monkeypatch):
    for name, value in files_behind.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")
    done = CliRunner().invoke(app, ["store", "check", "--store", "s3://trials"])
    assert isinstance(done.exception, StoreError)
    rows = {line.partition("  ")[0]: line.split() for line in done.output.splitlines()}
    assert "no" in rows["files: every version is kept"]
    assert "no" in rows["claims: none is created twice"]
    assert "yes" in rows["claims: the bucket is not versioned"]
    told = " ".join(done.output.split())  # the column may be narrower than the sentence
    assert "ignores or does not know" in told
    assert "conditional creates" in told
    assert everything(files_behind) == []


def test_stores_are_made_once_and_pass_their_check(s3_place, monkeypatch):
    """As `sdtmflow store make` does."""
    place = s3_place.beside("made")
    administrator = open_as_owner(place)
    assert administrator.make() == (f"s3://{place.bucket}", f"s3://{place.bucket}-claims")
    assert administrator.make() == ()
    for promise in place.open().promises():
        assert promise.ask() == ""


def open_as_owner(place: Place):
    return replace(place, environ=place.server.environ(OWNER)).open()


def changed(**settings: str):
    """The publisher, with other settings."""

    def change(place: Place) -> Place:
        given = {f"SDTMFLOW_S3_{name.upper()}": value for name, value in settings.items()}
        return replace(place, environ={**place.environ, **given})

    return change


def role(name: str):
    def change(place: Place) -> Place:
        return place.as_role(name)

    return change


def without_rights(place: Place) -> Place:
    keys: Keys = place.server.add_user(f"nobody-{place.bucket}")
    return replace(place, environ=place.server.environ(keys))


REFUSALS = {
    "wrong secret": (changed(secret_access_key=SECRET), "the secret key is wrong; check the cred"),
    "unknown key": (changed(access_key_id="AKIAXXXX"), "does not know the access key; check the"),
    "no rights": (without_rights, "the store forbids GetBucketVersioning; ask the store's owner"),
    "read-only": (role("auditor"), "the store forbids PutObject; ask the store's owner"),
    "unreachable": (
        changed(endpoint="http://127.0.0.1:9", retries="1", connect_timeout="1"),
        "the store cannot be reached; check the endpoint, the network and the proxy",
    ),
    "no such profile": (changed(profile="nobody-has-it"), "there is no such profile; correct"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_who_may_not_publish_is_told_why(guarded_place, tree, case):
    change, told = REFUSALS[case]
    assert told in refusal(change(guarded_place), tree)
    assert everything(guarded_place) == []


def test_a_session_that_is_not_valid(request, tmp_path, tree):
    place = changed(session_token=SECRET)(make_place(request, "ministack", tmp_path))
    assert "get new session credentials" in refusal(place, tree)
    assert everything(place) == []
