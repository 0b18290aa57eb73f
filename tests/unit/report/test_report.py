"""The report: counted right, escaped everywhere, the same for the same run."""

import base64
import dataclasses
import gzip
import hashlib
import html
import itertools
import json
import re

import numpy as np
import openpyxl
import polars as pl
import pytest

from sdtmflow.finding import Finding, Severity, Stage, findings_frame
from sdtmflow.report import (
    DatasetFacts,
    Link,
    MappedFacts,
    NotChecked,
    RunFacts,
    SiteFacts,
    write_report,
)
from sdtmflow.report.packing import packed
from sdtmflow.report.summary import STUDY_WIDE, ordered, summarise

HOSTILE = "</script><script>alert(1)</script><b>&\u2028"
FORMULA = '=HYPERLINK("http://example.org","click")'

FACTS = RunFacts(
    study="T1",
    title="A <trial> & more",
    run_id="run-1",
    cutoff="2024-06-30",
    sites=(
        SiteFacts("01", "One", "odm", "delivered", country="DEU", subjects=12, records=1234),
        SiteFacts("02", "Two", "excel", "isolated", reason="ae.xlsx breaks off; send it again"),
    ),
    datasets=(DatasetFacts("AE", "Adverse Events", 12345, 30),),
    verdict="stopped",
    verdict_reason="Critical findings stop the publication.",
    not_checked=(NotChecked("ae", "there is no column AEREL", "raw", "01", "AE007"),),
    links=(Link("Workbook", "report.xlsx"),),
    mapped=(
        MappedFacts(
            "VS", read=2001, made=20010, records=12000, dropped=8000, quarantined=6, merged=4
        ),
    ),
)


def finding(rule, severity, site="01", row=1, value="", **more):
    return Finding(
        rule=rule,
        severity=Severity(severity),
        stage=Stage.RAW,
        message=more.pop("message", f"{rule} failed"),
        site=site,
        subject="001",
        dataset="ae",
        record_key=f"SUBJID=001|AESPID={row}",
        variable="AETERM",
        value=value,
        row=row,
        **more,
    )


FINDINGS = findings_frame(
    [
        finding("AE002", "minor", site="", row=4, value=HOSTILE, query=HOSTILE),
        finding("AE001", "major", row=1, value=FORMULA, message=HOSTILE),
        finding("AE001", "major", row=2, value="-1+1"),
        finding("DM001", "critical", site="02", row=3, file="dm.csv"),
    ]
)


@pytest.fixture
def report(tmp_path):
    write_report(FACTS, FINDINGS, tmp_path)
    return tmp_path


@pytest.fixture
def page(report):
    return (report / "report.html").read_text(encoding="utf-8")


def unpacked(block):
    """The rows of a packed table, read as its docstring says."""
    whole = gzip.decompress(base64.b64decode(block))
    length = int.from_bytes(whole[:4], "little")
    head, body = json.loads(whole[4 : 4 + length]), whole[4 + length :]

    def numbers(at, count, width):
        return np.frombuffer(body, f"<u{width}", count, at).tolist()

    def texts(column):
        (at, size), ends = column["texts"], itertools.accumulate(numbers(*column["lengths"]))
        data, starts = body[at : at + size], [0, *ends]
        return [data[a:b].decode() for a, b in itertools.pairwise(starts)]

    def by_row(column):
        values = texts(column)
        codes = numbers(*column["codes"]) if column["codes"] else range(len(values))
        return [values[code] for code in codes]

    columns = {column["name"]: by_row(column) for column in head["columns"]}
    assert all(len(values) == head["rows"] for values in columns.values())
    return columns


def embedded(page):
    block = re.search(r'<script type="application/octet-stream" id="data">(.*?)</script>', page)[1]
    return unpacked(block)


def test_findings_stand_worst_first_and_study_wide_ones_last():
    assert ordered(FINDINGS)["rule"].to_list() == ["DM001", "AE001", "AE001", "AE002"]


def test_findings_are_counted_by_severity_site_and_rule():
    summary = summarise(FINDINGS)
    counts = summary.by_severity
    assert (summary.total, counts.critical, counts.major, counts.minor) == (4, 1, 2, 1)
    assert summary.sites == ("01", "02", STUDY_WIDE)
    rule = next(row for row in summary.rules if row.rule == "AE001")
    assert [(cell.site, cell.count, cell.level) for cell in rule.cells] == [
        ("01", 2, 2),
        ("02", 0, 0),
        ("study", 0, 0),
    ]
    assert [(row.name, row.total) for row in summary.by_site] == [
        ("01", 2),
        ("02", 1),
        ("study", 1),
    ]


def test_the_most_frequent_failure_has_the_darkest_shade():
    many = findings_frame([finding("AE001", "major", row=row) for row in range(100)])
    few = findings_frame([finding("AE002", "major", row=row) for row in range(4)])
    rules = summarise(pl.concat([many, few])).rules
    assert [row.cells[0].level for row in rules] == [5, 1]


