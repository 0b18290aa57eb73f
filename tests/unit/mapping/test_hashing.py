"""The hashes that bundles carry are the same for good: a change here would break every study."""

import polars as pl

from sdtmflow.mapping.records.columns import Block, Level, Records
from sdtmflow.mapping.records.hashing import hashed, hashed_rows, hashed_values
from sdtmflow.mapping.values.distinct import encoded


def test_hashes_never_change():
    texts = pl.Series(["Headache", None, "Fièvre"])
    assert hashed_values(encoded(texts), "AETERM\x1f").to_list() == [
        17445755876579800721,
        0,
        9766785033005609479,
    ]
    numbers = pl.Series([2.01, None, 3.0, -1.0])
    assert hashed_values(encoded(numbers), "VISITNUM\x1f").to_list() == [
        1140077810946215847,
        0,
        1272131590311605937,
        11629070749442855062,
    ]


def test_a_column_that_is_nowhere_filled_changes_nothing():
    records = Records([Block(pl.DataFrame({"A": ["x", "y"], "B": [None, None]}))])
    assert hashed(records, ["A"]).equals(hashed(records, ["B", "A"]))


def test_values_do_not_move_from_column_to_column():
    rows = pl.DataFrame({"A": ["x", "y"], "B": ["y", "x"]})
    assert hashed(Records([Block(rows)]), ["A", "B"]).n_unique() == 2


def test_where_a_column_is_held_does_not_count():
    """Two records of each of two rows, spread or held once a row."""
    at = pl.Series([0, 0, 1, 1], dtype=pl.UInt32)
    coarse = Block(pl.DataFrame({"raw.A": ["x", None]}), at)
    part = Level(2, pl.Series([0, 1, 0, 1], dtype=pl.UInt32))
    coarse.hold("raw.TEST", pl.Series(["T1", "T2"]), part)
    spread = Block(
        pl.DataFrame({"raw.A": ["x", "x", None, None], "raw.TEST": ["T1", "T2", "T1", "T2"]})
    )
    found = hashed_rows(Records([coarse]))
    assert found.equals(hashed_rows(Records([spread])))
    assert found.n_unique() == 4


def test_record_sets_are_told_apart():
    block = pl.DataFrame({"raw.A": ["x"]})
    first, second = hashed_rows(Records([Block(block), Block(block)]))
    assert first != second
