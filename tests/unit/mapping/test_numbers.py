"""The one policy for numbers."""

import polars as pl
import pytest

from sdtmflow.mapping.values.numbers import number_of, rounded, text_of, tidy


def one(expr, value):
    return pl.DataFrame({"x": [value]}).select(expr(pl.col("x"))).item()


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("-1.50", -1.5), (".5", 0.5), ("1e3", 1000), ("1,5", None), ("nan", None),
     ("1 000", None), ("0x10", None), ("inf", None), ("5 mg", None)],
)  # fmt: skip
def test_only_plain_numbers_are_numbers(text, number):
    assert one(number_of, text) == number


def test_a_declared_decimal_comma_is_the_only_mark():
    assert one(lambda x: number_of(x, ","), "1,5") == 1.5
    assert one(lambda x: number_of(x, ","), "1.5") is None


@pytest.mark.parametrize(
    ("number", "text"),
    [(120.0, "120"), (98.6, "98.6"), (1e-7, "0.0000001"), (1e16, "10000000000000000"),
     (-0.5, "-0.5"), (0.0, "0"), (None, None)],
)  # fmt: skip
def test_a_number_is_written_without_exponent_and_needless_zeros(number, text):
    frame = pl.DataFrame({"x": [number]}, schema={"x": pl.Float64})
    assert frame.select(text_of(pl.col("x"))).item() == text


@pytest.mark.parametrize(
    ("number", "digits", "result"),
    [(1.005, 2, 1.01), (2.5, 0, 3), (-2.5, 0, -3), (2.675, 2, 2.68), (154 * 0.45359237, 2, 69.85)],
)
def test_rounding_is_half_away_from_zero_on_the_decimal_value(number, digits, result):
    assert one(lambda x: rounded(x, digits), number) == result


def test_computed_numbers_lose_the_dust_of_binary_arithmetic():
    assert one(tidy, 37 * 1.8 + 32) == 98.6
    assert one(tidy, 0.1 + 0.2) == 0.3
