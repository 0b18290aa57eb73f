"""What is wrong with a trial's design, and what it leaves open, before any data are touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sdtmflow.design import Criterion, Design, StartRule, Visit
from sdtmflow.errors import StudyError
from sdtmflow.mapping.design.datasets import TEXT_LIMIT
from sdtmflow.mapping.design.element_rules import (
    is_default,
    planned_elements,
    undated,
    variables_of,
)
from sdtmflow.mapping.design.summary_check import check_summary
from sdtmflow.mapping.planning.plan import PlannedDomain
from sdtmflow.mapping.values.conditions import ConditionError, parse
from sdtmflow.mapping.values.nearest import nearest
from sdtmflow.standards.terminology import Terminology
from sdtmflow.study import Study

Place = Callable[..., str]
"""Keys from the top of study.yaml → ``study.yaml:12: design.arms.PBO``."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Mistakes, which stop everything, and notes, which `sdtmflow check` prints."""

    problems: tuple[StudyError, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether there is no mistake."""
        return not self.problems


def check_design(
    study: Study, terminology: Terminology, domains: Mapping[str, PlannedDomain], place: Place
) -> Checked:
    """Everything about the design that the specs and the standards can tell."""
    found = [*_visits(study, place)]
    if study.design:
        found += [*_elements(study.design, place), *_arms(study.design, place)]
        found += [*_criteria(study.design, place)]
        found += [*check_summary(study.design, terminology, place)]
        if not any(isinstance(each, StudyError) for each in found):
            found += [*_starts(study.design, domains, place)]
            found += [*_epochs(study.design, terminology, place)]
    return Checked(
        tuple(each for each in found if isinstance(each, StudyError)),
        tuple(each for each in found if isinstance(each, str)),
    )


def _visits(study: Study, place: Place) -> Iterator[StudyError | str]:
    arms = study.design.arms if study.design else {}
    numbers: dict[float, str] = {}
    names: set[str] = set()
    for at, visit in enumerate(study.visits):
        here = place("visits", at)
        if visit.visitnum is None:
            yield StudyError("'visitnum' is missing", place=here, remedy="add it")
        elif numbers.setdefault(visit.visitnum, visit.visit) != visit.visit:
            message = f"VISITNUM {visit.visitnum:g} is also that of {numbers[visit.visitnum]}"
            yield StudyError(message, place=here, remedy="give each visit its own number")
        if visit.visit in names:
            message = f"the visit '{visit.visit}' is there twice"
            yield StudyError(message, place=here, remedy="remove one of the two")
        names.add(visit.visit)
        yield from _visit_arms(visit, arms, here)


def _visit_arms(visit: Visit, arms: Mapping[str, object], here: str) -> Iterator[StudyError | str]:
    for code in visit.arms:
        if code not in arms:
            remedy = nearest(code, arms, "name arms of the design by their ARMCD")
            yield StudyError(f"the design has no arm '{code}'", place=here, remedy=remedy)
    if arms and not visit.start_rule:
        yield f"{here}: TV requires a start rule (TVSTRL); add 'start_rule'"


def _elements(design: Design, place: Place) -> Iterator[StudyError | str]:
    for code, element in design.elements.items():
        here = place("design", "elements", code)
        if not element.element:
            yield StudyError("'element' is missing", place=here, remedy="name the element")
        if not element.start_rule:
            yield f"{here}: TE requires a start rule (TESTRL); add 'start_rule'"


def _arms(design: Design, place: Place) -> Iterator[StudyError]:
    for code, arm in design.arms.items():
        here = place("design", "arms", code)
        if not arm.arm:
            yield StudyError("'arm' is missing", place=here, remedy="describe the arm")
        if not arm.elements:
            yield StudyError("the arm has no elements", place=here, remedy="add 'elements'")
        for at, step in enumerate(arm.elements):
            if step.etcd not in design.elements:
                remedy = nearest(step.etcd, design.elements, "add the element or correct the arm")
                message = f"'elements' has no element '{step.etcd}'"
                there = place("design", "arms", code, "elements", at)
                yield StudyError(message, place=there, remedy=remedy)


def _criteria(design: Design, place: Place) -> Iterator[StudyError | str]:
    for code, criterion in design.criteria.items():
        here = place("design", "criteria", code)
        for key in ("text", "category"):
            if not getattr(criterion, key):
                yield StudyError(f"'{key}' is missing", place=here, remedy="add it")
        if _too_long(criterion):
            yield (
                f"{here}: the text has {len(criterion.text.encode())} bytes, IETEST holds "
                f"{TEXT_LIMIT} and is cut; say it shorter in 'short'"
            )


def _too_long(criterion: Criterion) -> bool:
    return len(criterion.text.encode()) > TEXT_LIMIT and not criterion.short


def _starts(
    design: Design, domains: Mapping[str, PlannedDomain], place: Place
) -> Iterator[StudyError | str]:
    """The rules that tell when subjects' elements begin."""
    for rule, loc in _rules(design):
        yield from _rule(rule, domains, place(*loc))
    if "SE" in domains:
        for code, order in undated(design):
            here = place("design", "arms", code, "elements", order - 1)
            etcd = design.arms[code].elements[order - 1].etcd
            yield f"{here}: nothing tells when {etcd} begins; SE goes without it, add 'starts'"
    yield from _missing_defaults(design, domains, place)


def _rules(design: Design) -> Iterator[tuple[StartRule, Sequence[str | int]]]:
    for code, element in design.elements.items():
        for rule in element.starts:
            yield rule, ("design", "elements", code, "starts")
    for code, arm in design.arms.items():
        for at, step in enumerate(arm.elements):
            for rule in step.starts:
                yield rule, ("design", "arms", code, "elements", at, "starts")
    for at, unplanned in enumerate(design.unplanned):
        for rule in unplanned.starts:
            yield rule, ("design", "unplanned", at, "starts")


def _rule(
    rule: StartRule, domains: Mapping[str, PlannedDomain], here: str
) -> Iterator[StudyError | str]:
    try:
        parse(rule.where or "1 = 1")
    except ConditionError as error:
        message, _, remedy = str(error).partition("; ")
        yield StudyError(message, place=here, remedy=remedy)
        return
    for variable in variables_of(rule):
        if not _is_made(variable, domains):
            message = f"no line makes {variable}"
            remedy = "name a dataset and its variable, such as EX.EXSTDTC, or add the line"
            yield StudyError(message, place=here, remedy=remedy)


def _is_made(variable: str, domains: Mapping[str, PlannedDomain]) -> bool:
    dataset, _, name = variable.partition(".")
    return dataset in domains and bool(domains[dataset].lines_of(name))


def _missing_defaults(
    design: Design, domains: Mapping[str, PlannedDomain], place: Place
) -> Iterator[str]:
    """Dates that the rules taken by default need and no line makes."""
    steps = [step for arm in planned_elements(design).values() for step in arm]
    rules = [rule for step in steps for rule in step.rules if is_default(rule)]
    needed = dict.fromkeys(rule.of[0] for rule in rules)
    if "SE" in domains:
        for variable in needed:
            if not _is_made(variable, domains):
                yield (
                    f"{place('design', 'elements')}: no line makes {variable}, by which elements "
                    "without 'starts' begin; add the line, or 'starts'"
                )


def _epochs(design: Design, terminology: Terminology, place: Place) -> Iterator[str]:
    """Epochs beyond controlled terminology; a term may be numbered (TREATMENT 2)."""
    terms = {term.submission_value for term in terminology.codelist("EPOCH").terms}
    named = {step.epoch: code for code, arm in design.arms.items() for step in arm.elements}
    for epoch, code in named.items():
        if epoch.rstrip("0123456789").rstrip() not in terms:
            yield f"{place('design', 'arms', code)}: '{epoch}' is no term of the codelist EPOCH"
