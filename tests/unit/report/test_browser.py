"""The report in a real browser: it shows, filters, searches, sorts, escapes, and asks nobody."""

import json
from urllib.parse import parse_qs

import polars as pl
import pytest

from benchmarks.browser import CHROMIUM, browser
from sdtmflow.finding import Finding, Severity, Stage, findings_frame, fingerprinted
from sdtmflow.report import Records, RunFacts, SiteFacts, write_report
from sdtmflow.report.records import RecordTable
from sdtmflow.standing import HISTORY_SCHEMA, STANDING_SCHEMA, TREND_SCHEMA, Standing

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="NO BROWSER: the report's page is not tested (apt-get install chromium)"
)
HOSTILE = (
    "<img src=x onerror=\"document.title='hit'\"></script><script>document.title='hit'</script>"
)
FACTS = RunFacts(
    study="T1",
    title="A trial",
    run_id="run-1",
    cutoff="2024-06-30",
    sites=(SiteFacts("01", "One", "odm", "delivered"), SiteFacts("02", "Two", "odm", "delivered")),
    datasets=(),
    verdict="passed",
)
FINDINGS = findings_frame(
    [
        Finding(
            rule=f"AE{number % 3:03}",
            severity=list(Severity)[number % 3],
            stage=Stage.RAW,
            message=f"event {number}",
            site=f"0{number % 2 + 1}",
            subject=f"S{number:03}",
            dataset="ae",
            record_key=f"AESPID={number}",
            variable="AETERM",
            value=HOSTILE if number == 7 else "=1+1" if number == 8 else "",
            query=f"Please check event {number}.",
            file="ae.csv",
            row=number + 1,
        )
        for number in range(120)
    ]
)
RECORDS = Records(
    (
        RecordTable(
            "ae as sent",
            (("AETERM", "Term"), ("AESTDAT", "Start"), ("AEENDAT", "")),
            pl.DataFrame(
                {
                    "_place": ["line 8"],
                    "AETERM": [HOSTILE],
                    "AESTDAT": ["12-MÄR-2024"],
                    "AEENDAT": [None],
                }
            ),
        ),
    ),
    pl.DataFrame({"fingerprint": [FINDINGS["fingerprint"][7]], "table": [0], "place": [0]}),
)


def standing():
    life = {"since": "2024-06-30T10:00:00+00:00", "first_seen": "2024-05-31", "runs": 2}
    known = FINDINGS.head(8).with_columns(
        status=pl.lit("queried"), **{name: pl.lit(value) for name, value in life.items()}
    )
    gone = fingerprinted(FINDINGS.slice(8, 1).with_columns(record_key=pl.lit("AESPID=999")))
    gone = gone.with_columns(status=pl.lit("resolved"))
    lives = pl.concat([pl.DataFrame(schema=STANDING_SCHEMA), known, gone], how="diagonal_relaxed")
    history = {"fingerprint": FINDINGS["fingerprint"][7], "time": "2024-06-30T10:00:00+00:00"}
    history |= {"who": "anna", "action": "queried", "before": "new", "after": "queried"}
    trend = [
        {"number": n, "run": f"r{n}", "cutoff": f"2024-0{n}-28", "severity": severity, "open": n}
        for n in range(1, 4)
        for severity in ("major", "minor")
    ]
    return Standing(
        lives.select(list(STANDING_SCHEMA)),
        pl.DataFrame([history], schema=HISTORY_SCHEMA),
        pl.DataFrame(trend, schema=TREND_SCHEMA).fill_null(0),
    )


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        opened.size(1400, 900)
        yield opened


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    out = tmp_path_factory.mktemp("report")
    write_report(FACTS, FINDINGS, out, records=RECORDS)
    return (out / "report.html").as_uri()


@pytest.fixture
def page(tab, report):
    tab.open(report)
    return tab


@pytest.fixture
def with_lives(tab, tmp_path):
    write_report(FACTS, FINDINGS, tmp_path, standing=standing(), records=RECORDS)
    tab.open((tmp_path / "report.html").as_uri())
    return tab


def status(page):
    return page.run("document.querySelector('p.status').textContent")


def rows(page):
    """The cells of the rows in the document."""
    return page.run(
        "[...document.querySelectorAll('.findings tr.row')]"
        ".map((row) => [...row.cells].map((cell) => cell.textContent))"
    )


def choose(page, name, value):
    page.run(
        f"(() => {{ const s = document.querySelector('select[name={name}]');"
        f"s.value = '{value}'; s.dispatchEvent(new Event('change', {{bubbles: true}})); }})()"
    )


def search(page, words):
    page.run("document.querySelector('[name=search]').focus()")
    for letter in words:
        page.press(letter)
    page.until(f"new URLSearchParams(location.hash.slice(2)).get('search') === '{words}'")


