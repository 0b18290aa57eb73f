"""The forms of expectations' arguments: what GX takes is taken, what it cannot use is told."""

import datetime as dt

import pytest

from expectations.arguments import form_of, mistake
from expectations.vocabulary import EXPECTATIONS

SOUND = {
    **dict.fromkeys(("column", "column_A", "column_B"), "A"),
    "column_list": ["A", "B"],
    "column_set": ["A", "B"],
    **dict.fromkeys(("value", "column_index", "min_value", "max_value", "threshold"), 2),
    **dict.fromkeys(("multiplier", "sum_total"), 1.5),
    **dict.fromkeys(("strict_min", "strict_max", "or_equal", "ties_okay", "exact_match"), True),
    **dict.fromkeys(("complete", "double_sided"), False),
    "value_set": ["Y", "N"],
    "value_pairs_set": [["A", "B"]],
    "regex": "^[0-9]+$",
    "regex_list": ["^a", "b$"],
    "match_on": "any",
    "mostly": 0.9,
    "tolerance_days": 3,
    "method": "iqr",
    "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, 2]]},
    "allow_relative_error": False,
}


def sound(expectation, argument):
    if argument == "ignore_row_if":
        return form_of(expectation, argument).__args__[0]
    between = expectation.endswith("_date_between") and argument in {"min_value", "max_value"}
    if between:
        return "2026-01-31"
    share = "proportion" in expectation and argument.endswith("_value")
    return 0.5 if share else SOUND[argument]


def test_what_is_sound_here_is_sound_to_gx():
    import great_expectations  # noqa: F401 — registers the built-in ones
    from great_expectations.expectations.registry import get_expectation_impl

    from expectations import own  # noqa: F401 — registers ours

    for name, signature in EXPECTATIONS.items():
        given = {argument: sound(name, argument) for argument in signature.arguments}
        assert [mistake(name, argument, value) for argument, value in given.items()] == [
            "" for _ in given
        ]
        get_expectation_impl(name)(**given)


@pytest.mark.parametrize(
    ("expectation", "argument", "value", "told"),
    [
        ("values_to_be_in_set", "value_set", "Y", "'Y' cannot stand here; write a list of values"),
        ("values_to_be_in_set", "mostly", 95, "95 cannot stand here; write a share from 0 to 1"),
        ("values_to_be_in_set", "column", 7, "a number stands where text is meant; put it in"),
        ("values_to_match_regex", "regex", "(", "'(' is no regular expression; correct it"),
        (
            "values_to_be_number_between",
            "min_value",
            "18",
            "'18' cannot stand here; write a number",
        ),
        ("values_to_be_number_between", "strict_min", "yes", "'yes' cannot stand here; write true"),
        ("value_lengths_to_be_between", "max_value", 1.5, "1.5 cannot stand here; write a whole"),
        (
            *("values_to_be_date_between", "min_value", dt.date(2025, 1, 1)),
            "a date stands where text is meant; put it in quotes",
        ),
        (
            *("pair_values_to_be_equal", "ignore_row_if", "never"),
            "'never' cannot stand here; write both_values_are_missing, either_value_is_missing",
        ),
    ],
)
def test_a_wrong_form_is_told_with_what_to_write(expectation, argument, value, told):
    name = f"expect_column_{expectation}"
    assert argument in EXPECTATIONS[name].arguments
    assert mistake(name, argument, value).startswith(told)


def test_a_parameter_of_the_run_may_stand_for_any_argument():
    parameter = {"$PARAMETER": "cutoff"}
    assert mistake("expect_column_values_to_be_date_between", "max_value", parameter) == ""
