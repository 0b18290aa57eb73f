"""The unique forms of a study: what the sources say of them, and the plan of what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sdtmflow.documents.crf.annotating import Annotated, annotated
from sdtmflow.documents.crf.choices import CrfChoices, FormChoices
from sdtmflow.documents.crf.model import (
    NOT_SUBMITTED,
    Annotation,
    Answer,
    Crf,
    Field,
    Form,
    Option,
    Place,
)
from sdtmflow.mapping.planning.plan import SUPPLEMENTAL, Plan
from sdtmflow.sources.described import STATUS, SentTable
from sdtmflow.sources.odm_metadata import KEYS
from sdtmflow.sources.report import ColumnReport

LINE_NUMBERS = {"ItemGroupRepeatKey", "FormRepeatKey", "redcap_repeat_instance"}
"""What systems call the number of a line of a log."""
_SYSTEM_PREFIXES = (
    "redcap_",
    "StudyEventData.",
    "FormData.",
    "ItemGroupData.",
    "StudySubjectID",
    "SubjectName",
)
_BEST_DESCRIBED = ("odm", "redcap")
_TECHNICAL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
"""A column's name that asks nothing: ``AETERM``."""
_CHOICE = " (choice="
"""How the reader of REDCap labels one box of a question that takes several answers."""


def crf_of(
    plan: Plan,
    sent: Sequence[SentTable],
    seen: Mapping[str, tuple[str, ...]],
    choices: CrfChoices,
) -> Crf:
    """The annotated CRF of a study.

    ``sent`` are the tables of the sources that fill in forms; ``seen`` gives, by raw table, the
    planned visits at which it was collected. A form that several sources send is drawn once, as the
    one that explains it best; what only others ask is added to it.
    """
    study = plan.study
    by_table: dict[str, list[SentTable]] = {}
    for table in _apart(plan, sent):
        by_table.setdefault(table.table, []).append(table)
    forms = [
        _form(plan, _best_first(tables, choices.forms.get(name)), seen.get(name, ()), choices)
        for name, tables in by_table.items()
        if not choices.forms.get(name, FormChoices()).leave_out
    ]
    visits = tuple(visit.visit for visit in study.visits)
    return Crf(study.study, study.title, study.cutoff.isoformat(), tuple(forms), visits)


def _apart(plan: Plan, sent: Sequence[SentTable]) -> Iterator[SentTable]:
    """The tables; of several that are made from one as sent, each without what only others read."""
    shared: dict[tuple[str, str], list[SentTable]] = {}
    for table in sent:
        shared.setdefault((table.source, table.sent), []).append(table)
    for table in sent:
        together = shared[table.source, table.sent]
        if len(together) == 1:
            yield table
            continue
        read = {each.table: _read(plan, each) for each in together}
        others = set().union(*read.values()) - read[table.table]
        columns = {name: each for name, each in table.columns.items() if each.name not in others}
        yield replace(table, columns=columns)


def _read(plan: Plan, table: SentTable) -> set[str]:
    """The columns, by their names as sent, that became something."""
    found = annotated(plan, table.table, {*table.columns, *table.constants}).columns
    return {column.name for name, column in table.columns.items() if name in found}


def _best_first(tables: Sequence[SentTable], choice: FormChoices | None) -> list[SentTable]:
    """The form to draw, then the others; of equals the first in study.yaml.

    ODM holds the form's own definition, a REDCap dictionary comes next, labels after them.
    """
    asked = choice.source if choice else ""

    def rank(table: SentTable) -> tuple[bool, int, int]:
        kind = _BEST_DESCRIBED.index(table.kind) if table.kind in _BEST_DESCRIBED else 2
        return (table.source != asked, kind if table.described else 3, -table.described)

    return sorted(tables, key=rank)


def _form(
    plan: Plan, tables: Sequence[SentTable], visits: tuple[str, ...], choices: CrfChoices
) -> Form:
    best = tables[0]
    choice = choices.forms.get(best.table, FormChoices())
    delivered = {name for table in tables for name in (*table.columns, *table.constants)}
    found = annotated(plan, best.table, delivered)
    fields = [_asked(field, choice) for field in _boxes(_fields(plan, tables, found))]
    heads = [field for field in fields if _is_visit(field)]
    fields = [field for field in fields if field not in heads]
    notes = (*found.notes, *_set_by_source(best, found))
    submitted = found.domains or any(field.annotations for field in fields)
    labels = {name: domain.label or domain.facts.label for name, domain in plan.domains.items()}
    return Form(
        table=best.table,
        title=choice.title or best.title or _titled(best, labels),
        drawn_from=f"{best.source} ({best.kind}), {best.sent}",
        datasets=tuple((name, labels[name]) for name in _main_first(found.domains, best.table)),
        fields=tuple(_not_submitted(fields) if submitted else fields),
        headed=(*_headed(plan, best.table), *_visit_heads(heads)),
        notes=notes if submitted else (Annotation("", NOT_SUBMITTED),),
        visits=tuple(choice.visits) if choice.visits is not None else visits,
    )


def _titled(table: SentTable, labels: Mapping[str, str]) -> str:
    """A form without a title: what the domain is called that its name is the code of."""
    return labels.get(table.table.upper(), "") or _readable(table.sent)


def _main_first(domains: Sequence[str], table: str) -> list[str]:
    return sorted(domains, key=lambda name: name != table.upper())


