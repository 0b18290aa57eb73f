"""SUPP--: what has no place in the domain, one record a qualifier that has a value."""

from __future__ import annotations

import polars as pl

from sdtmflow.mapping.planning.origins import origin_of
from sdtmflow.mapping.planning.plan import PlannedDomain, PlannedLine
from sdtmflow.mapping.provenance.identity import IDENTITY
from sdtmflow.mapping.records.columns import Records
from sdtmflow.mapping.values.numbers import text_of

KEYS = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM")
_ORIGINS = {
    "Collected": "CRF",
    "Derived": "DERIVED",
    "Assigned": "ASSIGNED",
    "Protocol": "PROTOCOL",
}


def qualifiers(
    domain: PlannedDomain,
    records: Records,
    order: pl.Series,
    continuations: tuple[PlannedLine, ...] = (),
) -> pl.DataFrame:
    """The SUPP-- records of a domain's finished records, sorted by key, with their lineage.

    ``order`` has the positions of the records in the order of the dataset. The qualifiers point to
    the parent record by --SEQ (as text); those of DM need no pointer.
    ``continuations`` are the qualifiers that long texts need (``long_text.py``).
    """
    lines = {line.column: line for line in (*domain.lines, *continuations) if line.supplemental}
    if not lines:
        return pl.DataFrame()
    pointer = {f"{domain.name}SEQ"} & set(records.columns)
    frame = records.frame(["STUDYID", "USUBJID", *pointer, *lines, *IDENTITY], order)
    parts = [_qualifier(domain, frame, line) for line in lines.values()]
    return pl.concat(parts).sort(KEYS, maintain_order=True)


def _qualifier(domain: PlannedDomain, frame: pl.DataFrame, line: PlannedLine) -> pl.DataFrame:
    sequence = f"{domain.name}SEQ"
    pointed = sequence in frame.columns
    return frame.filter(pl.col(line.column).is_not_null()).select(
        "STUDYID",
        pl.lit(domain.name).alias("RDOMAIN"),
        "USUBJID",
        pl.lit(sequence if pointed else None, pl.String).alias("IDVAR"),
        (text_of(pl.col(sequence)) if pointed else pl.lit(None, pl.String)).alias("IDVARVAL"),
        pl.lit(line.variable).alias("QNAM"),
        pl.lit(line.line.label).alias("QLABEL"),
        pl.col(line.column).alias("QVAL"),
        pl.lit(_ORIGINS.get(origin_of(line).type, origin_of(line).type.upper())).alias("QORIG"),
        pl.lit(line.line.evaluator or None, pl.String).alias("QEVAL"),
        *IDENTITY,
    )
