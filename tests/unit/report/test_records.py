"""The records of findings, found again by site, file and row, or by their keys."""

import polars as pl
import pytest

from sdtmflow.finding import Finding, Severity, Stage, findings_frame
from sdtmflow.report import Table, find_records
from sdtmflow.report.records import RAW_TABLE, WITHHELD

RAW = Table(
    Stage.RAW,
    "ae",
    "ae as sent",
    pl.LazyFrame(
        {
            "_site": ["01", "01", "02"],
            "_file": ["ae.csv", "ae.csv", "ae.csv"],
            "_row": [1, 2, 1],
            "_place": ["line 2", "line 3", "line 2"],
            "AETERM": ["Headache", None, "Nausea of Anna"],
            "INITIALS": ["AB", None, "CD"],
        }
    ),
    (("AETERM", ""), ("INITIALS", "")),
)
SDTM = Table(
    Stage.SDTM,
    "AE",
    "AE · Adverse Events",
    pl.LazyFrame(
        {
            "USUBJID": ["S-1", "S-1", "S-2"],
            "AESEQ": [1.0, 2.0, 1.0],
            "AETERM": ["Headache", "a|b=c", "Nausea"],
            "_file": ["ae.csv", "ae.csv", None],
            "_row": [1, 2, None],
            RAW_TABLE: ["ae", "ae", None],
        }
    ),
    (("USUBJID", "Subject"), ("AESEQ", "Sequence"), ("AETERM", "Term")),
)


def finding(**parts):
    parts = {"record_key": f"record {parts.get('row')}"} | parts
    return Finding(
        **{"rule": "R", "severity": Severity.MAJOR, "stage": Stage.RAW, "message": "m"} | parts
    )


def records_of(*findings):
    """For each finding the titles and rows of its records."""
    frame = findings_frame(findings)
    found = find_records(frame, [SDTM, RAW])
    shown = []
    for fingerprint in frame["fingerprint"]:
        at = found.at.filter(fingerprint=fingerprint).select("table", "place").rows()
        tables = [(found.tables[table], place) for table, place in at]
        shown.append([(table.title, table.rows.row(place)) for table, place in tables])
    return shown


def test_a_raw_record_is_found_by_its_site_file_and_row():
    first, second, no_record, unknown = records_of(
        finding(site="02", dataset="ae", file="ae.csv", row=1),
        finding(site="01", dataset="ae", file="ae.csv", row=2),
        finding(site="01", dataset="ae", file="ae.csv"),
        finding(site="01", dataset="cm", file="cm.csv", row=1),
    )
    assert first == [("ae as sent", ("line 2", "Nausea of Anna", "CD"))]
    assert second == [("ae as sent", ("line 3", None, None))]
    assert no_record == unknown == []


@pytest.mark.parametrize(
    ("key", "subject"),
    [
        ("USUBJID=S-1|AESEQ=1", "1"),
        ("USUBJID=S-1|AESEQ=1|#2", "1"),
        ("USUBJID=S-1|AETERM=a|b=c", "2"),
    ],
)
def test_an_sdtm_record_is_found_by_its_keys_and_leads_to_its_source(key, subject):
    (found,) = records_of(finding(stage=Stage.SDTM, site="01", dataset="AE", record_key=key))
    (title, row), (source, _) = found
    assert title == "AE · Adverse Events"
    assert row[:3] == ("", "S-1", subject)
    assert source == "ae as sent"


def test_a_record_without_a_source_or_without_known_keys():
    made, unknown, table = records_of(
        finding(stage=Stage.SDTM, dataset="AE", record_key="USUBJID=S-2|AESEQ=1"),
        finding(stage=Stage.SDTM, dataset="AE", record_key="USUBJID=S-2|NONE=1"),
        finding(stage=Stage.SDTM, dataset="AE", record_key="R"),
    )
    assert [title for title, _ in made] == ["AE · Adverse Events"]
    assert unknown == table == []


def test_what_identifies_people_is_withheld():
    """A site's whole column, or the one text in which it was found; empty values stay empty."""
    column = finding(rule="PRIVACY_INITIALS", site="01", dataset="ae", variable="INITIALS")
    place = {"dataset": "ae", "file": "ae.csv"}
    text = finding(rule="PRIVACY_NAME", site="02", variable="AETERM", row=1, **place)
    first, second, other, *_ = records_of(
        finding(site="01", row=1, **place),
        finding(site="01", row=2, **place),
        finding(site="02", row=1, **place),
        column,
        text,
    )
    assert first[0][1] == ("line 2", "Headache", WITHHELD)
    assert second[0][1] == ("line 3", None, None)
    assert other[0][1] == ("line 2", WITHHELD, "CD")


def test_no_findings_no_records():
    assert find_records(findings_frame([]), [SDTM, RAW]).tables == ()
