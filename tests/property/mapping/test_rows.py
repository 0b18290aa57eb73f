"""split, duplicates, collapse: a naive loop over the rows agrees, every row is accounted for."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.mapping.provenance.identity import LINEAGE
from sdtmflow.mapping.records.rows import MERGED, rows_of
from sdtmflow.mapping.spec import RecordSet
from sdtmflow.study import Study

few = settings(max_examples=60, deadline=None)
STUDY = Study.model_validate(
    {
        "version": 1,
        "study": "S1",
        "title": "T",
        "cutoff": "2025-12-31",
        "standards": {"sdtmig": "3.4", "ct": "2025-03-28"},
        "sites": {"01": {"name": "One", "country": "CHE"}},
        "sources": {"edc": {"kind": "delimited", "path": "raw", "site": "01"}},
    }
)
cells = st.none() | st.sampled_from(["a", "b", "1", "2", "10"])
rows = st.lists(st.tuples(st.none() | st.sampled_from("xy"), cells, cells), min_size=1, max_size=9)


def sent(listed):
    data = {
        "_site": "01",
        "_subject": pl.Series([row[0] for row in listed], dtype=pl.String),
        "_source": "edc",
        "_file": "f",
        "_row": pl.Series(range(1, len(listed) + 1), dtype=pl.Int64),
        "_place": "",
        "A": pl.Series([row[1] for row in listed], dtype=pl.String),
        "B": pl.Series([row[2] for row in listed], dtype=pl.String),
    }
    return pl.DataFrame(data)


def done(listed, **keys):
    return rows_of(STUDY, RecordSet.model_validate({"from": "t", **keys}), sent(listed))


def accounted_for(found, listed):
    """Every raw row is there, or is named as one that went into another."""
    there = set(found.frame["_row"])
    merged = set(found.merged[MERGED["_row"]]) if found.merged.height else set()
    assert there | merged == set(range(1, len(listed) + 1))
    assert not there & merged
    if found.merged.height:
        assert set(found.merged["_row"]) <= there
        assert found.merged.width == 2 * len(LINEAGE)


@few
@given(rows, st.sampled_from(["first", "last"]), st.sampled_from([[], ["A"]]))
def test_a_row_is_merged_where_it_repeats_another_of_its_subject(listed, take, by):
    found = done(listed, duplicates={"action": "collapse", "by": by, "take": take})
    numbered = list(enumerate(listed, start=1))
    kept = {}
    for number, (subject, a, b) in numbered if take == "first" else reversed(numbered):
        key = (subject, a) if by else (subject, a, b)
        kept.setdefault(number if subject is None else key, number)
    assert set(found.frame["_row"]) == set(kept.values())
    accounted_for(found, listed)


@few
@given(rows)
def test_collapsing_leaves_one_row_a_group_with_what_its_rows_have(listed):
    columns = {"B": {"join": "+"}}
    found = done(listed, collapse={"by": ["A"], "columns": columns})
    expected = {}
    for subject, a, b in listed:
        if subject is not None:
            texts = expected.setdefault((subject, a), [])
            texts += [b] if b is not None and b not in texts else []
    made = found.frame.filter(pl.col("_subject").is_not_null())
    given_back = {(s, a): b for s, a, b in made.select("_subject", "A", "B").iter_rows()}
    assert given_back == {key: "+".join(texts) or None for key, texts in expected.items()}
    assert made.height == len(expected)
    accounted_for(found, listed)


@few
@given(rows, st.sampled_from(["min", "max"]))
def test_the_least_and_the_greatest_are_those_of_the_numbers(listed, take):
    found = done(listed, collapse={"by": ["A"], "columns": {"B": take}})
    choose = min if take == "min" else max
    numbers, texts = {}, {}
    for subject, a, b in listed:
        if subject is not None:
            numbers.setdefault((subject, a), [])
            if b is not None and b.isdigit():
                numbers[subject, a].append(int(b))
            elif b is not None:
                texts[subject, a] = b
    made = found.frame.filter(pl.col("_subject").is_not_null())
    for subject, a, b in made.select("_subject", "A", "B").iter_rows():
        known = numbers[subject, a]
        assert b == (str(choose(known)) if known else None)
    told = {problem.rule for problem, _ in found.told}
    assert told == ({"NUMBER_UNREADABLE"} if texts else set())


parts = st.lists(st.sampled_from(["a", " b ", "", "c d"]), max_size=4)


@few
@given(st.lists(st.none() | parts, min_size=1, max_size=6))
def test_splitting_makes_a_row_of_each_text_and_loses_no_row(lists):
    listed = [("x", None if texts is None else ";".join(texts), "1") for texts in lists]
    found = done(listed, split={"column": "A", "separator": ";"})
    expected = []
    for number, texts in enumerate(lists, start=1):
        there = [text.strip() for text in texts or [] if text.strip()]
        expected += [(number, text) for text in there or [None]]
    assert found.frame.select("_row", "A").rows() == expected
