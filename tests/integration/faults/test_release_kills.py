"""A releaser that is killed at any write: never released by half, and repeating it completes it."""

from __future__ import annotations

from sdtmflow.audit import events
from sdtmflow.bundle import find, read_manifest
from sdtmflow.releasing import Signatory, approve, state_of
from sdtmflow.releasing.keeping import kept_objects, log_mirrors
from tests.integration.faults.jobs import Done, Killed
from tests.integration.releases import ANA, BO, RULES


def test_killed_at_every_write(grounds):
    fatal = writes_of(next(grounds))
    assert len(fatal) > 6
    for boundary in fatal:
        ground = ready(next(grounds))
        assert released(ground, fatal=boundary) == Killed()
        before = state(ground)
        again = released(ground)
        assert again == Done(before.release is None, again.passed), again
        require_released(ground)


def writes_of(ground) -> list[str]:
    """The boundaries of a release after each change; before one is after the one before."""
    done = released(ready(ground))
    assert isinstance(done, Done), done
    require_released(ground)
    return [name for name in done.passed if not name.startswith(READS)]


READS = ("before ", "after GET ", "after HEAD ")
WORDS = {"meaning": "I have reviewed the data", "reason": "database lock"}


def ready(ground):
    """A version that waits for nothing but its release."""
    ground.require_published("the first")
    for role, actor in zip(RULES.approvals, (ANA, BO), strict=True):
        approve(ground.store, ground.study, "v0001", RULES, Signatory(actor), role=role, **WORDS)
    return ground


def released(ground, **options):
    """What comes of a release by somebody with the rights for it, and no more."""
    environ = ground.place.as_role("releaser").environ
    return ground.do("release_version", environ=environ, version="v0001", probed=False, **options)


def state(ground):
    claim = find(ground.store, ground.study, "v0001")
    return state_of(claim, events(ground.store, ground.study))


def require_released(ground) -> None:
    """Once, and everything that it rests on is kept by the store, where the store can."""
    found, store = state(ground), ground.store
    actions = [event.action for event in events(store, ground.study)]
    assert actions.count("release") == 1
    if store.can_lock():
        objects = kept_objects(store, found.claim, read_manifest(store, found.claim))
        mirrors = log_mirrors(store, ground.study, found.release.number)
        for stored in (*objects, *mirrors):
            assert store.protection(stored).covers(found.retention), stored
