"""Our engine answers what GX answers: verdicts, counts, examples, and which rows fail."""

import polars as pl
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from expectations.batch import Step
from expectations.gx import answered, expectation_of, failure_of
from expectations.suite import Check
from expectations.vocabulary import EXPECTATIONS

TEXTS = st.sampled_from(["a", "b", "b1", "longer", "", None])
NUMBERS = st.sampled_from([-1.0, 0.0, 1.0, 2.0, 2.5, None])
DATES = st.sampled_from(["2024-01-02", "2024-02-30", "2024-01", "2025", "soon", None])
COLUMNS = {
    **dict.fromkeys(("A", "B", "C"), (pl.String, TEXTS)),
    **dict.fromkeys(("N", "M", "K", "DAY"), (pl.Float64, NUMBERS)),
    **dict.fromkeys(("D", "E"), (pl.String, DATES)),
    "T": (pl.String, st.sampled_from(["1", "2.5", "1,5", "high", None])),
    "when": (pl.Boolean, st.booleans()),
}
SCHEMA = {name: kind for name, (kind, _) in COLUMNS.items()}
ROWS = st.lists(st.tuples(*(values for _, values in COLUMNS.values())), max_size=12)

BOUNDS = {"min_value": 0, "max_value": 2}
ARGUMENTS = {
    "expect_column_distinct_values_to_be_in_set": {"column": "A", "value_set": ["a", "b"]},
    "expect_column_distinct_values_to_contain_set": {"column": "A", "value_set": ["a", "b"]},
    "expect_column_distinct_values_to_equal_set": {"column": "A", "value_set": ["a", "b"]},
    "expect_column_most_common_value_to_be_in_set": {"column": "A", "value_set": ["a", "b"]},
    "expect_column_pair_values_to_be_equal": {"column_A": "A", "column_B": "B"},
    "expect_column_pair_values_to_be_in_set": {
        "column_A": "A",
        "column_B": "B",
        "value_pairs_set": [["a", "b"], ["b", "b"], ["a", None]],
    },
    "expect_column_proportion_of_non_null_values_to_be_between": {"column": "A", "min_value": 0.5},
    "expect_column_proportion_of_unique_values_to_be_between": {"column": "A", "min_value": 0.5},
    "expect_column_to_exist": {"column": "A"},
    "expect_column_unique_value_count_to_be_between": {"column": "A", **BOUNDS},
    "expect_column_value_lengths_to_be_between": {"column": "A", "min_value": 1, "max_value": 2},
    "expect_column_value_lengths_to_equal": {"column": "A", "value": 1},
    "expect_column_values_to_be_in_set": {"column": "A", "value_set": ["a", "b"]},
    "expect_column_values_to_be_null": {"column": "A"},
    "expect_column_values_to_be_unique": {"column": "A"},
    "expect_column_values_to_match_regex": {"column": "A", "regex": "^[a-z]1?$"},
    "expect_column_values_to_match_regex_list": {"column": "A", "regex_list": ["^a", "1$"]},
    "expect_column_values_to_not_be_in_set": {"column": "N", "value_set": [0, 2.5]},
    "expect_column_values_to_not_be_null": {"column": "N"},
    "expect_column_values_to_not_match_regex": {"column": "A", "regex": "^b"},
    "expect_column_values_to_not_match_regex_list": {"column": "A", "regex_list": ["^a", "1$"]},
    "expect_compound_columns_to_be_unique": {"column_list": ["A", "N"]},
    "expect_multicolumn_values_to_be_equal": {"column_list": ["A", "B", "C"]},
    "expect_select_column_values_to_be_unique_within_record": {"column_list": ["A", "B", "C"]},
    "expect_table_column_count_to_be_between": {"min_value": 1, "max_value": 5},
    "expect_table_column_count_to_equal": {"value": len(COLUMNS)},
    "expect_table_columns_to_match_ordered_list": {"column_list": list(COLUMNS)},
    "expect_table_columns_to_match_set": {"column_set": ["A", "B"]},
    "expect_table_row_count_to_be_between": {"min_value": 1, "max_value": 5},
    "expect_table_row_count_to_equal": {"value": 3},
    "expect_column_max_to_be_between": {"column": "N", **BOUNDS},
    "expect_column_mean_to_be_between": {"column": "N", **BOUNDS},
    "expect_column_median_to_be_between": {"column": "N", **BOUNDS},
    "expect_column_min_to_be_between": {"column": "N", **BOUNDS},
    "expect_column_pair_values_a_to_be_greater_than_b": {"column_A": "N", "column_B": "M"},
    "expect_column_quantile_values_to_be_between": {
        "column": "N",
        "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[0, 2]]},
    },
    "expect_column_stdev_to_be_between": {"column": "N", **BOUNDS},
    "expect_column_sum_to_be_between": {"column": "N", **BOUNDS},
    "expect_column_value_z_scores_to_be_less_than": {
        "column": "N",
        "threshold": 1,
        "double_sided": True,
    },
    "expect_column_values_to_be_between": {"column": "N", **BOUNDS, "strict_max": True},
    "expect_column_values_to_not_be_outliers": {"column": "N", "method": "iqr", "multiplier": 1},
    "expect_multicolumn_sum_to_equal": {"column_list": ["N", "M", "K"], "sum_total": 2},
    "expect_column_pair_dates_a_to_be_on_or_before_b": {"column_A": "D", "column_B": "E"},
    "expect_column_pair_numbers_a_to_be_greater_than_b": {
        "column_A": "T",
        "column_B": "C",
        "or_equal": True,
    },
    "expect_column_values_to_be_date": {"column": "D"},
    "expect_column_values_to_be_date_between": {"column": "D", "max_value": "2024-01-31"},
    "expect_column_values_to_be_number_between": {"column": "T", **BOUNDS},
    "expect_multicolumn_study_day_to_agree": {"column_list": ["DAY", "D", "E"]},
    "expect_column_pair_dates_to_agree": {"column_A": "D", "column_B": "E"},
    "expect_column_pair_numbers_to_be_equal": {"column_A": "N", "column_B": "T"},
    "expect_column_values_to_be_spelled_as_in_set": {"column": "A", "value_set": ["A", "b", "B1"]},
    "expect_multicolumn_values_to_have_one_last": {"column_list": ["A", "B"]},
    "expect_table_columns_to_be_in_order": {"column_list": ["B", "A", "C"]},
}
IGNORED = {
    "expect_column_pair": ["both_values_are_missing", "either_value_is_missing", "neither"],
    "expect_": ["all_values_are_missing", "any_value_is_missing", "never"],
}


