"""The message on a run: counts and names that study.yaml or a suite gives, never a value.

What leaves the machine holds no subject, no text of a finding and no reason of a failure: each of
them may quote the data. A finding's site is named only where study.yaml lists it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.pipeline.outcome import Outcome
from sdtmflow.study import Study
from sdtmflow.wording import counted

_SITES = 30
_RULES = 6
_IN_TITLE = 3
"""So many are named one by one: a message is read on a telephone, the report has them all."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message: one line of title, and a body in plain text."""

    title: str
    body: str


def notice_of(study: Study, outcome: Outcome, news: pl.DataFrame) -> Notice | None:
    """What is to be told of a run, or None where there is nothing.

    ``news`` has the columns of ``register.NEWS_SCHEMA``: what the run saw first or reopened.
    """
    found = news.filter(pl.col("severity").is_in(study.notify.severities))
    left_out, stale = _sites(outcome) if study.notify.sites else ((), ())
    heads = list(_heads(outcome, found, left_out, stale))
    if not heads:
        return None
    limited = f"Limited to {outcome.limits}: nothing is published." if outcome.limits else ""
    lines = [
        f"Run {outcome.run_id}, data cut-off {study.cutoff.isoformat()}.",
        *([limited] if limited else []),
        *_findings(study, found),
        *([f"Left out: {_listed(left_out)}"] if left_out else []),
        *([f"On the last good delivery: {_listed(stale)}"] if stale else []),
        *([_gate(outcome)] if outcome.stopping else []),
        "`sdtmflow findings` and the validation report tell more.",
    ]
    what = "limited run" if outcome.limits else "run"
    return Notice(f"{study.study}: {what}: {', '.join(heads)}", "\n".join(lines))


def _heads(
    outcome: Outcome, found: pl.DataFrame, left_out: Sequence[str], stale: Sequence[str]
) -> Iterator[str]:
    """What the title says, the gravest first."""
    if outcome.stopping and not outcome.limits:
        yield "publication stopped"
    for severity, count in _by_severity(found):
        yield f"{counted(count, f'{severity} finding')} new or reopened"
    if left_out:
        yield f"left out: {_listed(left_out, _IN_TITLE)}"
    if stale:
        yield f"last good delivery: {_listed(stale, _IN_TITLE)}"


def _sites(outcome: Outcome) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who was left out, and whose last good delivery was used.

    That are sites, and sources where they are of no single site.
    """
    left_out = [f"site {site}" for site in outcome.isolated]
    stale: list[str] = []
    for gap in outcome.gaps:
        if gap.site in outcome.isolated:
            continue
        name = f"site {gap.site}" if gap.site else gap.source
        (left_out if gap.used == "nothing" else stale).append(name)
    return tuple(dict.fromkeys(left_out)), tuple(dict.fromkeys(stale))


def _by_severity(found: pl.DataFrame) -> Iterator[tuple[Severity, int]]:
    for severity in Severity:
        count = int(found.filter(pl.col("severity") == severity.value)["findings"].sum())
        if count:
            yield severity, count


def _findings(study: Study, found: pl.DataFrame) -> Iterator[str]:
    """By severity: a line for each site with its rules, most findings first."""
    for severity, count in _by_severity(found):
        yield f"{counted(count, f'{severity} finding')}, new or reopened:"
        of_it = found.filter(pl.col("severity") == severity.value).with_columns(
            site=pl.when(pl.col("site").is_in(list(study.sites))).then("site").otherwise(pl.lit(""))
        )
        yield from _by_site(of_it)


def _by_site(found: pl.DataFrame) -> Iterator[str]:
    totals = found.group_by("site").agg(pl.col("findings").sum())
    sites = totals.sort(["findings", "site"], descending=[True, False])["site"].to_list()
    for site in sites[:_SITES]:
        of_site = found.filter(pl.col("site") == site)
        yield f"- {f'site {site}' if site else 'of no single site'}: {_rules(of_site)}"
    if len(sites) > _SITES:
        yield f"- and {counted(len(sites) - _SITES, 'more site')}"


def _rules(found: pl.DataFrame) -> str:
    """``AE_TERM 3 (1 reopened), DM_SEX 1``."""
    rules = (
        found.group_by("rule")
        .agg(pl.col("findings", "reopened").sum())
        .sort(["findings", "rule"], descending=[True, False])
    )
    told = [
        f"{rule} {count:,}{f' ({again:,} reopened)' if again else ''}"
        for rule, count, again in rules.select("rule", "findings", "reopened").rows()
    ]
    more = [f"and {counted(len(told) - _RULES, 'more rule')}"] if len(told) > _RULES else []
    return ", ".join((*told[:_RULES], *more))


def _gate(outcome: Outcome) -> str:
    count = sum(outcome.stopping.values())
    rules = [f"{rule} {each:,}" for rule, each in outcome.stopping.items()]
    more = f", and {counted(len(rules) - _RULES, 'more rule')}" if len(rules) > _RULES else ""
    told = f"{counted(count, 'finding')} ({', '.join(rules[:_RULES])}{more})"
    if outcome.limits:
        return f"A whole run would publish nothing: the gate is closed by {told}."
    return f"The gate stopped the publication: {told}."


def _listed(names: Sequence[str], most: int = _SITES) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
