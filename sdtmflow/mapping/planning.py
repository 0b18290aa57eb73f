"""Study folder → plan; every mistake of every spec is told at once, with file and line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sdtmflow.errors import StudyError
from sdtmflow.mapping import dates
from sdtmflow.mapping.conversion import Conversions, read_conversions
from sdtmflow.mapping.derivations import Function, load_functions
from sdtmflow.mapping.loading import MergedSpec, PlacedLine, load_specs, standard_folder
from sdtmflow.mapping.ordering import steps_of
from sdtmflow.mapping.plan import DESIGN_DATASETS, Plan, PlannedDomain, PlannedLine
from sdtmflow.mapping.references import RAW, Read, Reference, reads
from sdtmflow.mapping.spec import Line
from sdtmflow.mapping.terminology import Matcher, TermRow, read_terms
from sdtmflow.standards.sdtmig import DatasetFacts, SdtmIg, VariableFacts, sdtmig
from sdtmflow.standards.terminology import CodelistFacts, Terminology, terminology
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import StudyErrors

AUTOMATIC = {
    "STUDYID": Line(assign="raw._study", origin="Protocol"),
    "DOMAIN": Line(assign="raw._domain", origin="Assigned"),
    "USUBJID": Line(assign="raw._usubjid", origin="Derived", method="Study, site and subject"),
}
"""Filled on every record; the raw columns are made with the records (``records.py``)."""
AUTOMATIC_DM = {
    "SUBJID": Line(assign="raw._subject", origin="Collected"),
    "SITEID": Line(assign="raw._site", origin="Assigned"),
}
BUILTIN_METHODS = {
    "builtin.subject_elements": "From the planned arm and the dates of informed consent, first "
    "dose, last dose and end of participation",
    "builtin.subject_visits": "From the visits and their dates in all datasets",
}
_MATCHED = {"assign_ct", "lookup"}
_LABEL_LIMIT = 40


@dataclass
class _Planner:
    """Collects what the specs refer to, and what is wrong with them."""

    folder: StudyFolder
    standard: Path
    ig: SdtmIg
    ct: Terminology
    specs: Mapping[str, MergedSpec]
    functions: Mapping[str, Function]
    terms: dict[str, tuple[TermRow, ...]] = field(default_factory=dict)
    used_terms: set[str] = field(default_factory=set)
    conversions: dict[str, Conversions] = field(default_factory=dict)
    problems: list[StudyError] = field(default_factory=list)

    def wrong(self, message: str, place: str, remedy: str) -> None:
        self.problems.append(StudyError(message, place=place, remedy=remedy))


def load_plan(folder: StudyFolder, standard: Path | None = None) -> Plan:
    """The plan of a study: standard specs, study specs over them, terms, functions.

    ``standard`` is the folder of the standard specs (default: the ones that are delivered).
    Raises StudyErrors with every mistake, as ``file:line: what is wrong; what to do``.
    """
    standard = standard or standard_folder()
    planner = _Planner(
        folder=folder,
        standard=standard,
        ig=sdtmig(folder.study.standards.sdtmig),
        ct=terminology(folder.study.standards.ct),
        specs={spec.domain: spec for spec in load_specs(folder.mappings, standard)},
        functions=load_functions(folder.mappings),
    )
    domains = {name: _domain(planner, spec) for name, spec in planner.specs.items()}
    planned = {name: domain for name, domain in domains.items() if domain}
    steps = steps_of(planned, planner.problems) if not planner.problems else ()
    if planner.problems:
        raise StudyErrors(planner.problems)
    return Plan(
        study=folder.study,
        folder=folder.root,
        domains=planned,
        steps=steps,
        terms=planner.terms,
        conversions=planner.conversions,
        terminology=planner.ct,
        unused_terms=_unused(planner),
    )


def _unused(planner: _Planner) -> tuple[str, ...]:
    names = sorted(path.stem for path in planner.folder.terms.glob("*.csv"))
    return tuple(name for name in names if name not in planner.used_terms)


def _domain(planner: _Planner, spec: MergedSpec) -> PlannedDomain | None:
    try:
        facts = planner.ig.dataset(spec.domain)
    except StudyError as error:
        planner.wrong(error.message, spec.place, error.remedy)
        return None
    placed = (*_automatic(spec), *spec.lines)
    lines = tuple(
        line for name, entry in placed if (line := _line(planner, spec, facts, name, entry))
    )
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
    )
    _check_completeness(planner, domain, {name for name, _ in placed})
    return domain


def _automatic(spec: MergedSpec) -> Iterator[tuple[str, PlacedLine]]:
    """The lines that every spec has without writing them."""
    named = {name for name, line in spec.lines if not line.supplemental}
    lines = AUTOMATIC | (AUTOMATIC_DM if spec.domain == "DM" else {})
    for name, line in lines.items():
        if name not in named:
            yield name, PlacedLine(line, spec.place)


def _check_completeness(planner: _Planner, domain: PlannedDomain, named: set[str]) -> None:
    for variable in domain.facts.variables:
        if variable.core == "Req" and variable.name not in named:
            planner.wrong(
                f"{domain.name} lacks the required variable {variable.name}",
                domain.place,
                f"add a line for it: {variable.label}",
            )
    for key in domain.keys:
        if key not in named:
            planner.wrong(f"the key {key} has no line", domain.place, "correct 'keys' or add it")


def _line(
    planner: _Planner, spec: MergedSpec, facts: DatasetFacts, name: str, entry: PlacedLine
) -> PlannedLine | None:
    variable = _facts(planner, facts, name, entry)
    if variable is None:
        return None
    line = _with_builtin_origin(spec, entry.line)
    _check_formats(planner, entry)
    codelists = _codelists(planner, variable, entry)
    planned = PlannedLine(
        domain=spec.domain,
        variable=name,
        line=line,
        place=entry.place,
        facts=variable,
        supplemental=entry.supplemental,
        record_set=entry.record_set,
        references=_references(planner, spec, name, entry),
        codelists=codelists,
        function=_function(planner, entry),
    )
    _check_constants(planner, planned)
    _need_conversions(planner, entry)
    if line.verb in _MATCHED and (line.verb == "assign_ct" or line.codelist or line.terms):
        return replace(planned, matcher=_matcher(planner, facts, planned))
    return planned


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


def _facts(
    planner: _Planner, facts: DatasetFacts, name: str, entry: PlacedLine
) -> VariableFacts | None:
    """What the IG says of the variable; a qualifier's facts are its own line."""
    if entry.supplemental:
        label = entry.line.label
        if not label or len(label) > _LABEL_LIMIT:
            planner.wrong(
                f"the qualifier {name} needs a label of 1 to {_LABEL_LIMIT} characters",
                entry.place,
                "add 'label: …'",
            )
        return VariableFacts(name, label, "Char", "Record Qualifier", "Perm", 0)
    known = {variable.name: variable for variable in facts.variables}
    found = known.get(name) or _from_class(planner.ig, facts, name)
    if found is None:
        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]}?" if near else "move it to 'supplemental'"
        planner.wrong(f"{facts.name} has no variable {name}", entry.place, remedy)
    return found


