"""Orphans are found and explained; a sweep takes them and nothing else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sdtmflow.bundle import verify
from sdtmflow.bundle.attempts import SweptError
from sdtmflow.errors import StoreError, UsageError, VerificationError
from sdtmflow.orphans import ALL, Kind, find_orphans, sweep
from sdtmflow.store.pieces import Pieces
from tests.integration.conftest import make_place
from tests.integration.orphanage import (
    is_kept,
    keep,
    publish_tree,
    stop_publishing,
)

WEEK = dt.timedelta(days=7)


@pytest.fixture(params=["local", "ministack"])
def place(request, tmp_path):
    """A folder, and a server that has real locks and checks who asks."""
    return make_place(request, request.param, tmp_path)


class Later:
    """The store as it is ``days`` later: only its clock differs."""

    def __init__(self, store, days: float = 8) -> None:
        self._store, self._days = store, days

    def __getattr__(self, name):
        return getattr(self._store, name)

    def pieces(self) -> Pieces:
        return LaterPieces(self._store.pieces(), self._days)


class LaterPieces:
    def __init__(self, pieces, days) -> None:
        self._pieces, self._days = pieces, days

    def __getattr__(self, name):
        return getattr(self._pieces, name)

    def now(self) -> dt.datetime:
        return self._pieces.now() + dt.timedelta(days=self._days)


def swept(place, study="TRIAL", **options):
    """A sweep eight days from now, and what it announced."""
    announced = []
    done = sweep(Later(sweeper(place)), study, announced.extend, older_than=WEEK, **options)
    return done, announced


def sweeper(place):
    """The store as somebody opens it who may sweep and no more."""
    return place.as_role("administrator").open()


def of_kind(orphans, kind):
    return [orphan for orphan in orphans if orphan.kind is kind]


def attempts(store, study="TRIAL"):
    return of_kind(find_orphans(store, study), Kind.ATTEMPT)


def test_an_empty_store_has_no_orphans(place):
    assert find_orphans(sweeper(place), "TRIAL") == ()


def test_a_published_bundle_is_no_orphan(place, tmp_path):
    keep(place.open(), tmp_path, "monday")
    publish_tree(place.open(), tmp_path, "a", "monday")
    assert {orphan.kind for orphan in find_orphans(sweeper(place), "TRIAL")} <= {Kind.LEAVING}


@pytest.mark.parametrize(
    ("method", "why"),
    [
        ("put_bytes", "stopped before its manifest was stored"),
        ("append", "whole, with its manifest, but never claimed"),
        ("take_claim", "stopped in the moment of its claim on v0002"),
    ],
)
def test_it_is_told_why_an_attempt_is_there(place, tmp_path, method, why):
    publish_tree(place.open(), tmp_path, "first")
    stop_publishing(place.open(), tmp_path, "a", method)
    (orphan,) = attempts(Later(sweeper(place)))
    assert orphan.why == why
    assert orphan.files == (3 if method == "put_bytes" else 4)
    assert orphan.size >= 2 * len("m5/dm.xpta")
    assert orphan.begun <= orphan.changed


def test_an_attempt_of_just_now_is_probably_under_way(place, tmp_path):
    stop_publishing(place.open(), tmp_path, "a", "put_bytes")
    (orphan,) = attempts(sweeper(place))
    assert orphan.why == "probably still under way"


def test_a_sweep_takes_what_is_old_and_leaves_what_is_published(place, tmp_path):
    publish_tree(place.open(), tmp_path, "first")
    stop_publishing(place.open(), tmp_path, "a", "put_bytes")
    stop_publishing(place.open(), tmp_path, "b", "append")
    names = {orphan.name for orphan in attempts(sweeper(place))}
    done, announced = swept(place)
    assert {orphan.name for orphan in announced} >= names
    assert {orphan.name for orphan in done.removed} >= names
    assert attempts(sweeper(place)) == []
    assert verify(place.open(), "TRIAL").faults == ()
    assert publish_tree(place.open(), tmp_path, "second").name == "v0002"


def test_what_is_young_stays_and_says_from_when_it_may_go(place, tmp_path):
    stop_publishing(place.open(), tmp_path, "a", "put_bytes")
    announced = []
    done = sweep(Later(sweeper(place), 6), "TRIAL", announced.extend, older_than=WEEK)
    assert announced == []
    assert [each.orphan.kind for each in done.left if each.orphan.kind is Kind.ATTEMPT]
    assert all("may be swept from" in each.reason for each in done.left)
    assert len(attempts(sweeper(place))) == 1


def test_no_sweep_is_so_hasty_as_to_take_a_publication_under_way(store):
    with pytest.raises(UsageError, match="under way; write 1d or more"):
        sweep(store, "TRIAL", print, older_than=dt.timedelta(hours=23))


def test_a_dry_run_tells_the_same_and_changes_nothing(place, tmp_path):
    stop_publishing(place.open(), tmp_path, "a", "append")
    dry, announced = swept(place, dry_run=True, kinds={Kind.ATTEMPT})
    assert announced == []
    assert len(dry.removed) == 1
    assert len(attempts(sweeper(place))) == 1
    done, _ = swept(place, kinds={Kind.ATTEMPT})
    assert {orphan.name for orphan in done.removed} == {orphan.name for orphan in dry.removed}


def test_what_cannot_be_logged_is_not_removed(place, tmp_path):
    stop_publishing(place.open(), tmp_path, "a", "append")

    def refuse(orphans):
        raise StoreError("the log refuses")

    with pytest.raises(StoreError, match="the log refuses"):
        sweep(Later(sweeper(place)), "TRIAL", refuse, older_than=WEEK)
    assert len(attempts(sweeper(place))) == 1


def test_a_publisher_that_slept_too_long_finds_itself_swept(place, tmp_path):
    """All is stored, then the machine sleeps for eight days, in which the attempt is swept."""

    class Sleeping:
        def __init__(self, store):
            self.store = store

        def __getattr__(self, name):
            return getattr(self.store, name)

        def append(self, series, number, data):
            if series.startswith("attempts/"):
                assert attempts(sweeper(place))
                swept(place)
            return self.store.append(series, number, data)

    with pytest.raises(SweptError, match="it was swept as an orphan; nothing was published"):
        publish_tree(Sleeping(place.open()), tmp_path, "a")
    assert place.open().claims("TRIAL") == {}
    assert publish_tree(place.open(), tmp_path, "a").name == "v0001"


def test_who_has_asked_for_a_claim_is_left_alone_however_long_it_sleeps(place, tmp_path):
    class Sleeping:
        def __init__(self, store):
            self.store = store

        def __getattr__(self, name):
            return getattr(self.store, name)

        def take_claim(self, slot, data):
            done, _ = swept(place)
            (left,) = (each for each in done.left if each.orphan.kind is Kind.ATTEMPT)
            assert left.reason == "until v0001 is published"
            return self.store.take_claim(slot, data)

    assert publish_tree(Sleeping(place.open()), tmp_path, "a").name == "v0001"
    assert verify(place.open(), "TRIAL").faults == ()


def test_who_was_overtaken_in_the_moment_of_its_claim_can_be_swept(place, tmp_path):
    stop_publishing(place.open(), tmp_path, "slow", "take_claim")
    publish_tree(place.open(), tmp_path, "fast")
    (orphan,) = attempts(sweeper(place))
    assert orphan.why == "overtaken: another run published v0001 first"
    swept(place)
    assert attempts(sweeper(place)) == []
    assert verify(place.open(), "TRIAL").faults == ()


def test_a_sweep_that_was_killed_is_told_and_finished_by_the_next(place, tmp_path):
    stop_publishing(place.open(), tmp_path, "a", "append")

    class Killed(Later):
        def pieces(self):
            return KilledPieces(self._store.pieces(), self._days)

    class KilledPieces(LaterPieces):
        def remove(self, piece):
            if piece.key.endswith("manifest.json"):
                raise KeyboardInterrupt
            self._pieces.remove(piece)

    with pytest.raises(KeyboardInterrupt):
        sweep(Killed(sweeper(place)), "TRIAL", lambda _: None, older_than=WEEK)
    (orphan,) = attempts(sweeper(place))
    assert orphan.why.startswith("a sweep of it began 20")
    swept(place)
    assert attempts(sweeper(place)) == []


def test_a_damaged_chain_stops_every_sweep(place, tmp_path):
    for name in "abc":
        publish_tree(place.open(), tmp_path, name)
    stop_publishing(place.open(), tmp_path, "d", "append")
    lose_claim(place, "v0002")
    with pytest.raises(VerificationError):
        swept(place)
    assert [key for key in sweeper(place).pieces().under("bundles/") if key.is_file]


def lose_claim(place, name):
    if place.kind == "local":
        Path(place.url, "bundles", name).rename(Path(place.url, "elsewhere"))
    else:
        place.client().delete_object(
            Bucket=f"{place.bucket}-claims", Key=f"some/prefix/claims/TRIAL/{name}"
        )


def test_what_only_a_mirror_points_to_is_left_alone(s3_place, tmp_path):
    """The last claim is lost, its mirror is there: the next publication takes it again."""
    for name in "ab":
        publish_tree(s3_place.open(), tmp_path, name)
    lose_claim(s3_place, "v0002")
    assert attempts(sweeper(s3_place)) == []
    swept(s3_place, kinds=ALL)
    publish_tree(s3_place.open(), tmp_path, "c")
    assert [verify(s3_place.open(), "TRIAL", v).faults for v in "123"] == [(), (), ()]


def test_snapshots_are_swept_only_when_asked_for(place, tmp_path):
    keep(place.open(), tmp_path, "used")
    keep(place.open(), tmp_path, "unused")
    publish_tree(place.open(), tmp_path, "a", "used")
    (orphan,) = of_kind(find_orphans(sweeper(place), "TRIAL"), Kind.SNAPSHOT)
    assert orphan.size == len("unused")
    swept(place)
    assert is_kept(place.open(), "unused")
    done, announced = swept(place, kinds=ALL)
    assert orphan.name in {each.name for each in announced}
    assert orphan.name in {each.name for each in done.removed}
    assert is_kept(place.open(), "used")
    assert not is_kept(place.open(), "unused")
    keep(place.open(), tmp_path, "unused")
    assert is_kept(place.open(), "unused")


def test_a_snapshot_of_another_study_in_the_same_bucket_is_needed(s3_place, tmp_path):
    keep(s3_place.open(), tmp_path, "theirs")
    publish_tree(s3_place.open(), tmp_path, "a", "theirs", study="THEIRS")
    publish_tree(s3_place.open(), tmp_path, "b")
    assert of_kind(find_orphans(sweeper(s3_place), "TRIAL"), Kind.SNAPSHOT) == []
    swept(s3_place, kinds=ALL)
    assert is_kept(s3_place.open(), "theirs")


def test_a_publisher_whose_snapshot_was_swept_claims_nothing(place, tmp_path):
    keep(place.open(), tmp_path, "old")

    class Sleeping:
        def __init__(self, store):
            self.store = store

        def __getattr__(self, name):
            return getattr(self.store, name)

        def append(self, series, number, data):
            swept(place, kinds={Kind.SNAPSHOT})
            return self.store.append(series, number, data)

    with pytest.raises(StoreError, match=r"the snapshot of old \(edc\) is not in the store"):
        publish_tree(Sleeping(place.open()), tmp_path, "a", "old")
    assert place.open().claims("TRIAL") == {}
    keep(place.open(), tmp_path, "old")
    assert publish_tree(place.open(), tmp_path, "a", "old").name == "v0001"


def test_a_snapshot_stays_when_a_claim_that_needs_it_is_asked_for_meanwhile(place, tmp_path):
    keep(place.open(), tmp_path, "old")

    class Sleeping:
        def __init__(self, store):
            self.store = store

        def __getattr__(self, name):
            return getattr(self.store, name)

        def take_claim(self, slot, data):
            swept(place, kinds={Kind.SNAPSHOT})
            return self.store.take_claim(slot, data)

    assert publish_tree(Sleeping(place.open()), tmp_path, "a", "old").name == "v0001"
    assert is_kept(place.open(), "old")


def test_a_snapshot_that_is_needed_after_all_is_shown_again(place, tmp_path):
    """A publisher asks for its claim between the sweep's first look and its second."""
    keep(place.open(), tmp_path, "old")

    class Busy(Later):
        def pieces(self):
            return BusyPieces(self._store.pieces(), self._days)

    class BusyPieces(LaterPieces):
        def hide(self, pieces):
            stop_publishing(place.open(), tmp_path, "a", "take_claim", "old")
            return self._pieces.hide(pieces)

    done = sweep(
        Busy(sweeper(place)), "TRIAL", lambda _: None, older_than=WEEK, kinds={Kind.SNAPSHOT}
    )
    assert [left.reason for left in done.left] == ["a bundle is made from it after all"]
    assert is_kept(place.open(), "old")


