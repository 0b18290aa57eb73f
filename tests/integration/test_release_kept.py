"""What was released stays: nobody removes, shortens or replaces it where Object Lock holds."""

from __future__ import annotations

import datetime as dt

import pytest
from botocore.exceptions import ClientError

from sdtmflow.audit import events
from sdtmflow.bundle import download, find, read_manifest, verify
from sdtmflow.errors import StoreError
from sdtmflow.releasing import hold, release, state_of, unhold
from sdtmflow.releasing.keeping import kept_objects, log_mirrors
from sdtmflow.store.protocol import Stored
from tests.integration.releases import (
    RELEASER,
    approve_all,
    publish_version,
    publisher_and_releaser,
    ruled,
)

COMPLIANCE = ruled(retention="30 days")
GOVERNANCE = ruled(retention="30 days", mode="governance")


class Owner:
    """Whoever may do everything with the buckets, by plain S3 calls."""

    def __init__(self, place) -> None:
        self.client, self.bucket = place.client(), place.bucket

    def delete(self, stored: Stored, **options) -> None:
        named = {"Key": f"some/prefix/{stored.key}", "VersionId": stored.version}
        self.client.delete_object(Bucket=self.bucket, **named, **options)

    def shorten(self, stored: Stored, mode: str) -> None:
        tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
        self.client.put_object_retention(
            Bucket=self.bucket,
            Key=f"some/prefix/{stored.key}",
            VersionId=stored.version,
            Retention={"Mode": mode, "RetainUntilDate": tomorrow},
        )

    def replace(self, key: str) -> None:
        """Lay other bytes over the key, and a delete marker over them."""
        self.client.put_object(Bucket=self.bucket, Key=f"some/prefix/{key}", Body=b"forged")
        self.client.delete_object(Bucket=self.bucket, Key=f"some/prefix/{key}")


@pytest.fixture
def stores(s3_place):
    return publisher_and_releaser(s3_place)


@pytest.fixture
def owner(s3_place):
    return Owner(s3_place)


def released(stores, folder, rules, name="first"):
    """A released version, and everything that it rests on."""
    claim = publish_version(stores[0], folder, name)
    approve_all(stores[1], claim.name)
    done = release(stores[1], "TRIAL", claim.name, rules, RELEASER, reason="submission")
    assert done.warnings == ()
    return claim, objects_of(stores[1], claim)


def objects_of(store, claim) -> tuple[Stored, ...]:
    state = state_of(claim, events(store, "TRIAL"))
    mirrors = log_mirrors(store, "TRIAL", state.release.number) if state.release else ()
    return (*kept_objects(store, claim, read_manifest(store, claim)), *mirrors)


def require_refused(act, *arguments, **options) -> None:
    with pytest.raises(ClientError) as refused:
        act(*arguments, **options)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 403}


def test_nothing_that_a_release_rests_on_can_be_removed(stores, owner, tmp_path):
    claim, objects = released(stores, tmp_path, COMPLIANCE)
    kinds = {stored.key.split("/")[0] for stored in objects}
    assert kinds == {"bundles", "claims", "snapshots", "audit"}
    under = set(stores[0].keys(stores[0].bundle_prefix(claim.slot)))
    assert under <= {stored.key for stored in objects}
    for stored in objects:
        require_refused(owner.delete, stored)
        require_refused(owner.delete, stored, BypassGovernanceRetention=True)
    assert verify(stores[0], "TRIAL", claim.name).faults == ()


def test_a_release_in_compliance_mode_cannot_be_shortened(stores, owner, s3_place, tmp_path):
    if s3_place.kind == "moto":
        pytest.skip("moto lets a compliance lock be shortened, which servers refuse")
    _, objects = released(stores, tmp_path, COMPLIANCE)
    for stored in objects:
        require_refused(owner.shorten, stored, "COMPLIANCE")
        require_refused(owner.shorten, stored, "GOVERNANCE")


def test_governance_yields_to_nobody_but_who_may_bypass_it(stores, owner, tmp_path):
    _, objects = released(stores, tmp_path, GOVERNANCE)
    for stored in objects:
        require_refused(owner.delete, stored)
    owner.delete(objects[0], BypassGovernanceRetention=True)
    assert verify(stores[0], "TRIAL", "v0001").faults != ()


