"""Whatever the dates: SE invents none, keeps the order of the arm, and leaves no gap."""

from __future__ import annotations

import datetime as dt
import tempfile
from itertools import pairwise
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.mapping import load_plan, map_partition
from sdtmflow.study import StudyFolder

STUDY = """
version: 1
study: S1
title: T
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources: {edc: {kind: delimited, path: raw, site: "01"}}
design:
  elements:
    SCR: {element: Screening, start_rule: Consent}
    A: {element: A, start_rule: First A, starts: {earliest: EX.EXSTDTC, where: "EXTRT = 'A'"}}
    B: {element: B, start_rule: First B, starts: {earliest: EX.EXSTDTC, where: "EXTRT = 'B'"}}
    FU: {element: Follow-up, start_rule: Day after}
  arms:
    ABA:
      arm: ABA
      elements: [{etcd: SCR, epoch: SCREENING}, {etcd: A, epoch: TREATMENT 1},
        {etcd: B, epoch: TREATMENT 2}, {etcd: A, epoch: TREATMENT 3}, {etcd: FU, epoch: FOLLOW-UP}]
"""
DM = """
version: 1
domain: DM
from: dm
keys: [STUDYID, USUBJID]
variables:
  SEX: {constant: F}
  COUNTRY: {constant: CHE}
  ARMCD: {constant: ABA}
  RFICDTC: {datetime: RFICDTC, formats: [ISO]}
  RFPENDTC: {datetime: RFPENDTC, formats: [ISO]}
"""
EX = """
version: 1
domain: EX
from: ex
keys: [STUDYID, USUBJID, EXSTDTC]
variables:
  EXSEQ: {sequence: {by: keys}}
  EXTRT: {assign: EXTRT}
  EXSTDTC: {datetime: EXSTDTC, formats: [ISO]}
  EXENDTC: {datetime: EXENDTC, formats: [ISO]}
"""
SE = """
version: 1
domain: SE
from: builtin.subject_elements
keys: [STUDYID, USUBJID, TAETORD]
variables:
  SESEQ: {sequence: {by: keys}}
  ETCD: {assign: ETCD}
  TAETORD: {number: TAETORD}
  SESTDTC: {assign: SESTDTC}
  SEENDTC: {assign: SEENDTC}
"""
days = st.dates(dt.date(2025, 3, 1), dt.date(2025, 4, 15)).map(dt.date.isoformat)
dates = st.one_of(st.none(), days, days.map(lambda day: day[:7]), days.map(lambda d: f"{d}T08:30"))
doses = st.lists(st.tuples(st.sampled_from("AB"), dates, dates), max_size=4)
subjects = st.lists(st.tuples(dates, dates, doses), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None)
@given(subjects)
def test_elements_stand_in_order_without_gaps_and_with_given_dates(trial):
    with tempfile.TemporaryDirectory() as folder:
        elements = mapped(Path(folder), trial)
    for at, (consent, end, given_doses) in enumerate(trial):
        rows = elements.filter(pl.col("USUBJID") == f"S1-01-{at}").rows(named=True)
        known = {consent, *(d for _, start, stop in given_doses for d in (start, stop))}
        known |= {next_day(date) for date in known if date and len(date) >= 10}
        assert all(row["SESTDTC"] in known for row in rows)
        assert [row["TAETORD"] for row in rows] == sorted({row["TAETORD"] for row in rows})
        for row, later in pairwise(rows):
            assert row["SEENDTC"] == later["SESTDTC"]
            assert not surely_before(later["SESTDTC"], row["SESTDTC"])
        assert all(row["SEENDTC"] in (end, None) for row in rows[-1:])


def next_day(date: str) -> str:
    return (dt.date.fromisoformat(date[:10]) + dt.timedelta(days=1)).isoformat()


def surely_before(one: str, other: str) -> bool:
    length = min(len(one), len(other))
    return one[:length] < other[:length]


def mapped(folder: Path, trial: list) -> pl.DataFrame:
    for name in ("standard", "staged", "out"):
        (folder / name).mkdir()
    (folder / "study.yaml").write_text(STUDY)
    for name, spec in (("dm", DM), ("ex", EX), ("se", SE)):
        (folder / "standard" / f"{name}.yaml").write_text(spec)
    demographics = [(str(at), consent, end) for at, (consent, end, _) in enumerate(trial)]
    exposure = [
        (str(at), *dose) for at, (_, _, given_doses) in enumerate(trial) for dose in given_doses
    ]
    stage(folder, "dm", demographics, ["SUBJID", "RFICDTC", "RFPENDTC"])
    stage(folder, "ex", exposure, ["SUBJID", "EXTRT", "EXSTDTC", "EXENDTC"])
    plan = load_plan(StudyFolder(folder), folder / "standard")
    map_partition(plan, folder / "staged", "01", folder / "out")
    made = folder / "out" / "SE.parquet"
    columns = ["USUBJID", "TAETORD", "SESTDTC", "SEENDTC"]
    if not made.is_file():
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    return pl.read_parquet(made).select(columns)


def stage(folder: Path, table: str, rows: list, columns: list[str]) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    frame.with_columns(
        _source=pl.lit("edc"),
        _site=pl.lit("01"),
        _subject=pl.col("SUBJID"),
        _file=pl.lit(table),
        _row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        _place=pl.lit(""),
    ).write_parquet(folder / "staged" / f"{table}.parquet")
