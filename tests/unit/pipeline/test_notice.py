"""What people are told of a run: counts and names, and no value of a subject."""

from __future__ import annotations

import polars as pl
import pytest

from sdtmflow.notify import Notify
from sdtmflow.pipeline.deliveries import Gap
from sdtmflow.pipeline.notice import notice_of
from sdtmflow.pipeline.outcome import Outcome, SiteCounts
from sdtmflow.register import NEWS_SCHEMA
from sdtmflow.study import Study

SECRET = "Zebrafish bite"
NEWS = [
    ("critical", "01", "DM_SEX", 2, 0),
    ("critical", "01", "AE_TERM", 3, 1),
    ("critical", "", "GATE_1306", 1, 0),
    ("major", "02", "LB_UNIT", 1200, 0),
]


def study(**notify: object) -> Study:
    source = {"kind": "odm", "path": "raw", "site": "01"}
    return Study(
        version=1,
        study="T1",
        title="Title",
        cutoff="2026-02-28",
        standards={"ct": "2025-03-28"},
        sites={site: {"name": site, "country": "CHE"} for site in ("01", "02", "03")},
        sources={"edc": source},
        notify=Notify(**notify),
    )


def outcome(**given: object) -> Outcome:
    parts = {"delivered": {"01": SiteCounts(3, 20)}, "isolated": {}}
    return Outcome("T1", "Title", "abc123", "key", **{**parts, **given})


def news(*rows: tuple[str, str, str, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=NEWS_SCHEMA, orient="row")


def test_critical_findings_are_counted_by_site_and_rule():
    notice = notice_of(study(), outcome(), news(*NEWS))
    assert notice.title == "T1: run: 6 critical findings new or reopened"
    assert notice.body.splitlines() == [
        "Run abc123, data cut-off 2026-02-28.",
        "6 critical findings, new or reopened:",
        "- site 01: AE_TERM 3 (1 reopened), DM_SEX 2",
        "- of no single site: GATE_1306 1",
        "`sdtmflow findings` and the validation report tell more.",
    ]


@pytest.mark.parametrize("severities", [["major"], ["critical", "major"]])
def test_the_study_says_which_severities_are_told(severities):
    body = notice_of(study(severities=severities), outcome(), news(*NEWS)).body
    assert "- site 02: LB_UNIT 1,200" in body
    assert ("DM_SEX" in body) == ("critical" in severities)


@pytest.mark.parametrize(
    ("notify", "given", "found"),
    [
        ({}, {}, []),
        ({}, {}, NEWS[3:]),
        ({"severities": []}, {}, NEWS),
        ({"sites": False}, {"isolated": {"03": "cut off"}}, []),
    ],
)
def test_where_there_is_nothing_to_tell_there_is_no_message(notify, given, found):
    assert notice_of(study(**notify), outcome(**given), news(*found)) is None


def test_sites_are_named_without_the_reason():
    gaps = (
        Gap("03", "clinic", f"line 3: {SECRET}", "nothing"),
        Gap("02", "edc", SECRET, "last good delivery"),
        Gap("02", "ecg", SECRET, "last good delivery"),
        Gap("", "central_lab", SECRET, "nothing"),
    )
    notice = notice_of(study(), outcome(isolated={"03": SECRET}, gaps=gaps), news())
    assert notice.title == ("T1: run: left out: site 03, central_lab, last good delivery: site 02")
    assert "Left out: site 03, central_lab" in notice.body
    assert "On the last good delivery: site 02" in notice.body
    assert SECRET not in notice.title + notice.body


def test_a_site_that_only_the_data_name_is_not_told():
    notice = notice_of(study(), outcome(), news(("critical", SECRET, "SITE_UNKNOWN", 4, 0)))
    assert "- of no single site: SITE_UNKNOWN 4" in notice.body
    assert SECRET not in notice.title + notice.body


def test_a_stopped_publication_is_told_first():
    stopped = outcome(stopping={"DM_SEX": 2, "AE_TERM": 1})
    notice = notice_of(study(), stopped, news(*NEWS))
    assert notice.title == "T1: run: publication stopped, 6 critical findings new or reopened"
    assert "The gate stopped the publication: 3 findings (DM_SEX 2, AE_TERM 1)." in notice.body


def test_a_limited_run_says_so():
    limited = outcome(limits="sites 01; domains AE", stopping={"DM_SEX": 2})
    notice = notice_of(study(), limited, news(*NEWS))
    assert notice.title == "T1: limited run: 6 critical findings new or reopened"
    assert "Limited to sites 01; domains AE: nothing is published." in notice.body
    assert "A whole run would publish nothing: the gate is closed by 2 findings" in notice.body


def test_a_message_stays_short():
    sites = {f"{number:03d}": "cut off" for number in range(200)}
    rules = [("critical", "01", f"RULE_{number}", 1, 0) for number in range(50)]
    notice = notice_of(study(), outcome(isolated=sites), news(*rules))
    assert "RULE_0 1, RULE_1 1" in notice.body
    assert "and 44 more rules" in notice.body
    assert "and 170 more" in notice.body
    assert len(notice.title) < 150
