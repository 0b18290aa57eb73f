"""A reviewed workbook → the smallest changes of the study's specs; all of them, or none."""

from __future__ import annotations

import difflib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sdtmflow.errors import StudyError
from sdtmflow.mapping import load_plan
from sdtmflow.mapping.planning.plan import Plan
from sdtmflow.mapping.planning.spec_files import line_numbers
from sdtmflow.review.edits import Edit, edits_of
from sdtmflow.review.reading import Remark, read_review
from sdtmflow.review.yaml_text import remove, set_value
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import StudyErrors


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changes: file (relative to the study) → its text before and after."""

    before: dict[str, str]
    after: dict[str, str]
    remarks: tuple[Remark, ...] = ()
    edits: tuple[Edit, ...] = field(default=(), repr=False)

    def diff(self) -> Iterator[str]:
        """The change as a unified diff, line by line."""
        for name, text in self.after.items():
            old, new = self.before[name].splitlines(), text.splitlines()
            yield from difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", lineterm="")


def import_specs(folder: StudyFolder, workbook: Path, *, dry_run: bool = False) -> Imported:
    """Take in what reviewers changed; standard lines become lines of the study's own specs.

    Raises StudyErrors with every cell that cannot be taken, by sheet, row and column; then nothing
    is written, and nothing is with ``dry_run``.
    """
    plan = load_plan(folder)
    review = read_review(workbook)
    problems: list[StudyError] = []
    edits = edits_of(plan, folder, review.changes, problems)
    if problems:
        raise StudyErrors(problems)
    before, after = _texts(folder, edits)
    imported = Imported(before, after, review.remarks, tuple(edits))
    _check(folder, imported)
    if not dry_run:
        folder.mappings.mkdir(exist_ok=True)
        for name, text in after.items():
            (folder.root / name).write_bytes(text.encode("utf-8"))
    return imported


def _texts(folder: StudyFolder, edits: list[Edit]) -> tuple[dict[str, str], dict[str, str]]:
    """The files that the edits change, before and after."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for edit in edits:
        path = folder.root / edit.file
        if edit.file not in before:
            there = path.is_file()
            before[edit.file] = path.read_bytes().decode("utf-8") if there else ""
            after[edit.file] = before[edit.file] if there else edit.new_file
        text = after[edit.file]
        gone = edit.value is None and not edit.as_null
        after[edit.file] = (
            remove(text, edit.path) if gone else set_value(text, edit.path, edit.value)
        )
    changed = [name for name in after if after[name] != before[name]]
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


def _check(folder: StudyFolder, imported: Imported) -> Plan:
    """The plan with the changes; what is wrong then is told by the workbook's cell."""
    with tempfile.TemporaryDirectory(prefix="sdtmflow-") as temporary:
        copy = Path(temporary) / "study"
        ignored = shutil.ignore_patterns("work", "store", "raw")
        shutil.copytree(folder.root, copy, ignore=ignored)
        (copy / "mappings").mkdir(exist_ok=True)
        for name, text in imported.after.items():
            (copy / name).write_bytes(text.encode("utf-8"))
        try:
            return load_plan(StudyFolder(copy))
        except StudyErrors as errors:
            cells = _cells(imported)
            raise StudyErrors([_by_cell(each, cells) for each in errors.problems]) from None


def _cells(imported: Imported) -> dict[str, str]:
    """``file:line`` → the workbook's cell that the line comes from."""
    found = {}
    for name, text in imported.after.items():
        numbers = line_numbers(text)
        for edit in imported.edits:
            if edit.file == name and tuple(edit.path) in numbers:
                found[f"{name}:{numbers[tuple(edit.path)]}"] = edit.cell
    return found


def _by_cell(problem: StudyError, cells: dict[str, str]) -> StudyError:
    file, _, rest = problem.place.partition(":")
    cell = cells.get(f"{file}:{rest.partition(':')[0]}")
    return StudyError(problem.message, place=cell or problem.place, remedy=problem.remedy)
