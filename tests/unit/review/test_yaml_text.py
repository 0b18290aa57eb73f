# ruff: noqa: E501 — a row of changes reads better than any folding
"""The smallest change of a YAML text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sdtmflow.review.yaml_text import remove, set_value

SPEC = """\
# Adverse events, by hand.
version: 1
domain: AE   # the domain
extends: standard

variables:
  # asked on page 3
  AETERM:  {assign: AETERM}     # verbatim
  AESEV:   {assign_ct: AESEV, codelist: AESEV}

  AEACN:
    assign_ct: AEACN
    method: >-
      in two
      lines
  AELOC:   {assign: AELOC}
# the end
"""


def at(*path):
    return ["variables", *path]


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (at("AETERM"), {"assign": "TERM"}, "{assign: AETERM}", "{assign: TERM}"),
        (at("AETERM"), {"assign": "AETERM", "upper": True}, "{assign: AETERM}",
         "{assign: AETERM, upper: true}"),
        (at("AESEV"), {"assign_ct": "AESEV"}, ", codelist: AESEV", ""),
        (at("AEACN"), {"assign_ct": "ACN", "method": "in two lines"}, "assign_ct: AEACN", "assign_ct: ACN"),
        (at("AEACN"), {"assign_ct": "AEACN"}, "    method: >-\n      in two\n      lines\n", ""),
        (at("AEACN"), {"assign_ct": "AEACN", "method": "in two lines", "label": "X"},
         "      lines\n", "      lines\n    label: X\n"),
        (at("AECAT"), {"constant": "A"}, "AELOC}\n", "AELOC}\n  AECAT:   {constant: A}\n"),
        (at("AELOC"), None, "{assign: AELOC}", "null"),
        (["keys"], ["STUDYID", "AETERM"], "AELOC}\n", "AELOC}\nkeys: [STUDYID, AETERM]\n"),
        (["supplemental", "X"], {"assign": "X"}, "# the end\n",
         "# the end\nsupplemental:\n  X: {assign: X}\n"),
        (["domain"], "CM", "domain: AE", "domain: CM"),
    ],
)  # fmt: skip
def test_only_what_is_meant_changes(path, value, old, new):
    assert SPEC.count(old) == 1
    assert set_value(SPEC, path, value) == SPEC.replace(old, new)


@pytest.mark.parametrize(
    ("path", "old"),
    [
        (at("AETERM"), "  AETERM:  {assign: AETERM}     # verbatim\n"),
        (
            at("AEACN"),
            "  AEACN:\n    assign_ct: AEACN\n    method: >-\n      in two\n      lines\n",
        ),
        (at("AELOC"), "  AELOC:   {assign: AELOC}\n"),
    ],
)
def test_a_key_goes_with_its_lines(path, old):
    assert remove(SPEC, path) == SPEC.replace(old, "")


def test_the_last_key_of_a_section_takes_the_section_along():
    assert remove("a: 1\nb:\n  c: {d: 1}\n", ["b", "c"]) == "a: 1\n"


KEYS = st.sampled_from(["A", "B", "C", "DD"])
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-99, 99),
        st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["AETERM", "AESEV", "AEACN", "NEW"]), VALUES), max_size=4)
)
def test_any_value_that_is_set_is_read_again_and_nothing_else_changes(changes):
    text, wanted = SPEC, YAML(typ="safe", pure=True).load(SPEC)
    for name, value in changes:
        if value != {}:
            text = set_value(text, at(name), value)
            wanted["variables"][name] = value
    assert YAML(typ="safe", pure=True).load(text) == wanted
    for comment in ("# Adverse events, by hand.", "# the domain", "# asked on page 3", "# the end"):
        assert comment in text
