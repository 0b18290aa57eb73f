"""range_indicator: never says more than every truth that a result allows."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.mapping.verbs.ranging import indicator

few = settings(max_examples=150, deadline=None)
ends = st.none() | st.integers(0, 6).map(float)
results = st.tuples(st.sampled_from(["", "<", "<=", ">", ">="]), st.integers(0, 6))
TRUTHS = [number / 2 for number in range(-20, 40)]
"""Dense enough: limits and results are whole numbers."""


def allowed(sign, value):
    tests = {
        "": lambda truth: truth == value,
        "<": lambda truth: truth < value,
        "<=": lambda truth: truth <= value,
        ">": lambda truth: truth > value,
        ">=": lambda truth: truth >= value,
    }
    return [truth for truth in TRUTHS if tests[sign](truth)]


def side(truth, low, high):
    if low is not None and truth < low:
        return "LOW"
    return "HIGH" if high is not None and truth > high else "NORMAL"


@few
@given(results, ends, ends)
def test_the_indicator_is_what_every_possible_truth_has(result, low, high):
    sign, value = result
    sides = {side(truth, low, high) for truth in allowed(sign, value)}
    ranged = low is not None or high is not None
    expected = sides.pop() if ranged and len(sides) == 1 else None
    if low is not None and high is not None and low > high:
        return
    frame = pl.DataFrame(
        {"text": [f"{sign}{value}"], "low": [low], "high": [high]},
        schema={"text": pl.String, "low": pl.Float64, "high": pl.Float64},
    )
    assert frame.select(indicator(pl.col("text"), pl.col("low"), pl.col("high"))).item() == expected
