"""Elements, arms, criteria and visits of a USDM study design, as study.yaml would write them.

=============  ==================================================================================
SDTM           USDM
=============  ==================================================================================
ARMCD, ARM     StudyArm: name, and label (else description, else name)
ETCD, ELEMENT  StudyElement: name, and label; TESTRL, TEENRL its transition rules
TAETORD        the elements of the arm's StudyCells in the order of the epochs
EPOCH          StudyEpoch: the CDISC term of its type; several epochs of one type are numbered
IETESTCD       EligibilityCriterion: name, where it can be a code; else INCL or EXCL and identifier
IETEST, IECAT  the text of its EligibilityCriterionItem; its category; TIVERS the study version
VISITNUM       the place of the Encounter in its chain, from 1; VISIT its label (else name)
VISITDY        the timing of the encounter on the main timeline (see ``schedule.py``)
=============  ==================================================================================

``design.names`` gives any of them another code. Nothing in a USDM says TABRANCH, TATRANS and TEDUR.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeVar

from sdtmflow.design import Arm, ArmElement, Criterion, Element, Visit
from sdtmflow.errors import StudyError
from sdtmflow.standards.terminology import Terminology
from sdtmflow.usdm.model import EligibilityCriterion, InOrder, Named, StudyArm, StudyEpoch
from sdtmflow.usdm.reading import Source
from sdtmflow.usdm.schedule import scheduled
from sdtmflow.usdm.texts import plain

_CODE = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
_ETCD = re.compile(r"[A-Za-z0-9_]{1,8}")
_ARMCD = re.compile(r".{1,20}")
_INCLUSION = "C25532"
N = TypeVar("N", bound=Named)
I = TypeVar("I", bound=InOrder)  # noqa: E741 — the type of one in a chain


class Structure:
    """The parts of one study design; mistakes and open points are gathered on the way."""

    def __init__(self, source: Source, names: Mapping[str, str], terminology: Terminology) -> None:
        self.source = source
        self.names = names
        self.terminology = terminology
        self.problems: list[StudyError] = []
        self.notes: list[str] = []
        self.places: dict[tuple[str | int, ...], str] = {}
        """Where in the file each part of the design comes from."""
        self.seen: set[str] = set()
        design = source.design
        self._elements = self._coded(design.elements, "elements", _ETCD, "ETCD")
        self._arms = self._coded(design.arms, "arms", _ARMCD, "ARMCD")
        self._epochs = self._epoch_terms()

    def elements(self) -> dict[str, Element]:
        """TE by ETCD."""
        return {
            self._elements[each.id]: Element(
                element=each.title,
                start_rule=each.transition_start_rule.text if each.transition_start_rule else "",
                end_rule=each.transition_end_rule.text if each.transition_end_rule else "",
            )
            for each in self.source.design.elements
        }

    def arms(self) -> dict[str, Arm]:
        """TA by ARMCD."""
        if len(self._arms) > 1:
            self.notes.append(
                f"{self.source.place('arms')}: no USDM says how subjects branch (TABRANCH, "
                "TATRANS); write the arms' elements in study.yaml where it matters"
            )
        return {
            self._arms[arm.id]: Arm(arm=arm.title, elements=list(self._steps(arm)))
            for arm in self.source.design.arms
        }

    def _steps(self, arm: StudyArm) -> Iterator[ArmElement]:
        cells = [
            (at, each)
            for at, each in enumerate(self.source.design.study_cells)
            if each.arm_id == arm.id
        ]
        for epoch in in_order(self.source.design.epochs):
            for at, cell in cells:
                if cell.epoch_id == epoch.id:
                    yield from self._cell(at, cell.element_ids, self._epochs[epoch.id])

    def _cell(self, at: int, elements: Sequence[str], epoch: str) -> Iterator[ArmElement]:
        for element in elements:
            if element in self._elements:
                yield ArmElement(etcd=self._elements[element], epoch=epoch)
            else:
                self._wrong(
                    f"there is no element with the id '{element}'",
                    "correct the file, or write the arm in study.yaml",
                    "studyCells",
                    at,
                )

    def criteria(self) -> dict[str, Criterion]:
        """TI by IETESTCD."""
        texts = {each.id: each for each in self.source.version.eligibility_criterion_items}
        found: dict[str, Criterion] = {}
        for at, each in enumerate(self.source.design.eligibility_criteria):
            code = self._criterion_code(each)
            self._place("criteria", code, "eligibilityCriteria", at)
            if each.criterion_item_id not in texts or not _CODE.fullmatch(code) or code in found:
                self._wrong_criterion(each, code, at, known=each.criterion_item_id in texts)
                continue
            text, left = plain(texts[each.criterion_item_id], self.source.objects)
            if left:
                here = self.source.place("eligibilityCriteria", at)
                self.notes.append(f"{here}: the text refers to {', '.join(left)}, not found")
            category: Literal["INCLUSION", "EXCLUSION"] = _category(each)
            versions = [self.source.version.version_identifier]
            found[code] = Criterion(text=text, category=category, versions=versions)
        return found

    def _criterion_code(self, criterion: EligibilityCriterion) -> str:
        given = self._given(criterion)
        if given or _CODE.fullmatch(criterion.name):
            return given or criterion.name
        number = re.sub(r"\W", "", criterion.identifier).upper()
        return f"{_category(criterion)[:4]}{number.zfill(2)}"

    def _wrong_criterion(
        self, criterion: EligibilityCriterion, code: str, at: int, *, known: bool
    ) -> None:
        if not known:
            message = f"there is no criterion item with the id '{criterion.criterion_item_id}'"
            self._wrong(message, "correct the file", "eligibilityCriteria", at)
            return
        message = f"'{code}' is no IETESTCD of its own (up to 8 capitals and digits)"
        remedy = f"give one: design.names: {{{criterion.id}: …}}"
        self._wrong(message, remedy, "eligibilityCriteria", at)

    def visits(self) -> list[Visit]:
        """TV in the order of the encounters; ``encounter`` keeps the id."""
        found = []
        for number, each in enumerate(in_order(self.source.design.encounters), start=1):
            when = scheduled(self.source.design, each)
            at = self.source.design.encounters.index(each)
            self.places["visits", number] = self.source.place("encounters", at)
            if when.day is None:
                here = self.source.place("encounters", at)
                self.notes.append(f"{here}: no whole study day is said (VISITDY)")
            start, end = each.transition_start_rule, each.transition_end_rule
            found.append(
                Visit(
                    visit=self._given(each) or each.label or each.name or each.id,
                    visitnum=float(number),
                    day=when.day,
                    window=when.window,
                    start_rule=start.text if start else "",
                    end_rule=end.text if end else "",
                    encounter=each.id,
                )
            )
        return found

    def _coded(
        self, parts: Sequence[N], attribute: str, form: re.Pattern[str], variable: str
    ) -> dict[str, str]:
        """Id → code: as ``names`` gives it, else the name where it can be a code."""
        codes: dict[str, str] = {}
        for at, each in enumerate(parts):
            code = self._given(each) or each.name
            if not form.fullmatch(code) or code in codes.values():
                message = f"'{code}' cannot be an {variable}, or is not the only one"
                remedy = f"give a code: design.names: {{{each.id}: …}}"
                self._wrong(message, remedy, attribute, at)
                code = f"_{at}"  # told above; with it the rest can still be looked at
            codes[each.id] = code
            self._place(attribute, code, attribute, at)
        return codes

    def _epoch_terms(self) -> dict[str, str]:
        """Id → EPOCH: the term of the type, numbered where several epochs have it."""
        terms = {term.code: term for term in self.terminology.codelist("EPOCH").terms}
        ordered = in_order(self.source.design.epochs)

        def term(epoch: StudyEpoch) -> str:
            found = terms.get(epoch.type.code)
            return found.submission_value if found else epoch.label or epoch.name or epoch.id

        counts, seen = Counter(map(term, ordered)), Counter[str]()
        named = {}
        for epoch in ordered:
            seen[term(epoch)] += 1
            number = f" {seen[term(epoch)]}" if counts[term(epoch)] > 1 else ""
            named[epoch.id] = self._given(epoch) or term(epoch) + number
        return named

    def _given(self, part: Named) -> str:
        self.seen |= {part.id, part.name}
        return self.names.get(part.id) or self.names.get(part.name, "")

    def unused_names(self) -> list[str]:
        """The keys of ``names`` that no part has that was asked for one."""
        return [name for name in self.names if name not in self.seen]

    def _place(self, section: str, key: str, *steps: str | int) -> None:
        self.places["design", section, key] = self.source.place(*steps)

    def _wrong(self, message: str, remedy: str, *steps: str | int) -> None:
        place = self.source.place(*steps)
        self.problems.append(StudyError(message, place=place, remedy=remedy))


def _category(criterion: EligibilityCriterion) -> Literal["INCLUSION", "EXCLUSION"]:
    return "INCLUSION" if criterion.category.code == _INCLUSION else "EXCLUSION"


def in_order(parts: Sequence[I]) -> list[I]:
    """The parts as their chain says; as they stand in the file where it is no whole chain."""
    by_id = {part.id: part for part in parts}
    firsts = [part for part in parts if not part.previous_id]
    chain = [firsts[0]] if len(firsts) == 1 else []
    while chain and chain[-1].next_id in by_id and len(chain) < len(parts):
        chain.append(by_id[chain[-1].next_id])
    return chain if len({part.id for part in chain}) == len(parts) else list(parts)
