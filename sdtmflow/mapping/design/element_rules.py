"""The elements that subjects may go through, each with the rules that tell its start.

The rules are the design's own (``starts`` of the arm's step, else of the element). Where it gives
none, the epochs tell: the first element before treatment starts with informed consent, the first
treatment element with the first dose, the first element after all treatment on the day after the
last dose. Any other element has no default, since no date of every study tells its start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sdtmflow.design import ArmElement, Design, StartRule
from sdtmflow.mapping.values.conditions import names, parse

NO_ARM = ""
"""The arm of subjects whose arm is not known: the steps that all arms have in common."""
UNPLANNED = "UNPLAN"
"""ETCD of an element that no arm plans (SDTMIG, SE assumptions)."""
SUBJECT_DATES = ("DM.ARMCD", "DM.ACTARMCD", "DM.RFPENDTC")
"""What every subject's elements are made from besides the rules' own dates."""

_CONSENT = StartRule(earliest="DM.RFICDTC")
_FIRST_DOSE = StartRule(earliest="EX.EXSTDTC")
_AFTER_LAST_DOSE = StartRule(latest=["EX.EXENDTC", "EX.EXSTDTC"], plus_days=1)
_DEFAULTS = (_CONSENT, _FIRST_DOSE, _AFTER_LAST_DOSE)


@dataclass(frozen=True, slots=True)
class PlannedElement:
    """A step of an arm as SE needs it."""

    order: int
    """TAETORD."""
    etcd: str
    element: str
    epoch: str
    rules: tuple[StartRule, ...]
    repeats: int | None
    """TAETORD of the last step before it with the same rules, if any: its dates are then those
    since the elements between the two, of which one must have begun."""

    @property
    def between(self) -> range:
        """TAETORD of the steps between the one that it repeats and itself."""
        return range(0) if self.repeats is None else range(self.repeats + 1, self.order)


def planned_elements(design: Design) -> dict[str, tuple[PlannedElement, ...]]:
    """Each arm's elements by ARMCD, and under ``NO_ARM`` what all arms begin with."""
    arms = {code: tuple(_steps(design, arm.elements)) for code, arm in design.arms.items()}
    common = min(arms.values(), key=len, default=())
    shared = _shared([arm.elements for arm in design.arms.values()])
    return {NO_ARM: common[:shared], **arms}


def undated(design: Design) -> Iterator[tuple[str, int]]:
    """(ARMCD, TAETORD) of the steps that neither the design nor a default gives a start."""
    for code, steps in planned_elements(design).items():
        if code != NO_ARM:
            hopeless = (s for s in steps if not s.rules or (s.repeats and not s.between))
            yield from ((code, step.order) for step in hopeless)


def dates_read(design: Design) -> tuple[str, ...]:
    """The SDTM variables (``EX.EXSTDTC``) that the rules read, their conditions included."""
    found = [rule for steps in planned_elements(design).values() for s in steps for rule in s.rules]
    found += [rule for unplanned in design.unplanned for rule in unplanned.starts]
    read = [variable for rule in found for variable in variables_of(rule)]
    return tuple(dict.fromkeys((*SUBJECT_DATES, *read)))


def variables_of(rule: StartRule) -> Iterator[str]:
    """The rule's dates, and the variables of their datasets that its condition reads."""
    for date in rule.of:
        yield date
        dataset = date.partition(".")[0]
        condition = names(parse(rule.where)) if rule.where else ()
        yield from (name if "." in name else f"{dataset}.{name}" for name in condition)


def said(rule: StartRule) -> str:
    """The rule in words: ``first EX.EXSTDTC where EXTRT = 'A'``."""
    extreme = "first" if rule.earliest else "last"
    where = f" where {rule.where}" if rule.where else ""
    later = f", plus {rule.plus_days} day{'s'[: rule.plus_days - 1]}" if rule.plus_days else ""
    return f"{extreme} {' or '.join(rule.of)}{where}{later}"


def is_default(rule: StartRule) -> bool:
    """Whether the rule is one of the module's own."""
    return any(rule is default for default in _DEFAULTS)


def _steps(design: Design, steps: Sequence[ArmElement]) -> Iterator[PlannedElement]:
    defaults = _default_rules(steps)
    seen: list[tuple[StartRule, ...]] = []
    for order, step in enumerate(steps, start=1):
        element = design.elements[step.etcd]
        rules = tuple(step.starts or element.starts or defaults.get(order, ()))
        repeats = max((at for at, other in enumerate(seen, 1) if other == rules), default=None)
        yield PlannedElement(order, step.etcd, element.element, step.epoch, rules, repeats)
        seen.append(rules)


def _default_rules(steps: Sequence[ArmElement]) -> Mapping[int, tuple[StartRule, ...]]:
    """By TAETORD: the first step before treatment, the first treated, the first after the last."""
    treated = [at for at, step in enumerate(steps, 1) if "TREATMENT" in step.epoch.upper()]
    first, last = (treated[0], treated[-1]) if treated else (len(steps) + 1, len(steps) + 1)
    found = {last + 1: (_AFTER_LAST_DOSE,), first: (_FIRST_DOSE,)}
    return found | ({1: (_CONSENT,)} if first > 1 else {})


def _shared(arms: Sequence[Sequence[ArmElement]]) -> int:
    """How many first steps are the same in all arms."""
    steps = zip(*arms, strict=False)
    alike = [len({(step.etcd, step.epoch) for step in at}) == 1 for at in steps]
    return alike.index(False) if False in alike else len(alike)
