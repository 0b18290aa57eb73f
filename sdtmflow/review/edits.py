"""What a workbook's changes mean in the study's specs, or why they cannot be taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.loading import standard_folder
from sdtmflow.mapping.planning.merged import entries
from sdtmflow.mapping.planning.plan import Plan, PlannedDomain, PlannedLine
from sdtmflow.mapping.planning.spec_files import SpecFile, spec_files
from sdtmflow.mapping.spec import Line
from sdtmflow.mapping.values.nearest import nearest
from sdtmflow.review.reading import Change
from sdtmflow.review.rows import origin, rows_of, written
from sdtmflow.review.sheets import DATASETS, NOTE, STATUS, key_of
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import explain


@dataclass(frozen=True, slots=True)
class Edit:
    """A key of a spec file and what it shall say; None removes it, or (``as_null``) nulls it."""

    file: str
    path: tuple[str, ...]
    value: Any
    cell: str
    """Where in the workbook it comes from."""
    as_null: bool = False
    new_file: str = ""
    """What the file begins with where there is none yet."""


@dataclass(frozen=True, slots=True)
class _Study:
    """The plan, its rows as they are now, and the study's own spec files."""

    plan: Plan
    files: dict[str, SpecFile]
    now: dict[str, dict[tuple[str, ...], dict[str, str]]]
    standard: dict[str, SpecFile]

    def file_of(self, domain: str) -> str:
        """The study's spec of the domain, there or not."""
        file = self.files.get(domain)
        return file.name if file else f"mappings/{domain.lower()}.yaml"


def edits_of(
    plan: Plan, folder: StudyFolder, changes: tuple[Change, ...], problems: list[StudyError]
) -> list[Edit]:
    """The edits, in the order of the workbook; what cannot be taken goes to ``problems``."""
    files = spec_files(folder.mappings, []) if folder.mappings.is_dir() else {}
    rows = rows_of(plan)
    sheets = {change.sheet.name: change.sheet for change in changes}
    now = {name: {key_of(sheet, row): row for row in rows[name]} for name, sheet in sheets.items()}
    study = _Study(plan, files, now, spec_files(standard_folder(), []))
    edits: list[Edit] = []
    for change in changes:
        found = list(_problems(study, change))
        problems += found
        if not found:
            edits += _edits(study, change, problems)
    return edits


def _problems(study: _Study, change: Change) -> Iterator[StudyError]:
    """Changes of what an import does not take, and of what was changed meanwhile."""
    sheet = change.sheet
    if not sheet.edited:
        yield StudyError(
            "changes of this sheet are not imported",
            place=change.place(),
            remedy=f"change {change.row.get('Place') or 'the study folder'} itself",
        )
        return
    if (change.before is None or change.after is None) and not sheet.reviewed:
        yield StudyError(
            "datasets are not added or deleted here",
            place=change.place(),
            remedy="add or remove a spec in mappings/",
        )
        return
    if change.before is not None:
        yield from _of_other_columns(change)
        yield from _of_meanwhile(study, change)


def _of_other_columns(change: Change) -> Iterator[StudyError]:
    if change.after is None:
        return
    for name in change.changed():
        if name not in {*change.sheet.edited, STATUS, NOTE}:
            yield StudyError(
                "this column follows from the line and is not imported",
                place=change.place(name),
                remedy=f"edit {', '.join(change.sheet.edited)}",
            )


def _of_meanwhile(study: _Study, change: Change) -> Iterator[StudyError]:
    """The spec has to say still what was exported."""
    before = change.before or {}
    now = study.now[change.sheet.name].get(key_of(change.sheet, before))
    if now is None or any(now[name].strip() != before[name] for name in change.sheet.edited):
        yield StudyError(
            "the spec was changed since the export",
            place=change.place(),
            remedy="export again, and review the new workbook",
        )


def _edits(study: _Study, change: Change, problems: list[StudyError]) -> Iterator[Edit]:
    if change.sheet is DATASETS:
        yield from _dataset_edits(study, change)
        return
    domain = study.plan.domains.get(change.row["Dataset"])
    if domain is None:
        remedy = nearest(change.row["Dataset"], study.plan.domains, "add a spec in mappings/")
        message = f"there is no dataset '{change.row['Dataset']}'"
        problems.append(StudyError(message, place=change.place("Dataset"), remedy=remedy))
        return
    try:
        yield from _line_edits(study, domain, change)
    except StudyErrorAtCell as error:
        problems += error.problems


class StudyErrorAtCell(StudyError):  # noqa: N818 — it carries the mistakes of one cell
    """The mistakes of one row."""

    def __init__(self, *problems: StudyError) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def _dataset_edits(study: _Study, change: Change) -> Iterator[Edit]:
    after = change.after or {}
    domain = study.plan.domains[after["Dataset"]]
    for name in change.changed():
        if name in change.sheet.edited:
            text = after[name]
            value: Any = re.split(r"[,\s]+", text.strip()) if name == "Keys" else text
            yield _edit(study, domain.name, (name.lower(),), value or None, change.place(name))