def view(page):
    return parse_qs(page.run("location.hash")[2:])


def test_the_list_shows_the_worst_and_only_what_is_in_sight(page):
    assert status(page) == "120 findings"
    shown = rows(page)
    assert 10 < len(shown) < 60
    assert {row[0] for row in shown} == {"critical"}
    assert page.run("document.querySelector('.findings').getAttribute('aria-rowcount')") == "121"
    page.run("document.querySelector('.list').scrollTop = 1e6")
    page.until("[...document.querySelectorAll('.row')].some((r) => r.textContent.includes('S119'))")
    assert {row[0] for row in rows(page)} == {"minor"}


def test_the_page_asks_nobody(page, report):
    page.run("document.querySelector('.open').click()")
    assert page.requests() == [report]
    assert [each for each in page.events if each["method"] == "Log.entryAdded"] == []
    page.run("fetch('https://example.org').catch(() => {})")
    refused = page.run("fetch('data:,x').then(() => 'got', () => 'refused')")
    assert refused == "refused"  # by the page's own policy


def test_filters_search_and_sorting_work_together(page):
    choose(page, "site", "02")
    choose(page, "severity", "major")
    search(page, "S1 event")
    page.run("document.querySelector('[data-sort=subject]').click()")
    page.run("document.querySelector('[data-sort=subject]').click()")
    expected = [f"S{n:03}" for n in range(119, 99, -1) if n % 2 == 1 and n % 3 == 1]
    assert [row[3] for row in rows(page)] == expected
    assert status(page) == f"{len(expected)} of 120 findings"
    assert page.run("document.querySelector('th.subject').ariaSort") == "descending"


def test_values_of_a_filter_add_up_and_say_how_many_there_are(page):
    choose(page, "severity", "major")
    counts = "[...document.querySelector('select[name=%s]').options].map((o) => o.text)"
    assert page.run(counts % "site") == ["All", "01 (20)", "02 (20)"]
    assert page.run(counts % "severity") == ["1 chosen", "critical (40)", "minor (40)"]
    choose(page, "severity", "minor")
    assert status(page) == "80 of 120 findings"
    assert view(page) == {"severity": ["major", "minor"]}


def test_a_chip_takes_its_filter_away(page):
    choose(page, "severity", "major")
    choose(page, "site", "01")
    chips = "[...document.querySelectorAll('.chips button')].map((chip) => chip.textContent)"
    assert page.run(chips) == ["Severity: major×", "Site: 01×", "Clear all"]
    page.run("document.querySelector('.chips button').focus()")
    page.press("Enter")
    assert page.run(chips) == ["Site: 01×"]
    assert status(page) == "60 of 120 findings"
    assert page.run("document.activeElement.className") == "filter"


def test_the_heat_map_is_walked_by_keys_and_leads_to_the_findings(page):
    page.run("document.querySelector('.heat tbody button').focus()")
    page.press("ArrowDown")
    page.press("ArrowRight")
    here = page.run("document.activeElement.getAttribute('aria-label')")
    assert here == "AE001, ae, site 02: 20 findings"
    stops = page.run("[...document.querySelectorAll('.heat button')].filter((b) => !b.tabIndex)")
    assert len(stops) == 1
    page.press("Enter")
    assert status(page) == "20 of 120 findings"
    assert {(row[1], row[2]) for row in rows(page)} == {("AE001", "02")}
    assert page.run("document.activeElement.getAttribute('aria-label')") == "List of findings"


def test_the_list_is_walked_and_opened_by_keys(page):
    page.run("document.querySelector('.findings .open').focus()")
    page.press("End")
    focused = "document.activeElement.closest('tr').textContent"
    assert "S119" in page.run(focused)
    page.press("Home")
    page.press("ArrowDown", times=2)
    assert "S012" in page.run(focused) or "S006" in page.run(focused)
    page.press("Enter")
    page.until("document.querySelector('.detail')")
    assert page.run("document.activeElement.ariaExpanded") == "true"
    assert "finding" in view(page)
    page.press("Escape")
    assert page.run("document.querySelector('.detail')") is None


def test_a_view_can_be_linked_to_with_its_open_finding(tab, report):
    fingerprint = FINDINGS["fingerprint"][101]
    tab.open(f"{report}#?site=02&sort=-subject&finding={fingerprint}")
    assert status(tab) == "60 of 120 findings"
    assert tab.run("document.querySelector('.detail dl').textContent").startswith(
        "Messageevent 101Query"
    )
    assert view(tab) == {"site": ["02"], "sort": ["-subject"], "finding": [fingerprint]}
    tab.run("document.querySelector('.contents a[href=\"#sites\"]').click()")
    assert status(tab) == "60 of 120 findings"


