"""VS by the standard spec against the same mapping by hand in pandas, which the benchmark times."""

import datetime as dt
import json
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from benchmarks.vital_signs.naive import COLUMNS, naive_vs
from benchmarks.vital_signs.study import (
    TIME_POINTS,
    UNITS,
    VISITS,
    staged_table,
    write_study,
    write_tables,
)
from sdtmflow.mapping import load_plan, map_partition
from sdtmflow.study import StudyFolder

SITE, SUBJECTS = "01", ("001", "002", "003")
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


def collected(day):
    return f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year}"


days = st.dates(dt.date(2023, 12, 20), dt.date(2024, 3, 10))
whole = days.map(collected)
partial = whole.map(lambda text: "UN" + text[2:]) | whole.map(lambda text: "UN-UNK" + text[6:])
vs_dates = whole | whole | partial | st.sampled_from([None, "31-FEB-2024"])
times = st.sampled_from([None, "08:00", "09:30", "17:45"])


def result(test):
    """Number and unit of one test; either may be missing."""
    number = st.integers(30, 2200).map(lambda n: n / 10) | st.integers(30, 220)
    units = st.sampled_from([*UNITS[test], None])
    return st.tuples(st.none() | number.map(str), units)


@st.composite
def wide_rows(draw):
    row = {
        "SUBJID": draw(st.sampled_from(SUBJECTS)),
        "VISIT": draw(st.sampled_from([*list(VISITS)[:4], "UNSCHEDULED", None])),
        "VSPERF": draw(st.sampled_from(["Y", "N", None])),
        "VSPOS": draw(st.sampled_from(["SITTING", "SUPINE", None])),
        "VSDAT": draw(vs_dates),
        "VSTIM": draw(times),
    }
    point = draw(st.sampled_from([None, *TIME_POINTS]))
    row |= {"VSTPT": point, "VSTPTNUM": point and str(TIME_POINTS[point])}
    for test in UNITS:
        row[f"{test}_VSORRES"], row[f"{test}_VSORRESU"] = draw(result(test))
    return row


@st.composite
def tables(draw):
    """Every subject consents; some are treated later on."""
    rows = draw(st.lists(wide_rows(), min_size=1, max_size=12))
    rows += draw(st.lists(st.sampled_from(rows), max_size=2))
    consents = {subject: draw(days) for subject in SUBJECTS}
    doses = [
        {
            "SUBJID": subject,
            "EXTRT": "DRUG",
            "EXSTDAT": collected(consents[subject] + dt.timedelta(draw(st.integers(1, 30)))),
            "EXSTTIM": draw(times),
            "EXENDAT": collected(consents[subject] + dt.timedelta(draw(st.integers(31, 60)))),
        }
        for subject in draw(st.lists(st.sampled_from(SUBJECTS), unique=True))
    ]
    dm = [{"SUBJID": subject, "RFICDAT": collected(day)} for subject, day in consents.items()]
    rand = [
        {"SUBJID": dose["SUBJID"], "ARMCD": "ACT", "RANDDAT": dose["EXSTDAT"]} for dose in doses
    ]
    ds = [
        {"SUBJID": subject, "DSDECOD": "COMPLETED", "DSSTDAT": draw(whole)} for subject in SUBJECTS
    ]
    return {"dm": dm, "rand": rand, "ex": doses, "ds": ds, "vs": rows}


COLUMNS_OF = {
    "rand": ["SUBJID", "ARMCD", "RANDDAT"],
    "ex": ["SUBJID", "EXTRT", "EXSTDAT", "EXSTTIM", "EXENDAT"],
}


def staged(name, rows):
    columns = COLUMNS_OF.get(name) or list(rows[0])
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))
    return staged_table(frame, name, SITE)


def in_pandas(frame):
    """Text columns stay text where nothing is in them."""
    return frame.drop("_row").to_pandas().astype("str")


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    """What maps staged tables: VS, or None where it has no records, and the report."""
    root = tmp_path_factory.mktemp("study")
    write_study(root, 1)
    plan = load_plan(StudyFolder(root))

    def run(frames):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder)
            write_tables(frames, out)
            map_partition(plan, out, SITE, out)
            path = out / "VS.parquet"
            records = pl.read_parquet(path) if path.exists() else None
            return records, json.loads((out / "map.json").read_text())

    return run


@settings(max_examples=25, deadline=None)
@given(tables())
def test_the_engine_and_plain_pandas_agree_on_every_value(mapped, given_tables):
    frames = {name: staged(name, rows) for name, rows in given_tables.items()}
    ours, _ = mapped(frames)
    theirs = pl.from_pandas(
        naive_vs({name: in_pandas(frame) for name, frame in frames.items()}, SITE)
    )
    if ours is None:
        assert theirs.is_empty()
        return
    types = {name: ours.schema[name] for name in COLUMNS}
    assert_frame_equal(ours.select(COLUMNS), theirs.cast(types), check_exact=True)


@settings(max_examples=15, deadline=None)
@given(tables(), st.lists(st.integers(0, 11), max_size=3))
def test_every_record_made_is_kept_quarantined_or_dropped_and_counted(mapped, given_tables, lost):
    """Results are counted by hand; the rows at ``lost`` name no subject."""
    frames = {name: staged(name, rows) for name, rows in given_tables.items()}
    at = pl.int_range(pl.len()).is_in(lost)
    frames["vs"] = frames["vs"].with_columns(pl.when(~at).then("_subject").alias("_subject"))
    records, report = mapped(frames)
    counts = {domain["domain"]: domain["counts"] for domain in report["domains"]}
    for found in counts.values():
        out = ("records", "dropped", "merged", "quarantined")
        assert found["made"] == sum(found[name] for name in out)
    expected = [
        row["_subject"] is not None
        for row in frames["vs"].to_dicts()
        for there in [*(row[f"{test}_VSORRES"] for test in UNITS), row["VSPERF"] == "N"]
        if there
    ]
    assert counts["VS"]["records"] == sum(expected) == (0 if records is None else records.height)
    assert counts["VS"]["quarantined"] == len(expected) - sum(expected)
