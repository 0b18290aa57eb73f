"""Tables, columns and the age of a whole delivery against its last one."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pytest

from sdtmflow.drift import compare_structure
from sdtmflow.drift_rules import Drift
from sdtmflow.sources.ages import made_at
from sdtmflow.sources.report import CollectReport, ColumnReport, FileReport, TableReport
from sdtmflow.study import Source

SOURCE = Source(kind="delimited", path="raw", site="01")


def report(made: str = "", **tables: list[str]) -> CollectReport:
    """One file a table, named like it."""
    return CollectReport(
        source="edc",
        kind="delimited",
        key="",
        files=[FileReport(name=f"{n}.csv", sha256=n, size=1, made=made) for n in tables],
        tables=[
            TableReport(
                name=name,
                path=name,
                rows=1,
                columns=[ColumnReport(name=column) for column in columns],
                files=[name],
            )
            for name, columns in tables.items()
        ],
    )


def found(last: CollectReport, now: CollectReport, **settings) -> list[tuple[str, ...]]:
    findings = compare_structure(last, now, SOURCE, Drift(**settings))
    return [(each.rule, each.dataset, each.variable, each.file) for each in findings]


def test_what_came_and_went_names_its_own_file():
    last, now = report(dm=["ID", "SEX"], ae=["ID"]), report(dm=["ID", "AGE"], vs=["ID"])
    assert found(last, now) == [
        ("DRIFT_TABLE_GONE", "ae", "", ""),
        ("DRIFT_TABLE_NEW", "vs", "", "vs.csv"),
        ("DRIFT_COLUMN_GONE", "dm", "SEX", "dm.csv"),
        ("DRIFT_COLUMN_NEW", "dm", "AGE", "dm.csv"),
    ]
    assert found(now, now) == []
    assert found(last, now, leave_out=["ae", "vs", "dm.SEX", "DM.age"]) == []


def test_a_delivery_may_not_be_older_than_the_last_one():
    old, new = "2025-06-01T00:00:00+00:00", "2025-06-02T08:00:00+00:00"
    assert found(report(new, dm=["ID"]), report(old, dm=["ID"])) == [
        ("DRIFT_DELIVERY_OLDER", "", "", "dm.csv")
    ]
    assert found(report(old, dm=["ID"]), report(new, dm=["ID"])) == []
    assert found(report(new, dm=["ID"]), report(dm=["ID"])) == []  # it does not say


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("lab_20260112.csv", "2026-01-12"),
        ("2026-01-12 lab.csv", "2026-01-12"),
        ("lab_20260101_20260112.csv", ""),
        ("lab_20261312.csv", ""),
        ("lab_12026011299.csv", ""),
        ("2026-01-12/lab.csv", ""),
    ],
)
def test_the_age_of_a_text_file_is_the_one_date_in_its_name(tmp_path, name, made):
    assert made_at(name, tmp_path / "none", "delimited")[:10] == made


def test_an_export_with_a_time_inside_is_asked_for_it(tmp_path):
    odm = tmp_path / "a.xml"
    odm.write_text('<ODM CreationDateTime="2025-06-01T10:00:00+02:00"><Study/></ODM>')
    assert made_at("a_20990101.xml", odm, "odm") == "2025-06-01T08:00:00+00:00"
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    assert dt.datetime.fromisoformat(made_at("a.xlsx", tmp_path / "a.xlsx", "excel")).tzinfo
    assert made_at("b.xml", tmp_path / "a.xlsx", "odm") == ""
