"""Where study.yaml names signers, an entry that none of them signed decides nothing."""

from __future__ import annotations

import pytest

from sdtmflow.audit import Act, events, record
from sdtmflow.bundle import find, verify_audit
from sdtmflow.errors import GateError, StoreError
from sdtmflow.releasing import (
    ClosedGatesError,
    Signatory,
    extend,
    hold,
    release,
    revoke,
    state_of,
    unhold,
)
from sdtmflow.signing import Trust, load_key, make_key
from sdtmflow.store.local import LocalStore
from tests.integration.releases import ANA, BO, CY, RULES, approve_as, publish_version

EVERY = ("approve", "revoke", "release", "hold", "unhold", "extend")
RETENTION = {"until": "2090-01-01T00:00:00+00:00", "mode": "compliance"}
DETAILS = {
    "approve": {"role": "Biostatistics", "meaning": "fine"},
    "revoke": {"role": "Biostatistics"},
    "release": RETENTION,
    "extend": RETENTION,
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Three people's keys by their names, and Eve's, whom nobody names."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ana", "bo", "cy", "eve"):
        make_key(folder / f"{name}.pem")
    return {name: load_key(folder / f"{name}.pem") for name in ("ana", "bo", "cy", "eve")}


@pytest.fixture
def signers(keys):
    return Trust(tuple(keys[name].public for name in ("ana", "bo", "cy")))


@pytest.fixture
def cy(keys, signers):
    return Signatory(CY, keys["cy"], signers)


@pytest.fixture
def store(tmp_path):
    """A folder with one published version."""
    opened = LocalStore(tmp_path / "store")
    publish_version(opened, tmp_path, "first")
    return opened


def forge(store, action, key=None, version="latest"):
    """An entry that no rule was asked about, as whoever may append to the log can write it."""
    claim = find(store, "TRIAL", version)
    act = Act(action, claim.version, claim.manifest.sha256, DETAILS.get(action, {}))
    return record(store, "TRIAL", act, BO, key=key)


def state(store, signers, version="latest"):
    return state_of(find(store, "TRIAL", version), events(store, "TRIAL"), signers)


def approve_both(store, keys, signers):
    approve_as(store, "Data Management", ANA, key=keys["ana"], signers=signers)
    approve_as(store, "Biostatistics", BO, key=keys["bo"], signers=signers)


def released(store, who):
    return release(store, "TRIAL", "v0001", RULES, who, reason="submission")


@pytest.mark.parametrize("forger", [None, "eve"])
def test_no_entry_counts_that_no_signer_signed(store, keys, signers, forger):
    key = keys[forger] if forger else None
    numbers = [forge(store, action, key).number for action in EVERY]
    found = state(store, signers)
    assert (found.approvals, found.release, found.retention, found.held) == ((), None, None, False)
    problem = "signed by a key that study.yaml does not name" if forger else "not signed"
    assert [(e.number, why) for e, why in found.objections] == [(n, problem) for n in numbers]


@pytest.mark.parametrize("forger", [None, "eve"])
def test_a_forged_release_is_not_the_released_version(store, keys, signers, forger):
    forge(store, "release", keys[forger] if forger else None)
    assert find(store, "TRIAL", "released").name == "v0001"
    with pytest.raises(StoreError, match=r"no bundle is released by a key of releases.signers, th"):
        find(store, "TRIAL", "released", signers)
    assert verify_audit(store, "TRIAL").faults == ()
    (fault,) = verify_audit(store, "TRIAL", signers=signers).faults
    assert "says that v0001 is released, and is " in fault


def test_a_signed_release_counts_and_heals_one_that_was_not(store, keys, signers, cy, tmp_path):
    forge(store, "release")
    approve_both(store, keys, signers)
    done = released(store, cy)
    assert done.new
    assert done.state.release.signature.key == keys["cy"].public.fingerprint
    publish_version(store, tmp_path, "second")
    forge(store, "release", version="v0002")
    assert find(store, "TRIAL", "released", signers).name == "v0001"
    (fault,) = verify_audit(store, "TRIAL", signers=signers).faults
    assert "says that v0002 is released, and is not signed" in fault


def test_forged_approvals_open_no_gate_and_stand_in_no_one_s_way(store, keys, signers, cy):
    forge(store, "approve", keys["eve"])
    with pytest.raises(ClosedGatesError) as error:
        released(store, cy)
    assert [gate.told for gate in error.value.gates if not gate.passed] == [
        "nobody has approved this manifest in this role",
        "entry 2 of Bo Li does not count: signed by a key that study.yaml does not name",
    ]
    approve_both(store, keys, signers)
    forge(store, "revoke")
    assert released(store, cy).new


@pytest.mark.parametrize("named", [None, "eve"])
def test_whoever_decides_needs_a_key_that_is_named(store, keys, signers, named):
    who = Signatory(CY, keys[named] if named else None, signers)
    before = events(store, "TRIAL")
    for act in (
        lambda: approve_as(store, "Biostatistics", CY, key=who.key, signers=signers),
        lambda: revoke(store, "TRIAL", "v0001", RULES, who, role="Biostatistics", reason="x"),
        lambda: released(store, who),
        lambda: hold(store, "TRIAL", "v0001", who, reason="x"),
        lambda: unhold(store, "TRIAL", "v0001", who, reason="x"),
        lambda: extend(store, "TRIAL", "v0001", "60 years", who, reason="x"),
    ):
        with pytest.raises(GateError, match=r"is signed, by a key that releases.signers names"):
            act()
    assert events(store, "TRIAL") == before


def test_holds_and_extensions_are_signed(store, keys, signers, cy):
    approve_both(store, keys, signers)
    released(store, cy)
    for event in (
        hold(store, "TRIAL", "v0001", cy, reason="inspection"),
        extend(store, "TRIAL", "v0001", "60 years", cy, reason="new rule"),
    ):
        assert event.signature.key == keys["cy"].public.fingerprint
    forge(store, "unhold")
    assert state(store, signers).held
    assert unhold(store, "TRIAL", "v0001", cy, reason="closed").signature is not None
    assert not state(store, signers).held
