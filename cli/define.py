"""`sdtmflow define`: what a define.xml of anyone is worth."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.screen import err, out
from sdtmflow.errors import StudyError, VerificationError
from sdtmflow.wording import counted

if TYPE_CHECKING:
    from sdtmflow.define_lint import LintFinding, LintReport
    from sdtmflow.define_spec import Proposal

app = typer.Typer(
    help="define.xml: check one of your own or of anyone; propose specs from it.",
    no_args_is_help=True,
)

_PLACES = 3
"""Places of a rule that are shown unless asked for more."""
_STYLES = {"error": "bold red", "warning": "yellow", "notice": "cyan"}
EXAMPLE = "Example: sdtmflow define lint m5/datasets/abc/tabulations/sdtm/define.xml --data ."


@app.command("lint", epilog=EXAMPLE)
def lint(
    file: Annotated[
        Path, typer.Argument(help="A define.xml, Define-XML 2.0 or 2.1.", show_default=False)
    ],
    data: Annotated[
        Path | None,
        typer.Option(help="The folder of the XPT files; they are compared.", show_default=False),
    ] = None,
    places: Annotated[
        int, typer.Option(min=0, help="Places shown for each rule; 0 shows all.")
    ] = _PLACES,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: every finding.")] = False,
) -> None:
    """Check a define.xml against the rules of Define-XML, and against its data.

    Each rule that is broken is told once, with its places (lines of the file) and what to do.
    The exit code is 0 where there is no error (warnings and notices may be), 7 where there are,
    8 where the file is no define.xml. Nothing is changed, nothing is fetched.
    """
    from sdtmflow.define_lint import Severity
    from sdtmflow.define_lint import lint as lint_define

    report = lint_define(file, data)
    if as_json:
        json.dump(_as_json(file, report), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        _tell(report, places)
    if errors := report.count(Severity.ERROR):
        raise VerificationError(
            counted(errors, "error"), place=str(file), remedy="mend them and lint it again"
        )
    err.print(Text(f"{file}: no errors", "green"))


@app.command("spec", epilog="Example: sdtmflow define spec define.xml --to my-study")
def spec(
    file: Annotated[
        Path,
        typer.Argument(help="A define.xml of SDTM, Define-XML 2.0 or 2.1.", show_default=False),
    ],
    to: Annotated[Path, typer.Option(help="The study folder to write.", show_default=False)],
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
) -> None:
    """Propose study.yaml and mapping specs from a define.xml.

    Every variable becomes a line with its label, type, length, origin, method, comment, codelist
    and value level, where the standard does not say the same. The line copies the variable of the
    same name, unless sdtmflow wrote the define.xml: then it is the line that made it. The specs are
    read again and compared: what differs, and what specs have no place for, is told.
    """
    from sdtmflow.define_spec import propose

    if not force and (
        there := [to / name for name in ("study.yaml", "mappings") if (to / name).exists()]
    ):
        raise StudyError(
            "is there already", place=str(there[0]), remedy="name another folder, or give --force"
        )
    _tell_proposal(propose(file, to), to)


def _tell_proposal(proposal: Proposal, to: Path) -> None:
    specs = len(proposal.files) - 1
    out.print(Text(f"{counted(proposal.datasets, 'dataset')} described", "bold"), end="")
    out.print(f"; study.yaml and {counted(specs, 'mapping spec')} written to {to}")
    if proposal.differences:
        table = _plain_table("where", "what", "define.xml", "specs")
        for one in proposal.differences:
            table.add_row(*(Text(text) for text in (one.place, one.what, one.before, one.after)))
        out.print(Text(f"{counted(len(proposal.differences), 'difference')}:", "yellow"))
        Console(highlight=False).print(table)
    else:
        out.print(Text("what the specs say is what define.xml says", "green"))
    if proposal.left_out:
        table = _plain_table("specs have no place for", "times", "since")
        for kind in proposal.left_out:
            table.add_row(kind.what, f"{kind.times:,}", kind.why)
        Console(highlight=False).print(table)
    out.print(f'next: fill in what study.yaml marks "open:", then sdtmflow check {to}')


def _plain_table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column == "times" else "left")
    return table


def _as_json(file: Path, report: LintReport) -> dict[str, object]:
    return {
        "file": str(file),
        "edition": report.define.edition,
        "rules": report.applied,
        "findings": [
            {
                "rule": finding.rule.id,
                "severity": finding.rule.severity.value,
                "line": finding.line,
                "what": finding.what,
                "words": finding.rule.words,
                "source": finding.rule.source,
                "remedy": finding.rule.remedy,
            }
            for finding in report.findings
        ],
    }


def _tell(report: LintReport, places: int) -> None:
    define = report.define
    described = (
        counted(len(define.datasets), "dataset"),
        counted(len(define.items), "definition"),
        counted(len(define.codelists), "codelist"),
    )
    out.print(Text(f"Define-XML {define.version.define or define.edition}", "bold"), end="")
    out.print(Text(f"  {', '.join(described)}; {counted(report.applied, 'rule')}"))
    out.print(_counts(report))
    if report.findings:
        # Not soft-wrapped as other results are: a table needs to know the width.
        Console(highlight=False).print(_table(report, places))


def _counts(report: LintReport) -> Text:
    from sdtmflow.define_lint import Severity

    text = Text()
    for number, severity in enumerate(Severity):
        count = report.count(severity)
        text.append(", " if number else "")
        text.append(counted(count, severity), _STYLES[severity] if count else "")
    return text


def _table(report: LintReport, places: int) -> Table:
    """The gravest rules first; of each its places and the remedy."""
    table = Table(box=None, pad_edge=False)
    table.add_column("rule", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("times", justify="right", no_wrap=True)
    table.add_column("what")
    by_rule = [list(found) for _, found in groupby(report.findings, lambda one: one.rule.id)]
    order = list(_STYLES)
    for found in sorted(by_rule, key=lambda found: order.index(found[0].rule.severity)):
        rule = found[0].rule
        severity = Text(rule.severity, _STYLES[rule.severity])
        table.add_row(rule.id, severity, f"{len(found):,}", _what(found, places))
    return table


def _what(found: list[LintFinding], places: int) -> Text:
    rule = found[0].rule
    text = Text(rule.words, "bold")
    for finding in found[: places or None]:
        text.append(f"\nline {finding.line}: ", "dim").append(finding.what, "not bold")
    more = len(found) - places
    if places and more > 0:
        text.append(f"\nand {more:,} more", "dim")
    return text.append(f"\n→ {rule.remedy}", "not bold italic")