def _fields(plan: Plan, tables: Sequence[SentTable], found: Annotated) -> Iterator[Field]:
    """The fields of the first form, then those that only others have."""
    told: set[str] = set()
    for at, table in enumerate(tables):
        source = plan.study.sources[table.source]
        keys = {source.subject_column, source.site_column}
        sent_keys = {source.study_column, source.site_column}
        known = told | set(tables[0].constants) if at else told
        for name, column in table.columns.items():
            if name in keys or column.name in sent_keys or name in known:
                continue
            if not _is_system(column, mapped=name in found.columns):
                told.add(name)
                asked = _question(plan, column, found.columns.get(name, ()))
                remark = f"Asked by {table.source} only" if at else ""
                yield _field(name, column, found, table, asked=(asked, remark))


def _boxes(fields: Iterable[Field]) -> Iterator[Field]:
    """Boxes to tick of one question that became the same make one field."""
    before: Field | None = None
    for field in fields:
        if before and _same_question(before, field):
            before = replace(before, options=before.options + field.options)
            continue
        if before:
            yield before
        before = field
    if before:
        yield before


def _same_question(one: Field, other: Field) -> bool:
    return one.answer == other.answer == "tick" and (one.question, one.annotations, one.remark) == (
        other.question,
        other.annotations,
        other.remark,
    )


def _question(plan: Plan, column: ColumnReport, annotations: Sequence[Annotation]) -> str:
    """The question of a column; where the delivery has none, the label of what it became."""
    if column.name in LINE_NUMBERS:
        return "Line number"
    if column.label and column.label != column.name:
        return column.label
    labels = (_label(plan, place) for each in annotations for place in each.places)
    named = next(filter(None, labels), "") if _is_technical(column) else ""
    return named or _readable(column.name)


def _label(plan: Plan, place: Place) -> str:
    dataset, variable, value = place
    domain = plan.domains.get(dataset.removeprefix("SUPP"))
    column = f"{SUPPLEMENTAL}{value}" if variable == "QVAL" else variable
    line = next(iter(domain.lines_of(column)), None) if domain else None
    if line is None:
        return ""
    label = line.line.label or line.facts.label
    return f"{label}: {value}" if value and variable != "QVAL" else label


def _field(
    name: str,
    column: ColumnReport,
    found: Annotated,
    table: SentTable,
    asked: tuple[str, str],
) -> Field:
    units = {
        table.constants[unit]: found.columns.get(unit, ())
        for unit, result in found.beside.items()
        if result == name and unit in table.constants
    }
    annotations = [*found.columns.get(name, ())]
    for each in units.values():
        annotations += each
    question, remark = asked
    stem, choice, option = question.partition(_CHOICE)
    is_tick = column.type == "checkbox" and bool(choice)
    return Field(
        name=name,
        question=stem,
        answer="tick" if is_tick else _answer(column, annotations),
        options=(Option(option.removesuffix(")")),) if is_tick else _options(column),
        unit=", ".join(units),
        annotations=tuple(annotations),
        remark=remark or _name_of(column, stem),
    )


def _name_of(column: ColumnReport, question: str) -> str:
    """The system's own name, where it says more than the question; not of boxes to tick."""
    same = question.casefold() in {column.name.casefold(), _readable(column.name).casefold()}
    return column.name if _is_technical(column) and not same and column.type != "checkbox" else ""


def _is_technical(column: ColumnReport) -> bool:
    return _TECHNICAL.fullmatch(column.name) is not None


def _answer(column: ColumnReport, annotations: Sequence[Annotation]) -> Answer:
    kind = column.type.casefold()
    if column.name in LINE_NUMBERS:
        return "printed"
    if column.codes:
        return "choice"
    dated = any(place[1].endswith("DTC") for each in annotations for place in each.places)
    if dated or "date" in kind or "time" in kind:
        return "date"
    return "number" if kind in {"float", "integer", "number", "double", "decimal"} else "text"


def _options(column: ColumnReport) -> tuple[Option, ...]:
    return tuple(
        Option(label or code, code if label and label != code else "")
        for code, label in column.codes.items()
    )


def _is_system(column: ColumnReport, *, mapped: bool) -> bool:
    """Whether the system itself writes the column; the number of a line counts where it is used."""
    if column.name in LINE_NUMBERS:
        return not mapped
    if mapped:
        return False
    return column.name in KEYS or column.name.startswith(_SYSTEM_PREFIXES) or column.type == STATUS


def _asked(field: Field, choice: FormChoices) -> Field:
    question = choice.questions.get(field.name)
    return replace(field, question=question) if question else field


def _is_visit(field: Field) -> bool:
    return any(place[1] == "VISIT" for each in field.annotations for place in each.places)


def _visit_heads(fields: Iterable[Field]) -> Iterator[tuple[str, Annotation]]:
    """The visit stands at the head of a form, once for each dataset."""
    found = {each.text: each for field in fields for each in field.annotations}
    yield from (("Visit", each) for each in found.values())


def _headed(plan: Plan, table: str) -> Iterator[tuple[str, Annotation]]:
    """Site and subject number become variables of DM."""
    if "DM" in plan.domains and plan.domains["DM"].record_sets[0].from_ == table:
        for head, variable in (("Site", "SITEID"), ("Subject", "SUBJID")):
            yield head, Annotation("DM", variable, (("DM", variable, ""),))


def _set_by_source(table: SentTable, found: Annotated) -> Iterator[Annotation]:
    """What study.yaml says of every row of the form, and is no unit beside a field."""
    for name, value in table.constants.items():
        if name in table.columns or found.beside.get(name) in table.columns:
            continue
        for each in found.columns.get(name, ()):
            variable, when, condition = each.text.partition(" when ")
            yield replace(each, text=f"{variable} = {value}{when}{condition}")


def _not_submitted(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        unsent = (Annotation("", NOT_SUBMITTED),)
        yield field if field.annotations else replace(field, annotations=unsent)


def _readable(name: str) -> str:
    """A technical name as words: ``adverse_events`` → ``Adverse events``."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words.islower() else words
