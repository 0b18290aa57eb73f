"""What each role of infra/policies can do to a store, and what it cannot, by plain S3 calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from sdtmflow.audit import Actor, events
from sdtmflow.bundle import download, verify, verify_copy
from sdtmflow.errors import StoreError
from sdtmflow.retention import Retention
from sdtmflow.store.protocol import Stored
from tests.integration.conftest import PREFIX, Place
from tests.integration.orphanage import publish_tree
from tests.integration.servers import POLICIES

READ, LIST, HISTORY = "read a file", "list both buckets", "list old versions"
FILE, CLAIM, LOG, OTHER = "put a file", "put a claim", "put a log entry", "put beside the log"
LOCK, HOLD = "set a retention", "set a legal hold"
HIDE, REMOVE, BYPASS = "hide a file", "delete a version", "delete what is locked"
REMOVE_CLAIM, REMOVE_LOG = "delete a claim", "delete a log entry"

MAY = {
    "publisher": {READ, LIST, FILE, CLAIM, LOG, OTHER, LOCK},
    "reader": {READ, LIST, LOG},
    "auditor": {READ, LIST, HISTORY},
    "releaser": {READ, LIST, LOG, LOCK, HOLD},
    "administrator": {READ, LIST, HISTORY, FILE, LOG, HIDE, REMOVE},
}
YEAR = dt.timedelta(days=365)


@dataclass(frozen=True)
class Acts:
    """All that somebody could try in a store, each on an object of its own."""

    place: Place
    stored: Mapping[str, Stored]

    @classmethod
    def on(cls, place: Place) -> Acts:
        """The publisher puts what the others act on; one of it the releaser locks."""
        put = place.open().put_bytes
        names = (READ, LOCK, HOLD, HIDE, REMOVE, BYPASS)
        stored = {name: put(f"bundles/T/{name}", b"x") for name in names}
        until = dt.datetime.now(dt.UTC).replace(microsecond=0) + YEAR
        place.as_role("releaser").open().protect([stored[BYPASS]], Retention(until, "governance"))
        for key in ("claims/T/0001", "audit/T/0001"):
            bucket = f"{place.bucket}-claims"
            place.client().put_object(Bucket=bucket, Key=PREFIX + key, Body=b"x")
        return cls(place, stored)

    def allowed(self, role: str) -> set[str]:
        """Those acts that the store lets somebody in this role do."""
        return {name for name, act in self._acts(role).items() if not _forbidden(act)}

    def _acts(self, role: str):
        server, bucket = self.place.server, self.place.bucket
        claims = f"{bucket}-claims"
        client = server.client(keys=server.allow(role, bucket, PREFIX))
        until = dt.datetime.now(dt.UTC) + YEAR

        def file(name: str) -> dict[str, str]:
            stored = self.stored[name]
            return {"Bucket": bucket, "Key": PREFIX + stored.key, "VersionId": stored.version}

        def put(where: str, key: str) -> None:
            client.put_object(Bucket=where, Key=PREFIX + key, Body=b"y")

        def delete_claim(key: str) -> None:
            client.delete_object(Bucket=claims, Key=PREFIX + key)

        return {
            READ: lambda: client.get_object(**file(READ)),
            LIST: lambda: [client.list_objects_v2(Bucket=each) for each in (bucket, claims)],
            HISTORY: lambda: client.list_object_versions(Bucket=bucket),
            FILE: lambda: put(bucket, f"bundles/T/by {role}"),
            CLAIM: lambda: put(claims, f"claims/T/v{role}"),
            LOG: lambda: put(claims, f"audit/T/{role}"),
            OTHER: lambda: put(claims, f"elsewhere/{role}"),
            LOCK: lambda: client.put_object_retention(
                **file(LOCK), Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until}
            ),
            HOLD: lambda: client.put_object_legal_hold(**file(HOLD), LegalHold={"Status": "ON"}),
            HIDE: lambda: client.delete_object(Bucket=bucket, Key=file(HIDE)["Key"]),
            REMOVE: lambda: client.delete_object(**file(REMOVE)),
            BYPASS: lambda: client.delete_object(**file(BYPASS), BypassGovernanceRetention=True),
            REMOVE_CLAIM: lambda: delete_claim("claims/T/0001"),
            REMOVE_LOG: lambda: delete_claim("audit/T/0001"),
        }


def _forbidden(act) -> bool:
    try:
        act()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 403:
            raise
        return True
    return False


def test_each_role_is_tested():
    assert {path.stem for path in POLICIES.glob("*.json")} == MAY.keys()


@pytest.mark.parametrize("role", MAY)
def test_a_role_may_do_this_and_nothing_else(guarded_place, role):
    assert Acts.on(guarded_place).allowed(role) == MAY[role]


def test_a_reader_downloads_which_is_logged_and_an_auditor_proves_all(guarded_place, tmp_path):
    publish_tree(guarded_place.open(), tmp_path, "first")
    reader = guarded_place.as_role("reader").open()
    download(reader, "TRIAL", "latest", tmp_path / "copy", actor=Actor(name="Ana", account="ana"))
    assert verify_copy(tmp_path / "copy").faults == ()
    auditor = guarded_place.as_role("auditor").open()
    assert [event.action for event in events(auditor, "TRIAL")] == ["publish", "download"]
    assert verify(auditor, "TRIAL").faults == ()
    with pytest.raises(StoreError, match="forbids PutObject; ask the store's owner"):
        publish_tree(auditor, tmp_path, "second")
