"""`sdtmflow queries`: ask the sites, read their answers, see what waits for how long."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.options import HERE, ActorOption, StudyOption
from cli.screen import SEVERITY_STYLES, err, out
from sdtmflow.errors import StudyError
from sdtmflow.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdtmflow.queries import Query
    from sdtmflow.register import Register
    from sdtmflow.study import StudyFolder

app = typer.Typer(
    help="Ask the sites about findings, read their answers, see what waits for how long.",
    no_args_is_help=True,
)

SitesOption = Annotated[
    list[str] | None, typer.Option("--site", help="Only these sites; repeatable.")
]


class Form(StrEnum):
    """How the summary is written."""

    TABLE = "table"
    CSV = "csv"


@app.command(epilog="Example: sdtmflow queries send --site 03 --out to-the-sites")
def send(
    study: StudyOption = HERE,
    *,
    site: SitesOption = None,
    to: Annotated[Path, typer.Option("--out", help="The folder of the lists.")] = Path("queries"),
    actor: ActorOption = "",
) -> None:
    """Write each site's list of queries (.xlsx and .csv); what is new in it is queried from now on.

    A list has all queries of the site that wait for an answer. Asked is every finding that is new,
    open or reopened and whose rule has a text for the site. Nothing is sent: that is yours to do,
    on the way that you have agreed with the site.
    """
    from sdtmflow.audit import Actor, now
    from sdtmflow.queries import ask, asked, nobody_to_ask, write_list

    folder, register = _study(study)
    standing, today = register.standing(), now().date()
    new = ask(standing, _sites(folder, site))
    queries = [query for query in asked(standing, today, new) if query.is_waiting]
    to.mkdir(parents=True, exist_ok=True)
    if new:
        register.query(new, Actor.of_account(actor))
    for each in _sites(folder, site):
        own = [query for query in queries if query.site == each]
        if not own:
            err.print(Text(f"site {each}: nothing to ask, and nothing that waits"))
            continue
        fresh = sum(query.fingerprint in new for query in own)
        workbook, text = write_list(folder.study.study, each, own, to, today)
        told = f": {counted(len(own), 'question')}, {fresh:,} new"
        out.print(Text.assemble((str(workbook), "bold"), told))
        out.print(Text(str(text), "dim"))
    left = nobody_to_ask(standing, tuple(folder.study.sites))
    if left:
        told = f"{counted(left, 'finding')} with a text for a site {'is' if left == 1 else 'are'}"
        err.print(Text(f"{told} of no site of study.yaml: sdtmflow findings --site study"))


@app.command(epilog="Example: sdtmflow queries read answers/MY01-03-queries-2027-03-31.xlsx")
def read(
    files: Annotated[list[Path], typer.Argument(help="Lists as they came back, .xlsx or .csv.")],
    study: StudyOption = HERE,
    *,
    actor: ActorOption = "",
) -> None:
    """Take the sites' answers in. What was answered stays open until the data are right or waived.

    A row that does not fit is told and left out; the others are taken.
    """
    from sdtmflow.audit import Actor, now
    from sdtmflow.queries import asked, followed_by, read_answers

    _, register = _study(study)
    standing = register.standing()
    found = read_answers(files, asked(standing, now().date()), followed_by(standing))
    if found.new:
        register.answer(found.new, Actor.of_account(actor))
    out.print(f"{counted(len(found.new), 'answer')} taken, {found.known:,} known already")
    if found.refused:
        told = [f"{counted(len(found.refused), 'row')} left out:", *found.refused]
        raise StudyError("\n".join(told))


@app.command("list", epilog="Examples: sdtmflow queries list  ·  sdtmflow queries list --site 03")
def list_(
    study: StudyOption = HERE,
    *,
    site: SitesOption = None,
    form: Annotated[
        Form, typer.Option("--format", help="table for people, csv for programs.")
    ] = Form.TABLE,
) -> None:
    """Show by site how many queries wait for how long; with --site each of its queries."""
    from sdtmflow.audit import now
    from sdtmflow.queries import asked, site_summary

    folder, register = _study(study)
    wanted = _sites(folder, site)
    queries = [q for q in asked(register.standing(), now().date()) if q.site in wanted]
    summary = site_summary(queries)
    if form is Form.CSV:
        sys.stdout.write(summary.write_csv())
        return
    shown = Table(box=None, pad_edge=False)
    for name in summary.columns:
        shown.add_column(name, justify="left" if name == "site" else "right")
    for name, *numbers in summary.iter_rows():
        shown.add_row(name, *(f"{number:,}" if number else "" for number in numbers))
    out.print(shown)
    if site:
        out.print()
        _print_queries(queries)
    elif not queries:
        err.print(Text("no site was asked yet; sdtmflow queries send writes the lists"))


def _print_queries(queries: Sequence[Query]) -> None:
    shown = Table(
        "query",
        "status",
        "days",
        "severity",
        "form",
        "subject",
        "field",
        "answer",
        box=None,
        pad_edge=False,
    )
    for each in queries:
        shown.add_row(
            each.id,
            each.status.value,
            str(each.age),
            Text(each.severity, SEVERITY_STYLES[each.severity]),
            Text(each.dataset),
            Text(each.subject),
            Text(each.variable),
            Text(each.answer),
        )
    out.print(shown)


def _study(study: Path) -> tuple[StudyFolder, Register]:
    from sdtmflow.pipeline.following import known_register
    from sdtmflow.study import StudyFolder

    folder = StudyFolder(study)
    register = known_register(folder)
    if register is None:
        raise StudyError(
            "there are no findings of a run here", place=str(study), remedy="run it first"
        )
    return folder, register


def _sites(folder: StudyFolder, asked: Sequence[str] | None) -> list[str]:
    known = list(folder.study.sites)
    for name in asked or ():
        if name not in known:
            raise StudyError(
                f"the study has no site '{name}'",
                place="--site",
                remedy=f"it has {', '.join(known)}",
            )
    return list(asked or known)
