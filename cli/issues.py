"""How judgements of packages are printed: rules that are broken, each once, with its places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from sdtmflow.appraisal import Issue
    from sdtmflow.gate import Judgement

PLACES = 3
"""Places of a rule that are shown unless asked for more."""
_WEIGHTS = {"rejects": "bold red", "asked": "yellow", "noted": "cyan"}
_DECISIONS = {"passed": "green", "failed": "bold red", "not reached": "dim", "not judged": "dim"}


def judgement_table(judgements: Iterable[Judgement]) -> Table:
    """The Technical Rejection Criteria, in their order."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for judgement in judgements:
        style = _DECISIONS[judgement.decision.value]
        words = judgement.criterion.words
        why = f"{words}: {judgement.why}" if judgement.why else words
        table.add_row(judgement.criterion.id, Text(judgement.decision.value, style), Text(why))
    return table


def issue_table(issues: Iterable[Issue], places: int) -> Table:
    """The gravest first; of each its places and the remedy."""
    table = Table(box=None, pad_edge=False)
    table.add_column("rule", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("times", justify="right", no_wrap=True)
    table.add_column("what")
    for issue in issues:
        weight = Text(issue.weight, _WEIGHTS[issue.weight])
        table.add_row(issue.rule, weight, f"{len(issue.places):,}", _what(issue, places))
    return table


def _what(issue: Issue, places: int) -> Text:
    text = Text(issue.words, "bold")
    for place in issue.places[: places or None]:
        where = f"{place.where}: " if place.where else ""
        text.append(f"\n{where}", "dim").append(place.what, "not bold")
    more = len(issue.places) - places
    if places and more > 0:
        text.append(f"\nand {more:,} more", "dim")
    return text.append(f"\n→ {issue.remedy}", "not bold italic")
