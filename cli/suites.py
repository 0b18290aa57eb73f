"""`sdtmflow suite`: show standard suites, draft own ones, try suites on their own examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.options import HERE, StudyOption
from cli.screen import err, out
from sdtmflow.errors import StudyError
from sdtmflow.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expectations.drafting import DraftedSuite
    from expectations.examples import Tried

app = typer.Typer(
    help="Show standard suites; draft suites from what was delivered; try suites on examples.",
    no_args_is_help=True,
)


@app.command(epilog="Example: sdtmflow suite show AE --rule SDTM060 > expectations/ae_deaths.yaml")
def show(
    dataset: Annotated[str, typer.Argument(help="An SDTM dataset: AE, LB, SUPPAE.")],
    study: StudyOption = HERE,
    *,
    rule: Annotated[
        list[str] | None,
        typer.Option(help="Only this rule; repeatable. Default: all.", show_default=False),
    ] = None,
) -> None:
    """Print the standard suite of an SDTM dataset, with every variable of the guide, as YAML.

    The study's SDTMIG and controlled terminology say what it holds; expectations and arguments are
    Great Expectations' own. A copy in `expectations/` is applied beside the standard one: give its
    rules ids of your own.
    """
    from expectations.showing import suite_text
    from sdtmflow.study import StudyFolder

    typer.echo(suite_text(StudyFolder(study), dataset.upper(), rule or ()), nl=False)


@app.command(epilog="Example: sdtmflow suite draft --table ae --out drafts")
def draft(
    study: StudyOption = HERE,
    *,
    source: Annotated[
        list[str] | None,
        typer.Option(help="Only what this source of study.yaml delivers; repeatable."),
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(help="Only this raw table, by its name in the study; repeatable."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--out", help="The folder of the drafts. Default: the study's expectations/."),
    ] = None,
    subjects: Annotated[
        int,
        typer.Option(
            "--min-subjects",
            min=1,
            help="A value is written into a value set where so many subjects have it.",
        ),
    ] = 3,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite suites that are there.")
    ] = False,
) -> None:
    """Propose a suite for each raw table: completeness, dates, ranges, value sets, keys, order.

    Each proposal has its evidence above it. The draft is what the data are, not what they should
    be: review every line. Ranges are widened and rare values left out, so that no draft tells a
    subject's value.
    """
    from expectations.drafting import draft_suites
    from sdtmflow.study import StudyFolder

    folder = StudyFolder(study)
    drafted = draft_suites(folder, source or (), table or (), min_subjects=subjects)
    target = to or folder.expectations
    for error in drafted.unread:
        err.print(Text.assemble(("warning: ", "bold yellow"), str(error)))
    _refuse_overwriting(drafted.suites, target, force=force)
    target.mkdir(parents=True, exist_ok=True)
    for each in drafted.suites:
        (target / each.file).write_text(each.text, encoding="utf-8")
        told = f": {counted(each.proposed, 'expectation')} proposed, {each.open} open"
        out.print(Text.assemble((str(target / each.file), "bold"), told))
    if not drafted.suites:
        err.print(Text("nothing could be proposed"))


def _refuse_overwriting(drafted: Sequence[DraftedSuite], target: Path, *, force: bool) -> None:
    there = [each.file for each in drafted if (target / each.file).exists()]
    if there and not force:
        raise StudyError(
            f"{', '.join(there)} would be overwritten",
            place=str(target),
            remedy="name another folder with --out, or say --force",
        )


@app.command("test", epilog="Example: sdtmflow suite test ae")
def try_suites(
    only: Annotated[
        list[str] | None,
        typer.Argument(help="Tables, or files of expectations/. Default: all.", show_default=False),
    ] = None,
    study: StudyOption = HERE,
    *,
    every: Annotated[
        bool,
        typer.Option("--every", help="Every rule must have an example of each kind."),
    ] = False,
) -> None:
    """Try every expectation on its own examples: `passes` must pass, `fails` must fail."""
    from expectations.examples import try_examples
    from sdtmflow.study import StudyFolder

    tried = try_examples(StudyFolder(study), only or ())
    _show(tried)
    wrong = sum(len(each.problems) for each in tried)
    bare = sum(not each.is_two_sided for each in tried)
    err.print(
        f"{counted(len(tried), 'expectation')}, "
        f"{counted(sum(each.passes + each.fails for each in tried), 'example')}; "
        f"{bare:,} without an example of each kind"
    )
    if wrong or (every and bare):
        told = (
            f"{counted(wrong, 'example')} came out otherwise" if wrong else "examples are missing"
        )
        raise StudyError(
            told,
            place=str(study),
            remedy="correct the expectation or its `passes` and `fails`",
        )


def _show(tried: Sequence[Tried]) -> None:
    """What has examples; the others are only counted."""
    shown = Table("suite", "rule", "passes", "fails", "", box=None, pad_edge=False)
    for each in tried:
        if each.passes or each.fails:
            told = Text("\n".join(each.problems), "red") if each.problems else Text(_said(each))
            name = Path(each.place).name
            shown.add_row(name, each.rule, str(each.passes or ""), str(each.fails or ""), told)
    if shown.row_count:
        out.print(shown)


def _said(each: Tried) -> str:
    if each.is_two_sided:
        return "ok"
    lacking = [name for name in ("passes", "fails") if not getattr(each, name)]
    return f"no example that {' or '.join(lacking)}"