def test_a_snapshot_that_a_killed_sweep_has_hidden_is_shown_by_the_next(place, tmp_path):
    keep(place.open(), tmp_path, "old")
    pieces = sweeper(place).pieces()
    stop_publishing(place.open(), tmp_path, "a", "take_claim", "old")
    pieces.hide(tuple(pieces.under("snapshots/")))
    assert not is_kept(place.open(), "old")
    swept(place, kinds=ALL)
    assert is_kept(place.open(), "old")


def test_a_snapshot_that_is_delivered_again_while_it_is_swept_stays(place, tmp_path):
    keep(place.open(), tmp_path, "old")

    class Busy(Later):
        def pieces(self):
            return BusyPieces(self._store.pieces(), self._days)

    class BusyPieces(LaterPieces):
        def hide(self, pieces):
            hidden = self._pieces.hide(pieces)
            keep(place.open(), tmp_path, "old")
            return hidden

    sweep(Busy(sweeper(place)), "TRIAL", lambda _: None, older_than=WEEK, kinds={Kind.SNAPSHOT})
    assert is_kept(place.open(), "old")


def test_leavings_of_probes_and_of_killed_writers_are_swept(place, tmp_path):
    publish_tree(place.open(), tmp_path, "a")
    left = leave_something(place)
    found = {orphan.name for orphan in of_kind(find_orphans(sweeper(place), "TRIAL"), Kind.LEAVING)}
    assert found >= left
    done, _ = swept(place)
    assert {orphan.name for orphan in done.removed} >= left
    now = {orphan.name for orphan in of_kind(find_orphans(sweeper(place), "TRIAL"), Kind.LEAVING)}
    assert now <= {"probe/lock"}  # where there are locks it stays for an hour


