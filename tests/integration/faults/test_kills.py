"""A publisher that is killed at any point leaves nothing half, loses nothing, hinders nobody."""

from __future__ import annotations

import random
import time

from tests.integration.faults.jobs import Killed

MANY = 6
"""Kills after which a new ground is begun: long histories are not what is tested."""
TRIES = 3
"""Runs in which the same point is waited for; threads that race for a folder pass others."""
SEED = 20260301


def test_killed_at_every_boundary(grounds):
    boundaries, missed = boundaries_of(next(grounds)), []
    assert len(boundaries) > 30
    for begin in range(0, len(boundaries), MANY):
        ground = next(grounds)
        ground.require_published("the first")
        with ground.watched():
            missed += [
                boundary
                for boundary in boundaries[begin : begin + MANY]
                if not any(killed_at(ground, boundary, nth) for nth in range(TRIES))
            ]
        ground.require_all_bytes()
    assert len(missed) < 0.1 * len(boundaries), missed


def test_killed_while_probing(grounds):
    ground = next(grounds)
    probing = [name for name in boundaries_of(ground, probed=False) if "probe" in name]
    for boundary in random.Random(SEED).sample(probing, 6):
        assert killed_at(ground, boundary, probed=False)


def boundaries_of(ground, **options) -> tuple[str, ...]:
    """What a publication passes that copies one file from the version before, and sends one."""
    ground.require_published("the first")
    return ground.require_published("the second", **options).passed


def killed_at(ground, boundary, nth=0, **options) -> bool:
    """Whether the publisher came to the boundary at all; what it left must hinder nobody."""
    name = f"killed at {boundary}, {nth}".replace("/", "-")
    ending = ground.publish(name, fatal=boundary, **options)
    assert ending == Killed() or boundary not in ending.passed
    ground.require_next(name)
    return ending == Killed()


def test_killed_at_random_moments(grounds):
    dice = random.Random(SEED)
    ground = next(grounds)
    began = time.monotonic()
    ground.require_published("to the end", size=3_000_000)
    lasts, kills = time.monotonic() - began, 0
    with ground.watched():
        for attempt in range(60):
            name = f"run {attempt}"
            publisher = ground.start("publish_tree", name=name, size=3_000_000)
            time.sleep(dice.uniform(0, lasts))
            publisher.kill()
            killed = publisher.ending() == Killed()
            ground.require_next(name)
            kills += killed
            if not killed:  # it was ready before: aim earlier, machines change their pace
                lasts *= 0.7
            if kills == 15:
                break
    assert kills == 15, f"seed {SEED}"
    ground.require_all_bytes()
