"""The table of expectations says what Great Expectations itself says."""

import inspect

import pytest

from expectations.vocabulary import EXPECTATIONS, OWN, REFUSED, Signature, nearest

# Fields that every expectation has, or that belong to other stores and engines.
_GENERAL = {"batch_id", "row_condition", "condition_parser", "library_metadata"}


@pytest.fixture(scope="module")
def registered():
    """Name → signature of every expectation that GX has and that works on pandas."""
    import great_expectations  # noqa: F401 — registers the built-in ones
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.registry import (
        get_expectation_impl,
        list_registered_expectation_implementations,
    )

    from expectations import own, own_agreement  # noqa: F401

    def signature(kind):
        fields = {
            name: field
            for name, field in kind.__fields__.items()
            if name not in _GENERAL | set(Expectation.__fields__)
        }
        required = frozenset(name for name, field in fields.items() if field.required)
        return Signature(required, frozenset(fields) - required)

    def on_pandas(kind):
        sources = getattr(inspect.getmodule(kind), "SUPPORTED_DATA_SOURCES", ["pandas"])
        return any("pandas" in str(source).lower() for source in sources)

    kinds = {
        name: get_expectation_impl(name) for name in list_registered_expectation_implementations()
    }
    return {name: signature(kind) for name, kind in kinds.items() if on_pandas(kind)}


def test_every_expectation_and_argument_is_the_registrys_own(registered):
    assert {name: registered.get(name) for name in EXPECTATIONS} == EXPECTATIONS


def test_what_gx_has_is_named_or_refused_with_a_reason(registered):
    assert set(registered) - set(EXPECTATIONS) == set(REFUSED)


def test_every_remedy_names_an_expectation_that_exists():
    words = {word for remedy in REFUSED.values() for word in remedy.split()}
    assert {word for word in words if word.startswith("expect_")} <= set(EXPECTATIONS)


def test_our_own_expectations_are_all_declared(registered):
    from expectations import own, own_agreement

    ours = {
        kind
        for module in (own, own_agreement)
        for name, kind in vars(module).items()
        if name.startswith("Expect") and kind.__module__ == module.__name__
    }
    assert len(ours) == len(OWN)


def test_a_slip_of_the_pen_is_recognised():
    known = EXPECTATIONS["expect_column_values_to_be_in_set"].arguments
    assert nearest("value_sett", known) == "did you mean 'value_set'?"
    assert nearest("xyzzy", known) == "known: column, mostly, value_set"
