"""Which findings a command is about: named by their fingerprints, or chosen by what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl


class SeverityChoice(StrEnum):
    """The severities, as sdtmflow.finding has them."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class StatusChoice(StrEnum):
    """The statuses, as sdtmflow.standing has them."""

    NEW = "new"
    OPEN = "open"
    QUERIED = "queried"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    WAIVED = "waived"
    REOPENED = "reopened"


SeverityOption = Annotated[
    list[SeverityChoice] | None, typer.Option(help="Only these severities; repeatable.")
]
SiteOption = Annotated[
    list[str] | None,
    typer.Option(help="Only these sites; repeatable. 'study': what is of no single site."),
]
RuleOption = Annotated[
    list[str] | None, typer.Option(help="Only rules with this text in their id; repeatable.")
]
StatusOption = Annotated[
    list[StatusChoice] | None,
    typer.Option(help="Only what stands like this; repeatable."),
]
FindingsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FINDING...",
        help="The beginning of a finding's fingerprint, as the list shows it, or more of it.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Choice:
    """What findings are chosen by; an empty list leaves them all."""

    severities: Sequence[SeverityChoice]
    sites: Sequence[str]
    rules: Sequence[str]
    statuses: Sequence[StatusChoice]

    @classmethod
    def of(
        cls,
        severity: Sequence[SeverityChoice] | None,
        site: Sequence[str] | None,
        rule: Sequence[str] | None,
        status: Sequence[StatusChoice] | None,
    ) -> Choice:
        """What the options say; one that is not given leaves them all."""
        return cls(severity or (), site or (), rule or (), status or ())

    def __bool__(self) -> bool:
        return bool(self.severities or self.sites or self.rules or self.statuses)


def chosen(table: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    """The rows that are meant; ``table`` names what is of no single site ``study``."""
    import polars as pl

    for column, values in (
        ("severity", [each.value for each in choice.severities]),
        ("site", choice.sites),
        ("status", [each.value for each in choice.statuses]),
    ):
        if values:
            table = table.filter(pl.col(column).is_in(list(values)))
    if choice.rules:
        rule = pl.col("rule").str.to_lowercase()
        wanted = [rule.str.contains(each.lower(), literal=True) for each in choice.rules]
        table = table.filter(pl.any_horizontal(wanted))
    return table


def meant(lives: pl.DataFrame, named: Sequence[str], choice: Choice) -> pl.DataFrame:
    """The findings that a command is about: named, or chosen, never all of them for want of both.

    Raises RegisterError for a name that none or several have.
    """
    import polars as pl

    from sdtmflow.register import fingerprints_of
    from sdtmflow.report.summary import with_study_wide

    if bool(named) == bool(choice):
        raise typer.BadParameter(
            "name findings, or choose them with --rule, --site, --severity or --status"
        )
    if choice:
        return chosen(with_study_wide(lives), choice)
    named_ones = fingerprints_of(lives["fingerprint"], named)
    return lives.filter(pl.col("fingerprint").is_in(named_ones))