def _edit(
    study: _Study, domain: str, path: tuple[str, ...], value: Any, cell: str, *, null: bool = False
) -> Edit:
    start = f"version: 1\ndomain: {domain}\nextends: standard\n"
    return Edit(study.file_of(domain), path, value, cell, as_null=null, new_file=start)


def _line_edits(study: _Study, domain: PlannedDomain, change: Change) -> Iterator[Edit]:
    row = change.row
    section = "supplemental" if change.sheet.name == "Supplemental" else "variables"
    planned = _planned(domain, change)
    path = _path(study, domain, planned, section, change)
    standing = planned is not None and origin(planned.place) == "study"
    if change.after is None:
        back = not standing or _comes_back(study, domain.name, row["Variable"])
        yield _edit(study, domain.name, path, None, change.place(), null=back)
        return
    data = _data(change, planned)
    if _sound(change, row["Variable"], data):
        yield _edit(study, domain.name, path, data, change.place("Line"))


def _comes_back(study: _Study, domain: str, variable: str) -> bool:
    """Whether the standard spec's line would stand again where the study's is removed."""
    file, standard = study.files.get(domain), study.standard.get(domain)
    if file is None or standard is None or file.spec.extends is None:
        return False
    return any(name == variable for _, name, _ in entries(standard))


def _planned(domain: PlannedDomain, change: Change) -> PlannedLine | None:
    """The line of a row that is there already."""
    supplemental = change.sheet.name == "Supplemental"
    for line in written(domain):
        records = "" if line.record_set is None else str(line.record_set + 1)
        key = (line.domain, line.variable, records)
        if line.supplemental == supplemental and key == key_of(change.sheet, change.row):
            return line if change.before is not None else None
    return None


def _path(
    study: _Study,
    domain: PlannedDomain,
    planned: PlannedLine | None,
    section: str,
    change: Change,
) -> tuple[str, ...]:
    """Where the line stands, or shall stand, in the study's file."""
    name, file = change.row["Variable"], study.files.get(domain.name)
    if planned is not None and file is not None:
        for path, _, _ in entries(file):
            if file.place(*path) == planned.place:
                return path
    records = change.row["Records"]
    sets = {line.record_set for line in domain.lines_of(name)} if records else set()
    if records and len(sets) > 1:
        raise StudyErrorAtCell(
            StudyError(
                f"{name} has a line for each of several record sets of the standard spec",
                place=change.place("Line"),
                remedy=_in_records(study, domain, name, change.row),
            )
        )
    return (section, name)


def _in_records(study: _Study, domain: PlannedDomain, name: str, row: Mapping[str, str]) -> str:
    """What to write by hand: the record set by its name, and the line."""
    records = domain.record_sets[int(row["Records"]) - 1]
    line = row["Line"] or "null"
    if records.name:
        said = f"records: [{{name: {records.name}, variables: {{{name}: {line}}}}}]"
        return f"write it in {study.file_of(domain.name)} as '{said}', and take the row back"
    return (
        f"this record set has no name: in {study.file_of(domain.name)}, write all record sets of "
        f"{domain.name} under 'records:', and take the row back"
    )


def _data(change: Change, planned: PlannedLine | None) -> dict[str, Any]:
    """What the row says of the line: its text, label and comment."""
    row = change.row
    data = _parsed(change, row["Line"])
    standard = planned.facts.label if planned and not planned.supplemental else ""
    own = planned.line.label if planned else ""
    if row["Label"] and (row["Label"] == own or row["Label"] != standard):
        data["label"] = row["Label"]
    if row["Comment"]:
        data["comment"] = row["Comment"]
    return data


def _parsed(change: Change, text: str) -> dict[str, Any]:
    def refused(message: str) -> StudyErrorAtCell:
        remedy = "write for example {assign: AETERM}"
        return StudyErrorAtCell(StudyError(message, place=change.place("Line"), remedy=remedy))

    if not text:
        raise refused("there is no line")
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        raise refused("this cannot be read as a line of a spec") from None
    if not isinstance(data, dict):
        raise refused("this is no line of a spec")
    return dict(data)


def _sound(change: Change, name: str, data: dict[str, Any]) -> bool:
    """Raises StudyErrorAtCell with every mistake of the line itself."""
    try:
        Line.model_validate(data)
    except ValidationError as error:
        told = explain(error, "{}", "", Line)
        raise StudyErrorAtCell(
            *(
                StudyError(
                    each.message, place=change.place(_column(each, data)), remedy=each.remedy
                )
                for each in told
            )
        ) from None
    return bool(name)


def _at_cell(problem: StudyError, change: Change, data: dict[str, Any]) -> StudyError:
    place = change.place(_column(problem, data))
    return StudyError(problem.message, place=place, remedy=problem.remedy)


def _column(problem: StudyError, data: dict[str, Any]) -> str:
    path = problem.place.rpartition(": ")[2]
    return "Label" if path.startswith("label") and "label" in data else "Line"