def test_details_show_the_record_and_hostile_values_stay_text(page):
    search(page, "S007")
    page.run("document.querySelector('.findings .open').click()")
    page.until("document.querySelector('.record')")
    assert page.run("document.title").startswith("T1")
    assert rows(page)[0][6] == HOSTILE
    record = page.run("document.querySelector('.record').innerText")
    assert record.startswith("ae as sentline 8")
    assert "12-MÄR-2024" in record
    assert "AEENDAT" not in record  # nothing is there, and nothing was found there
    assert page.run("document.querySelector('.record .marked dt').firstChild.data") == "AETERM"
    assert "ae.csv, record 8" in page.run("document.querySelector('.said').innerText")
    assert page.run("document.querySelectorAll('main img, main script').length") == 0


def test_the_list_is_saved_as_it_is_filtered(page):
    choose(page, "rule", "AE002")
    page.run(
        "(() => { window.saved = new Promise((done) => { const make = URL.createObjectURL;"
        "URL.createObjectURL = (blob) => { done(blob.text()); return make(blob); }; });"
        "document.querySelector('[data-save=csv]').click(); })()"
    )
    lines = page.run("window.saved").lstrip("\ufeff").split("\r\n")
    assert lines[0].startswith("Severity,Rule,Stage,Site,Subject")
    assert len(lines) == 42
    assert any(",'=1+1," in line for line in lines)


def test_the_life_of_a_finding_is_shown(with_lives):
    page = with_lives
    assert status(page) == "120 findings"
    options = page.run(
        "[...document.querySelector('select[name=status]').options].map(o => o.text)"
    )
    assert options == ["All", "new (112)", "queried (8)", "resolved (1)"]
    choose(page, "status", "queried")
    search(page, "S007")
    page.run("document.querySelector('.findings .open').click()")
    page.until("document.querySelector('.history')")
    said = page.run("document.querySelector('.said').innerText")
    assert "queried, since 2024-06-30 10:00:00 UTC" in said
    assert "in 2 runs, with the data of 2024-05-31 first" in said
    assert "new → queried" in said
    assert page.run("document.querySelectorAll('.chart g').length") == 3
    page.run("document.querySelector('.chips button:last-child').click()")
    choose(page, "status", "resolved")
    assert [row[1] for row in rows(page)] == ["resolved"]


def test_print_lays_out_the_filtered_list(page, tmp_path):
    choose(page, "site", "01")
    page.run(
        "window.addEventListener('beforeprint', () => { window.printed ="
        "document.querySelectorAll('.findings tr.row').length; })"
    )
    page.pdf(tmp_path / "report.pdf")
    assert page.run("window.printed") == 60
    assert len(rows(page)) < 60


def test_a_hundred_thousand_findings_open_and_filter(tab, tmp_path):
    many = pl.concat([FINDINGS] * 834).with_row_index("n")
    many = fingerprinted(many.with_columns(record_key=pl.format("AESPID={}", "n")).drop("n"))
    write_report(FACTS, many, tmp_path)
    tab.open((tmp_path / "report.html").as_uri())
    assert status(tab) == "100\u202f080 findings"
    assert len(rows(tab)) < 60
    tab.run("document.querySelector('.findings .open').focus()")
    tab.press("End")
    assert "AE002" in tab.run("document.activeElement.closest('tr').textContent")
    search(tab, "AESPID=50007")
    assert [row[3] for row in rows(tab)] == ["S087"]


@pytest.mark.parametrize("width", [1400, 800, 400])
def test_nothing_is_wider_than_the_window(page, width):
    page.size(width, 900)
    try:
        assert page.run("document.documentElement.scrollWidth") <= width
    finally:
        page.size(1400, 900)


@pytest.mark.parametrize("width", [1400, 800, 400])
def test_the_values_of_a_record_are_seen(page, width):
    search(page, "S007")
    page.size(width, 900)
    try:
        page.run("document.querySelector('.findings .open').click()")
        page.until("document.querySelector('.record')")
        seen = page.run("[...document.querySelectorAll('.record dd')].map((dd) => dd.offsetWidth)")
        assert all(seen)
        message = "document.querySelector('.findings td.message').offsetWidth"
        assert page.run(message) > 140
    finally:
        page.size(1400, 900)


def test_everything_has_a_name(page):
    nameless = page.run(
        "[...document.querySelectorAll('button, input, select, [role=region], nav, section')]"
        ".filter((each) => !(each.getAttribute('aria-label') || each.labels?.length ||"
        "each.textContent.trim() || document.getElementById(each.getAttribute('aria-labelledby'))))"
        ".map((each) => each.outerHTML)"
    )
    assert json.dumps(nameless) == "[]"
