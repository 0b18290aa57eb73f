"""Findings name files as their own site sent them, also where two sites send the same bytes."""

from __future__ import annotations

import polars as pl

from sdtmflow.pipeline.study_jobs import with_sent_names

NAMES = pl.DataFrame(
    [
        ("01", "aa", "site01.csv"),
        ("02", "aa", "site02.csv"),
        ("", "cc", "lab.csv"),
        ("02", "cc", "copy_of_lab.csv"),
    ],
    {"site": pl.String, "file": pl.String, "name": pl.String},
    orient="row",
)


def named(*rows: tuple[str, str]) -> list[str]:
    findings = pl.DataFrame(rows, {"site": pl.String, "file": pl.String}, orient="row")
    return with_sent_names(findings, NAMES)["file"].to_list()


def test_twin_files_keep_the_name_of_their_own_site() -> None:
    assert named(("02", "aa"), ("01", "aa")) == ["site02.csv", "site01.csv"]


def test_a_study_wide_file_is_named_for_every_site() -> None:
    assert named(("01", "cc"), ("", "cc")) == ["lab.csv", "lab.csv"]


def test_a_file_already_named_or_unknown_stays() -> None:
    assert named(("01", "site01.csv"), ("01", "ff"), ("", "")) == ["site01.csv", "ff", ""]
