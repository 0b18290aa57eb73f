"""`sdtmflow spec`: draft mapping specs, give them to reviewers as a workbook, take them back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.options import HERE, StudyOption
from cli.screen import err, out
from sdtmflow.errors import StudyError

if TYPE_CHECKING:
    from sdtmflow.drafting import Draft
    from sdtmflow.drafting.writing import Sheet
    from sdtmflow.study import StudyFolder

app = typer.Typer(
    help="Draft mapping specs; export them for review as a workbook, and import it.",
    no_args_is_help=True,
)


@app.command(epilog="Example: sdtmflow spec draft --source edc --out drafts")
def draft(
    study: StudyOption = HERE,
    *,
    source: Annotated[
        str, typer.Option(help="The source of study.yaml; needed where there are several.")
    ] = "",
    table: Annotated[
        list[str] | None,
        typer.Option(help="Only this raw table, by its name in the study; repeatable."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--out", help="The folder of the drafts. Default: the study's mappings/."),
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Less sure proposals stay open.")
    ] = 0.6,
    force: Annotated[bool, typer.Option("--force", help="Overwrite specs that are there.")] = False,
) -> None:
    """Propose mapping specs for the raw tables of a source, with confidence and evidence.

    What is not sure enough, raw columns that nothing reads, and required variables without a source
    stand as comments under "open:" in each file. No value of the data is written.
    """
    from sdtmflow.drafting import draft_specs
    from sdtmflow.study import StudyFolder

    folder = StudyFolder(study)
    named = source or _only_source(folder)
    target = to or folder.mappings
    drafted = draft_specs(folder, named, tables=table or (), threshold=threshold)
    _refuse_overwriting(drafted, target, force=force)
    target.mkdir(parents=True, exist_ok=True)
    for name, text in drafted.texts().items():
        (target / name).write_text(text, encoding="utf-8")
    _tell(drafted, target)


def _only_source(folder: StudyFolder) -> str:
    sources = list(folder.study.sources)
    if len(sources) > 1:
        raise StudyError(
            "the study has several sources, and each calls its columns differently",
            place="--source",
            remedy=f"name one of {', '.join(sources)}",
        )
    return sources[0]


def _refuse_overwriting(drafted: Draft, target: Path, *, force: bool) -> None:
    there = [name for name in drafted.texts() if (target / name).exists()]
    if there and not force:
        raise StudyError(
            f"{', '.join(there)} would be overwritten",
            place=str(target),
            remedy="name another folder with --out, or say --force",
        )


def _tell(drafted: Draft, target: Path) -> None:
    for sheet in drafted.sheets:
        path = target / f"{sheet.domain.lower()}.yaml"
        out.print(Text.assemble((f"{path}", "bold"), f": {_counts(sheet)}"))
    for table, domain in drafted.besides:
        err.print(Text(f"note: {table.name} seems to feed {domain} as well; draft it by --table"))
    for table in drafted.without_domain:
        err.print(Text(f"note: no domain can be told for {table.name}"))
    if not drafted.sheets:
        err.print(Text("nothing could be proposed"))


def _counts(sheet: Sheet) -> str:
    served = sum(line.served for line in sheet.lines)
    tests = f", {len(sheet.wide.results)} tests" if sheet.wide else ""
    return (
        f"from {sheet.choice.table.name}: {len(sheet.lines) - served} lines proposed, "
        f"{served} by the standard spec{tests}, {len(sheet.doubtful)} doubtful, "
        f"{len(sheet.open_columns)} raw columns open"
    )
