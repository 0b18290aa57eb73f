"""--SEQ over deliveries: what survives keeps its number, whatever else comes, goes or moves.

The naive side remembers in a dict; the engine side goes through the frames that bundles carry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.mapping.records.columns import Block, Records
from sdtmflow.mapping.records.hashing import hashed
from sdtmflow.mapping.records.numbering import NUMBERS, allotted, entries
from sdtmflow.mapping.records.remembering import merged
from sdtmflow.mapping.records.sorting import order


@dataclass(frozen=True)
class Record:
    """A raw row: its subject, its natural key, and what else it says."""

    subject: str
    key: str
    rest: str


subjects = st.sampled_from(["S1", "S2", "S3"])
records = st.builds(Record, subjects, st.sampled_from("abcd"), st.sampled_from("xyz"))
deliveries = st.lists(st.lists(records, max_size=12), min_size=2, max_size=6)
many = settings(max_examples=60, deadline=None)


def numbered(delivery: list[Record], known: pl.DataFrame, spec="s") -> tuple[pl.DataFrame, list]:
    """A partition's entries, and the numbers of its records as delivered."""
    frame = pl.DataFrame(
        [(r.subject, r.key, r.rest) for r in delivery],
        schema={"subject": pl.String, "key": pl.String, "rest": pl.String},
        orient="row",
    )
    people = pl.DataFrame({"usubjid": frame["subject"].unique().sort()})
    positions = order(frame, ["subject", "key"])
    found = pl.DataFrame(
        {
            "subject": frame["subject"].cast(pl.Enum(people["usubjid"])).to_physical(),
            "key": hashed(Records([Block(frame)]), ["key"]),
            "row": hashed(Records([Block(frame)]), ["key", "rest"]),
        }
    )[positions]
    own = known.join(people.with_row_index("subject").rename({"usubjid": "USUBJID"}), on="USUBJID")
    found = found.hstack(allotted(found, own))
    numbers = dict(zip(positions, found["number"], strict=True))
    return entries(found, people, spec), [numbers[at] for at in range(len(delivery))]


def nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=NUMBERS)


def published(delivery, known):
    """The numbers given, and what is known after the bundle."""
    given, numbers = numbered(delivery, known)
    people = pl.Series([record.subject for record in delivery], dtype=pl.String)
    return numbers, merged(known, given, people)


@many
@given(deliveries)
def test_numbers_are_unique_within_the_subject_and_never_change_owner(found):
    known, owners = nothing(), {}
    for delivery in found:
        numbers, known = published(delivery, known)
        taken = list(zip([record.subject for record in delivery], numbers, strict=True))
        assert len(set(taken)) == len(taken)
        for record, number in zip(delivery, numbers, strict=True):
            owner = owners.setdefault((record.subject, number), record.key)
            assert owner == record.key, "a number stays with its natural key for ever"


@many
@given(deliveries)
def test_a_surviving_record_keeps_its_number(found):
    """The same subject, key and content before and after, among whatever else."""
    known, before = nothing(), {}
    for delivery in found:
        numbers, known = published(delivery, known)
        now: dict[Record, set[int]] = {}
        for record, number in zip(delivery, numbers, strict=True):
            now.setdefault(record, set()).add(number)
        for record in now.keys() & before.keys():
            fewer, more = sorted((now[record], before[record]), key=len)
            assert fewer <= more, "equal rows are one another's like; none of them is renumbered"
        before = now


@many
@given(st.lists(records, max_size=12), st.integers(0, 11), st.sampled_from("xyz"))
def test_a_corrected_value_keeps_the_number_and_a_corrected_key_gets_a_new_one(rows, at, rest):
    rows = list({(r.subject, r.key): r for r in rows}.values())  # each key once
    if at >= len(rows):
        return
    numbers, known = published(rows, nothing())
    corrected = [*rows[:at], replace(rows[at], rest=rest), *rows[at + 1 :]]
    assert published(corrected, known)[0] == numbers
    moved = [*rows[:at], replace(rows[at], key="new", rest="new"), *rows[at + 1 :]]
    own = [n for r, n in zip(rows, numbers, strict=True) if r.subject == rows[at].subject]
    after = published(moved, known)[0]
    assert after == [*numbers[:at], max(own) + 1, *numbers[at + 1 :]]


@many
@given(deliveries)
def test_a_record_that_returns_gets_its_old_number(found):
    known, first = nothing(), {}
    for delivery in found:
        rows = list({(r.subject, r.key): r for r in delivery}.values())
        numbers, known = published(rows, known)
        for record, number in zip(rows, numbers, strict=True):
            key = (record.subject, record.key)
            assert first.setdefault(key, number) == number


@many
@given(deliveries, st.randoms(use_true_random=False))
def test_partitions_and_the_order_of_other_rows_do_not_count(found, random):
    """One partition of all subjects, or one a subject in any order: the same numbers are known."""
    whole = parted = nothing()
    for delivery in found:
        _, whole = published(delivery, whole)
        people = sorted({record.subject for record in delivery})
        random.shuffle(people)
        parts = [
            numbered([record for record in delivery if record.subject == each], parted)[0]
            for each in people
        ]
        if parts:
            names = pl.Series(people, dtype=pl.String)
            parted = merged(parted, pl.concat(parts), names)
        assert whole.equals(parted)


@many
@given(st.lists(records, max_size=10))
def test_the_same_again_changes_nothing(rows):
    numbers, known = published(rows, nothing())
    again, after = published(rows, known)
    assert again == numbers
    assert after.equals(known)


@many
@given(st.lists(records, max_size=12))
def test_without_memory_numbers_count_from_one_in_key_order(rows):
    numbers, _ = published(rows, nothing())
    for subject in {record.subject for record in rows}:
        own = [(r.key, at, n) for at, (r, n) in enumerate(zip(rows, numbers, strict=True))
               if r.subject == subject]  # fmt: skip
        assert [n for *_, n in sorted(own)] == list(range(1, len(own) + 1))
