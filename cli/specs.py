"""`sdtmflow spec`: draft mapping specs, give them to reviewers as a workbook, take them back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.options import HERE, StudyOption
from cli.screen import err, out
from sdtmflow.errors import StudyError, UsageError
from sdtmflow.wording import counted

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
    domain: Annotated[
        list[str] | None,
        typer.Option(
            help="What a table feeds, where its names do not tell: table=VS, or VS for the one "
            "--table; repeatable.",
            show_default=False,
        ),
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
    stand as comments under "open:" in each file. No value of the data is written. Names and labels
    are read as English, CDASH's or annotations; other languages are told, and left open.
    """
    from sdtmflow.drafting import draft_specs
    from sdtmflow.study import StudyFolder

    folder = StudyFolder(study)
    named = source or _only_source(folder)
    target = to or folder.mappings
    domains = _domains(domain or [], table or [])
    drafted = draft_specs(folder, named, tables=table or (), domains=domains, threshold=threshold)
    _refuse_overwriting(drafted, target, force=force)
    target.mkdir(parents=True, exist_ok=True)
    for name, text in drafted.texts().items():
        (target / name).write_text(text, encoding="utf-8")
    _tell(drafted, target)


def _domains(said: list[str], tables: list[str]) -> dict[str, str]:
    """Table → domain, from ``table=VS`` and, with one table, ``VS``."""
    found = {}
    for each in said:
        table, _, name = each.rpartition("=")
        if not table and len(tables) != 1:
            raise UsageError(
                f"'{each}' says no table",
                place="--domain",
                remedy=f"write table={name}, or name one table with --table",
            )
        found[table or tables[0]] = name
    return found


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
    for table, silent in drafted.hardly_read():
        err.print(
            Text(
                f"note: {silent} of the {len(table.columns)} columns of {table.name} say nothing "
                "to a draft, which reads English, CDASH names and annotations; name them in "
                "study.yaml, under `tables`"
            )
        )
    for table in drafted.without_domain:
        err.print(
            Text(
                f"note: no domain can be told for {table.name}; say it with --domain "
                f"{table.name}=VS, for example"
            )
        )
    if not drafted.sheets:
        err.print(Text("nothing could be proposed"))


def _counts(sheet: Sheet) -> str:
    served = sum(line.served for line in sheet.lines)
    tests = f", {len(sheet.wide.results)} tests" if sheet.wide else ""
    strange = f", {len(sheet.unmatched)} with texts that are no terms" if sheet.unmatched else ""
    return (
        f"from {sheet.choice.table.name}: {counted(len(sheet.lines) - served, 'line')} proposed, "
        f"{served} by the standard spec{tests}{strange}, {len(sheet.doubtful)} doubtful, "
        f"{counted(len(sheet.open_columns), 'raw column')} open"
    )


@app.command("export", epilog="Example: sdtmflow spec export --out specs.xlsx")
def export_(
    to: Annotated[Path, typer.Option("--out", help="The workbook to write (.xlsx).")],
    study: StudyOption = HERE,
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a workbook.")] = False,
) -> None:
    """Write the study's mapping specs as a workbook for reviewers.

    The standard specs and the study's own, line by line, with the rule in words, the line as the
    spec says it, and where it stands. Green headers may be edited; `spec import` takes them in.
    """
    from sdtmflow.review import export_specs
    from sdtmflow.study import StudyFolder

    if to.exists() and not force:
        raise StudyError(
            "the workbook is there already",
            place=str(to),
            remedy="name another file, or say --force",
        )
    rows = export_specs(StudyFolder(study), to)
    told = ", ".join(f"{name} {count}" for name, count in rows.items() if name != "Overview")
    out.print(Text.assemble((f"{to}", "bold"), f": {told}"))


@app.command("import", epilog="Example: sdtmflow spec import specs.xlsx --dry-run")
def import_(
    workbook: Annotated[Path, typer.Argument(help="The reviewed workbook.")],
    study: StudyOption = HERE,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the changes as a diff; write nothing.")
    ] = False,
) -> None:
    """Take a reviewed workbook's changes into the study's mapping specs, the smallest change each.

    A change of a standard line becomes a line of the study's own spec over it. All changes are
    taken, or none: a cell that cannot be taken is told with sheet, row and column.
    """
    from sdtmflow.review import import_specs
    from sdtmflow.study import StudyFolder

    imported = import_specs(StudyFolder(study), workbook, dry_run=dry_run)
    for line in imported.diff() if dry_run else ():
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "default")
        out.print(Text(line, style))
    for remark in imported.remarks:
        row = remark.row
        said = ": ".join(filter(None, (remark.status, remark.note)))
        err.print(Text(f"review: {row['Dataset']}.{row['Variable']} ({row['Place']}): {said}"))
    if not imported.after:
        err.print(Text("the workbook changes nothing"))
    elif not dry_run:
        for name in imported.after:
            out.print(Text(f"{name} changed"))
