"""`sdtmflow gate`: whether an agency would take a package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.issues import PLACES, issue_table, judgement_table
from cli.options import AgencyOption, PackageArgument, agency_of
from cli.screen import err, out
from sdtmflow.errors import GateError
from sdtmflow.wording import counted

if TYPE_CHECKING:
    from sdtmflow.gate import Verdict

EXAMPLE = "Examples: sdtmflow gate MY01-v0003  ·  sdtmflow gate 0001 --agency NMPA --json"


def gate(
    package: PackageArgument,
    agency: AgencyOption = None,
    places: Annotated[
        int, typer.Option(min=0, help="Places shown for each criterion; 0 shows all.")
    ] = PLACES,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: every breach.")] = False,
) -> None:
    """Say whether a package passes the rejection criteria and the conformance guide's limits.

    An independent reader, which shares nothing with the programs that write packages, applies the
    criteria 1789, 1734, 1735 and 1736 in their order (the first that fails ends them) and then
    every other criterion. Works on any package. The exit code is 0 where nothing rejects it
    (reviewers may still ask), 5 where something does, 8 where there is no package.
    """
    from sdtmflow.gate import judge, verdict_json

    verdict = judge(package, agency_of(package, agency))
    if as_json:
        sys.stdout.write(verdict_json(verdict))
    else:
        _tell(verdict, places)
    require_passed(verdict, package)


def require_passed(verdict: Verdict, package: Path) -> None:
    """Tell that the package passes. Raises GateError where it does not."""
    if not verdict.passed:
        raise GateError(
            f"{verdict.told}: {', '.join(verdict.failed)}",
            place=str(package),
            remedy="mend what is told of them and judge it again",
        )
    err.print(Text(f"{package}: passes the gate of {verdict.agency}", "green"))


def headline(verdict: Verdict) -> Text:
    """What was judged."""
    kind = "eCTD sequence" if verdict.is_sequence else "folder of datasets"
    what = f"  {kind}, {counted(verdict.files, 'file')}, {counted(verdict.datasets, 'dataset')}"
    return Text.assemble((f"Gate of {verdict.agency}", "bold"), what)


def _tell(verdict: Verdict, places: int) -> None:
    """The four criteria, then every breach, the gravest first."""
    from sdtmflow.appraisal import issues_of

    out.print(headline(verdict))
    console = Console(highlight=False)
    console.print(judgement_table(verdict.judgements))
    if verdict.breaches:
        console.print(issue_table(issues_of(verdict.breaches), places))