def steps(mostly: float, missing: int) -> list[Step]:
    """Every expectation, with and without a condition where it asks of rows."""
    found = []
    for name in EXPECTATIONS:
        arguments = dict(ARGUMENTS[name])
        known = EXPECTATIONS[name].arguments
        if "mostly" in known:
            arguments["mostly"] = mostly
        if "ignore_row_if" in known:
            start = next(start for start in IGNORED if name.startswith(start))
            arguments["ignore_row_if"] = IGNORED[start][missing]
        texts = {"rule": "R1", "severity": "major", "message": "Wrong"}
        check = Check.model_validate({name: arguments, **texts})
        found.append(Step(len(found), check, arguments))
        if "mostly" in known:
            found.append(Step(len(found), check, arguments, "when"))
    return found


def told(answer, step):
    """All that is told of an expectation, the lists as far as both formats tell them."""
    found = {one.expectation_config.meta["number"]: one for one in answer.result.results}
    one = found[step.number]
    shown = {k: v for k, v in one.result.items() if k != "partial_unexpected_counts"}
    return one.success, failure_of(one), repr(shown), answer.positions(one).tolist()


def test_every_expectation_that_a_suite_may_name_is_compared():
    assert ARGUMENTS.keys() == EXPECTATIONS.keys()


@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(ROWS, st.sampled_from([1.0, 0.5]), st.integers(0, 2))
@example([], 1.0, 0)
@example([(None,) * (len(COLUMNS) - 1) + (True,)] * 3, 1.0, 0)
@example([("a", "b", "a", 1.0, 0.0, 1.0, 1.0, "soon", "2025", "high", False)] * 30, 1.0, 1)
def test_ours_tells_what_gx_tells(rows, mostly, missing):
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    asked = steps(mostly, missing)
    ours, theirs = (
        answered("suite", [expectation_of(step) for step in asked], table, {}, plain=plain)
        for plain in (False, True)
    )
    assert ours.is_whole
    for step in asked:
        assert told(ours, step) == told(theirs, step), (step.check.expectation, step.condition)
