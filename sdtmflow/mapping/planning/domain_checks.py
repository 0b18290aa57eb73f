"""What is wrong with a domain as a whole: keys, record sets, variables that nothing makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sdtmflow.mapping.planning.dataset_facts import part_mistakes
from sdtmflow.mapping.planning.line_checks import Mistake, label_mistakes
from sdtmflow.mapping.planning.merged import MergedSpec, PlacedLine
from sdtmflow.mapping.planning.plan import BUILTIN, DESIGN_DATASETS, lookup_columns
from sdtmflow.mapping.planning.planner import AUTOMATIC, AUTOMATIC_DM, Planner
from sdtmflow.mapping.records.records import BUILTINS
from sdtmflow.mapping.spec import RecordSet, Unpivot
from sdtmflow.mapping.values.conditions import names, parse
from sdtmflow.mapping.values.nearest import nearest
from sdtmflow.standards.sdtmig import DatasetFacts


def check_domain(planner: Planner, spec: MergedSpec, facts: DatasetFacts) -> None:
    """Add every mistake that is no single line's to the planner's problems."""
    made = _variables(spec)
    for message, remedy in (
        *_required(spec, facts, made),
        *_keys(spec, made),
        *label_mistakes(spec.label),
    ):
        planner.wrong(message, spec.place, remedy)
    for message, place, remedy in part_mistakes(planner.ig, spec, made):
        planner.wrong(message, place, remedy)
    for at, records in enumerate(spec.record_sets):
        for message, remedy in _record_set(planner, spec, facts, records, at):
            planner.wrong(message, spec.set_places[at], remedy)
    for name, entry in spec.lines:
        for message, remedy in (*_line(spec, made, name, entry), *_design(planner, entry)):
            planner.wrong(message, entry.place, remedy)


def _variables(spec: MergedSpec) -> set[str]:
    automatic = {*AUTOMATIC, *(AUTOMATIC_DM if spec.domain == "DM" else ())}
    return automatic | {name for name, entry in spec.lines if not entry.supplemental}


def _required(spec: MergedSpec, facts: DatasetFacts, made: set[str]) -> Iterator[Mistake]:
    for variable in facts.variables:
        if variable.core == "Req" and variable.name not in made:
            yield (
                f"{spec.domain} lacks the required variable {variable.name}",
                f"add a line for it: {variable.label}",
            )


def _keys(spec: MergedSpec, made: set[str]) -> Iterator[Mistake]:
    for key, count in Counter(spec.keys).items():
        if key not in made:
            yield f"the key {key} has no line", nearest(key, made, "correct 'keys' or add it")
        if count > 1:
            yield f"the key {key} is named twice", "name it once"
    if spec.keys and "USUBJID" in made and "USUBJID" not in spec.keys:
        yield "the keys lack USUBJID", "begin them with STUDYID, USUBJID"


_ADD_KEYS = (
    "add the variables that name a record, as 'keys: [STUDYID, USUBJID, …]', or write "
    "{by: [VARIABLE, …]}"
)


def _line(spec: MergedSpec, made: set[str], name: str, entry: PlacedLine) -> Iterator[Mistake]:
    if entry.supplemental and name in made:
        yield (
            f"{name} is a variable of {spec.domain} as well",
            "give the qualifier a name of its own",
        )
    sequence = entry.line.sequence
    if sequence is None:
        return
    if entry.record_set is not None and len(spec.record_sets) > 1:
        yield (
            f"{name} would begin anew in each record set",
            f"write the line once, among the variables of {spec.domain} as a whole",
        )
    if sequence.by == "keys":
        if not set(spec.keys) - {"STUDYID", "USUBJID"}:
            yield "the domain has no keys to number by", _ADD_KEYS
        return
    for by in sequence.by:
        if by not in made:
            yield f"{spec.domain} has no line for {by}", nearest(by, made, "correct it")


def _design(planner: Planner, entry: PlacedLine) -> Iterator[Mistake]:
    """Columns of a trial design dataset that a lookup reads and the dataset does not have."""
    lookup = entry.line.lookup
    if lookup is None or lookup.dataset not in DESIGN_DATASETS:
        return
    known = {variable.name for variable in planner.ig.dataset(lookup.dataset).variables}
    for column in lookup_columns(entry.line):
        if column not in known:
            yield (
                f"{lookup.dataset} has no variable {column}",
                nearest(column, known, "correct it"),
            )


def _record_set(
    planner: Planner, spec: MergedSpec, facts: DatasetFacts, records: RecordSet, at: int
) -> Iterator[Mistake]:
    name = records.from_.removeprefix(BUILTIN)
    if name != records.from_ and name not in BUILTINS:
        builtins = [f"{BUILTIN}{maker}" for maker in sorted(BUILTINS)]
        yield f"there is no maker '{records.from_}'", f"there are: {', '.join(builtins)}"
    if records.unpivot:
        yield from _unpivot(records.unpivot)
    for read in names(parse(records.where)) if records.where else ():
        dataset, _, column = read.partition(".")
        if column and (dataset in planner.specs or dataset in DESIGN_DATASETS):
            yield (
                f"'where' reads raw columns, and {read} is a variable",
                "name the raw column that it is made from",
            )
    yield from _required_in_set(spec, facts, at)


def _required_in_set(spec: MergedSpec, facts: DatasetFacts, at: int) -> Iterator[Mistake]:
    """A required variable that other record sets make, and this one leaves empty."""
    everywhere = {name for name, e in spec.lines if e.record_set is None and not e.supplemental}
    here = {name for name, entry in spec.lines if entry.record_set == at}
    somewhere = {name for name, entry in spec.lines if entry.record_set is not None}
    for variable in facts.variables:
        needed = variable.core == "Req" and variable.name in somewhere
        if needed and variable.name not in everywhere | here:
            place = f"record set {at + 1} (from {spec.record_sets[at].from_})"
            yield (
                f"{place} lacks the required variable {variable.name}",
                f"add a line for it: {variable.label}",
            )


def _unpivot(unpivot: Unpivot) -> Iterator[Mistake]:
    for value in _repeated(unpivot.values):
        yield f"unpivot names the value '{value}' twice", "name it once"
    forms = unpivot.columns.values()
    if not any(isinstance(form, dict) or "{}" in form for form in forms):
        yield "no column of the unpivot has {}", 'write for example RESULT: "{}_VSORRES"'
    for value in (value for form in forms if isinstance(form, dict) for value in form):
        if value not in unpivot.values:
            remedy = nearest(value, unpivot.values, "add it to 'values'")
            yield f"'columns' names '{value}', which is no value of the unpivot", remedy
    for value in unpivot.labels:
        if value not in unpivot.values:
            remedy = nearest(value, unpivot.values, "add it to 'values'")
            yield f"'labels' names '{value}', which is no value of the unpivot", remedy
    if unpivot.into in unpivot.columns:
        yield f"'into' and 'columns' both make {unpivot.into}", "give one of them another name"


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]