def _from_class(ig: SdtmIg, facts: DatasetFacts, name: str) -> VariableFacts | None:
    """A variable that the IG lists for another domain of the class: the model allows it here."""
    stem = name.removeprefix(facts.name)
    for other in ig.datasets.values():
        if other.cls != facts.cls:
            continue
        for variable in other.variables:
            same = variable.name == (other.name + stem if stem != name else name)
            if same and not variable.codelists:
                order = max(v.order for v in facts.variables if _timing(v) <= _timing(variable))
                return replace(variable, name=name, core="Perm", order=order)
    return None


def _timing(variable: VariableFacts) -> bool:
    return variable.role == "Timing"


def _check_formats(planner: _Planner, entry: PlacedLine) -> None:
    try:
        dates.check(entry.line.formats)
    except dates.FormatError as error:
        message, _, remedy = str(error).partition("; ")
        planner.wrong(message, entry.place, remedy)


def _codelists(
    planner: _Planner, variable: VariableFacts, entry: PlacedLine
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


def _references(
    planner: _Planner, spec: MergedSpec, name: str, entry: PlacedLine
) -> dict[str, Reference]:
    line = entry.line
    found = {read.name: _reference(planner, spec, read, entry.place) for read in reads(line)}
    if line.verb == "derive" and not line.needs:
        found |= _lines_above(spec, name)
    return {read: reference for read, reference in found.items() if reference}


def _lines_above(spec: MergedSpec, name: str) -> dict[str, Reference]:
    """What a derivation without ``needs`` reads: the raw columns and the lines above its own."""
    found: dict[str, Reference] = {"USUBJID": Reference("own", "USUBJID")}
    raw: dict[str, Reference] = {}
    for other, entry in spec.lines:
        if other == name:
            break
        column = f"supp.{other}" if entry.supplemental else other
        found[other] = Reference("own", column)
    for _, entry in spec.lines:
        for read in reads(entry.line):
            if _is_raw(spec, read):
                plain = read.name.removeprefix("raw.")
                raw[f"raw.{plain}" if plain in found else plain] = Reference(RAW, plain)
    return found | raw


def _reference(planner: _Planner, spec: MergedSpec, read: Read, place: str) -> Reference | None:
    prefix, _, rest = read.name.partition(".")
    if prefix == RAW and rest:
        return Reference(RAW, rest)
    if rest and (prefix in planner.specs or prefix in DESIGN_DATASETS):
        own = prefix == spec.domain
        return _variable(planner, planner.specs.get(prefix, spec), rest, place, own=own)
    if _is_raw(spec, read):
        return Reference(RAW, read.name)
    return _variable(planner, spec, read.name, place, own=True)


def _is_raw(spec: MergedSpec, read: Read) -> bool:
    """Whether a name stands for a raw column: see the docstring of ``spec.py``."""
    if read.name.startswith("raw."):
        return True
    if read.name not in _made(spec):
        return read.raw_first or "." in read.name
    return read.raw_first and read.name in _copied(spec)


def _made(spec: MergedSpec) -> set[str]:
    return (
        {name for name, _ in spec.lines}
        | set(AUTOMATIC)
        | (set(AUTOMATIC_DM) if spec.domain == "DM" else set())
    )


def _copied(spec: MergedSpec) -> set[str]:
    """The variables made from a raw column of their own name."""
    return {name for name, entry in spec.lines if Read(name, raw_first=True) in reads(entry.line)}


def _variable(
    planner: _Planner, spec: MergedSpec, name: str, place: str, *, own: bool
) -> Reference | None:
    made = _made(spec)
    if name not in made:
        near = difflib.get_close_matches(name, sorted(made), n=1)
        remedy = f"did you mean {near[0]}?" if near else f"add a line for it to {spec.domain}"
        planner.wrong(f"{spec.domain} has no line for {name}", place, remedy)
        return None
    supplemental = any(
        other == name and entry.supplemental for other, entry in spec.lines
    ) and not any(other == name and not entry.supplemental for other, entry in spec.lines)
    column = f"supp.{name}" if supplemental else name
    return Reference("own", column) if own else Reference("other", column, spec.domain)


def _function(planner: _Planner, entry: PlacedLine) -> Function | None:
    name = entry.line.derive
    if name is None:
        return None
    if name not in planner.functions:
        near = difflib.get_close_matches(name, planner.functions, n=1)
        remedy = f"did you mean '{near[0]}'?" if near else f"define it in mappings/{name}.py"
        planner.wrong(f"no function '{name}' in mappings/*.py", entry.place, remedy)
    return planner.functions.get(name)


def _check_constants(planner: _Planner, planned: PlannedLine) -> None:
    """A literal of a closed codelist is one of its terms."""
    closed = [codelist for codelist in planned.codelists if not codelist.extensible]
    if not closed or len(closed) < len(planned.codelists):
        return
    values = {term.submission_value for codelist in closed for term in codelist.terms}
    for literal in _literals(planned.line):
        if str(literal) not in values:
            near = difflib.get_close_matches(str(literal), sorted(values), n=1)
            remedy = f"did you mean '{near[0]}'?" if near else "use a submission value"
            lists = ", ".join(codelist.submission_value for codelist in closed)
            planner.wrong(f"'{literal}' is no term of {lists}", planned.place, remedy)


def _literals(line: Line) -> Iterator[str | int | float]:
    if line.constant is not None:
        yield line.constant
    for branch in line.case or []:
        for result in (branch.then, branch.else_):
            if isinstance(result, str | int | float):
                yield result


def _matcher(planner: _Planner, facts: DatasetFacts, planned: PlannedLine) -> Matcher:
    """The matcher of an ``assign_ct``; for --TEST it knows what --TESTCD's answers."""
    rows = _term_rows(planner, planned)
    if not planned.codelists and not rows and planned.line.verb == "assign_ct":
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
        codes = Matcher.of(tuple(lists), _rows_named(planner, _names(code_variable, lists)))
    return Matcher.of(planned.codelists, rows, codes)


def _names(variable: str, codelists: Sequence[CodelistFacts]) -> list[str]:
    return [variable, *(n for c in codelists for n in (c.submission_value, c.code))]


def _term_rows(planner: _Planner, planned: PlannedLine) -> tuple[TermRow, ...]:
    named = planned.line.terms
    if named is None:
        return _rows_named(planner, _names(planned.variable, planned.codelists))
    rows = _rows_named(planner, [named])
    if not rows:
        planner.wrong(f"there is no terms/{named}.csv", planned.place, "create it, or correct it")
    return rows


def _rows_named(planner: _Planner, names: Sequence[str]) -> tuple[TermRow, ...]:
    """The lines of the first terms file there is, in the study or beside the standard specs."""
    for folder in (planner.folder.terms, planner.standard / "terms"):
        for name in names:
            path = folder / f"{name}.csv"
            if path.is_file():
                return _read_once(planner, name, path)
    return ()


def _read_once(planner: _Planner, name: str, path: Path) -> tuple[TermRow, ...]:
    planner.used_terms.add(name)
    if name not in planner.terms:
        try:
            planner.terms[name] = read_terms(path)
        except StudyError as error:
            planner.terms[name] = ()
            planner.problems.append(error)
    return planner.terms[name]


def _check_terms(planner: _Planner, planned: PlannedLine, rows: Sequence[TermRow]) -> None:
    """What a terms file submits to a closed codelist is one of its terms."""
    lists = planned.codelists
    if not lists or any(codelist.extensible for codelist in lists):
        return
    values = {term.submission_value for codelist in lists for term in codelist.terms}
    for row in rows:
        if row.submission and row.submission not in values:
            near = difflib.get_close_matches(row.submission, sorted(values), n=1)
            remedy = f"did you mean '{near[0]}'?" if near else "use a submission value"
            name = lists[0].submission_value
            planner.wrong(f"'{row.submission}' is no term of {name}", row.place, remedy)


def _need_conversions(planner: _Planner, entry: PlacedLine) -> None:
    convert = entry.line.convert
    if convert is None or convert.table in planner.conversions:
        return
    for folder in (planner.folder.terms, planner.standard):
        path = folder / f"{convert.table}.csv"
        if path.is_file():
            planner.used_terms.add(convert.table)
            _read_conversions(planner, convert.table, path)
            return
    planner.wrong(
        f"there is no conversion table '{convert.table}'",
        entry.place,
        f"create terms/{convert.table}.csv",
    )


def _read_conversions(planner: _Planner, name: str, path: Path) -> None:
    try:
        planner.conversions[name] = read_conversions(path)
    except StudyError as error:
        planner.problems.append(error)
