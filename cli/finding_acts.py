"""`sdtmflow findings open|waive|reopen`: what people do to findings."""

from __future__ import annotations

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
    from sdtmflow.register import Register

OPEN = "Examples: sdtmflow findings open 3f9a1c07  ·  sdtmflow findings open --status new --site 03"
WAIVE = (
    'Examples: sdtmflow findings waive 3f9a1c07 --reason "confirmed by the site"  ·  '
    'sdtmflow findings waive --rule AE_END --site 03 --reason "known export fault" '
    "--until 2027-03-31"
)
REOPEN = 'Examples: sdtmflow findings reopen 3f9a1c07 --reason "the answer does not explain it"'

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
    actor: ActorOption = "",
    study: StudyOption = HERE,
) -> None:
    """Say that somebody follows these findings: new ones are open then."""
    from sdtmflow.audit import Actor

    who = Actor.of_account(actor)
    choice = Choice.of(severity, site, rule, status)
    _act(study, finding, choice, "opened", lambda r, f: r.open(f, who, reason=reason))


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
    )


def reopen(
    finding: FindingsArgument = None,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why they are not done with.")],
    severity: SeverityOption = None,
    site: SiteOption = None,
    rule: RuleOption = None,
    status: StatusOption = None,
    actor: ActorOption = "",
    study: StudyOption = HERE,
) -> None:
    """Take back waivers, answers or resolutions."""
    from sdtmflow.audit import Actor

    who = Actor.of_account(actor)
    choice = Choice.of(severity, site, rule, status)
    _act(study, finding, choice, "reopened", lambda r, f: r.reopen(f, who, reason=reason))


def _act(
    study: Path,
    named: Sequence[str] | None,
    choice: Choice,
    action: str,
    do: Callable[[Register, list[str]], int],
) -> None:
    """Do it to what is named, or to those that are chosen and whose status allows it."""
    from sdtmflow.pipeline.following import register_of
    from sdtmflow.register import Action, allows
    from sdtmflow.study import StudyFolder

    register = register_of(StudyFolder(study))
    found = meant(register.findings(), named or [], choice)
    can = [allows(Action(action), status) for status in found["status"]]
    prints = found.filter(can)["fingerprint"] if choice else found["fingerprint"]
    count = do(register, prints.to_list()) if len(prints) else 0
    out.print(Text(f"{counted(count, 'finding')} {action}"))
    if found.height > len(prints):
        left = counted(found.height - len(prints), "finding")
        err.print(Text(f"{left} left as they are: their status does not allow it"))
