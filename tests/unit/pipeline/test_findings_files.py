"""Findings name subjects by USUBJID, and files as their own site sent them."""

from __future__ import annotations

import polars as pl

from cli.scaffold import TEMPLATE
from sdtmflow.finding import Finding, Severity, Stage, findings_frame, findings_of
from sdtmflow.pipeline.study_jobs import with_sent_names, with_study_wide_subjects
from sdtmflow.study import StudyFolder

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


def test_a_sites_findings_name_subjects_as_the_datasets_do() -> None:
    study = StudyFolder(TEMPLATE).study
    found = [
        Finding("R", Severity.MINOR, Stage.RAW, "m", site="01", subject="003"),
        Finding("R", Severity.MINOR, Stage.RAW, "m", site="01"),
    ]
    named = with_study_wide_subjects(findings_frame(found), study)
    assert named["subject"].to_list() == ["MY01-01-003", ""]
    assert named.equals(findings_frame(findings_of(named))), "fingerprints go with the names"
