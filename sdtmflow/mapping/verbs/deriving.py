"""derive: the study's own functions."""

from __future__ import annotations

import polars as pl

from sdtmflow.mapping.planning.derivations import call
from sdtmflow.mapping.records.sorting import order
from sdtmflow.mapping.verbs.work import Outcome, Work


def derive(work: Work) -> Outcome:
    """What the function returns for the records sorted by subject and keys."""
    function = work.line.function
    assert function is not None  # noqa: S101 — planning refuses a line without its function
    domain = work.world.plan.domains[work.line.domain]
    keys = [key for key in domain.keys if key in work.frame.columns]
    positions = order(work.frame, ["_subject", *keys])
    columns = {name: ref.column for name, ref in work.line.references.items()}
    records = work.frame.select(pl.col(column).alias(name) for name, column in columns.items())
    folder = work.world.plan.folder / "mappings"
    values = call(function, records[positions], folder, numeric=work.line.numeric)
    return Outcome(values.gather(positions.arg_sort()))
