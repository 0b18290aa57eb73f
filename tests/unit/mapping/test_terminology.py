"""How a collected text finds its submission value."""

import datetime as dt

import polars as pl
import pytest

from sdtmflow.mapping.values.terminology import Matcher, TermRow
from sdtmflow.standards.sdtmig import sdtmig
from sdtmflow.standards.terminology import CodelistFacts, TermFacts, terminology

CT = terminology(dt.date(2025, 3, 28))


def codelist(*terms, extensible=False):
    return CodelistFacts("C1", "LIST", "List", extensible, tuple(terms))


def test_the_four_ways_in_their_order():
    facts = codelist(
        TermFacts("C2", "A", ("First",)),
        TermFacts("C3", "a", ()),
        TermFacts("C4", "B", ("Second",)),
    )
    matcher = Matcher.of((facts,), [TermRow("A", "B", "", "terms/x.csv:2")])
    assert matcher.match("A") == "B"
    assert matcher.match("a") == "a"
    assert matcher.match("b") == "B"
    assert matcher.match("SECOND") == "B"


@pytest.mark.parametrize("text", ["x", "shared"])
def test_what_two_terms_could_mean_is_no_answer(text):
    facts = codelist(
        TermFacts("C2", "X", ("Shared",)), TermFacts("C3", "Xx", ("Shared",)), TermFacts("C4", "xX")
    )
    assert Matcher.of((facts,)).match(text) == ("X" if text == "x" else None)
    assert Matcher.of((facts,)).match("XX") is None


def test_a_test_name_is_found_by_its_code_through_the_shared_nci_code():
    variable = sdtmig("3.4").dataset("LB").variable("LBTESTCD")
    codes = Matcher.of(
        tuple(CT.codelist(code) for code in variable.codelists),
        [TermRow("GPT", "ALT", "", "terms/LBTESTCD.csv:2")],
    )
    names = Matcher.of((CT.codelist("LBTEST"),), (), codes)
    assert names.match("ALT") == names.match("GPT") == "Alanine Aminotransferase"


def test_a_column_is_matched_row_for_row_by_source():
    matcher = Matcher.of((CT.codelist("NY"),), [TermRow("1", "N", "b", "terms/NY.csv:2")])
    texts = pl.Series(["1", "Yes", None, "1"])
    values, rules = matcher.series(texts, pl.Series(["b", "a", "a", "a"]))
    assert values.to_list() == ["N", "Y", None, "1"]
    assert rules.to_list() == [None, None, None, "TERM_UNMAPPED"]
