"""Collect what the rows of a dataset cannot be written for: one problem a rule and variable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sdtmflow.formats.xpt.member import Column, Member, Problem


class ProblemLog:
    """Problems of the data, with the first record and the number of records of each."""

    def __init__(self, member: Member) -> None:
        self._dataset = member.name
        self._order = [column.name for column in member.columns]
        self._start = 0
        self._found: dict[tuple[str, str, str], Problem] = {}

    def starting(self, row: int) -> ProblemLog:
        """This log, ready for a block before which ``row`` records came."""
        self._start = row
        return self

    def add(self, rule: str, column: Column, what: str, wrong: NDArray[np.bool_]) -> None:
        """Note the records of the block where ``wrong`` holds."""
        count = int(np.count_nonzero(wrong))
        if not count:
            return
        row = self._start + int(np.argmax(wrong)) + 1
        known = self._found.get(
            (rule, column.name, what), Problem(rule, self._dataset, column.name, what, row)
        )
        self._found[rule, column.name, what] = replace(known, count=known.count + count)

    def problems(self) -> list[Problem]:
        """Every problem, in the order of the variables (columns are encoded in any order)."""
        return sorted(
            self._found.values(),
            key=lambda problem: (self._order.index(problem.variable), problem.rule, problem.what),
        )
