"""Collect what the rows of a dataset cannot be written for: one problem a rule and variable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sdtmflow.formats.xpt.member import Column, Member, Problem


class ProblemLog:
    """The problems of one block, with the first record and the number of records of each."""

    def __init__(self, member: Member, before: int) -> None:
        """``before`` records came before the block."""
        self._dataset = member.name
        self._before = before
        self.problems: list[Problem] = []

    def add(self, rule: str, column: Column, what: str, wrong: NDArray[np.bool_]) -> None:
        """Note the records of the block where ``wrong`` holds."""
        if count := int(np.count_nonzero(wrong)):
            row = self._before + int(np.argmax(wrong)) + 1
            self.problems.append(Problem(rule, self._dataset, column.name, what, row, count))


def joined(problems: Iterable[Problem], member: Member) -> list[Problem]:
    """The problems of blocks, given in their order, as problems of the dataset.

    They stand in the order of the variables.
    """
    found: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:
        kind = (problem.variable, problem.rule, problem.what)
        known = found.setdefault(kind, replace(problem, count=0))
        found[kind] = replace(known, count=known.count + problem.count)
    order = [column.name for column in member.columns]
    return sorted(found.values(), key=lambda one: (order.index(one.variable), one.rule, one.what))
