"""What form each argument of an expectation takes, so that a suite is checked without GX.

A test holds it against GX's own models: what is refused here, they refuse too, or could not use.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from sdtmflow.yaml_words import Said, found, is_plain, words_of

PARAMETER = "$PARAMETER"
"""``{$PARAMETER: cutoff}`` may stand for any argument; GX fills it in."""


def _is_regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error:
        raise ValueError(f"'{text}' is no regular expression; correct it") from None
    return text


Name = Annotated[str, Field(min_length=1), Said("the name of a column")]
Regex = Annotated[str, AfterValidator(_is_regex), Said('a regular expression such as "^[0-9]+$"')]
Number = Annotated[float, Field(strict=True), Said("a number")]
Count = Annotated[int, Field(strict=True), Said("a whole number")]
Flag = Annotated[bool, Field(strict=True)]
Share = Annotated[float, Field(strict=True, ge=0, le=1), Said("a share from 0 to 1 such as 0.95")]
Day = Annotated[
    str,
    Field(pattern=r"^\d{4}(-\d{2}(-\d{2}(T[\d:.]+)?)?)?$"),
    Said('a date in quotes such as "2026-01-31"'),
]
Values = Annotated[list[Any], Field(min_length=1), Said("a list of values")]

FORMS: dict[str, Any] = {
    **dict.fromkeys(("column", "column_A", "column_B"), Name),
    **dict.fromkeys(("column_list", "column_set"), list[Name]),
    **dict.fromkeys(("value", "column_index", "tolerance_days"), Count),
    **dict.fromkeys(("strict_min", "strict_max", "or_equal", "ties_okay", "exact_match"), Flag),
    **dict.fromkeys(("complete", "double_sided"), Flag),
    **dict.fromkeys(("min_value", "max_value", "threshold", "multiplier", "sum_total"), Number),
    "value_set": Values,
    "value_pairs_set": Annotated[list[list[Any]], Said("a list of pairs such as [[A, B], [A, C]]")],
    "regex": Regex,
    "regex_list": list[Regex],
    "match_on": Literal["any", "all"],
    "mostly": Share,
}
"""Argument → its form, wherever it stands; what is not here is GX's to judge."""
_IGNORED = {
    "expect_column_pair": Literal["both_values_are_missing", "either_value_is_missing", "neither"],
    "expect_": Literal["all_values_are_missing", "any_value_is_missing", "never"],
}
_COUNTED = ("_lengths_", "_row_count_", "_column_count_", "_unique_value_count_")
_BOUNDS = {"min_value", "max_value"}


def form_of(expectation: str, argument: str) -> Any:
    """The form of an argument; None where any will do."""
    if argument == "ignore_row_if":
        return next(form for start, form in _IGNORED.items() if expectation.startswith(start))
    if argument in _BOUNDS and any(part in expectation for part in _COUNTED):
        return Count
    if argument in _BOUNDS and "_date_between" in expectation:
        return Day
    return FORMS.get(argument)


@cache
def _adapter(expectation: str, argument: str) -> TypeAdapter[Any]:
    return TypeAdapter(form_of(expectation, argument))


def mistake(expectation: str, argument: str, value: Any) -> str:
    """What is wrong with a value, and what to write; "" where nothing is."""
    form = form_of(expectation, argument)
    if form is None or value is None or (isinstance(value, dict) and PARAMETER in value):
        return ""
    try:
        _adapter(expectation, argument).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "value_error":
            return first["msg"].removeprefix("Value error, ")
        if is_plain(value) and first["type"] == "string_type":
            return f"{found(value)} stands where text is meant; put it in quotes"
        shown = f"'{value}'" if isinstance(value, str) else found(value)
        shown = str(value) if is_plain(value) and not isinstance(value, bool) else shown
        return f"{shown} cannot stand here; write {words_of(form)}"
    return ""
