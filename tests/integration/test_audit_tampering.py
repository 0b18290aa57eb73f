"""Every way to tamper with the log, in every kind of store: one row a way, and who finds it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sdtmflow.audit import Act, Actor, KnownHeads, Seen, events, record
from sdtmflow.audit.log import log_series
from sdtmflow.bundle import bundles, publish, verify_audit
from sdtmflow.errors import VerificationError
from sdtmflow.store.mirrors import mirror_key
from sdtmflow.store.protocol import claims_series, entry_key
from tests.bundle_facts import facts_of

ANA, MALLORY = Actor(name="Ana", account="ana@desk"), Actor(name="Mallory", account="m@desk")
SERIES = log_series("TRIAL")


@dataclass
class Hand:
    """Somebody who may do everything with the store, and writes to it past the program."""

    place: object

    def read(self, number: int) -> bytes:
        return self.place.open().entries(SERIES)[number]

    def change(self, number: int, old: str, new: str) -> None:
        """Replace a text in an entry, not in its mirror."""
        self.write(number, self.read(number).replace(old.encode(), new.encode()))

    def write(self, number: int, data: bytes) -> None:
        self._put(entry_key(SERIES, number), data, in_series=True)

    def write_mirror(self, number: int, data: bytes) -> None:
        self._put(mirror_key(SERIES, number), data)

    def remove(self, number: int, series: str = SERIES) -> None:
        self._delete(entry_key(series, number), in_series=True)

    def remove_mirror(self, number: int) -> None:
        self._delete(mirror_key(SERIES, number))

    def rewrite(self, start: int, mirrors: bool, **changes: object) -> None:
        """Change entry ``start`` and chain all after it anew, as the program would have."""
        log = [json.loads(self.read(n)) for n in sorted(self.place.open().entries(SERIES))]
        log[start - 1].update(changes)
        before = log[start - 1]["previous"]
        for number, entry in enumerate(log[start - 1 :], start):
            data = _sealed(entry | {"previous": before})
            before = hashlib.sha256(data).hexdigest()
            self.write(number, data)
            if mirrors:
                self.write_mirror(number, data)

    def _put(self, key: str, data: bytes, *, in_series: bool = False) -> None:
        if self.place.kind == "local":
            path = self._path(key, in_series)
            path.chmod(0o644) if path.exists() else None
            path.write_bytes(data)
        else:
            self.place.client().put_object(**self._object(key, in_series), Body=data)

    def _delete(self, key: str, *, in_series: bool = False) -> None:
        if self.place.kind == "local":
            self._path(key, in_series).unlink()
        else:
            self.place.client().delete_object(**self._object(key, in_series))

    def _path(self, key: str, in_series: bool) -> Path:
        return Path(self.place.url) / ("series" if in_series else "") / key

    def _object(self, key: str, in_series: bool) -> dict[str, str]:
        bucket = f"{self.place.bucket}-claims" if in_series else self.place.bucket
        return {"Bucket": bucket, "Key": f"some/prefix/{key}"}


@pytest.fixture
def logged(place, tmp_path):
    """1 publish v0001, 2 verify, 3 download, 4 publish v0002, 5 approve, 6 download."""
    store, tree = place.open(), tmp_path / "tree"
    tree.mkdir()
    (tree / "dm.xpt").write_text("dm")
    publish(store, "TRIAL", tree, facts_of("one"), actor=ANA)
    one = bundles(store, "TRIAL")[0]
    for action in ("verify", "download"):
        record(store, "TRIAL", Act(action, 1, one.manifest.sha256), ANA)
    publish(store, "TRIAL", tree, facts_of("two"), actor=ANA)
    two = bundles(store, "TRIAL")[1]
    for action in ("approve", "download"):
        record(store, "TRIAL", Act(action, 2, two.manifest.sha256), ANA)
    return place


def _sealed(entry: dict[str, object]) -> bytes:
    def canonical(seal: str) -> bytes:
        text = json.dumps(entry | {"seal": seal}, sort_keys=True, ensure_ascii=False, indent=1)
        return f"{text}\n".encode()

    return canonical(hashlib.sha256(canonical("")).hexdigest())


def cut_off(hand: Hand, first: int) -> None:
    for number in range(first, 7):
        hand.remove(number)
        hand.remove_mirror(number)


def swap(hand: Hand) -> None:
    two, three = hand.read(2), hand.read(3)
    hand.write(2, three)
    hand.write(3, two)


def put_in(hand: Hand) -> None:
    """An entry more in the middle, the later ones moved up."""
    log = [hand.read(n) for n in range(1, 7)]
    for number, data in enumerate([*log[:2], log[1], *log[2:]], start=1):
        hand.write(number, data)
        hand.write_mirror(number, data)


def replace_with_mirror(hand: Hand) -> None:
    hand.change(3, "Ana", "Bob")
    hand.write_mirror(3, hand.read(3))


TAMPERING: dict[str, tuple[Callable[[Hand], None], str]] = {
    "a value changed": (lambda h: h.change(3, "Ana", "Bob"), "entry 3: differs from its mirror"),
    "the text changed": (
        lambda h: h.write(3, h.read(3).replace(b"\n", b"\r\n")),
        "entry 3: the event was changed after it was written",
    ),
    "made unreadable": (lambda h: h.write(3, b"\x00"), "entry 3: this is no event of format 1"),
    "made empty": (lambda h: h.write(3, b""), "entry 3: this is no event of format 1"),
    "its mirror changed": (lambda h: h.write_mirror(3, b"x"), "entry 3: differs from its mirror"),
    "its mirror removed": (lambda h: h.remove_mirror(3), "entry 3: its mirror was removed"),
    "removed in the middle": (lambda h: h.remove(3), "entry 3: was removed: its mirror is there"),
    "removed in the middle, with its mirror": (
        lambda h: (h.remove(3), h.remove_mirror(3)),
        "entry 3: was removed: later ones are there",
    ),
    "removed at the end": (lambda h: h.remove(6), "entry 6: was removed: its mirror is there"),
    "two swapped": (swap, "entry 2: it says that it is entry 3"),
    "one put in": (put_in, "entry 3: it says that it is entry 2"),
    "replaced with its mirror": (replace_with_mirror, "entry 4: does not follow entry 3"),
    "the newest publication cut off": (
        lambda h: cut_off(h, 4),
        "v0002: has no publication in the log",
    ),
    "cut off before what a claim has seen": (
        lambda h: cut_off(h, 3),
        "entry 3: was there by the claim on v0002 and is gone",
    ),
    "all removed": (lambda h: cut_off(h, 1), "entry 3: was there by the claim on v0002"),
    "written anew from some point": (
        lambda h: h.rewrite(2, mirrors=False, who="Bob"),
        "entry 2: differs from its mirror",
    ),
    "written anew with mirrors": (
        lambda h: h.rewrite(2, mirrors=True, who="Bob"),
        "entry 3: is another than by the claim on v0002",
    ),
    "a publication's bundle exchanged": (
        lambda h: h.rewrite(4, mirrors=True, manifest="0" * 64),
        "entry 4: is about another v0002 than was claimed",
    ),
    "a publisher exchanged": (
        lambda h: h.rewrite(4, mirrors=True, who="Bob"),
        "entry 4: says that Bob published v0002, the claim says Ana",
    ),
    "a publication hidden": (
        lambda h: h.rewrite(4, mirrors=True, action="verify"),
        "entry 4: counts the publications before it wrongly",
    ),
    "another study's": (lambda h: h.rewrite(3, mirrors=True, study="B"), "is of another study (B)"),
}


@pytest.mark.parametrize(("tamper", "fault"), TAMPERING.values(), ids=TAMPERING)
def test_tampering_is_found(logged, tamper, fault):
    assert verify_audit(logged.open(), "TRIAL").faults == ()
    tamper(Hand(logged))
    verification = verify_audit(logged.open(), "TRIAL")
    assert any(fault in found for found in verification.faults), verification.faults
    with pytest.raises(VerificationError, match="the audit log is not what was written"):
        verification.require()


def test_a_version_that_was_removed_whole_is_missed_by_the_log(logged):
    store = logged.open()
    if logged.kind == "local":
        (Path(logged.url) / "bundles" / "v0002").rename(Path(logged.url) / "gone")
    else:
        Hand(logged).remove(2, claims_series("TRIAL"))
    faults = verify_audit(store, "TRIAL").faults
    assert "entry 4: is about v0002, which is not there (any more)" in faults


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (lambda h: cut_off(h, 5), "and is gone: the log ends at 4"),
        (lambda h: h.rewrite(5, mirrors=True, who="Bob"), "the log was written anew"),
    ],
    ids=["the end cut off with its mirrors", "the end written anew with its mirrors"],
)
def test_what_nothing_in_the_store_can_show_is_found_by_who_saw_it(logged, tmp_path, tamper, fault):
    known = KnownHeads(tmp_path / "work" / "heads.json")
    head = verify_audit(logged.open(), "TRIAL").head
    known.remember(logged.open(), head)
    tamper(Hand(logged))
    store = logged.open()
    assert verify_audit(store, "TRIAL").faults == ()  # the limit, which docs/explanation tells
    for seen in (known.of(store), Seen(head, "the head that was noted")):
        (found,) = verify_audit(store, "TRIAL", [seen]).faults
        assert found.startswith("entry 6: ")
        assert seen.by in found
        assert fault in found


def test_growth_is_no_tampering(logged, tmp_path):
    known, store = KnownHeads(tmp_path / "heads.json"), logged.open()
    known.remember(store, verify_audit(store, "TRIAL").head)
    record(store, "TRIAL", Act("sweep"), ANA)
    verification = verify_audit(store, "TRIAL", [known.of(store)])
    assert (verification.faults, len(verification.events)) == ((), 7)
    assert verification.head == events(store, "TRIAL")[-1].head


def test_entries_without_a_mirror_yet_are_no_fault(logged):
    hand = Hand(logged)
    for number in (5, 6):
        hand.remove_mirror(number)
    verification = verify_audit(logged.open(), "TRIAL")
    assert (verification.faults, verification.unmirrored) == ((), 2)
    record(logged.open(), "TRIAL", Act("sweep"), ANA)
    assert verify_audit(logged.open(), "TRIAL").unmirrored == 0
