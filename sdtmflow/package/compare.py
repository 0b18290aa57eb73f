"""Compare what was read with what should have been written, block by block."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from sdtmflow.dataset import Dataset, Variable
from sdtmflow.finding import Finding, Severity, Stage

NextRecords = Callable[[int], pl.DataFrame]
"""Gives the next records of a file, at most as many as asked for, none at its end."""

_SHOWN = 20
"""Records told one by one for each variable; a file that is wrong is often wrong everywhere."""


def mismatch(rule: str, dataset: str, what: str, variable: str = "", row: int = 0) -> Finding:
    """A critical finding: the package is not what it should be."""
    return Finding(
        rule=rule,
        severity=Severity.CRITICAL,
        stage=Stage.PACKAGE,
        message=f"{dataset}.{variable}: {what}" if variable else f"{dataset}: {what}",
        dataset=dataset,
        variable=variable,
        record_key=f"record {row}" if row else what,
        row=row,
    )


class Comparison:
    """The cells of one file against those of its dataset."""

    def __init__(self, rule: str, dataset: Dataset, reader: str) -> None:
        """``reader`` is who read the file, as findings name it."""
        self._rule = rule
        self._reader = reader
        self._dataset = dataset
        self._found: list[Finding] = []
        self._wrong: dict[str, int] = {}
        self._rows = 0
        self._read = 0

    def add(
        self, expected: pl.DataFrame, read: pl.DataFrame, numbers: pl.Series | None = None
    ) -> None:
        """Compare the next records; fewer may have been read than were expected.

        ``numbers`` are theirs in the file, where they do not follow each other.
        """
        if numbers is None:
            numbers = pl.int_range(self._rows + 1, self._rows + expected.height + 1, eager=True)
        for variable in self._dataset.variables:
            if variable.name not in read.columns:
                self._wrong.setdefault(variable.name, 0)
                continue
            ours = _comparable(expected[variable.name].head(read.height), variable)
            theirs = _comparable(read[variable.name], variable)
            if not ours.equals(theirs):
                for position in ours.ne_missing(theirs).arg_true():
                    self._note(variable, int(numbers[position]))
        self._rows += expected.height
        self._read += read.height

    def surplus(self, records: int) -> None:
        """Note records that were read after the last that should be there."""
        self._read += records

    def _note(self, variable: Variable, row: int) -> None:
        known = self._wrong[variable.name] = self._wrong.get(variable.name, 0) + 1
        if known <= _SHOWN:
            what = f"{self._reader} reads another value than was to be written"
            self._found.append(mismatch(self._rule, self._dataset.name, what, variable.name, row))

    def findings(self) -> list[Finding]:
        """Everything that differs."""
        name, found = self._dataset.name, list(self._found)
        for variable, count in self._wrong.items():
            if count > _SHOWN:
                what = f"{count} values differ, the first {_SHOWN} are told one by one"
                found.append(mismatch(self._rule, name, what, variable))
            if not count:
                found.append(
                    mismatch(self._rule, name, "the variable is not in the file", variable)
                )
        if self._read != self._rows:
            what = f"{self._reader} reads {self._read} records, {self._rows} were to be written"
            found.append(mismatch("READBACK_ROWS", name, what))
        return found


def _comparable(values: pl.Series, variable: Variable) -> pl.Series:
    """Blank and missing text are one; so are missing numbers however a reader says them."""
    if variable.numeric:
        return values.cast(pl.Float64).fill_nan(None)
    return values.cast(pl.String).fill_null("")
