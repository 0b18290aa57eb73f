"""The plan of a study as the rows of the workbook's sheets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sdtmflow.mapping.planning.methods import method_of
from sdtmflow.mapping.planning.origins import origin_of
from sdtmflow.mapping.planning.plan import Plan, PlannedDomain, PlannedLine
from sdtmflow.mapping.spec import OF_THE_VARIABLE, Line
from sdtmflow.mapping.values.conditions import names, parse
from sdtmflow.mapping.values.flow_text import flow
from sdtmflow.review.sheets import (
    CODELISTS,
    CONDITIONS,
    DATASETS,
    NOTE,
    OVERVIEW,
    RECORDS,
    STATUS,
    SUPPLEMENTAL,
    TERMS,
    VARIABLES,
    Row,
)

_WORDS = {
    "assign": "As collected in {}",
    "number": "The number that {} says",
    "assign_ct": "The submission value of {}",
    "datetime": "{} in ISO 8601",
    "constant": "Always {}",
    "coalesce": "The first of {} that is there",
    "concat": "Joined: {}",
    "lookup": "Looked up: {}",
    "visit": "The planned visit of {}",
}
ABOUT = {"label", "comment"}
"""Keys of a line that have columns of their own."""
_TAKEN_OVER = {*OF_THE_VARIABLE, "comment"}
"""What a line inside another takes over from it."""


def rows_of(plan: Plan) -> dict[str, list[Row]]:
    """Sheet → its rows, in the order of the specs."""
    return {
        OVERVIEW.name: list(_overview(plan)),
        DATASETS.name: [_dataset(domain) for domain in plan.domains.values()],
        VARIABLES.name: list(_lines(plan, supplemental=False)),
        SUPPLEMENTAL.name: list(_lines(plan, supplemental=True)),
        CODELISTS.name: list(_codelists(plan)),
        TERMS.name: list(_terms(plan)),
        RECORDS.name: list(_records(plan)),
        CONDITIONS.name: list(_conditions(plan)),
    }


def _overview(plan: Plan) -> Iterator[Row]:
    study = plan.study
    said = {
        "Study": study.study,
        "Title": study.title,
        "SDTMIG": study.standards.sdtmig,
        "Controlled terminology": str(study.standards.ct),
        "Datasets": ", ".join(plan.domains),
        "To change a rule": "Edit Label, Line or Comment in Variables or Supplemental; "
        "Label, Structure, Keys or Comment in Datasets.",
        "To add a rule": "Add a row with Dataset, Variable and Line (a qualifier: and Label).",
        "To remove a rule": "Delete its row.",
        "Not imported": "Every other column and sheet; change those in the study folder.",
        "Import": "sdtmflow spec import FILE --study FOLDER --dry-run shows what it would change.",
    }
    return ({"Item": item, "Value": value} for item, value in said.items())


def _dataset(domain: PlannedDomain) -> Row:
    return {
        "Dataset": domain.name,
        "Class": domain.facts.cls,
        "Label": domain.label or domain.facts.label,
        "Structure": domain.structure or domain.facts.structure,
        "Keys": ", ".join(domain.keys),
        "Comment": domain.comment,
        "Lines": str(len(domain.lines)),
        "From": origin(domain.place),
        "Place": domain.place,
    }


def origin(place: str) -> str:
    """Whose line it is: the standard's or the study's."""
    return "study" if place.startswith("mappings/") else "standard"


def _lines(plan: Plan, *, supplemental: bool) -> Iterator[Row]:
    for domain in plan.domains.values():
        for line in written(domain):
            if line.supplemental == supplemental and not is_automatic(line, domain):
                yield _line(line)


def written(domain: PlannedDomain) -> Iterator[PlannedLine]:
    """The lines as the specs have them: with those to be asked ``otherwise`` inside."""
    chains: dict[tuple[str, int | None, str], list[PlannedLine]] = {}
    for line in domain.lines:
        chains.setdefault((line.column, line.record_set, line.place), []).append(line)
    for chain in chains.values():
        whole: Line | None = None
        for each in reversed(chain):
            whole = each.line.model_copy(update={"otherwise": whole})
        yield replace(chain[0], line=whole or chain[0].line)


def is_automatic(line: PlannedLine, domain: PlannedDomain) -> bool:
    """Whether no spec writes the line."""
    return line.place == domain.place


def _line(line: PlannedLine) -> Row:
    return {
        "Dataset": line.domain,
        "Order": "" if line.supplemental else f"{line.facts.order / 1000:g}",
        "Variable": line.variable,
        "Label": line.line.label or line.facts.label,
        "Type": line.facts.type,
        "Core": "" if line.supplemental else line.facts.core,
        "Codelist": ", ".join(codelist.submission_value for codelist in line.codelists),
        "Origin": origin_of(line).type,
        "Rule in words": _in_words(line),
        "Line": flow(said(line)),
        "Comment": line.line.comment,
        "Records": "" if line.record_set is None else str(line.record_set + 1),
        "From": origin(line.place),
        "Place": line.place,
        STATUS: "open",
        NOTE: "",
    }


def said(line: PlannedLine) -> dict[str, Any]:
    """What the line says, without what has a column of its own; the verb first."""
    return _said(line.line, line.line)


def _said(line: Line, head: Line) -> dict[str, Any]:
    """A line; one inside another says of the variable only what the other does not."""
    inherited = {name for name in _TAKEN_OVER if getattr(line, name) == getattr(head, name)}
    unsaid = {name for name in _TAKEN_OVER if _is_unsaid(getattr(line, name))}
    left_out = {"otherwise"} | unsaid | (ABOUT if line is head else inherited)
    data = line.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=left_out)
    inside = {"otherwise": _said(line.otherwise, head)} if line.otherwise else {}
    return {line.verb: data.pop(line.verb), **data, **inside}


def _is_unsaid(value: object) -> bool:
    """Nothing, an empty text or list, 0; but False says something."""
    return not value and value is not False


def _in_words(line: PlannedLine) -> str:
    argument = said(line)[line.line.verb]
    template = _WORDS.get(line.line.verb)
    text = method_of(line) or (template.format(_named(argument)) if template else flow(argument))
    return f"{text}, where {line.line.when}" if line.line.when else text


def _named(argument: Any) -> str:
    if isinstance(argument, list):
        return ", ".join(_named(each) for each in argument)
    if isinstance(argument, dict):
        return ", ".join(f"{key} {_named(each)}" for key, each in argument.items())
    return str(argument)


def _codelists(plan: Plan) -> Iterator[Row]:
    users: dict[str, list[str]] = {}
    facts = {}
    for domain in plan.domains.values():
        for line in domain.lines:
            for codelist in line.codelists:
                facts[codelist.submission_value] = codelist
                users.setdefault(codelist.submission_value, []).append(
                    f"{domain.name}.{line.variable}"
                )
    for name in sorted(facts):
        yield {
            "Codelist": name,
            "Code": facts[name].code,
            "Name": facts[name].name,
            "Extensible": "yes" if facts[name].extensible else "no",
            "Terms": str(len(facts[name].terms)),
            "Variables": ", ".join(dict.fromkeys(users[name])),
        }


def _terms(plan: Plan) -> Iterator[Row]:
    for name in sorted(plan.terms):
        for row in plan.terms[name]:
            yield {
                "File": f"{name}.csv",
                "Collected": row.collected,
                "Submission": row.submission,
                "Source": row.source,
                "Place": f"{name} {row.place}",
            }


def _records(plan: Plan) -> Iterator[Row]:
    for domain in plan.domains.values():
        for number, records in enumerate(domain.record_sets, start=1):
            unpivot = records.unpivot
            yield {
                "Dataset": domain.name,
                "Number": str(number),
                "Raw table": records.from_,
                "Where": records.where or "",
                "Unpivot": flow(unpivot.model_dump(mode="json", exclude_unset=True))
                if unpivot
                else "",
                "Place": domain.place,
            }


def _conditions(plan: Plan) -> Iterator[Row]:
    for domain in plan.domains.values():
        for line in domain.lines:
            whens = [("when", line.line.when)]
            whens += [(f"case {at}", b.when) for at, b in enumerate(line.line.case or [], start=1)]
            for part, condition in whens:
                if condition:
                    yield {
                        "Dataset": domain.name,
                        "Variable": line.variable,
                        "Part": part,
                        "Condition": condition,
                        "Reads": ", ".join(dict.fromkeys(names(parse(condition)))),
                        "Place": line.place,
                    }