def test_what_lies_over_a_released_file_is_not_what_readers_get(stores, owner, tmp_path):
    claim, objects = released(stores, tmp_path, COMPLIANCE)
    before = {file.path: file.sha256 for file in read_manifest(stores[0], claim).files}
    for stored in objects:
        if stored.key.startswith("bundles/"):
            owner.replace(stored.key)
    download(stores[0], "TRIAL", "released", tmp_path / "copy")
    assert (tmp_path / "copy/m5/dm.xpt").read_text() == "dm.xpt of first"
    found = find(stores[0], "TRIAL", "released")
    assert {file.path: file.sha256 for file in read_manifest(stores[0], found).files} == before
    faults = verify(stores[0], "TRIAL", "released").faults
    assert {fault.path for fault in faults} >= {"m5/dm.xpt", "m5/ae.xpt"}


def test_a_forged_mirror_is_told_and_the_true_one_stays(stores, owner, tmp_path):
    claim, objects = released(stores, tmp_path, COMPLIANCE)
    (mirror,) = (stored for stored in objects if stored.key.startswith("claims/"))
    key = {"Bucket": owner.bucket, "Key": f"some/prefix/{mirror.key}"}
    owner.client.put_object(**key, Body=b"forged")
    assert [fault.problem for fault in verify(stores[0], "TRIAL").faults] == [
        "differs from its mirror"
    ]
    kept = owner.client.get_object(**key, VersionId=mirror.version)["Body"].read()
    assert kept == claim.canonical()


def test_a_second_release_keeps_longer_what_both_rest_on(stores, tmp_path):
    _, first = released(stores, tmp_path, COMPLIANCE)
    released(stores, tmp_path, ruled(retention="60 days"), name="second")
    (mirror,) = (stored for stored in first if stored.key.startswith("claims/"))
    shared, own = stores[1].protection(mirror), stores[1].protection(first[0])
    assert shared.retention.until - own.retention.until == dt.timedelta(days=30)
    again = release(stores[1], "TRIAL", "v0001", COMPLIANCE, RELEASER, reason="again")
    assert (again.new, again.warnings) == (False, ())
    assert stores[1].protection(mirror) == shared  # never shorter


def test_lifting_a_hold_leaves_what_another_version_under_hold_rests_on(stores, owner, tmp_path):
    claims = [
        publish_version(stores[0], tmp_path, name, delivery="the same") for name in ("one", "two")
    ]
    for claim in claims:
        hold(stores[1], "TRIAL", claim.name, RELEASER, reason="litigation")
    unhold(stores[1], "TRIAL", "v0001", RELEASER, reason="settled")
    first, second = (set(objects_of(stores[1], claim)) for claim in claims)
    assert {stored.key.split("/")[0] for stored in first & second} == {"claims", "snapshots"}
    assert all(stores[1].protection(stored).held for stored in second)
    assert not any(stores[1].protection(stored).held for stored in first - second)
    for stored in second:
        require_refused(owner.delete, stored)


def test_a_release_under_hold_has_both(stores, tmp_path):
    claim = publish_version(stores[0], tmp_path, "first")
    approve_all(stores[1])
    release(stores[1], "TRIAL", "v0001", COMPLIANCE, RELEASER, reason="submission", hold=True)
    for stored in kept_objects(stores[1], claim, read_manifest(stores[1], claim)):
        kept = stores[1].protection(stored)
        assert kept.held
        assert kept.retention.mode == "compliance"


def test_who_may_publish_may_not_release_with_a_hold(stores, s3_place, tmp_path):
    if s3_place.kind == "moto":
        pytest.skip("moto asks nobody who he is")
    if s3_place.kind == "ceph":
        pytest.skip("on Ceph 16 an object is its writer's own, who may hold it whatever his rights")
    claim = publish_version(stores[0], tmp_path, "first")
    approve_all(stores[1])
    with pytest.raises(StoreError, match="forbids"):
        release(stores[0], "TRIAL", "v0001", COMPLIANCE, RELEASER, reason="submission", hold=True)
    assert state_of(claim, events(stores[1], "TRIAL")).release is None