def leave_something(place) -> set[str]:
    """What a killed probe, or a killed writer, leaves."""
    if place.kind != "local":
        bucket, key = f"{place.bucket}-claims", "some/prefix/probe/x-1"
        place.client().put_object(Bucket=bucket, Key=key, Body=b"left")
        return {"probe/x-1"}
    for name in ("snapshots/ab/.partial-x", ".probe-y/taken/claim.json"):
        path = Path(place.url, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left")
    return {"snapshots/ab/.partial-x", ".probe-y/"}


def test_unfinished_uploads_are_told_and_aborted(s3_place, tmp_path):
    done = publish_tree(s3_place.open(), tmp_path, "a")
    client = s3_place.client()
    for key in (
        f"some/prefix/bundles/TRIAL/{done.claim.attempt}/m5/dm.xpt",
        "some/prefix/snapshots/ab/abc",
        "some/prefix/bundles/TRIAL/crashed/m5/dm.xpt",
    ):
        begun = client.create_multipart_upload(Bucket=s3_place.bucket, Key=key)
        client.upload_part(
            Bucket=s3_place.bucket, Key=key, UploadId=begun["UploadId"], PartNumber=1, Body=b"x"
        )
    found = find_orphans(sweeper(s3_place), "TRIAL")
    assert len(of_kind(found, Kind.UPLOAD)) == 2
    assert [orphan.name for orphan in of_kind(found, Kind.ATTEMPT)] == ["crashed"]
    swept(s3_place)
    assert "Uploads" not in client.list_multipart_uploads(Bucket=s3_place.bucket)
    assert verify(s3_place.open(), "TRIAL").faults == ()


def test_old_versions_and_markers_of_an_attempt_go_with_it(s3_place, tmp_path):
    stop_publishing(s3_place.open(), tmp_path, "a", "append")
    (before,) = attempts(sweeper(s3_place))
    client, key = s3_place.client(), f"some/prefix/{before.pieces[0].key}"
    client.put_object(Bucket=s3_place.bucket, Key=key, Body=b"newer")
    client.delete_object(Bucket=s3_place.bucket, Key=key)
    (orphan,) = attempts(sweeper(s3_place))
    assert len(orphan.pieces) == len(before.pieces) + 2
    swept(s3_place)
    prefix = "some/prefix/bundles/"
    listed = client.list_object_versions(Bucket=s3_place.bucket, Prefix=prefix)
    assert "Versions" not in listed
    assert "DeleteMarkers" not in listed


def test_what_object_lock_holds_is_told_and_stays(s3_place, tmp_path):
    stop_publishing(s3_place.open(), tmp_path, "a", "append")
    (orphan,) = attempts(sweeper(s3_place))
    until = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=30)
    locked = orphan.pieces[0]
    s3_place.client().put_object_retention(
        Bucket=s3_place.bucket,
        Key=f"some/prefix/{locked.key}",
        VersionId=locked.version,
        Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until},
    )
    for dry_run in (True, False):
        done, _ = swept(s3_place, dry_run=dry_run)
        (left,) = (each for each in done.left if each.orphan.kind is Kind.ATTEMPT)
        assert left.reason.startswith(f"kept by Object Lock until {until:%Y-%m-%d %H:%M} UTC (1 of")
    (rest,) = attempts(sweeper(s3_place))
    assert [piece.version for piece in rest.pieces] == [locked.version]


def test_a_missing_right_is_named(guarded_place, tmp_path):
    stop_publishing(guarded_place.open(), tmp_path, "a", "append")
    with pytest.raises(StoreError, match="s3:ListBucketVersions"):
        find_orphans(guarded_place.open(), "TRIAL")
