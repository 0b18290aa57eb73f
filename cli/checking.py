"""`sdtmflow check`: everything that can be known of a study folder without touching data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from cli.options import HERE, StudyArgument
from cli.screen import err, out
from sdtmflow.errors import StudyError

if TYPE_CHECKING:
    from sdtmflow.mapping import Plan
    from sdtmflow.study import StudyFolder


def check(study: StudyArgument = HERE) -> None:
    """Check study.yaml, specs, derivations, terms, suites and guide/, without touching data.

    Every mistake is told with file and line. Raw columns of the last collected delivery that no
    mapping reads, those that the study's own lines read and no source delivers, and terms that
    nothing uses, are told as notes; a raw column that is evidently misspelt is a mistake.
    """
    from expectations.table_plan import plans
    from sdtmflow.documents.soundness import require_sound_documents
    from sdtmflow.finding import Stage
    from sdtmflow.pipeline.plan import plan_of_folder
    from sdtmflow.study import StudyFolder

    folder = StudyFolder(study)
    planned: list[Plan] = []
    mistakes = [
        *_mistakes(lambda: planned.append(plan_of_folder(folder))),
        *_mistakes(lambda: [plans(folder, stage.value) for stage in (Stage.RAW, Stage.SDTM)]),
    ]
    notes: list[str] = []
    for plan in planned:
        mistakes += _mistakes(partial(require_sound_documents, folder.guide, plan))
        told, notes = _of_deliveries(folder, plan)
        mistakes += told
    if mistakes:
        raise StudyError("\n".join(mistakes))
    for note in notes:
        out.print(Text(f"note: {note}"))
    err.print(Text(f"{folder.study.study}: the study folder is sound", "green"))


def _mistakes(load: Callable[[], object]) -> list[str]:
    """The mistakes of one kind of file; the other kinds are still looked at."""
    try:
        load()
    except StudyError as error:
        return str(error).splitlines()
    return []


def _of_deliveries(folder: StudyFolder, plan: Plan) -> tuple[list[str], list[str]]:
    """Mistakes and notes that the last collected deliveries and the terms show."""
    from sdtmflow.pipeline.plan_notes import plan_notes
    from sdtmflow.pipeline.undelivered import undelivered
    from sdtmflow.pipeline.unmapped import unmapped
    from sdtmflow.pipeline.workspace import Workspace

    workspace = Workspace(folder.work)
    lacking = list(undelivered(plan, workspace))
    notes = [
        *(f"terms/{Path(name).name}: no mapping uses it" for name in plan.unused_terms),
        *plan.design_notes,
        *plan_notes(folder, plan, workspace),
        *(str(each.told) for each in lacking if not each.misspelt),
        *unmapped(folder.study, workspace, plan.raw_columns()),
    ]
    return [str(each.told) for each in lacking if each.misspelt], notes
