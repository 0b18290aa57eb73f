"""The closing summary of a run."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table
from rich.text import Text

from cli.screen import SEVERITY_STYLES, out
from sdtmflow.bundle import Claim
from sdtmflow.pipeline.outcome import Outcome, bundle_place
from sdtmflow.pipeline.run import Run
from sdtmflow.signing import shown_fingerprint
from sdtmflow.wording import counted


def tell_nothing_new(run: Run, claim: Claim) -> None:
    """One line: the last bundle already holds all there is."""
    out.print(Text(f"nothing new since {claim.name} (published {claim.created})"))
    _tell_where([("bundle", bundle_place(run.store, claim))])


def tell_outcome(outcome: Outcome) -> None:
    """Sites, findings, datasets, and where everything is."""
    out.print(Text(f"{outcome.study}  {outcome.title}", "bold"))
    out.print(_sites(outcome))
    out.print(_findings(outcome))
    if outcome.waived and not outcome.stopping:  # else the error tells it
        out.print(Text(f"           {outcome.waivers}", "yellow"))
    if outcome.datasets:
        out.print(_datasets(outcome))
    _tell_where(
        [
            ("report", outcome.report),
            ("data docs", outcome.data_docs),
            ("package", "" if outcome.bundle else outcome.package),
            ("bundle", outcome.bundle_place),
            ("signed by", outcome.signed_by and f"key {shown_fingerprint(outcome.signed_by)}"),
        ]
    )
    if not outcome.stopping:  # what the gate stopped is told as the command's error
        out.print(Text(outcome.publication, "bold green"))


def _sites(outcome: Outcome) -> Text:
    counts = [
        f"{site} ({counted(each.subjects, 'subject')})" for site, each in outcome.delivered.items()
    ]
    text = Text.assemble(("sites      ", "dim"), f"{', '.join(counts)}")
    for site, reason in outcome.isolated.items():
        text.append(f"\n           {site} left out: {reason}", "yellow")
    for gap in outcome.gaps:
        if gap.site not in outcome.isolated:
            text.append(f"\n           {gap.source}: {gap.reason}; used {gap.used}", "yellow")
    return text


def _findings(outcome: Outcome) -> Text:
    text = Text("findings   ", "dim")
    for number, (severity, count) in enumerate(outcome.findings.items()):
        text.append(", " if number else "", "default")
        text.append(f"{count:,} {severity}", SEVERITY_STYLES[severity] if count else "default")
    return text


def _datasets(outcome: Outcome) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", min_width=10)
    names = [f"{name} {rows:,}" for name, rows in outcome.datasets.items()]
    for first in range(0, len(names), _A_LINE):
        table.add_row("" if first else "datasets", "  ".join(names[first : first + _A_LINE]))
    return table


def _tell_where(places: list[tuple[str, str]]) -> None:
    for what, place in places:
        if place:
            out.print(Text.assemble((f"{what:<11}", "dim"), _shortened(place)))


def _shortened(place: str) -> str:
    """Relative to the current folder where it lies below it."""
    path = Path(place)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else place


_A_LINE = 6
"""Datasets on one line of the summary."""
