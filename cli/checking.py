"""`sdtmflow check`: everything that can be known of a study folder without touching data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from cli.options import HERE, StudyArgument
from cli.screen import err, out
from sdtmflow.errors import StudyError

if TYPE_CHECKING:
    from sdtmflow.study import StudyFolder


def check(study: StudyArgument = HERE) -> None:
    """Check study.yaml, mapping specs, derivations, terms and suites, without touching data.

    Every mistake is told with file and line. Raw columns of the last collected delivery that no
    mapping reads, and terms that nothing uses, are told as notes.
    """
    from expectations.table_plan import plans
    from sdtmflow.finding import Stage
    from sdtmflow.mapping.planning import load_plan
    from sdtmflow.study import StudyFolder

    folder = StudyFolder(study)
    mistakes = [
        *_mistakes(lambda: load_plan(folder)),
        *_mistakes(lambda: [plans(folder, stage.value) for stage in (Stage.RAW, Stage.SDTM)]),
    ]
    if mistakes:
        raise StudyError("\n".join(mistakes))
    for note in _notes(folder):
        out.print(Text(f"note: {note}"))
    err.print(Text(f"{folder.study.study}: the study folder is sound", "green"))


def _mistakes(load: Callable[[], object]) -> list[str]:
    """The mistakes of one kind of file; the other kinds are still looked at."""
    try:
        load()
    except StudyError as error:
        return str(error).splitlines()
    return []


def _notes(folder: StudyFolder) -> list[str]:
    from sdtmflow.mapping.planning import load_plan
    from sdtmflow.pipeline.unmapped import unmapped
    from sdtmflow.pipeline.workspace import Workspace

    plan = load_plan(folder)
    unused = [f"terms/{Path(name).name}: no mapping uses it" for name in plan.unused_terms]
    return [
        *unused,
        *plan.design_notes,
        *unmapped(folder.study, Workspace(folder.work), plan.raw_columns()),
    ]
