"""The findings table in a real browser: it shows, filters, searches, sorts and escapes."""

import re
import shutil
import subprocess

import pytest

from sdtmflow.finding import Finding, Severity, Stage, findings_frame
from sdtmflow.report import RunFacts, SiteFacts, write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="NO BROWSER: the report's table is not tested (apt-get install chromium)"
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
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
            value=HOSTILE if number == 7 else "",
            query=f"Please check event {number}.",
        )
        for number in range(120)
    ]
)
DONE = """<script>window.addEventListener("load", () => setTimeout(() => {
  const $ = (path) => document.querySelector(path), form = $("form.filters");
  const set = (name, value) => { form.elements[name].value = value;
    form.dispatchEvent(new Event("change", {bubbles: true})); };
  ACTIONS
}));</script>"""


@pytest.fixture
def dom(tmp_path):
    """The page's document after ``actions`` (JavaScript), opened at ``hash``."""
    write_report(FACTS, FINDINGS, tmp_path)

    def run(actions="", fragment=""):
        page = tmp_path / "page.html"
        text = (tmp_path / "report.html").read_text(encoding="utf-8")
        script = DONE.replace("ACTIONS", actions)
        page.write_text(text.replace("</body>", f"{script}</body>"), encoding="utf-8")
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
        command += ["--virtual-time-budget=5000", f"{page.as_uri()}{fragment}"]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=True
        ).stdout

    return run


def rows(document):
    body = document[document.index('<table class="findings">') :]
    body = body[body.index("<tbody>") : body.index("</tbody>")]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr.*?</tr>", body)]


def status(document):
    return re.search(r'<p class="status"[^>]*>(.*?)</p>', document)[1]


def test_the_first_page_shows_the_worst(dom):
    document = dom()
    assert status(document) == "120 findings"
    assert len(rows(document)) == 50
    assert all("critical" in row[0] for row in rows(document)[:40])


def test_filters_search_and_sorting_work_together(dom):
    document = dom(
        'set("site", "02"); set("severity", "major"); form.elements.search.value = "S1 event";'
        'set("stage", "raw"); $("[data-sort=subject]").click(); $("[data-sort=subject]").click();'
    )
    subjects = [row[3] for row in rows(document)]
    expected = [f"S{n:03}" for n in range(119, 99, -1) if n % 2 == 1 and n % 3 == 1]
    assert subjects == expected
    assert status(document) == f"{len(expected)} of 120 findings"


def test_a_number_of_the_heat_map_leads_to_its_findings(dom):
    document = dom('$("[data-filter-rule=AE001][data-filter-site=\\"01\\"]").click();')
    assert status(document) == "20 of 120 findings"
    assert {(row[1], row[2]) for row in rows(document)} == {("AE001", "01")}


def test_a_view_can_be_linked_to_and_leafed_through(dom):
    document = dom('$("[data-page=next]").click();', fragment="#?site=01")
    assert status(document) == "60 of 120 findings"
    assert len(rows(document)) == 10


def test_details_open_and_hostile_values_stay_text(dom):
    document = dom(
        'form.elements.search.value = "AESPID=7 S007"; set("site", "02"); $(".open").click();'
    )
    assert "<title>T1" in document
    assert "&lt;img src=x" in rows(document)[0][6]
    assert "Please check event 7." in document
    assert 'aria-expanded="true"' in document