@pytest.mark.parametrize("distinct", [1, 2, 255, 256, 257, 65_537])
def test_a_packed_table_is_read_as_it_was(distinct):
    texts = [f"täxt {n % distinct}" for n in range(distinct * 3)]
    frame = pl.DataFrame({"text": texts, "row": range(len(texts)), "none": [None] * len(texts)})
    found = unpacked(packed([frame])[0])
    assert found["text"] == texts
    assert found["row"] == [str(n) for n in range(len(texts))]
    assert set(found["none"]) == {""}


def test_a_packed_table_may_be_empty():
    assert unpacked(packed([FINDINGS.clear()])[0]) == {name: [] for name in FINDINGS.columns}


def test_hostile_values_stay_text_in_the_page(page):
    assert "<script>alert(1)" not in page
    assert html.escape(FACTS.title) in page
    columns = embedded(page)
    assert HOSTILE in columns["value"]
    assert HOSTILE in columns["query"]


def test_the_page_loads_nothing(page):
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert "@import" not in page
    assert "url(" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert f"script-src 'sha256-{digest}'" in policy


def test_the_page_says_what_happened(page):
    text = html.unescape(re.sub(r"<[^>]+>", " ", page[page.index("<body") :]))
    for words in (
        "Critical findings stop the publication.",
        "1 isolated: 02",
        "ae.xlsx breaks off; send it again",
        "12\u202f345",
        "there is no column AEREL",
    ):
        assert words in " ".join(text.split(" "))


def test_every_control_has_a_name(page):
    for tag in re.findall(r"<(?:input|select)\b[^>]*>", page):
        before = page[: page.index(tag)]
        assert before.rindex("<label") > before.rindex("</label>") if "</label>" in before else True
    assert '<html lang="en">' in page
    assert page.count("<h1>") == 1


def test_the_same_run_gives_the_same_bytes(report, tmp_path):
    again = tmp_path / "again"
    again.mkdir()
    write_report(FACTS, FINDINGS.reverse(), again)
    for name in ("report.html", "report.xlsx"):
        assert (again / name).read_bytes() == (report / name).read_bytes()


def test_a_run_without_findings_or_datasets(tmp_path):
    facts = dataclasses.replace(
        FACTS,
        datasets=(),
        not_checked=(),
        verdict="passed",
        sites=FACTS.sites[:1],
    )
    write_report(facts, FINDINGS.clear(), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in (
        "The gate lets this run be published",
        "No check found anything wrong.",
        "every site is in",
    ):
        assert words in page


def test_the_workbook_holds_every_section_with_filters_and_frozen_heads(report):
    book = openpyxl.load_workbook(report / "report.xlsx")
    names = ["Run", "Sites", "Findings", "Rules by site", "Findings by dataset", "Datasets"]
    names += ["Records made", "Not checked"]
    assert book.sheetnames == names
    assert book.properties.created.isoformat() == "2024-06-30T00:00:00"
    for name in names:
        assert book[name].freeze_panes == ("B2" if name == "Rules by site" else "A2")
        assert book[name].auto_filter.ref
    rows = list(book["Findings"].values)
    assert rows[0][:5] == ("Severity", "Rule", "Stage", "Site", "Subject")
    assert [row[1] for row in rows[1:]] == ["DM001", "AE001", "AE001", "AE002"]
    assert book["Rules by site"]["A2"].value == "DM001"


def test_records_are_accounted_for_by_domain(page, report):
    row = re.search(r'<tr><th scope="row">VS</th>(.*?)</tr>', page)[1]
    cells = re.findall(r'<td class="n">(.*?)</td>', row)
    assert [int(cell.replace("\u202f", "")) for cell in cells] == [2001, 20010, 12000, 8000, 4, 6]
    sheet = openpyxl.load_workbook(report / "report.xlsx")["Records made"]
    assert [cell.value for cell in sheet[2]] == ["VS", 2001, 20010, 12000, 8000, 4, 6]


def test_a_value_is_never_a_formula_a_link_or_a_number(report):
    sheet = openpyxl.load_workbook(report / "report.xlsx")["Findings"]
    values = {cell.value: cell for cell in sheet["I"]}
    for value in (FORMULA, "-1+1"):
        assert values[value].data_type == "s"
        assert values[value].hyperlink is None


def test_a_text_that_excel_cannot_take_is_cut_and_marked(tmp_path):
    write_report(FACTS, findings_frame([finding("AE001", "minor", value="x" * 40_000)]), tmp_path)
    value = openpyxl.load_workbook(tmp_path / "report.xlsx")["Findings"]["I2"].value
    assert len(value) == 32_767
    assert value.endswith("…")
