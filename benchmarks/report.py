"""The validation report of 100,000 findings: how long it takes to build, to open and to filter.

    python -m benchmarks.report [findings]

Findings, their lives and the records they speak of are made from a seed. Building is measured in
processor time and at its highest memory; opening and filtering as Chromium itself measures them,
from the address to the list, and from the input to the changed list, the best of several turns:
the machine may be busy. What the browser does before it has read the file is not in it.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.browser import CHROMIUM, Page, browser
from sdtmflow.finding import Stage, fingerprinted
from sdtmflow.report import Records, RunFacts, SiteFacts, Table, find_records, write_report
from sdtmflow.standing import HISTORY_SCHEMA, LIFE_SCHEMA, TREND_SCHEMA, Standing

SITES, RULES, TURNS = 40, 60, 5
VISITS = ("SCREENING", "BASELINE", "WEEK 2", "WEEK 4", "WEEK 12")
FACTS = RunFacts(
    study="BENCH",
    title="A study with many findings",
    run_id="bench",
    cutoff="2026-03-31",
    sites=tuple(
        SiteFacts(f"{site:02}", f"Site {site}", "odm", "delivered", subjects=60, records=50_000)
        for site in range(1, SITES + 1)
    ),
    datasets=(),
    verdict="passed",
)


def made_findings(count: int) -> pl.DataFrame:
    """Laboratory findings of 40 sites and 60 rules, some rules far more often than others."""
    chance = np.random.default_rng(2026)
    rule = (chance.zipf(1.4, count) - 1) % RULES
    drawn = pl.DataFrame(
        {
            "rule": rule,
            "site": [f"{site:02}" for site in chance.integers(1, SITES + 1, count)],
            "number": chance.integers(100, 160, count),
            "visit": np.asarray(VISITS)[chance.integers(0, len(VISITS), count)],
            "value": [f"{value:.1f}" for value in chance.uniform(30, 90, count)],
            "row": np.arange(1, count + 1),
        }
    )
    subject = pl.format("BENCH-{}-{}", "site", "number")
    named = drawn.with_columns(
        severity=pl.col("rule").replace_strict(
            {n: ("major", "minor", "critical", "minor")[n % 4] for n in range(RULES)}
        ),
        rule=pl.format("LB_RANGE_{}", "rule"),
        stage=pl.lit(Stage.RAW.value),
        subject=subject,
        dataset=pl.lit("lb"),
        record_key=pl.format("SUBJID={}|LBREFID={}|LBTESTCD=GLUC", "number", "row"),
        variable=pl.lit("LBORRES"),
        file=pl.format("lab_site{}.csv", "site"),
        message=pl.format("Glucose {} mmol/L is not between 2 and 30 mmol/L", "value"),
        query=pl.format("Please check the glucose of {} at {}: {}?", subject, "visit", "value"),
    )
    return fingerprinted(named)


def made_records(findings: pl.DataFrame) -> Records:
    """The laboratory rows that the findings speak of, of 22 columns."""
    fixed = {f"LBX{n:02}": pl.lit(f"value {n}") for n in range(16)}
    rows = findings.select(
        _site="site",
        _file="file",
        _row="row",
        _place=pl.format("line {}", "row"),
        SUBJID=pl.col("subject").str.slice(9),
        VISIT="visit",
        LBREFID=pl.col("row").cast(pl.String),
        LBTESTCD=pl.lit("GLUC"),
        LBORRES="value",
        LBORRESU=pl.lit("mmol/L"),
        **fixed,
    )
    columns = tuple((name, "") for name in rows.columns if not name.startswith("_"))
    return find_records(findings, [Table(Stage.RAW, "lb", "lb as sent", rows.lazy(), columns)])


def made_standing(findings: pl.DataFrame) -> Standing:
    """Each finding queried in an earlier run, with two entries of history, after 20 runs."""
    life = {"status": "queried", "since": "2026-02-01T09:00:00+00:00", "first_seen": "2026-01-31"}
    life |= {"last_seen": FACTS.cutoff, "by": "anna", "query_id": "Q-1"}
    empty = {name: pl.lit(None, kind).alias(name) for name, kind in LIFE_SCHEMA.items()}
    lives = findings.with_columns(**empty | {name: pl.lit(text) for name, text in life.items()})
    entry = {"time": life["since"], "who": "anna", "action": "queried", "before": "new"}
    entry |= {"after": "queried", "text": "asked at the monthly review"}
    history = findings.select("fingerprint").with_columns(
        **{name: pl.lit(text) for name, text in entry.items()}
    )
    trend = [
        {"number": n, "run": f"run{n}", "cutoff": f"2026-01-{n + 1:02}", "site": "01"}
        | {"severity": "major", "open": 1000 * n, "new": 900, "resolved": 400, "waived": 3}
        for n in range(20)
    ]
    both = pl.concat([history, history]).select(list(HISTORY_SCHEMA))
    return Standing(lives, both, pl.DataFrame(trend, schema=TREND_SCHEMA))


def build(findings: pl.DataFrame, out: Path, *, whole: bool) -> None:
    """The report of the findings alone, or with lives and records."""
    if whole:
        standing, records = made_standing(findings), made_records(findings)
        write_report(FACTS, findings, out, standing=standing, records=records)
    else:
        write_report(FACTS, findings, out)


def seconds(work: Callable[[], object]) -> float:
    """Processor time of a piece of work."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


