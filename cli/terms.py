"""`sdtmflow terms`: the CT packages of a study, and what another version would change in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.options import HERE, StoreOption, StudyOption, store_url
from cli.screen import err, out
from sdtmflow.errors import UsageError
from sdtmflow.wording import counted

if TYPE_CHECKING:
    from sdtmflow.impact import Impact
    from sdtmflow.mapping.planning.term_uses import TermUse
    from sdtmflow.standards import CodelistFacts
    from sdtmflow.study import StudyFolder

app = typer.Typer(
    help="Controlled terminology: import, list, show, and what an upgrade would change.",
    no_args_is_help=True,
)

_LIMIT = 200
"""Terms that `show` prints unless asked for more."""
_EFFECTS = 50
"""Effects that `impact` prints unless asked for more."""


@app.command(
    "import", epilog="Example: sdtmflow terms import 'SDTM Terminology 2025-09-26.odm.xml'"
)
def import_(
    file: Annotated[
        Path,
        typer.Argument(help="NCI EVS's SDTM Terminology: tab-delimited text, ODM-XML or .xlsx."),
    ],
    study: StudyOption = HERE,
    version: Annotated[
        str,
        typer.Option(
            help="The package's date (YYYY-MM-DD), where the file does not say it.",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Import a published CT package into the study folder, under terminology/VERSION.

    The same package again changes nothing; another content under the same version is refused.
    The study uses it when study.yaml pins its version (standards.ct).
    """
    from sdtmflow.standards.importing import import_package
    from sdtmflow.study import StudyFolder

    folder = StudyFolder(study)
    done = import_package(file, folder, _date(version) if version else None)
    record = done.imported.record
    for note in done.notes:
        out.print(Text(f"note: {note}"))
    state = "imported" if done.imported.new else "is imported already; nothing has changed"
    out.print(
        Text.assemble(
            (f"SDTM CT {record.version} {state}", "bold green" if done.imported.new else "bold"),
            f": {counted(record.codelists, 'codelist')}, {counted(record.terms, 'term')} in "
            f"{done.imported.folder.relative_to(folder.root)}",
        )
    )
    _tell_next(folder.study.standards.ct, record.version)


def _tell_next(pinned: dt.date, imported: dt.date) -> None:
    if pinned == imported:
        out.print(Text("study.yaml pins this version; the next run uses it"))
        return
    out.print(Text(f"study.yaml pins {pinned}. See what a change would do, then pin it:"))
    out.print(Text(f"  sdtmflow terms impact {imported}", "bold"))


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is no date", remedy="write it as 2025-09-26") from None


@app.command("list", epilog="Example: sdtmflow terms list --study my-study")
def list_versions(study: StudyOption = HERE) -> None:
    """List the CT versions that are here: carried by sdtmflow, or imported into the study."""
    from sdtmflow.standards import packages
    from sdtmflow.standards.terminology import carried_versions, known_versions, terminology
    from sdtmflow.study import StudyFolder

    folder = StudyFolder(study)
    pinned = folder.study.standards.ct
    imported = packages.versions(folder.terminology)
    table = Table(box=None, pad_edge=False)
    for name in ("version", "from", "codelists", "terms", ""):
        table.add_column(name, justify="right" if name in {"codelists", "terms"} else "left")
    for version in known_versions(folder.terminology):
        places = [
            *(["imported"] if version in imported else []),
            *(["carried (a subset)"] if version in carried_versions() else []),
        ]
        package = terminology(version, folder.terminology).package
        counts = (f"{package.codelists.height:,}", f"{package.terms.height:,}")
        mark = "pinned by study.yaml" if version == pinned else ""
        table.add_row(str(version), " + ".join(places), *counts, Text(mark, "green"))
    out.print(table)
    if pinned not in known_versions(folder.terminology):
        err.print(Text(f"study.yaml pins {pinned}, which is not here; import it", "yellow"))


