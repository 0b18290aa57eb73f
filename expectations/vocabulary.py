"""The expectations that a suite may name, with their arguments (``*``: required).

Great Expectations takes about five seconds to import, so `sdtmflow check` reads a suite against
this table instead. A test holds it equal to GX's own registry: the expectations of GX 1.24 that
work on pandas, plus our own.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

_GX = """
expect_column_distinct_values_to_be_in_set: column* value_set*
expect_column_distinct_values_to_contain_set: column* value_set*
expect_column_distinct_values_to_equal_set: column* value_set*
expect_column_most_common_value_to_be_in_set: column* value_set* ties_okay
expect_column_pair_values_to_be_equal: column_A* column_B* mostly ignore_row_if
expect_column_pair_values_to_be_in_set: column_A* column_B* value_pairs_set* mostly ignore_row_if
expect_column_proportion_of_non_null_values_to_be_between:
    column* min_value max_value strict_min strict_max
expect_column_proportion_of_unique_values_to_be_between:
    column* min_value max_value strict_min strict_max
expect_column_to_exist: column* column_index
expect_column_unique_value_count_to_be_between: column* min_value max_value strict_min strict_max
expect_column_value_lengths_to_be_between:
    column* mostly min_value max_value strict_min strict_max
expect_column_value_lengths_to_equal: column* mostly value*
expect_column_values_to_be_in_set: column* mostly value_set*
expect_column_values_to_be_null: column* mostly
expect_column_values_to_be_unique: column* mostly
expect_column_values_to_match_regex: column* mostly regex
expect_column_values_to_match_regex_list: column* mostly regex_list* match_on
expect_column_values_to_not_be_in_set: column* mostly value_set*
expect_column_values_to_not_be_null: column* mostly
expect_column_values_to_not_match_regex: column* mostly regex*
expect_column_values_to_not_match_regex_list: column* mostly regex_list*
expect_compound_columns_to_be_unique: column_list* mostly ignore_row_if
expect_multicolumn_values_to_be_equal: column_list* mostly ignore_row_if
expect_select_column_values_to_be_unique_within_record: column_list* mostly ignore_row_if
expect_table_column_count_to_be_between: min_value max_value
expect_table_column_count_to_equal: value*
expect_table_columns_to_match_ordered_list: column_list
expect_table_columns_to_match_set: column_set exact_match
expect_table_row_count_to_be_between: min_value max_value strict_min strict_max
expect_table_row_count_to_equal: value*
"""

_GX_NUMBERS = """
expect_column_max_to_be_between: column* min_value max_value strict_min strict_max
expect_column_mean_to_be_between: column* min_value max_value strict_min strict_max
expect_column_median_to_be_between: column* min_value max_value strict_min strict_max
expect_column_min_to_be_between: column* min_value max_value strict_min strict_max
expect_column_pair_values_a_to_be_greater_than_b:
    column_A* column_B* mostly or_equal ignore_row_if
expect_column_quantile_values_to_be_between: column* quantile_ranges* allow_relative_error
expect_column_stdev_to_be_between: column* min_value max_value strict_min strict_max
expect_column_sum_to_be_between: column* min_value max_value strict_min strict_max
expect_column_value_z_scores_to_be_less_than: column* mostly threshold* double_sided*
expect_column_values_to_be_between: column* mostly min_value max_value strict_min strict_max
expect_column_values_to_not_be_outliers: column* mostly method multiplier
expect_multicolumn_sum_to_equal: column_list* mostly ignore_row_if sum_total*
"""

_OWN = """
expect_column_pair_dates_a_to_be_on_or_before_b:
    column_A* column_B* tolerance_days mostly ignore_row_if
expect_column_pair_dates_to_agree: column_A* column_B* mostly ignore_row_if
expect_column_pair_numbers_to_be_equal: column_A* column_B* mostly ignore_row_if
expect_column_pair_numbers_a_to_be_greater_than_b:
    column_A* column_B* or_equal mostly ignore_row_if
expect_column_values_to_be_date: column* complete mostly
expect_column_values_to_be_date_between: column* min_value max_value mostly
expect_column_values_to_be_number_between:
    column* min_value max_value strict_min strict_max mostly
expect_column_values_to_be_spelled_as_in_set: column* value_set* mostly
expect_multicolumn_study_day_to_agree: column_list* mostly ignore_row_if
expect_multicolumn_values_to_have_one_last: column_list* mostly ignore_row_if
expect_table_columns_to_be_in_order: column_list*
"""

_DATES = "expect_column_values_to_be_date"
_NUMBERS = "expect_column_values_to_be_number_between"
REFUSED: dict[str, str] = {
    # One Python call a row: minutes on a laboratory file.
    "expect_column_values_to_match_strftime_format": f"use {_DATES}",
    "expect_column_values_to_be_dateutil_parseable": f"use {_DATES}",
    "expect_column_values_to_be_json_parseable": "use expect_column_values_to_match_regex",
    "expect_column_values_to_match_json_schema": "use expect_column_values_to_match_regex",
    # They speak of a storage type; staged tables are text and SDTM types come from the metadata.
    "expect_column_type_to_be": f"use {_NUMBERS} or {_DATES}",
    "expect_column_values_to_be_of_type": f"use {_NUMBERS} or {_DATES}",
    # No row of a study is expected to follow the row before it: records have no order until SDTM.
    "expect_column_values_to_be_decreasing": f"use {_NUMBERS}",
    "expect_column_values_to_be_increasing": f"use {_NUMBERS}",
    # Needs a reference distribution that no suite holds.
    "expect_column_kl_divergence_to_be_less_than": "use expect_column_mean_to_be_between",
}
"""Expectations that GX has and a suite may not use, with what to use instead."""

RAW_NUMBERS: dict[str, str] = {
    "expect_column_values_to_be_between": _NUMBERS,
    "expect_column_pair_values_a_to_be_greater_than_b": (
        "expect_column_pair_numbers_a_to_be_greater_than_b"
    ),
}
"""What replaces a numeric expectation on a staged table, where every value is text."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The arguments of one expectation."""

    required: frozenset[str]
    optional: frozenset[str]

    @property
    def arguments(self) -> tuple[str, ...]:
        """All of them, sorted."""
        return tuple(sorted(self.required | self.optional))


def _parse(table: str) -> dict[str, Signature]:
    lines = table.strip().replace("\n    ", " ").splitlines()
    return {
        name: Signature(
            frozenset(word[:-1] for word in words.split() if word.endswith("*")),
            frozenset(word for word in words.split() if not word.endswith("*")),
        )
        for name, _, words in (line.partition(":") for line in lines)
    }


NUMERIC = _parse(_GX_NUMBERS)
"""GX's own expectations that compare numbers, so make no sense on text."""
OWN = _parse(_OWN)
"""The expectations of ``expectations/own.py`` and ``expectations/own_agreement.py``."""
EXPECTATIONS = _parse(_GX) | NUMERIC | OWN
"""Every expectation that a suite may name."""

COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list")
"""The arguments that name columns of the table."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The remedy for an unknown word: the nearest known one, or all of them where few."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known: {', '.join(words)}" if len(words) <= 12 else "see the reference of expectations"  # noqa: PLR2004 — what fits a line
