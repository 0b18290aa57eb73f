"""Judge a package: the Technical Rejection Criteria in their order, then every other criterion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sdtmflow.agency import AGENCIES, Agency, Profile
from sdtmflow.gate.criterion import Breach, Criterion, Subject, Weight
from sdtmflow.gate.rules import CRITERIA, FOLDER_CRITERIA, PACKAGE_CRITERIA
from sdtmflow.gate.rules.datasets import DATASET_CRITERIA
from sdtmflow.gate.rules.rejection import REJECTION_CRITERIA
from sdtmflow.gate.tree import Package, read_package

_OF_TREES = frozenset({"1789", "1735"})
"""Criteria that speak of study tagging files, which only a sequence has."""


class Decision(StrEnum):
    """What came of one of the Technical Rejection Criteria."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One of the Technical Rejection Criteria; ``why`` where it was not passed."""

    criterion: Criterion[Package]
    decision: Decision
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a package: the four criteria, and every breach, the gravest first."""

    root: Path
    agency: Agency
    is_sequence: bool
    files: int
    datasets: int
    judgements: tuple[Judgement, ...]
    breaches: tuple[Breach, ...]
    applied: int
    """How many criteria were asked."""

    @property
    def passed(self) -> bool:
        """Whether nothing rejects the package."""
        return not self.count(Weight.REJECTS)

    def count(self, weight: Weight) -> int:
        """How many breaches have that weight."""
        return sum(breach.criterion.weight is weight for breach in self.breaches)

    @property
    def told(self) -> str:
        """The verdict in words, without the criteria."""
        if self.passed:
            return f"the package passes the gate of {self.agency}"
        if any(one.decision is Decision.FAILED for one in self.judgements):
            return f"{self.agency} would reject the package"
        return f"the package does not keep what {self.agency} asks for"

    @property
    def failed(self) -> tuple[str, ...]:
        """The criteria that reject the package, in order, each once."""
        rejecting = (one for one in self.breaches if one.criterion.weight is Weight.REJECTS)
        return tuple(dict.fromkeys(breach.criterion.id for breach in rejecting))


def judge(path: Path, agency: Agency = "FDA") -> Verdict:
    """Judge the package at ``path`` by what ``agency`` asks for.

    ``path`` is a sequence's folder, one that holds a sequence, a bundle, or a plain folder of XPT
    files and define.xml. Raises FormatError where there is nothing to judge.
    """
    return judge_package(read_package(path, AGENCIES[agency]))


def judge_package(package: Package) -> Verdict:
    """``judge`` for a package that was read."""
    profile = package.profile
    judgements, found = _in_order(package)
    found += list(_others(package))
    order = list(Weight)
    found.sort(key=lambda breach: order.index(breach.criterion.weight))
    return Verdict(
        root=package.root,
        agency=profile.agency,
        is_sequence=package.is_sequence,
        files=len(package.files),
        datasets=sum(len(folder.datasets) for folder in package.folders),
        judgements=tuple(judgements),
        breaches=tuple(found),
        applied=len(asked(profile)),
    )


def asked(profile: Profile) -> tuple[Criterion[Any], ...]:
    """The criteria that an agency asks for."""
    return tuple(one for one in CRITERIA if one.holds_for(profile))


def _in_order(package: Package) -> tuple[list[Judgement], list[Breach]]:
    """The Technical Rejection Criteria, up to the first that fails."""
    judgements: list[Judgement] = []
    breaches: list[Breach] = []
    for criterion in REJECTION_CRITERIA:
        if not criterion.holds_for(package.profile):
            why = f"{package.profile.agency} does not ask for it"
            judgements.append(Judgement(criterion, Decision.NOT_JUDGED, why))
        elif criterion.id in _OF_TREES and not package.is_sequence:
            why = "this is a folder of datasets, not an eCTD sequence"
            judgements.append(Judgement(criterion, Decision.NOT_JUDGED, why))
        elif breaches:
            why = f"{breaches[0].criterion.id} failed"
            judgements.append(Judgement(criterion, Decision.NOT_REACHED, why))
        else:
            breaches = [Breach(criterion, *hit) for hit in criterion.check(package)]
            why = "; ".join(breach.what for breach in breaches)
            decision = Decision.FAILED if breaches else Decision.PASSED
            judgements.append(Judgement(criterion, decision, why))
    return judgements, breaches


def _others(package: Package) -> Iterator[Breach]:
    datasets = [dataset for folder in package.folders for dataset in folder.datasets]
    yield from _breaches(PACKAGE_CRITERIA, [package], package.profile)
    yield from _breaches(DATASET_CRITERIA, datasets, package.profile)
    yield from _breaches(FOLDER_CRITERIA, package.standardized, package.profile)


def _breaches(
    criteria: Iterable[Criterion[Subject]], subjects: Sequence[Subject], profile: Profile
) -> Iterator[Breach]:
    for criterion in criteria:
        if criterion.holds_for(profile):
            for subject in subjects:
                yield from (Breach(criterion, *hit) for hit in criterion.check(subject))