OPEN = "Math.round(performance.getEntriesByName('ready')[0].startTime)"
_CHANGE = """(async () => {{
  const begun = performance.now();
  {change}
  document.querySelector('.list').offsetHeight;
  await new Promise((done) => requestAnimationFrame(() => done()));
  return performance.now() - begun;
}})()"""
_SELECT = """const s = document.querySelector('select[name=site]'); s.value = '07';
  s.dispatchEvent(new Event('change', {bubbles: true}));"""
CHANGES = {
    "filter by a site": _SELECT,
    "click a number of the heat map": "document.querySelector('.heat tbody button').click();",
    "search, after the pause in typing": "report.search('glucose 55.5 week');",
    "sort by subject": "document.querySelector('[data-sort=subject]').click();",
}


def busy(page: Page) -> float:
    """Seconds of processor time that the page's own thread has worked since it was opened."""
    metrics = page.do("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "TaskDuration")


def in_browser(page: Page, url: str) -> dict[str, float]:
    """Seconds by what was done, the best of ``TURNS``."""
    best: dict[str, float] = {}
    page.do("Performance.enable", timeDomain="threadTicks")
    for _ in range(TURNS):
        page.open(url)
        took = {"open": page.run(OPEN), "open, processor time": 1000 * busy(page)}
        for name, change in CHANGES.items():
            took[name] = page.run(_CHANGE.format(change=change))
            page.run("document.querySelector('form.filters').reset()")
        took = {name: milliseconds / 1000 for name, milliseconds in took.items()}
        best = {name: min(taken, best.get(name, taken)) for name, taken in took.items()}
    return best


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.report")
    parser.add_argument("findings", type=int, nargs="?", default=100_000)
    count = parser.parse_args().findings
    findings = made_findings(count)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for whole in (False, True):
            out = Path(folder, "whole" if whole else "bare")
            out.mkdir()
            told = "with lives and records" if whole else "the findings alone"
            took = seconds(lambda out=out, whole=whole: build(findings, out, whole=whole))  # type: ignore[misc]
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"report of {count:,} findings, {told}")
            print(f"  {'build HTML and XLSX':34} {took:6.2f} s CPU, at most {memory:,} MB")
            for file in sorted(out.iterdir()):
                print(f"  {file.name:34} {file.stat().st_size / 1e6:6.2f} MB")
            if not CHROMIUM:
                print("  NO BROWSER: opening and filtering are not measured")
                continue
            with browser(Path(folder, f"profile-{whole}")) as page:
                page.size(1400, 900)
                for name, wall in in_browser(page, (out / "report.html").as_uri()).items():
                    print(f"  {name:34} {wall:6.2f} s in the browser")


if __name__ == "__main__":
    main()
