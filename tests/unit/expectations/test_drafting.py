"""Drafts of suites: what they propose, that the data meet it, and that nobody's value is told."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.scaffold import TEMPLATE
from expectations.drafting import draft_suites
from expectations.drafting.profile import Kind, profile, widened
from expectations.table_check import check_table
from expectations.table_plan import plans
from sdtmflow.drafting.raw import delivery_of
from sdtmflow.errors import StudyError
from sdtmflow.sources.conform import conformed
from sdtmflow.study import Source, StudyFolder

DEMO = Path(__file__).parents[3] / "studies" / "demo"
SITES = ("basel_odm", "boston_redcap", "leeds_xpt", "toronto_excel", "cologne_csv")


@pytest.fixture(scope="module")
def drafted():
    """Table → the text of its draft, from the demo's deliveries."""
    draft = draft_suites(StudyFolder(DEMO))
    return {suite.file.removesuffix(".yaml"): suite.text for suite in draft.suites}


@pytest.fixture(scope="module")
def study(drafted, tmp_path_factory) -> StudyFolder:
    """The demo with the drafts as its suites."""
    root = tmp_path_factory.mktemp("demo")
    shutil.copy(DEMO / "study.yaml", root)
    (root / "raw").symlink_to(DEMO / "raw")
    (root / "expectations").mkdir()
    for name, text in drafted.items():
        (root / "expectations" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return StudyFolder(root)


def test_a_draft_is_a_suite(study):
    assert set(plans(study, "raw")) >= {"ae", "dm", "vs", "lb"}


@pytest.mark.parametrize(
    "expected",
    [
        "- expect_compound_columns_to_be_unique: {column_list: [SUBJID, AESPID]}",
        "- expect_column_values_to_not_be_null: {column: IN_DM}",
        "# filled in 81 of 82 records\n  - expect_column_values_to_not_be_null: {column: AETERM}",
        "- expect_column_values_to_be_date: {column: AESTDAT}",
        "{column_A: AESTDAT, column_B: AEENDAT}",
        "optional: true # not every source delivers the column",
    ],
)
def test_a_draft_says_what_the_data_show(drafted, expected):
    assert expected in drafted["ae"]


def test_a_draft_finds_few_of_the_records_that_it_is_made_from(study, tmp_path):
    found: dict[str, int] = {}
    rows = 0
    for source in SITES:
        tables = tmp_path / source
        tables.mkdir()
        with delivery_of(study, source) as delivery:
            for each in conformed(delivery):
                frame = each.rows.with_columns(_source=pl.lit(source))
                frame.write_parquet(tables / f"{each.table}.parquet")
                rows += frame.height if each.table == "ae" else 0
        plan = plans(study, "raw")["ae"]
        check = check_table(plan, study.study, "", tables, tables / "result.json")
        for part in check.findings:
            for rule in part["rule"]:
                found[rule] = found.get(rule, 0) + 1
    assert rows == 82
    assert found["AE_TWICE"] == 2  # both records of the planted pair
    assert max(found.values()) <= 0.05 * rows


def test_every_value_that_is_told_is_one_of_several_subjects(study):
    rows: dict[str, list[pl.DataFrame]] = {}
    for source in SITES:
        with delivery_of(study, source) as delivery:
            for each in conformed(delivery):
                rows.setdefault(each.table, []).append(
                    each.rows.with_columns(_source=pl.lit(source))
                )
    told = 0
    for table, frames in rows.items():
        united = pl.concat(frames, how="diagonal_relaxed")
        for check in plans(study, "raw")[table].checks:
            for value in check.arguments.get("value_set", []):
                having = united.filter(pl.col(check.columns[0]).str.strip_chars() == value)
                assert having.select("_source", "_subject").n_unique() >= 3
                told += 1
    assert told > 100


def test_a_source_that_cannot_be_read_does_not_stop_the_others():
    draft = draft_suites(StudyFolder(DEMO), tables=["dm"])
    assert [suite.file for suite in draft.suites] == ["dm.yaml"]
    assert ["DEMO01_site06.xml" in str(error) for error in draft.unread] == [True]


def test_a_table_that_nobody_delivers_is_told():
    with pytest.raises(
        StudyError, match="no source delivers a table 'aee'; delivered are ae, dm, "
    ):
        draft_suites(StudyFolder(TEMPLATE), tables=["aee"])


def profiled(values, subjects=None, *, formats=()):
    rows = pl.DataFrame(
        {
            "X": values,
            "_source": "edc",
            "_subject": subjects or [str(n) for n in range(len(values))],
        },
        schema_overrides={"X": pl.String},
    )
    source = Source(kind="delimited", path="raw", site="01", dates=list(formats))
    return profile(rows, "X", "", {"edc": source}, 3)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["", None, " "], Kind.EMPTY),
        (["Y", "N", "Y", "N"] * 5, Kind.CODE),
        (["1", "2", "3"] * 6, Kind.CODE),
        (["36.6", "37.1", "36.9"] * 6, Kind.NUMBER),
        ([str(n) for n in range(60, 100)], Kind.NUMBER),
        ([f"{n:02}/03/2025" for n in range(1, 29)], Kind.DATE),
        ([f"felt dizzy {'very ' * n}" for n in range(30)], Kind.TEXT),
    ],
)
def test_kinds(values, kind):
    assert profiled(values, formats=["DD/MM/YYYY"]).kind is kind


def test_a_value_of_two_subjects_is_not_one_of_the_set():
    found = profiled(["Y"] * 60 + ["N"] * 3, [*map(str, range(60)), "1", "1", "2"])
    assert (found.values, found.fitting, found.distinct) == (("Y",), 60, 2)


def test_a_pattern_is_made_of_shapes():
    found = profiled([f"AB-{n:03}" for n in range(40)])
    assert found.pattern == "^(?:[A-Z]{2}\\-[0-9]{3})$"


@pytest.mark.parametrize("odd", ["李偉1", "A\u0661", "Ä1"])
def test_a_text_of_another_script_is_in_no_pattern(odd):
    assert profiled(["A1"] * 19 + ["B2", odd]).pattern == ""


@given(st.lists(st.integers(-10_000, 10_000).map(lambda n: n / 10), min_size=1, max_size=50))
def test_bounds_hold_most_numbers_and_are_none_of_the_extremes(values):
    numbers = pl.Series(values, dtype=pl.Float64)
    low, high = widened(numbers)
    assert numbers.is_between(low, high).mean() >= 0.95 - 1 / len(values)
    assert low < high
    assert low < min(values) or low == 0 or len(values) > 20
