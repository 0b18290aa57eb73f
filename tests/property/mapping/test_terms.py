"""Codelists: the column-wise matcher and a naive reading of its rules agree; nothing is lost."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.mapping.values.terminology import EXTENSION, UNMAPPED, Matcher, TermRow
from sdtmflow.standards.terminology import CodelistFacts, TermFacts

few = settings(max_examples=80, deadline=None)
words = st.sampled_from(["Mild", "MILD", "mild", "Y", "y", "Yes", "yes", "N", "No", "odd", "Odd"])
terms = st.lists(
    st.builds(lambda value, synonyms: (value, tuple(synonyms)), words, st.lists(words, max_size=2)),
    max_size=4,
    unique_by=lambda term: term[0],
)
declared = st.dictionaries(st.tuples(st.sampled_from(["", "edc"]), words), words | st.just(""))


def codelist(listed, *, extensible):
    facts = tuple(TermFacts(f"C{at}", value, syn, "") for at, (value, syn) in enumerate(listed))
    return CodelistFacts("C1", "LIST", "List", extensible, facts)


def naive(text, source, listed, rows):
    """The submission value, "" for missing, None for no answer: the four steps, one by one."""
    for key in ((source, text), ("", text)):
        if key in rows:
            return rows[key]
    values = [value for value, _ in listed]
    if text in values:
        return text
    cased = [value for value in values if value.casefold() == text.casefold()]
    if cased:
        return cased[0] if len(cased) == 1 else None
    said = {v for v, synonyms in listed for s in synonyms if s.casefold() == text.casefold()}
    return said.pop() if len(said) == 1 else None


@few
@given(
    terms,
    declared,
    st.booleans(),
    st.lists(st.tuples(st.none() | words, st.sampled_from(["edc", "lab"]))),
)
def test_matching_is_the_four_steps_in_order(listed, rows, extensible, column):
    matcher = Matcher.of(
        (codelist(listed, extensible=extensible),),
        [TermRow(text, value, source, "terms/X.csv:2") for (source, text), value in rows.items()],
    )
    values, rules = matcher.series(
        pl.Series([text for text, _ in column], dtype=pl.String),
        pl.Series([source for _, source in column], dtype=pl.String),
    )
    for (text, source), value, rule in zip(column, values, rules, strict=True):
        answer = None if text is None else naive(text, source, listed, rows)
        unmatched = text is not None and answer is None
        assert value == (text if unmatched else answer or None)
        assert rule == ((EXTENSION if extensible else UNMAPPED) if unmatched else None)
