"""`sdtmflow package`: what a package is worth, and the one that is handed over."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli import transfer
from cli.gate import headline, require_passed
from cli.issues import PLACES, issue_table, judgement_table
from cli.options import (
    HERE,
    ActorOption,
    AgencyOption,
    PackageArgument,
    StoreOption,
    StudyOption,
    agency_of,
)
from cli.screen import err, out
from sdtmflow.wording import counted, size_text

if TYPE_CHECKING:
    from sdtmflow.appraisal import Appraisal, Shelf

app = typer.Typer(
    help="Submission packages: check one of your own or of anyone, hand one over.",
    no_args_is_help=True,
)
CHECK = "Example: sdtmflow package check MY01-v0003 --html check.html"
EXPORT = "Example: sdtmflow package export v0003 --to handover --sequence 0001"
_COUNTED = {
    "rejects": "rejecting the package",
    "asked": "that a reviewer will ask about",
    "noted": "for information",
}


@app.command("check", epilog=CHECK)
def check(
    package: PackageArgument,
    agency: AgencyOption = None,
    places: Annotated[
        int, typer.Option(min=0, help="Places shown for each rule; 0 shows all.")
    ] = PLACES,
    html: Annotated[
        Path | None, typer.Option(help="Write it as one HTML page.", show_default=False)
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: everything.")] = False,
) -> None:
    """Report on a package: the gate, define.xml, and whether it agrees with the data.

    What is found is sorted by what becomes of it: what rejects the package, what a reviewer will
    ask, what is for information. Each dataset is shown with its size and how define.xml agrees with
    it in variables, order, labels, types, lengths, codelists and keys. No value of the data is
    told. Exit codes as of `sdtmflow gate`.
    """
    from sdtmflow.appraisal import appraise, as_json_text, write_html

    appraisal = appraise(package, agency_of(package, agency))
    if html:
        write_html(appraisal, html)
    if as_json:
        sys.stdout.write(as_json_text(appraisal))
    else:
        _tell(appraisal, places)
    if html:
        err.print(Text(f"the page is {html}"))
    require_passed(appraisal.verdict, package)


def _tell(appraisal: Appraisal, places: int) -> None:
    console = Console(highlight=False)
    out.print(headline(appraisal.verdict))
    console.print(judgement_table(appraisal.verdict.judgements))
    counts = [
        f"{counted(len(found), 'rule')} {words}"
        for weight, words in _COUNTED.items()
        if (found := [one for one in appraisal.issues if one.weight == weight])
    ]
    out.print(Text(f"\n{'; '.join(counts) or 'nothing found'}\n", "bold"))
    if appraisal.issues:
        console.print(issue_table(appraisal.issues, places))
    if appraisal.shelves:
        console.print()
        console.print(_datasets([shelf for shelf in appraisal.shelves if shelf.size]))
        missing = [shelf.name for shelf in appraisal.shelves if not shelf.size]
        if missing:
            out.print(Text(f"described, not in the package: {', '.join(missing)}"))


def _datasets(shelves: list[Shelf]) -> Table:
    """Records, size, and in what define.xml and the file differ."""
    table = Table(box=None, pad_edge=False)
    for name in ("dataset", "records", "variables", "size"):
        table.add_column(name, no_wrap=True, justify="left" if name == "dataset" else "right")
    table.add_column("define.xml and the data")
    for shelf in shelves:
        differing = [f"{what} {count}" for what, count in shelf.agreement.items() if count]
        told = Text(f"differ in {', '.join(differing)}", "yellow") if differing else Text("agree")
        table.add_row(
            shelf.name,
            f"{shelf.records:,}",
            str(shelf.variables),
            size_text(shelf.size),
            told if shelf.agreement else Text(shelf.trouble, "bold red"),
        )
    return table


@app.command("export", epilog=EXPORT)
def export(
    version: Annotated[str, typer.Argument(help="v0001, 1 or latest.")] = "latest",
    to: Annotated[
        Path, typer.Option(help="A new folder, which will hold the sequence's folder.")
    ] = Path("handover"),
    sequence: Annotated[
        str, typer.Option(help="The name of the sequence's folder: four digits.")
    ] = "0001",
    study: StudyOption = HERE,
    store: StoreOption = "",
    actor: ActorOption = "",
) -> None:
    """Write a bundle's eCTD sequence alone, for the publishing group, and judge it again.

    It holds index.xml, index-md5.txt and m5, byte by byte as they were published, and nothing else
    of the bundle. `util` and module 1 come from the publishing tool.
    """
    from cli.bundles import acting_shelf
    from sdtmflow.audit import Actor
    from sdtmflow.bundle import export_sequence
    from sdtmflow.gate import judge
    from sdtmflow.study import StudyFolder

    asked = acting_shelf(study, store)
    name, by = asked.find(version).name, Actor.of_account(actor)
    with transfer.shown("exporting") as progress:
        folder = export_sequence(
            asked.store, asked.study, name, to, sequence, actor=by, progress=progress
        )
    out.print(Text(f"the sequence is {folder}"))
    require_passed(judge(folder, StudyFolder(study).study.agency), folder)
