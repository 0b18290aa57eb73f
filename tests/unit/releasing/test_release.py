"""From approvals to a release: what forbids one, and what it makes of a version."""

from __future__ import annotations

import datetime as dt

import pytest

from sdtmflow.audit import Act, Actor, events, record
from sdtmflow.bundle import find
from sdtmflow.errors import GateError, StoreError, StudyError
from sdtmflow.releasing import (
    ClosedGatesError,
    Signatory,
    approve,
    extend,
    release,
    revoke,
    state_of,
)
from sdtmflow.signing import load_key, make_key
from sdtmflow.store.local import LocalStore
from tests.integration.releases import (
    ANA,
    BO,
    CRITICAL,
    CY,
    RELEASER,
    RULES,
    approve_all,
    approve_as,
    publish_version,
    ruled,
)


@pytest.fixture
def store(tmp_path):
    """A folder with one published version."""
    opened = LocalStore(tmp_path / "store")
    publish_version(opened, tmp_path, "first")
    return opened


def released(store, version="latest", **options):
    return release(store, "TRIAL", version, RULES, RELEASER, reason="submission", **options)


def state(store, version="latest"):
    return state_of(find(store, "TRIAL", version), events(store, "TRIAL"))


def closed(error) -> list[str]:
    return [gate.name for gate in error.value.gates if not gate.passed]


def test_a_log_that_was_changed_forbids_a_release(store, tmp_path):
    approve_all(store)
    (mirror,) = (tmp_path / "store/audit/TRIAL").glob("0002.json")
    mirror.chmod(0o644)
    mirror.write_bytes(mirror.read_bytes().replace(b"Ana", b"Eve"))
    with pytest.raises(ClosedGatesError) as error:
        released(store)
    assert closed(error) == ["log"]
    assert "differs from its mirror" in error.value.gates[1].told


def test_before_any_release_nothing_is_released(store):
    with pytest.raises(StoreError, match="no bundle is released"):
        find(store, "TRIAL", "released")


def test_released_is_the_newest_released_version_and_not_the_latest(store, tmp_path):
    for name in ("second", "third"):
        publish_version(store, tmp_path, name)
    for version in ("v0002", "v0001"):
        approve_all(store, version)
        released(store, version)
    assert find(store, "TRIAL", "released").name == "v0002"
    assert find(store, "TRIAL", "latest").name == "v0003"


def test_every_role_must_approve(store):
    approve_as(store, "Biostatistics", BO)
    with pytest.raises(ClosedGatesError, match="v0001 is not released") as error:
        released(store)
    assert closed(error) == ["approval: Data Management"]
    assert "sdtmflow bundles approve v0001 --role" in str(error.value)
    assert state(store).release is None


def test_critical_findings_forbid_a_release(store, tmp_path):
    publish_version(store, tmp_path, "ill", findings=CRITICAL)
    approve_all(store)
    with pytest.raises(ClosedGatesError) as error:
        released(store)
    assert closed(error) == ["findings"]


def test_approvals_of_another_version_do_not_count(store, tmp_path):
    approve_all(store, "v0001")
    publish_version(store, tmp_path, "second")
    with pytest.raises(ClosedGatesError) as error:
        released(store, "v0002")
    assert closed(error) == [f"approval: {role}" for role in RULES.approvals]


def test_an_approval_is_of_one_manifest(store, tmp_path):
    """The number of another version on the hash of this one, or the reverse, counts for neither."""
    from sdtmflow.audit import Act, record

    first = find(store, "TRIAL", "v0001")
    second = publish_version(store, tmp_path, "second")
    for bundle, manifest in ((1, second.manifest.sha256), (2, first.manifest.sha256)):
        details = {"role": "Biostatistics", "meaning": "forged", "reason": "forged"}
        record(store, "TRIAL", Act("approve", bundle, manifest, details), BO)
    assert state(store, "v0001").approvals == state(store, "v0002").approvals == ()


def test_an_approval_is_given_once_by_one_person_in_one_role(store):
    approve_as(store, "data management", ANA)
    with pytest.raises(GateError, match="approved as Data Management by Ana Álvarez"):
        approve_as(store, "Data Management", CY)
    same = ANA.model_copy(update={"name": "ana  ÁLVAREZ", "account": "x@y"})
    with pytest.raises(GateError, match="has approved v0001 as Data Management already; let anoth"):
        approve_as(store, "Biostatistics", same)
    with pytest.raises(StudyError, match="the roles are: Data Management, Biostatistics"):
        approve_as(store, "Statistics", BO)
    assert [event.who for event in state(store).approvals] == ["Ana Álvarez"]


