"""Distinct records: each once, missing values too, and the rows that hold them."""

import pandas as pd

from expectations.distinct import DistinctRecords

TABLE = pd.DataFrame(
    {
        "A": ["x", None, "x", "y", None, "x"],
        "N": [1.0, 2.0, 1.0, None, 2.0, None],
        "ID": ["1", "2", "3", "4", "5", "6"],
    }
)


def test_each_record_is_there_once_in_the_order_of_its_first_row():
    distinct = DistinctRecords(TABLE).of(("A",))
    assert distinct.records["A"].fillna("-").tolist() == ["x", "-", "y"]
    assert distinct.codes.tolist() == [0, 1, 0, 2, 1, 0]


def test_the_rows_of_chosen_records_are_found_and_counted():
    distinct = DistinctRecords(TABLE).of(("A",))
    assert distinct.rows(pd.Index([1, 2])).tolist() == [1, 3, 4]
    assert distinct.count(pd.Index([0, 2])) == 4
    assert distinct.rows(pd.Index([], dtype="int64")).tolist() == []


def test_records_of_several_columns_are_told_apart_by_each_of_them():
    table = pd.concat([TABLE, TABLE], ignore_index=True)
    distinct = DistinctRecords(table).of(("A", "N"))
    assert len(distinct.records) == 4
    held = distinct.records.iloc[distinct.codes].reset_index(drop=True)
    pd.testing.assert_frame_equal(held, table[["A", "N"]])


def test_where_most_rows_differ_there_is_no_help():
    assert DistinctRecords(TABLE).of(("ID",)) is None
    assert DistinctRecords(TABLE).of(("A", "ID")) is None


def test_numbers_are_equal_where_values_are_and_missing_where_they_are():
    numbered = DistinctRecords(TABLE).numbered(["A"])["A"]
    assert numbered.isna().tolist() == TABLE["A"].isna().tolist()
    assert numbered[0] == numbered[2] == numbered[5] != numbered[3]
