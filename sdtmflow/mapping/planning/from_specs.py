"""Study folder → plan; every mistake of every spec is told at once, with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sdtmflow.errors import StudyError
from sdtmflow.mapping.design.check import Checked, check_design
from sdtmflow.mapping.design.element_rules import dates_read
from sdtmflow.mapping.makers.linking import carrying
from sdtmflow.mapping.planning.borrowing import ORDER_STEP, borrowed
from sdtmflow.mapping.planning.comparisons import check_comparisons
from sdtmflow.mapping.planning.dataset_facts import dataset_facts
from sdtmflow.mapping.planning.derivations import Function, load_functions
from sdtmflow.mapping.planning.domain_checks import check_domain
from sdtmflow.mapping.planning.line_checks import mistakes_of
from sdtmflow.mapping.planning.loading import load_specs, standard_folder
from sdtmflow.mapping.planning.merged import MergedSpec, PlacedLine
from sdtmflow.mapping.planning.naming import references_of
from sdtmflow.mapping.planning.ordering import steps_of
from sdtmflow.mapping.planning.plan import Plan, PlannedDomain, PlannedLine
from sdtmflow.mapping.planning.planned_terms import check_constants, codelists_of, matcher_of
from sdtmflow.mapping.planning.planner import AUTOMATIC, AUTOMATIC_DM, Planner
from sdtmflow.mapping.planning.source_checks import check_sources
from sdtmflow.mapping.planning.spec_files import LostSpecError
from sdtmflow.mapping.records.multiple import with_answers
from sdtmflow.mapping.spec import Line
from sdtmflow.mapping.values.conversion import read_conversions
from sdtmflow.mapping.values.nearest import nearest
from sdtmflow.standards.sdtmig import DatasetFacts, VariableFacts, sdtmig
from sdtmflow.standards.terminology import Terminology, study_terminology
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import StudyErrors
from sdtmflow.usdm import designed

BUILTIN_METHODS = {
    "builtin.subject_elements": "From the planned arm and the dates of informed consent, first "
    "dose, last dose and end of participation",
    "builtin.subject_visits": "From the visits and their dates in all datasets",
    "builtin.related_records": "From the numbers by which collected records name each other",
}
_MATCHED = {"lookup", "case", "coalesce"}
"""Verbs whose text is matched where the line names a codelist or terms."""


def load_plan(folder: StudyFolder, standard: Path | None = None) -> Plan:
    """The plan of a study: standard specs, study specs over them, terms, functions.

    ``standard`` is the folder of the standard specs (default: the ones that are delivered).
    Raises StudyErrors with every mistake, as ``file:line: what is wrong; what to do``.
    """
    plan, problems = draft_plan(folder, study_terminology(folder), standard)
    if problems:
        raise StudyErrors(problems)
    return plan


def draft_plan(
    folder: StudyFolder, ct: Terminology, standard: Path | None = None
) -> tuple[Plan, tuple[StudyError, ...]]:
    """The plan under any version of CT, with every mistake of the study folder under it."""
    standard = standard or standard_folder()
    ig = sdtmig(folder.study.standards.sdtmig)
    problems: list[StudyError] = []
    planner = Planner(
        folder=folder,
        standard=standard,
        ig=ig,
        ct=ct,
        specs={spec.domain: spec for spec in load_specs(folder.mappings, standard, ig, problems)},
        functions=load_functions(folder.mappings, problems),
        problems=problems,
    )
    domains = {name: _domain(planner, spec) for name, spec in planner.specs.items()}
    planned = carrying(planner, {name: domain for name, domain in domains.items() if domain})
    whole = designed(folder, planner.ct)
    checked = Checked(whole.problems)
    if checked.sound:
        checked = check_design(whole.study, planner.ct, planned, whole.place)
    problems += checked.problems
    design = whole.study.design
    steps = steps_of(planned, problems, dates_read(design) if design and checked.sound else ())
    check_comparisons(planned, problems)
    check_sources(folder, problems)
    plan = Plan(
        study=whole.study,
        folder=folder.root,
        domains=planned,
        steps=steps,
        terms=planner.terms,
        conversions=planner.conversions,
        terminology=planner.ct,
        place=whole.place,
        unused_terms=_unused(planner),
        design_notes=(*whole.notes, *checked.notes),
    )
    return plan, tuple(_in_order(problems))


def _in_order(problems: list[StudyError]) -> list[StudyError]:
    """By file and line, each once."""
    different = {str(problem): problem for problem in problems}
    return sorted(different.values(), key=_file_and_line)


def _file_and_line(problem: StudyError) -> tuple[str, int]:
    file, _, rest = problem.place.partition(":")
    number = re.match(r"\d+", rest)
    return file, int(number.group()) if number else 0


def _unused(planner: Planner) -> tuple[str, ...]:
    names = sorted(path.stem for path in planner.folder.terms.glob("*.csv"))
    return tuple(name for name in names if name not in planner.used_terms)


def _domain(planner: Planner, spec: MergedSpec) -> PlannedDomain | None:
    try:
        facts = dataset_facts(planner, spec)
    except LostSpecError as error:
        planner.problems.append(error)
        return None
    placed = (*_automatic(spec, facts), *spec.lines)
    made = (
        _line(planner, spec, facts, name, alternative)
        for name, entry in placed
        for alternative in entry.alternatives()
    )
    lines = tuple(line for first in made for line in with_answers(spec, first))
    domain = PlannedDomain(
        name=spec.domain,
        facts=facts,
        place=spec.place,
        keys=spec.keys or ("STUDYID", "USUBJID"),
        record_sets=spec.record_sets,
        lines=lines,
        label=spec.label,
        structure=spec.structure,
        comment=spec.comment,
        links=spec.links,
        parts=spec.parts,
    )
    check_domain(planner, spec, facts)
    return domain


def _automatic(spec: MergedSpec, facts: DatasetFacts) -> Iterator[tuple[str, PlacedLine]]:
    """The lines that every spec has without writing them; RELREC has no DOMAIN."""
    named = {name for name, line in spec.lines if not line.supplemental}
    known = {variable.name for variable in facts.variables}
    lines = AUTOMATIC | (AUTOMATIC_DM if spec.domain == "DM" else {})
    for name, line in lines.items():
        if name in known - named:
            yield name, PlacedLine(line, spec.place)


def _line(
    planner: Planner, spec: MergedSpec, facts: DatasetFacts, name: str, entry: PlacedLine
) -> PlannedLine:
    line = _with_builtin_origin(spec, entry.line)
    planned = PlannedLine(
        domain=spec.domain,
        variable=name,
        line=line,
        place=entry.place,
        facts=_facts(planner, facts, name, entry),
        supplemental=entry.supplemental,
        record_set=entry.record_set,
        references={},
    )
    if entry.unreadable:
        return planned
    planned = replace(
        planned,
        references=references_of(planner, spec, name, entry),
        codelists=codelists_of(planner, planned.facts, entry),
        function=_function(planner, entry),
    )
    for message, remedy in mistakes_of(planned):
        planner.wrong(message, entry.place, remedy)
    check_constants(planner, planned)
    _need_conversions(planner, entry)
    if _is_matched(planned):
        return replace(planned, matcher=matcher_of(planner, facts, planned))
    return planned


def _is_matched(planned: PlannedLine) -> bool:
    line = planned.line
    if line.verb == "multiple":
        return bool(planned.codelists or line.terms)
    named = bool(line.codelist or line.terms)
    return line.verb == "assign_ct" or (line.verb in _MATCHED and named)


def _with_builtin_origin(spec: MergedSpec, line: Line) -> Line:
    """What a built-in maker derived is derived, though the line only assigns it."""
    makers = {records.from_ for records in spec.record_sets}
    automatic = line in (AUTOMATIC | AUTOMATIC_DM).values()
    if line.origin or automatic or not all(maker in BUILTIN_METHODS for maker in makers):
        return line
    method = line.method or " ".join(BUILTIN_METHODS[maker] for maker in sorted(makers))
    if line.verb not in {"assign", "number"}:
        return line
    return line.model_copy(update={"origin": "Derived", "method": method})


def _facts(planner: Planner, facts: DatasetFacts, name: str, entry: PlacedLine) -> VariableFacts:
    """What the IG says of the variable; a qualifier's facts are its own line."""
    if entry.supplemental:
        return VariableFacts(name, entry.line.label, "Char", "Record Qualifier", "Perm", 0)
    known = {variable.name: variable for variable in facts.variables}
    if name in known:
        return replace(known[name], order=known[name].order * ORDER_STEP)
    found = borrowed(planner.ig, facts, name)
    if found is None:
        remedy = nearest(name, known, "move it to 'supplemental'")
        planner.wrong(f"{facts.name} has no variable {name}", entry.place, remedy)
        return VariableFacts(name, "", "Char", "", "Perm", 0)
    return found


def _function(planner: Planner, entry: PlacedLine) -> Function | None:
    name = entry.line.derive
    if name is None:
        return None
    if name not in planner.functions and not planner.has_broken_module:
        remedy = nearest(name, planner.functions, f"define it in mappings/{name}.py")
        planner.wrong(f"no function '{name}' in mappings/*.py", entry.place, remedy)
    return planner.functions.get(name)


def _need_conversions(planner: Planner, entry: PlacedLine) -> None:
    convert = entry.line.convert
    if convert is None or convert.table in planner.conversions:
        return
    for folder in (planner.folder.terms, planner.standard):
        path = folder / f"{convert.table}.csv"
        if path.is_file():
            planner.used_terms.add(convert.table)
            planner.conversions[convert.table] = read_conversions(path, planner.problems)
            return
    planner.wrong(
        f"there is no conversion table '{convert.table}'",
        entry.place,
        f"create terms/{convert.table}.csv",
    )
