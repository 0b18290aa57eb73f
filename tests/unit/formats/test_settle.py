"""Measuring rows, and filling in what the metadata leave to them."""

from __future__ import annotations

import polars as pl
import pytest

from sdtmflow.dataset import Codelist, Dataset, DataType, Term, ValueLevel, Variable, equal
from sdtmflow.formats.measure import Measure, Measured, measure
from sdtmflow.formats.settle import settled


def dataset(name: str, *variables: Variable) -> Dataset:
    return Dataset(name, name, "FINDINGS", "One record", (), variables)


def settle(one: Dataset, rows: dict[str, list[object]]) -> Dataset:
    frame = pl.DataFrame(
        rows, schema={v.name: pl.Float64 if v.numeric else pl.String for v in one.variables}
    )
    (result,) = settled([one], {one.name: measure(one, [frame])})
    return result


def test_text_is_measured_in_bytes_and_blanks_are_no_values() -> None:
    one = dataset("AE", Variable("AETERM", "Term"))
    found = measure(one, [pl.DataFrame({"AETERM": ["ache", "", None, "naïve"]})])
    assert found == Measured(4, {"AETERM": Measure(filled=2, length=6)})


def test_blocks_are_measured_as_the_whole() -> None:
    level = ValueLevel(equal("VSTESTCD", "TEMP"), "float", 0)
    one = dataset(
        "VS",
        Variable("VSTESTCD", "Test"),
        Variable("VSORRES", "Result", value_level=(level,)),
        Variable("VSDTC", "Date", "date"),
    )
    rows = pl.DataFrame(
        {
            "VSTESTCD": ["TEMP", "TEMP", "HR", None],
            "VSORRES": ["36.65", "37", "120", ""],
            "VSDTC": ["2026-01", "2026-01-02", "2026-01-02T10:30", None],
        }
    )
    whole = measure(one, [rows])
    assert whole.value("VSORRES", level) == Measure(filled=2, length=5, decimals=2)
    assert whole.variables["VSDTC"] == Measure(filled=3, length=16, iso=(1, 1, 2, 3))
    assert measure(one, rows.iter_slices(1)) == whole


@pytest.mark.parametrize(
    ("values", "length", "decimals"),
    [
        ([1.0, 120.0], 3, 0),
        ([-1.5, 36.65], 5, 2),
        ([None, None], 0, 0),
        ([], 0, 0),
    ],
)
def test_numbers_are_measured_in_characters(
    values: list[object], length: int, decimals: int
) -> None:
    one = dataset("VS", Variable("VSSTRESN", "Result", "float", numeric=True))
    rows = pl.DataFrame({"VSSTRESN": values}, schema={"VSSTRESN": pl.Float64})
    found = measure(one, [rows]).variables["VSSTRESN"]
    assert (found.length, found.decimals) == (length, decimals)


def test_the_longest_need_of_the_study_counts_but_not_for_qualifiers() -> None:
    shared, own = Variable("VISIT", "Visit Name"), Variable("QVAL", "Value")
    datasets = [dataset("VS", shared), dataset("LB", shared), dataset("SUPPLB", own),
                dataset("SUPPVS", own)]  # fmt: skip
    lengths = {"VS": 5, "LB": 9, "SUPPLB": 3, "SUPPVS": 7}
    measured = {
        d.name: Measured(1, {d.variables[0].name: Measure(1, lengths[d.name])}) for d in datasets
    }
    found = [d.variables[0].length for d in settled(datasets, measured)]
    assert found == [9, 9, 3, 7]


def test_a_declared_length_stays_and_no_value_needs_one_byte() -> None:
    one = dataset("DM", Variable("ARM", "Arm", length=20), Variable("DTHFL", "Death Flag"))
    result = settle(one, {"ARM": ["A"], "DTHFL": [None]})
    assert [v.length for v in result.variables] == [20, 1]


@pytest.mark.parametrize(
    ("declared", "values", "kind", "digits"),
    [
        ("integer", [1.0, 2.0], "integer", None),
        ("integer", [1.0, 2.5], "float", 1),
        ("float", [1.0, 2.0], "float", 0),
        ("float", [1.25], "float", 2),
    ],
)
def test_an_integer_with_decimals_is_a_float(
    declared: DataType, values: list[object], kind: DataType, digits: int | None
) -> None:
    one = dataset("VS", Variable("VISITNUM", "Visit Number", declared, numeric=True))
    (variable,) = settle(one, {"VISITNUM": values}).variables
    assert (variable.type, variable.significant_digits, variable.length) == (kind, digits, 8)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["2026-01-05"], "date"),
        (["2026-01-05T10:30", "2026-01-05T10:30:59"], "datetime"),
        (["2026-01-05", "2026-01", "2026"], "partialDate"),
        (["2026-01-05", "2026-01-05T10:30"], "partialDatetime"),
        (["2026-01", "2026-01-05T10"], "partialDatetime"),
        (["2026---05", "2026-01-05"], "incompleteDatetime"),
        ([None], "datetime"),
    ],
)
def test_date_text_is_of_the_narrowest_kind_that_fits(values: list[object], kind: str) -> None:
    one = dataset("AE", Variable("AESTDTC", "Start", "datetime"))
    assert settle(one, {"AESTDTC": values}).variables[0].type == kind


def test_conditions_are_measured_on_their_own_records() -> None:
    levels = (
        ValueLevel(equal("VSTESTCD", "TEMP"), "integer", 0),
        ValueLevel(equal("VSTESTCD", "SYSBP"), "integer", 0),
        ValueLevel(equal("VSTESTCD", "POSTURE"), "text", 0),
    )
    one = dataset(
        "VS",
        Variable("VSTESTCD", "Test"),
        Variable("VSORRES", "Result", value_level=levels),
        Variable("VSSTRESN", "Result", "float", numeric=True,
                 value_level=(ValueLevel(equal("VSTESTCD", "SYSBP"), "integer", 8),)),
    )  # fmt: skip
    result = settle(
        one,
        {
            "VSTESTCD": ["TEMP", "SYSBP", "TEMP"],
            "VSORRES": ["36.65", "120", "37"],
            "VSSTRESN": [36.65, 120.0, 37.0],
        },
    )
    found = [(v.type, v.length, v.significant_digits) for v in result.variables[1].value_level]
    assert found == [("float", 5, 2), ("integer", 3, None), ("text", 5, None)]
    assert result.variables[2].value_level[0].length == 3, "digits, not bytes"


def test_a_number_of_a_list_with_decimals_is_a_float_wherever_it_is_used() -> None:
    visits = Codelist("CL.VISITNUM", "Visit Number", terms=(Term("1"), Term("1.01")))
    one = dataset(
        "VS", Variable("VISITNUM", "Visit Number", "integer", numeric=True, codelist=visits)
    )
    (variable,) = settle(one, {"VISITNUM": [1.0, 1.0]}).variables
    assert (variable.type, variable.significant_digits) == ("float", 0)
