"""People who approve, revoke and release at the same moment: the log decides, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from sdtmflow.audit import Actor, events
from sdtmflow.bundle import find
from sdtmflow.errors import GateError
from sdtmflow.releasing import release, revoke, state_of
from tests.integration.releases import (
    ANA,
    BO,
    RELEASER,
    RULES,
    approve_all,
    approve_as,
    publish_version,
    publisher_and_releaser,
)


@pytest.fixture
def race(exclusive_place, tmp_path):
    """Does all of some acts at the same moment, each on a handle of its own: what came of each."""
    publish_version(exclusive_place.open(), tmp_path, "first")

    def run(*acts):
        start = Barrier(len(acts))

        def act(doing):
            _, store = publisher_and_releaser(exclusive_place)
            start.wait()
            try:
                return doing(store)
            except GateError as error:
                return error

        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(act, acts))

    run.store = publisher_and_releaser(exclusive_place)[1]
    return run


def released(store):
    return release(store, "TRIAL", "v0001", RULES, RELEASER, reason="submission")


def state(store):
    return state_of(find(store, "TRIAL", "v0001"), events(store, "TRIAL"))


def failed(outcomes) -> list[GateError]:
    return [outcome for outcome in outcomes if isinstance(outcome, GateError)]


def test_one_role_is_taken_once(race):
    people = [Actor(name=f"Person {n}", account="x@y") for n in range(6)]
    outcomes = race(
        *(lambda store, who=who: approve_as(store, "Biostatistics", who) for who in people)
    )
    assert len(failed(outcomes)) == 5
    assert len(state(race.store).approvals) == 1
    assert [event.action for event in events(race.store, "TRIAL")].count("approve") == 1


def test_one_person_cannot_take_two_roles_at_once(race):
    outcomes = race(
        *(lambda store, role=role: approve_as(store, role, ANA) for role in RULES.approvals)
    )
    assert len(failed(outcomes)) == 1
    assert len(state(race.store).approvals) == 1


def test_two_approvers_of_two_roles_are_both_heard(race):
    pairs = zip(RULES.approvals, (ANA, BO), strict=True)
    outcomes = race(*(lambda store, pair=pair: approve_as(store, *pair) for pair in pairs))
    assert failed(outcomes) == []
    assert state(race.store).missing(RULES.approvals) == ()


def test_four_releasers_release_once(race):
    approve_all(race.store)
    outcomes = race(*[released] * 4)
    assert [event.action for event in events(race.store, "TRIAL")].count("release") == 1
    assert sum(1 for each in outcomes if not isinstance(each, GateError) and each.new) == 1
    assert all("released meanwhile" in str(error) for error in failed(outcomes))


def test_an_approval_that_is_taken_back_meanwhile_is_no_ground_of_a_release(race):
    """Whichever is first in the log counts; never does a release stand on a revoked approval."""
    approve_all(race.store)

    def take_back(store):
        return revoke(
            store, "TRIAL", "v0001", RULES, RELEASER, role="Biostatistics", reason="wrong"
        )

    outcomes = race(released, take_back)
    assert len(failed(outcomes)) == 1
    after = state(race.store)
    assert (after.release is None) == (after.missing(RULES.approvals) != ())
