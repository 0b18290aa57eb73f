"""`sdtmflow findings open|waive|reopen`: what people do to findings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.finding_choice import (
    Choice,
    FindingsArgument,
    RuleOption,
    SeverityOption,
    SiteOption,
    StatusOption,
    meant,
)
from cli.options import HERE, ActorOption, StudyOption
from cli.screen import err, out
from sdtmflow.wording import counted

if TYPE_CHECKING:
    import polars as pl

    from sdtmflow.register import Register

OPEN = "Examples: sdtmflow findings open 3f9a1c07  ·  sdtmflow findings open --status new --site 03"
WAIVE = (
    'Examples: sdtmflow findings waive 3f9a1c07 --reason "confirmed by the site"  ·  '
    'sdtmflow findings waive --rule AE_END --site 03 --reason "known export fault" '
    "--until 2027-03-31"
)
REOPEN = 'Examples: sdtmflow findings reopen 3f9a1c07 --reason "the answer does not explain it"'

YesOption = Annotated[
    bool, typer.Option("--yes", help="Do not ask before findings that were chosen, not named.")
]
ReasonOption = Annotated[
    str, typer.Option("--reason", help="Why; it stands in the history.", show_default=False)
]


def open_findings(
    finding: FindingsArgument = None,
    *,
    severity: SeverityOption = None,
    site: SiteOption = None,
    rule: RuleOption = None,
    status: StatusOption = None,
    reason: ReasonOption = "",
    yes: YesOption = False,
    actor: ActorOption = "",
    study: StudyOption = HERE,
) -> None:
    """Say that somebody follows these findings: new ones are open then."""
    from sdtmflow.audit import Actor

    who = Actor.of_account(actor)
    choice = Choice.of(severity, site, rule, status)
    _act(study, finding, choice, "opened", lambda r, f: r.open(f, who, reason=reason), yes=yes)


def waive(
    finding: FindingsArgument = None,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why they are accepted.")],
    until: Annotated[
        str,
        typer.Option(
            metavar="DATE",
            help="The last day of the waiver (2027-03-31); the first run after it reopens them. "
            "Without it the waiver has no end.",
            show_default=False,
        ),
    ] = "",
    severity: SeverityOption = None,
    site: SiteOption = None,
    rule: RuleOption = None,
    status: StatusOption = None,
    yes: YesOption = False,
    actor: ActorOption = "",
    study: StudyOption = HERE,
) -> None:
    """Accept findings for a reason. What is waived stops no publication; the report tells it.

    A waiver is of what was seen: it ends where the value is another one or the severity graver.
    """
    from sdtmflow.audit import Actor

    who = Actor.of_account(actor)
    choice = Choice.of(severity, site, rule, status)
    _act(
        study,
        finding,
        choice,
        "waived",
        lambda r, f: r.waive(f, who, reason=reason, until=until),
        yes=yes,
    )


def reopen(
    finding: FindingsArgument = None,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why they are not done with.")],
    severity: SeverityOption = None,
    site: SiteOption = None,
    rule: RuleOption = None,
    status: StatusOption = None,
    yes: YesOption = False,
    actor: ActorOption = "",
    study: StudyOption = HERE,
) -> None:
    """Take back waivers, answers or resolutions."""
    from sdtmflow.audit import Actor

    who = Actor.of_account(actor)
    choice = Choice.of(severity, site, rule, status)
    _act(
        study,
        finding,
        choice,
        "reopened",
        lambda r, f: r.reopen(f, who, reason=reason),
        yes=yes,
    )


def _act(
    study: Path,
    named: Sequence[str] | None,
    choice: Choice,
    action: str,
    do: Callable[[Register, list[str]], int],
    *,
    yes: bool,
) -> None:
    """Do it to what is named, or to those that are chosen and whose status allows it.

    Of those that are chosen, what is so already, and what waits for a site, stays as it is; on a
    terminal they are shown first.
    """
    from sdtmflow.pipeline.following import register_of
    from sdtmflow.register import Action, allows
    from sdtmflow.study import StudyFolder

    register = register_of(StudyFolder(study))
    found = meant(register.findings(), named or [], choice)
    can = [s not in _LEFT_ALONE[action] and allows(Action(action), s) for s in found["status"]]
    meant_ones = found.filter(can) if choice else found
    if choice and meant_ones.height and not yes and sys.stdin.isatty():
        _ask(meant_ones, action)
    count = do(register, meant_ones["fingerprint"].to_list()) if meant_ones.height else 0
    out.print(Text(f"{counted(count, 'finding')} {action}"))
    if found.height > meant_ones.height:
        left = counted(found.height - meant_ones.height, "finding")
        err.print(Text(f"{left} left as they are: their status does not allow it"))


_LEFT_ALONE = {
    "opened": {"open", "queried", "answered"},
    "waived": {"waived"},
    "reopened": {"reopened"},
}
"""Action → statuses that it is not meant for, unless the finding is named."""


def _ask(found: pl.DataFrame, action: str) -> None:
    """Show what is meant, by rule and site, and go on only with a yes."""
    counts = found.group_by("rule", "site").len().sort("rule", "site")
    for rule, site, count in counts.iter_rows():
        err.print(Text(f"  {rule}, {f'site {site}' if site else 'no single site'}: {count:,}"))
    typer.confirm(f"{counted(found.height, 'finding')} to be {action}: go on?", abort=True)
