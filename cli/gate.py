"""`sdtmflow gate`: whether an agency would take a package."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.options import AgencyOption, agency_of
from cli.screen import err, out
from sdtmflow.errors import GateError
from sdtmflow.wording import counted

if TYPE_CHECKING:
    from sdtmflow.gate import Breach, Judgement, Verdict

EXAMPLE = "Examples: sdtmflow gate MY01-v0003  ·  sdtmflow gate 0001 --agency NMPA --json"
_PLACES = 3
_STYLES = {"rejects": "bold red", "asked": "yellow", "noted": "cyan"}
_DECISIONS = {"passed": "green", "failed": "bold red", "not reached": "dim", "not judged": "dim"}


def gate(
    package: Annotated[
        Path,
        typer.Argument(
            help="A downloaded bundle, an eCTD sequence, or a folder of XPT files and define.xml.",
            show_default=False,
        ),
    ],
    agency: AgencyOption = "FDA",
    places: Annotated[
        int, typer.Option(min=0, help="Places shown for each criterion; 0 shows all.")
    ] = _PLACES,
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

    verdict = judge(package, agency_of(agency))
    if as_json:
        sys.stdout.write(verdict_json(verdict))
    else:
        tell(verdict, places)
    if not verdict.passed:
        raise GateError(
            f"{verdict.agency} would reject the package: {', '.join(verdict.failed)}",
            place=str(package),
            remedy="mend what the table says and judge it again",
        )
    err.print(Text(f"{package}: passes the gate of {verdict.agency}", "green"))


def tell(verdict: Verdict, places: int) -> None:
    """The verdict as tables: the four criteria, then every breach, the gravest first."""
    kind = "eCTD sequence" if verdict.is_sequence else "folder of datasets"
    what = f"  {kind}, {counted(verdict.files, 'file')}, {counted(verdict.datasets, 'dataset')}"
    out.print(Text.assemble((f"Gate of {verdict.agency}", "bold"), what))
    console = Console(highlight=False)
    console.print(_judgements(verdict.judgements))
    if verdict.breaches:
        console.print(_breaches(verdict.breaches, places))


def _judgements(judgements: tuple[Judgement, ...]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for judgement in judgements:
        style = _DECISIONS[judgement.decision.value]
        words = judgement.criterion.words
        why = f"{words}: {judgement.why}" if judgement.why else words
        table.add_row(judgement.criterion.id, Text(judgement.decision.value, style), why)
    return table


def _breaches(breaches: tuple[Breach, ...], places: int) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("criterion", "", "times"):
        table.add_column(name, no_wrap=True, justify="right" if name == "times" else "left")
    table.add_column("what")
    for _, group in groupby(breaches, lambda one: one.criterion.id):
        found = list(group)
        weight = found[0].criterion.weight.value
        what = _what(found, places)
        table.add_row(found[0].criterion.id, Text(weight, _STYLES[weight]), f"{len(found):,}", what)
    return table


def _what(found: list[Breach], places: int) -> Text:
    criterion = found[0].criterion
    text = Text(criterion.words, "bold")
    for breach in found[: places or None]:
        place = f"{breach.place}: " if breach.place else ""
        text.append(f"\n{place}", "dim").append(breach.what, "not bold")
    more = len(found) - places
    if places and more > 0:
        text.append(f"\nand {more:,} more", "dim")
    return text.append(f"\n→ {criterion.remedy}", "not bold italic")
