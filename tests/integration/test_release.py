"""Releases on every kind of store; the rules alone are in tests/unit/releasing."""

from __future__ import annotations

import pytest

from sdtmflow.audit import events
from sdtmflow.bundle import find, verify
from sdtmflow.errors import GateError, VerificationError
from sdtmflow.releasing import (
    ClosedGatesError,
    extend,
    hold,
    release,
    state_of,
    unhold,
)
from tests.integration.releases import (
    CY,
    RELEASER,
    RULES,
    approve_all,
    approve_as,
    publish_version,
    publisher_and_releaser,
    ruled,
)


@pytest.fixture
def stores(place):
    return publisher_and_releaser(place)


@pytest.fixture
def store(stores, tmp_path):
    """The releaser's handle on a store with one published version."""
    publish_version(stores[0], tmp_path, "first")
    return stores[1]


def released(store, version="latest", **options):
    return release(store, "TRIAL", version, RULES, RELEASER, reason="submission", **options)


def state(store, version="latest"):
    return state_of(find(store, "TRIAL", version), events(store, "TRIAL"))


def closed(error) -> list[str]:
    return [gate.name for gate in error.value.gates if not gate.passed]


def test_a_version_that_everybody_approved_is_released(store, place):
    approve_all(store)
    done = released(store)
    assert done.new
    assert all(gate.passed for gate in done.gates)
    assert find(store, "TRIAL", "released").name == "v0001"
    event = state(store).release
    assert (event.who, event.details["reason"], event.details["approvals"]) == (
        "Cy Ode",
        "submission",
        " ".join(str(each.number) for each in state(store).approvals),
    )
    assert verify(store, "TRIAL", "released").faults == ()
    if place.kind == "local":
        assert "no Object Lock" in event.details["lock"]
    else:
        assert done.warnings == ()


def test_releasing_again_records_nothing(store):
    approve_all(store)
    released(store)
    before = events(store, "TRIAL")
    again = released(store)
    assert (again.new, again.warnings) == (False, ())
    assert events(store, "TRIAL") == before


def test_a_lock_may_be_required(store, place):
    approve_all(store)
    rules = ruled(lock="required")
    if place.kind == "local":
        with pytest.raises(ClosedGatesError) as error:
            release(store, "TRIAL", "v0001", rules, RELEASER, reason="submission")
        assert closed(error) == ["lock"]
    else:
        assert release(store, "TRIAL", "v0001", rules, RELEASER, reason="submission").new


def test_a_bundle_that_is_not_intact_can_be_neither_approved_nor_released(store, place):
    approve_all(store)
    claim = find(store, "TRIAL", "v0001")
    key = store.bundle_prefix(claim.slot) + "m5/dm.xpt"
    cover(place, key, b"forged")
    with pytest.raises(VerificationError, match=r"m5/dm.xpt"):
        approve_as(store, "Biostatistics", CY)
    with pytest.raises(ClosedGatesError) as error:
        released(store)
    assert closed(error) == ["bytes"]


def test_a_lost_delivery_forbids_a_release(store, place):
    approve_all(store)
    (key,) = store.keys("snapshots/")
    cover(place, key, b"other bytes")
    with pytest.raises(ClosedGatesError) as error:
        released(store)
    assert closed(error) == ["origins"]


def cover(place, key: str, data: bytes) -> None:
    """Change the bytes, or lay a newer object over them where versions cannot be changed."""
    path = place.open().local_path(key)
    if path is None:
        place.client().put_object(Bucket=place.bucket, Key=f"some/prefix/{key}", Body=data)
    else:
        path.chmod(0o644)
        path.write_bytes(data)


def test_a_hold_is_recorded_and_lifted(store):
    with pytest.raises(GateError, match="under no hold"):
        unhold(store, "TRIAL", "v0001", RELEASER, reason="none")
    hold(store, "TRIAL", "v0001", RELEASER, reason="litigation")
    assert state(store).held
    with pytest.raises(GateError, match="under hold already"):
        hold(store, "TRIAL", "v0001", RELEASER, reason="litigation")
    unhold(store, "TRIAL", "v0001", RELEASER, reason="settled")
    assert not state(store).held


def test_a_retention_is_extended_and_never_shortened(store):
    with pytest.raises(GateError, match="v0001 is not released, so it has no retention"):
        extend(store, "TRIAL", "v0001", "30 years", RELEASER, reason="x")
    approve_all(store)
    released(store)
    before = state(store).retention
    with pytest.raises(GateError, match="a retention only grows"):
        extend(store, "TRIAL", "v0001", "20 years", RELEASER, reason="x")
    extend(store, "TRIAL", "v0001", "30 years", RELEASER, reason="new law")
    assert state(store).retention.until.year == before.until.year + 5
    assert verify(store, "TRIAL", "v0001").faults == ()
