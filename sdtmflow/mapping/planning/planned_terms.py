"""Codelists and terms of a line: found, checked, made into its matcher."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.merged import PlacedLine
from sdtmflow.mapping.planning.plan import PlannedLine
from sdtmflow.mapping.planning.planner import Planner
from sdtmflow.mapping.spec import Constant, Line
from sdtmflow.mapping.values.nearest import nearest
from sdtmflow.mapping.values.terminology import Matcher, TermRow, read_terms
from sdtmflow.standards.sdtmig import DatasetFacts, VariableFacts
from sdtmflow.standards.terminology import CodelistFacts


def codelists_of(
    planner: Planner, variable: VariableFacts, entry: PlacedLine
) -> tuple[CodelistFacts, ...]:
    """The codelist that the line names, else those of the IG that this CT version has."""
    named = entry.line.codelist
    if named:
        try:
            return (planner.ct.codelist(named),)
        except StudyError as error:
            planner.wrong(error.message, entry.place, error.remedy)
            return ()
    return tuple(planner.ct.codelist(code) for code in variable.codelists if code in planner.ct)


def check_constants(planner: Planner, planned: PlannedLine) -> None:
    """A literal of a closed codelist is one of its terms."""
    for literal in literals(planned.line):
        _check_value(planner, planned, str(literal), planned.place)


def _check_value(planner: Planner, planned: PlannedLine, value: str, place: str) -> None:
    """A value that a closed codelist lacks is told."""
    values = closed_values(planned)
    if values and value not in values:
        remedy = nearest(value, values, "use a submission value")
        names = ", ".join(codelist.submission_value for codelist in planned.codelists)
        planner.wrong(f"'{value}' is no term of {names}", place, remedy)


def closed_values(planned: PlannedLine) -> frozenset[str]:
    """All values that the variable may have; empty where its codelists may be extended."""
    lists = planned.codelists
    if not lists or any(codelist.extensible for codelist in lists):
        return frozenset()
    terms = {term.submission_value for codelist in lists for term in codelist.terms}
    return frozenset(terms | set(planned.facts.beside))


def literals(line: Line) -> Iterator[str | int | float]:
    """The values that the line itself writes."""
    if line.constant is not None:
        yield line.constant
    if line.lookup and isinstance(line.lookup.value, Constant):
        yield line.lookup.value.constant
    for branch in line.case or []:
        for result in (branch.then, branch.else_):
            if isinstance(result, str | int | float):
                yield result


def matcher_of(planner: Planner, facts: DatasetFacts, planned: PlannedLine) -> Matcher:
    """The matcher of an ``assign_ct``; for --TEST it knows what --TESTCD's answers."""
    rows = _term_rows(planner, planned)
    named = planned.line.codelist or planned.line.terms
    if not planned.codelists and not rows and planned.line.verb == "assign_ct" and not named:
        planner.wrong(
            f"{planned.variable} has no codelist and no terms",
            planned.place,
            "name a codelist or terms, or use assign",
        )
    _check_terms(planner, planned, rows)
    codes = None
    code_variable = f"{planned.variable}CD"
    if planned.variable.endswith("TEST"):
        known = [variable for variable in facts.variables if variable.name == code_variable]
        lists = [planner.ct.codelist(c) for v in known for c in v.codelists if c in planner.ct]
        answers = _rows_named(planner, _names(code_variable, lists))
        codes = Matcher.of(tuple(lists), answers, beside=[b for v in known for b in v.beside])
    return Matcher.of(planned.codelists, rows, codes, planned.facts.beside)


def _names(variable: str, codelists: Sequence[CodelistFacts]) -> list[str]:
    return [variable, *(n for c in codelists for n in (c.submission_value, c.code))]


def _term_rows(planner: Planner, planned: PlannedLine) -> tuple[TermRow, ...]:
    named = planned.line.terms
    if named is None:
        return _rows_named(planner, _names(planned.variable, planned.codelists))
    if _file_named(planner, [named]) is None:
        planner.wrong(f"there is no terms/{named}.csv", planned.place, "create it, or correct it")
    return _rows_named(planner, [named])


def _rows_named(planner: Planner, names: Sequence[str]) -> tuple[TermRow, ...]:
    """The lines of the first terms file there is, in the study or beside the standard specs."""
    path = _file_named(planner, names)
    return _read_once(planner, path) if path else ()


def _file_named(planner: Planner, names: Sequence[str]) -> Path | None:
    for folder in (planner.folder.terms, planner.standard / "terms"):
        for name in names:
            path = folder / f"{name}.csv"
            if path.is_file():
                return path
    return None


def _read_once(planner: Planner, path: Path) -> tuple[TermRow, ...]:
    name = path.stem
    planner.used_terms.add(name)
    if name not in planner.terms:
        planner.terms[name] = read_terms(path, planner.problems)
        if path.parent == planner.folder.terms:
            _check_sources(planner, planner.terms[name])
    return planner.terms[name]


def _check_sources(planner: Planner, rows: Sequence[TermRow]) -> None:
    """A row for a source that the study does not have is never used."""
    sources = planner.folder.study.sources
    for row in rows:
        if row.source and row.source not in sources:
            remedy = nearest(row.source, sources, f"the sources are {', '.join(sources)}")
            planner.wrong(f"study.yaml has no source '{row.source}'", row.place, remedy)


def _check_terms(planner: Planner, planned: PlannedLine, rows: Sequence[TermRow]) -> None:
    """What a terms file submits to a closed codelist is one of its terms."""
    length = planned.line.length
    for row in rows:
        if row.submission:
            _check_value(planner, planned, row.submission, row.place)
        if length and len(row.submission.encode()) > length:
            planner.wrong(
                f"length {length} is too small for '{row.submission}' ({row.place})",
                planned.place,
                "write a greater one, or leave it out",
            )
