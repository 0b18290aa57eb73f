"""Trial summary parameters: which are asked for, and what their values are made of.

``expected`` are those that SDTMIG's trial summary codes and the FDA's technical conformance guide
ask for of every interventional study; parameters that depend on the study (RANDQT, CURTRT) are not
among them.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from sdtmflow.standards.facts import DATA, read_table


@dataclass(frozen=True, slots=True)
class SummaryFacts:
    """One parameter by its TSPARMCD."""

    parameter: str
    expected: bool
    codelist: str
    """C-code of the codelist of TSVAL; empty where it is free."""
    form: Literal["", "duration", "date", "integer"]


@functools.cache
def summary_parameters() -> Mapping[str, SummaryFacts]:
    """The parameters that are carried, by TSPARMCD."""
    rows = read_table(DATA / "ts-parameters.csv").iter_rows(named=True)
    return {
        row["parameter"]: SummaryFacts(
            parameter=row["parameter"],
            expected=row["expected"] == "Yes",
            codelist=row["codelist"],
            form=cast("Literal['', 'duration', 'date', 'integer']", row["form"]),
        )
        for row in rows
    }