def test_one_key_signs_in_one_role(store, tmp_path):
    make_key(tmp_path / "ana.pem")
    key = load_key(tmp_path / "ana.pem")
    event = approve_as(store, "Data Management", ANA, key=key)
    assert event.signature.key == key.public.fingerprint
    with pytest.raises(GateError, match=r"this key has signed .* as Data Management; let another"):
        approve_as(store, "Biostatistics", BO, key=key)
    assert approve_as(store, "Biostatistics", BO).signature is None


def test_an_approval_can_be_revoked_and_given_anew(store):
    approve_all(store)
    revoke(store, "TRIAL", "v0001", RULES, RELEASER, role="Biostatistics", reason="wrong cut-off")
    with pytest.raises(ClosedGatesError) as error:
        released(store)
    assert closed(error) == ["approval: Biostatistics"]
    with pytest.raises(GateError, match="v0001 has no approval as Biostatistics"):
        revoke(store, "TRIAL", "v0001", RULES, RELEASER, role="Biostatistics", reason="again")
    approve_as(store, "Biostatistics", BO)
    assert released(store).new


def test_after_the_release_nothing_of_it_is_taken_back(store):
    approve_all(store)
    released(store)
    for act in (
        lambda: revoke(
            store, "TRIAL", "v0001", RULES, RELEASER, role="Biostatistics", reason="late"
        ),
        lambda: approve_as(store, "Biostatistics", CY),
    ):
        with pytest.raises(GateError, match="v0001 was released by Cy Ode"):
            act()


def test_a_retention_that_is_over_is_told_before_anything_is_locked(store):
    with pytest.raises(
        StudyError, match=r"study.yaml: releases.retention: 2020-01-01 is not ahead"
    ):
        release(store, "TRIAL", "v0001", ruled(retention="2020-01-01"), RELEASER, reason="x")


def test_what_a_clerk_reads_of_an_approval(store):
    event = approve(
        store,
        "TRIAL",
        "v0001",
        RULES,
        Signatory(ANA),
        role="data management",
        meaning="I approve the data",
        reason="lock",
    )
    assert event.details == {
        "role": "Data Management",
        "meaning": "I approve the data",
        "reason": "lock",
    }
    assert (event.who, event.manifest) == (
        "Ana Álvarez",
        find(store, "TRIAL", "v0001").manifest.sha256,
    )
    assert dt.datetime.fromisoformat(event.time).tzinfo == dt.UTC


@pytest.mark.parametrize("again", ["ana A\u0301lvarez", "Ana\u00a0Álvarez", "Ana Álva\u00adrez"])
def test_one_name_written_in_another_way_is_one_person(store, again):
    approve_as(store, "Data Management", ANA)
    with pytest.raises(GateError, match="has approved v0001 as Data Management already"):
        approve_as(store, "Biostatistics", Actor(name=again, account="x@desk"))


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"until": "2027-01-01", "mode": "compliance"},
        {"until": "2027-01-01T00:00:00+00:00", "mode": "governance"},
    ],
)
def test_an_entry_written_by_hand_shortens_no_retention(store, details):
    approve_all(store)
    kept = released(store).state.retention
    claim = find(store, "TRIAL", "v0001")
    record(store, "TRIAL", Act("extend", 1, claim.manifest.sha256, details), CY)
    assert state(store).retention == kept
    grown = extend(store, "TRIAL", "v0001", "60 years", RELEASER, reason="new rule")
    assert state(store).retention.until.isoformat() == grown.details["until"]


def by_hand(store, role, actor, key=None):
    """An approval that no rule was asked about, as whoever may append to the log can write it."""
    claim = find(store, "TRIAL", "latest")
    act = Act("approve", claim.version, claim.manifest.sha256, {"role": role, "meaning": "fine"})
    return record(store, "TRIAL", act, actor, key=key)


def test_one_person_or_one_key_in_two_roles_opens_no_gate_however_it_was_entered(store, tmp_path):
    make_key(tmp_path / "eve.pem")
    eve = load_key(tmp_path / "eve.pem")
    approve_as(store, "Data Management", ANA, key=eve)
    by_hand(store, "Biostatistics", ANA)
    with pytest.raises(ClosedGatesError) as error:
        released(store)
    assert closed(error) == ["approval: Data Management", "approval: Biostatistics"]
    assert "the same person as in entry" in error.value.gates[-2].told
    revoke(
        store, "TRIAL", "latest", RULES, RELEASER, role="Biostatistics", reason="written by hand"
    )
    by_hand(store, "Biostatistics", BO, key=eve)
    with pytest.raises(ClosedGatesError) as error:
        released(store)
    assert "the same key as in entry" in error.value.gates[-2].told
