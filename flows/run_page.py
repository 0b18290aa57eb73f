"""What Prefect's run page shows of a run: counts, names and links, never a subject's value."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_table_artifact,
)

from sdtmflow.pipeline.outcome import Outcome
from sdtmflow.pipeline.run import Run
from sdtmflow.rebuild import Rebuilt


def show(run: Run, outcome: Outcome) -> None:
    """Put the summary, the findings by rule and site, and the links on the run page."""
    key = _key(run.study.study)
    create_markdown_artifact(summary(outcome), key=f"{key}-summary", description=outcome.title)
    create_table_artifact(
        findings_by_rule(pl.read_parquet(outcome.findings_table)),
        key=f"{key}-findings",
        description="Findings by rule and site",
    )
    places = {
        "report": outcome.report,
        "data-docs": outcome.data_docs,
        "bundle": outcome.bundle_place,
    }
    for name, place in places.items():
        if place:
            create_link_artifact(_link(place), link_text=place, key=f"{key}-{name}")


def show_rebuilt(rebuilt: Rebuilt) -> None:
    """Put what came of a rebuild on the run page."""
    key = _key(rebuilt.study)
    lines = [f"# {rebuilt.message}", "", f"It is in `{rebuilt.folder}`.", ""]
    if rebuilt.differences:
        lines += [f"Cause: {rebuilt.cause}", "", *(f"- {each}" for each in rebuilt.differences)]
    create_markdown_artifact("\n".join(lines), key=f"{key}-rebuilt", description=rebuilt.name)


def _key(study: str) -> str:
    """The study's id as the name of an artifact."""
    return "".join(letter if letter.isalnum() else "-" for letter in study.lower())


def summary(outcome: Outcome) -> str:
    """The run in Markdown."""
    lines = [f"# {outcome.study}: {outcome.publication}", "", outcome.title, "", "## Sites", ""]
    lines += [f"- {site}: delivered" for site in outcome.delivered]
    lines += [f"- **{site}: left out**: {reason}" for site, reason in outcome.isolated.items()]
    lines += [
        f"- {gap.source}: {gap.reason}; used {gap.used}"
        for gap in outcome.gaps
        if gap.site not in outcome.isolated
    ]
    lines += ["", "## Findings", "", "| severity | findings |", "|---|---|"]
    lines += [f"| {severity} | {count} |" for severity, count in outcome.findings.items()]
    lines += ["", "## Datasets", "", "| dataset | rows |", "|---|---|"]
    lines += [f"| {name} | {rows} |" for name, rows in outcome.datasets.items()]
    return "\n".join(lines)


def findings_by_rule(findings: pl.DataFrame) -> list[dict[str, str | int]]:
    """Counts by rule, severity and site, most first."""
    return (
        findings.group_by("rule", "severity", "stage", "site")
        .agg(pl.len().alias("findings"))
        .sort(["findings", "rule", "site"], descending=[True, False, False])
        .to_dicts()
    )


def _link(place: str) -> str:
    return Path(place).as_uri() if Path(place).is_absolute() else place
