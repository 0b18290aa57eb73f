"""Whatever the wire does to a request: done right, or ended with one line; never a wrong byte."""

from __future__ import annotations

import random
import re

import pytest

from sdtmflow.bundle import verify_copy
from tests.integration.faults.ground import CHANGED, UNCHANGED
from tests.integration.faults.jobs import Done, Refused
from tests.integration.faults.wire import ANSWERS, FAULTS, LOSSES, REFUSALS, SENDING

SEED = 20260303
MANY = 6
"""Faults after which a new ground is begun: long histories are not what is tested."""
TRIES = (1, 3)
"""Of one request: by botocore not at all again, or often enough."""
IMPATIENT = "1"
"""Seconds that an answer is waited for."""


def through(wire, tries: int) -> dict[str, str]:
    return {
        "SDTMFLOW_S3_ENDPOINT": wire.endpoint,
        "SDTMFLOW_S3_READ_TIMEOUT": IMPATIENT,
        "SDTMFLOW_S3_RETRIES": str(tries),
    }


def requests_of(ground, wire) -> list[str]:
    """What a publication asks that copies one file from the version before, and sends one."""
    ground.require_published("the first")
    for tries in TRIES:  # the warm process probes each way to the store once
        assert ground.do("verify_latest", environ=through(wire, tries)).answer == ()
    wire.hold()
    ground.require_published("the second", environ=through(wire, 1))
    return [name for name in wire.numbered() if "probe" not in name]


def published_in_pieces(s3_grounds, wire, cases) -> None:
    """A publication for each (fault, request); what it leaves must hinder nobody."""
    for begin in range(0, len(cases), MANY):
        ground = next(s3_grounds)
        ground.require_published("the first")
        for number, (fault, request) in enumerate(cases[begin : begin + MANY]):
            name = f"{fault} at {request}".replace("/", "-")
            wire.strike(fault, request)
            ending = ground.publish(name, environ=through(wire, TRIES[number % 2]))
            require_clean(ending, f"{fault} at {request}")
            ground.require_next(name)
        ground.require_all_bytes()


def require_clean(ending, why: str) -> None:
    assert isinstance(ending, Done | Refused), f"{why}: {ending}"
    if isinstance(ending, Refused):
        assert ending.code in {6, 7}, f"{why}: {ending}"
        assert "\n" not in ending.line.strip(), f"{why}: {ending}"
        assert "; " in ending.line, f"{why} without a remedy: {ending}"


def test_any_fault_of_a_write(s3_grounds, wire):
    writes = [name for name in requests_of(next(s3_grounds), wire) if name.startswith("PUT")]
    assert len(writes) >= 5  # one copied, one sent, the manifest, the claim and its mirror
    faults = REFUSALS | LOSSES | SENDING
    claims = [name for name in writes if "<claims>/some/prefix/claims/" in name]
    assert len(claims) == 1
    others = sorted(set(writes) - set(claims))
    cases = [*some(faults, claims, len(faults)), *some(faults, others, 30)]
    published_in_pieces(s3_grounds, wire, cases)
    assert len(wire.struck) >= len(cases) - 3, "a copy sends no bytes that could be damaged"


def test_any_fault_of_a_read(s3_grounds, wire):
    reads = [name for name in requests_of(next(s3_grounds), wire) if name.startswith("GET")]
    faults = ["500", "reset before", "done, but its answer's head breaks off", *ANSWERS]
    published_in_pieces(s3_grounds, wire, some(faults, reads, 25))
    assert len(wire.struck) >= 25


def some(faults, requests, many: int) -> list[tuple[str, str]]:
    """So many (fault, request), by dice that fall the same each time."""
    cases = [(fault, request) for fault in faults for request in requests]
    return random.Random(SEED).sample(cases, many)


def test_faults_at_random(s3_grounds, wire):
    dice = random.Random(SEED)
    ground = next(s3_grounds)
    ground.require_published("the first")
    wire.roll(dice, 0.1)
    for number in range(12):
        ending = ground.publish(f"run {number}", environ=through(wire, 3), probed=False)
        require_clean(ending, f"seed {SEED}, {wire.struck[-5:]}")
        ground.require_next(f"run {number}")
    assert len(wire.struck) > 20
    ground.require_all_bytes()


@pytest.mark.parametrize("method", ["PUT", "GET"])
@pytest.mark.parametrize("fault", ["500", "503", "429", "409", "reset before", "done, but 503"])
def test_a_store_that_stays_ill(s3_grounds, wire, method, fault):
    ground = next(s3_grounds)
    ground.require_published("the first")
    wire.hold()
    assert ground.do("verify_latest", environ=through(wire, 2)).answer == ()
    wire.strike_always(fault, method)
    ending = ground.publish("the second", environ=through(wire, 2))
    assert isinstance(ending, Refused)
    require_clean(ending, fault)
    ground.require_next("the second")


def test_any_fault_of_a_download(s3_grounds, wire, tmp_path):
    ground = next(s3_grounds)
    ground.require_published("the first", size=30_000)
    wire.hold()
    code, _ = ground.command("download", "--to", str(tmp_path / "plain"), environ=through(wire, 1))
    assert code == 0
    reads = [name for name in wire.numbered() if name.startswith("GET")]
    tree = ground.tree("the first")
    for number, (fault, request) in enumerate(some(ANSWERS | REFUSALS, reads, 10)):
        to = tmp_path / f"{fault} at {request}".replace("/", "-")
        wire.strike(fault, request)
        ended = ground.command(
            "download", "--to", str(to), environ=through(wire, TRIES[number % 2])
        )
        require_told(ended, f"{fault} at {request}")
        for path in (UNCHANGED, CHANGED):
            final = to / path
            assert not final.exists() or final.read_bytes() == (tree / path).read_bytes()
        assert ground.command("download", "--to", str(to))[0] == 0
        assert verify_copy(to).faults == ()


def require_told(ended: tuple[int, str], why: str) -> None:
    code, printed = ended
    assert code in {0, 6, 7}, f"{why}: {ended}"
    assert "Traceback" not in printed, f"{why}: {printed}"
    if code == 6:
        assert re.fullmatch(r"error: [^\n]+; [^\n]+\n", printed), f"{why}: {printed}"


def test_any_fault_of_a_verification(s3_grounds, wire):
    ground = next(s3_grounds)
    ground.require_published("the first")
    wire.hold()
    assert ground.command("verify", environ=through(wire, 1))[0] == 0
    reads = [name for name in wire.numbered() if name.startswith(("GET", "HEAD"))]
    for number, (fault, request) in enumerate(some(ANSWERS | REFUSALS, reads, 12)):
        wire.strike(fault, request)
        ended = ground.command("verify", environ=through(wire, TRIES[number % 2]))
        require_told(ended, f"{fault} at {request}")
    assert ground.command("verify")[0] == 0


def test_every_fault_was_tried():
    assert FAULTS.keys() == (REFUSALS | LOSSES | SENDING | ANSWERS).keys()
