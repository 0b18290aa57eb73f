"""What differs between two versions of controlled terminology."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdtmflow.standards.ct_changes import Change, changes
from sdtmflow.standards.nci_rows import CODELIST_COLUMNS, TERM_COLUMNS, Package


def package(terms, codelists=(("C9", "OURS", "Ours", "Yes"),)) -> Package:
    return Package(
        pl.DataFrame(list(codelists), schema=CODELIST_COLUMNS, orient="row"),
        pl.DataFrame(list(terms), schema=dict.fromkeys(TERM_COLUMNS, pl.String), orient="row"),
    )


def term(code, value, synonyms="", preferred=""):
    return ("C9", code, value, synonyms, preferred)


BEFORE = package([term("C1", "A", "Ay"), term("C2", "B"), term("C3", "C")])


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ([term("C1", "A", "Ay"), term("C2", "B")], "1 term removed"),
        ([*BEFORE.terms.rows(), term("C4", "D")], "1 term added"),
        ([term("C1", "A2", "Ay"), term("C2", "B"), term("C3", "C")], "1 term renamed"),
        ([term("C1", "A", "Eh"), term("C2", "B"), term("C3", "C")], "1 term wording"),
        ([term("C7", "A", "Ay"), term("C2", "B"), term("C3", "C")], "1 term recoded"),
        ([term("C1", "B", "Ay"), term("C2", "A"), term("C3", "C")], "2 terms renamed"),
        ([term("C3", "C"), term("C2", "B"), term("C1", "A", "Ay")], "nothing"),
    ],
)
def test_terms(after, told):
    assert changes(BEFORE, package(after)).summary() == told


def test_a_recoded_term_says_both_codes():
    found = changes(BEFORE, package([term("C7", "A"), term("C2", "B"), term("C3", "C")])).terms
    assert found.select("code", "code_after", "submission_value", "change").rows() == [
        ("C1", "C7", "A", Change.RECODED)
    ]


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (("C9", "THEIRS", "Ours", "Yes"), "1 codelist renamed"),
        (("C9", "OURS", "Ours", "No"), "1 codelist extensible"),
        (("C9", "OURS", "Ours too", "Yes"), "1 codelist wording"),
        (("C8", "OURS", "Ours", "Yes"), "1 codelist removed, 1 codelist added"),
    ],
)
def test_codelists(head, told):
    after = Package(package([], [head]).codelists, BEFORE.terms)
    assert changes(BEFORE, after).summary() == told


def test_only_the_codelists_asked_for():
    assert not changes(BEFORE, package([]), ["C66"])
    assert changes(BEFORE, package([]), ["C9"]).summary() == "3 terms removed"


TERMS = st.dictionaries(
    st.sampled_from(["C1", "C2", "C3", "C4"]), st.sampled_from(["A", "B", "C", "D"]), max_size=4
)


@given(TERMS, TERMS)
def test_the_changes_are_what_a_loop_over_the_terms_finds(before, after):
    found = changes(
        package([term(*pair) for pair in before.items()]),
        package([term(*pair) for pair in after.items()]),
    ).terms
    counts = dict(found.group_by("change").len().rows())
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    renamed = [code for code in before.keys() & after.keys() if before[code] != after[code]]
    again = {before[code] for code in gone} & {after[code] for code in new}
    assert counts.get("renamed", 0) == len(renamed)
    assert counts.get("removed", 0) == sum(before[code] not in again for code in gone)
    assert counts.get("added", 0) == sum(after[code] not in again for code in new)
    assert set(found.filter(pl.col("change") == "recoded")["submission_value"]) == again