@app.command(epilog="Example: sdtmflow terms show AESEV")
def show(
    codelist: Annotated[str, typer.Argument(help="NCI code or submission value: C66769, AESEV.")],
    study: StudyOption = HERE,
    version: Annotated[
        str,
        typer.Option(help="Another version that is here. Default: the pinned one.", metavar="DATE"),
    ] = "",
    limit: Annotated[int, typer.Option(min=0, help="Terms to show; 0 shows all.")] = _LIMIT,
) -> None:
    """Show a codelist: its terms, whether it may be extended, and where the study uses it."""
    from sdtmflow.standards.terminology import study_terminology, terminology
    from sdtmflow.study import StudyFolder

    folder = StudyFolder(study)
    ct = terminology(_date(version), folder.terminology) if version else study_terminology(folder)
    found = ct.codelist(codelist)
    extensible = "may be extended" if found.extensible else "may not be extended"
    out.print(Text(f"{found.submission_value}  {found.name}", "bold"))
    out.print(Text(f"{found.code}, {extensible}, {len(found.terms):,} terms, CT {ct.version}\n"))
    _print_terms(found, limit or len(found.terms))
    uses = _uses(folder, found.code)
    for use in uses:
        out.print(Text.assemble(("used by   ", "dim"), f"{use.name}  ({use.place})"))
    for value, place in _extensions(folder, found, uses):
        out.print(Text.assemble(("extended  ", "dim"), f"{value}  ({place})"))


def _print_terms(codelist: CodelistFacts, limit: int) -> None:
    table = Table(
        "submission value", "code", "preferred term", "synonyms", box=None, pad_edge=False
    )
    for term in codelist.terms[:limit]:
        names = (term.submission_value, term.code, term.preferred_term, "; ".join(term.synonyms))
        table.add_row(*map(Text, names))
    Console(highlight=False).print(table)
    if len(codelist.terms) > limit:
        err.print(f"{limit:,} of {len(codelist.terms):,} terms shown; --limit 0 shows all")


def _uses(folder: StudyFolder, code: str) -> tuple[TermUse, ...]:
    """Where the study's specs use the codelist; told where the specs are not sound."""
    from sdtmflow.errors import StudyError
    from sdtmflow.mapping.planning.term_uses import term_uses
    from sdtmflow.pipeline.plan import plan_of_folder

    try:
        return tuple(use for use in term_uses(plan_of_folder(folder)) if code in use.codes)
    except StudyError:
        err.print(Text("the study's use of it is not shown: see sdtmflow check", "yellow"))
        return ()


def _extensions(
    folder: StudyFolder, codelist: CodelistFacts, uses: tuple[TermUse, ...]
) -> list[tuple[str, str]]:
    """Values beyond the codelist, with the terms file's line or the variable that has them."""
    from sdtmflow.pipeline.last_data import run_data

    data = run_data(folder)
    known = {term.submission_value for term in codelist.terms}
    found = {(row.submission, row.place) for use in uses for row in use.rows if row.submission}
    for use in uses:
        others = {term.submission_value for each in use.codelists for term in each.terms}
        for value, count in (data.records(use) or {}).items():
            if value not in others and value not in use.beside:
                found.add((value, f"{use.name}, {counted(count, 'record')}"))
    return sorted((value, place) for value, place in found if value not in known)


@app.command(
    epilog="Example: sdtmflow terms impact 2025-09-26 --html impact.html --xlsx impact.xlsx"
)
def impact(
    new_version: Annotated[str, typer.Argument(help="A version that is here: 2025-09-26.")],
    study: StudyOption = HERE,
    store: StoreOption = "",
    html: Annotated[
        Path | None, typer.Option(help="Write the report as one HTML page.", show_default=False)
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option(help="Write the report as a workbook.", show_default=False)
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Write the effects as CSV.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Effects to show; 0 shows all.")] = _EFFECTS,
) -> None:
    """Tell what pinning another CT version would change in this study; nothing is changed.

    Codelists, terms, spec lines and terms files are compared, and the deliveries of the last run
    are mapped under both versions: which cells and findings would be otherwise, and how many.
    Without a run the last bundle's datasets are looked at, without both specs and terms files.
    """
    from cli.impact import tell_impact
    from sdtmflow.impact import assess, write_csv, write_html, write_xlsx
    from sdtmflow.pipeline.last_data import last_data
    from sdtmflow.study import StudyFolder

    folder = StudyFolder(study)
    found = assess(folder, _date(new_version), last_data(folder, store_url(store)))
    tell_impact(found, limit)
    for path, write in ((html, write_html), (xlsx, write_xlsx), (csv, write_csv)):
        if path:
            _write(found, path, write)


def _write(found: Impact, path: Path, write: Callable[[Impact, Path], None]) -> None:
    from sdtmflow.errors import StudyError

    try:
        with path.open("wb"):  # a folder that is not there is told before a library stumbles
            pass
        write(found, path)
    except OSError as error:
        raise StudyError(
            f"the report cannot be written ({error.strerror})",
            place=str(path),
            remedy="name a file in a folder that is there and may be written",
        ) from None
    out.print(Text(f"written: {path}"))
