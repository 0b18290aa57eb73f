"""CO: the comments that stand in the column COVAL of any raw table.

A comment belongs to the record that its raw row made (IDVAR --SEQ). Where the row made several
(wide findings), it belongs to the visit's records of that domain (IDVAR VISITNUM); where there is
no visit either, it is a comment on the subject, with the domain in COREF. Comments of DM need no
IDVAR (SDTMIG 3.4, 5.1).
"""

from __future__ import annotations

import polars as pl

from sdtmflow.mapping.planning.plan import COMMENT, PlannedDomain
from sdtmflow.mapping.planning.references import RAW
from sdtmflow.mapping.provenance.identity import LINEAGE, PART, SET, numbered
from sdtmflow.mapping.records.columns import Block, Records
from sdtmflow.mapping.records.world import World
from sdtmflow.mapping.values.numbers import text_of
from sdtmflow.sources.raw import ROW, SITE, SUBJECT

_RAW_COMMENT = f"{RAW}.{COMMENT}"
_VISIT = "VISITNUM"


def comments(world: World) -> pl.DataFrame:
    """One record a comment: COVAL, RDOMAIN, IDVAR, IDVARVAL, COREF.

    A row that several domains read (consent in the form of demographics) has its comment in the
    domain that the table is named after.
    """
    found = [
        _of_domain(domain, block)
        for domain in world.plan.domains.values()
        if COMMENT in domain.carried
        for block in world.records[domain.name].blocks
        if _RAW_COMMENT in block.columns
    ]
    if not found:
        return pl.DataFrame(schema=_SCHEMA)
    rows = pl.concat(found).sort("_own", descending=True, maintain_order=True)
    first = rows.unique([SUBJECT, *LINEAGE], keep="first", maintain_order=True)
    return numbered(first, SUBJECT).select(*_SCHEMA)


_SCHEMA = {
    **dict.fromkeys((SITE, SUBJECT, *LINEAGE), pl.String()),
    ROW: pl.Int64(),
    PART: pl.Int16(),
    **dict.fromkeys((COMMENT, "RDOMAIN", "IDVAR", "IDVARVAL", "COREF"), pl.String()),
}


def _of_domain(domain: PlannedDomain, block: Block) -> pl.DataFrame:
    """The comments on the records of one set, one a raw row; ``_own``: it is the domain's table."""
    named = [at for at, each in enumerate(domain.record_sets) if each.from_.upper() == domain.name]
    there = [name for name in (domain.sequence, _VISIT) if name in block.columns]
    frame = Records([block]).frame([SUBJECT, *LINEAGE, SET, _RAW_COMMENT, *there])
    rows = frame.filter(pl.col(_RAW_COMMENT).is_not_null()).select(
        pl.col(SUBJECT).cast(pl.String),
        *LINEAGE,
        pl.col(_RAW_COMMENT).alias(COMMENT),
        pl.col(SET).is_in(named).alias("_own"),
        number=_text(frame, domain.sequence),
        visit=_text(frame, _VISIT),
    )
    by_row = rows.group_by([SUBJECT, *LINEAGE, COMMENT, "_own"], maintain_order=True)
    grouped = by_row.agg(pl.len().alias("records"), pl.col("number", "visit").first())
    return _pointing(grouped, domain)


def _text(frame: pl.DataFrame, column: str) -> pl.Expr:
    return text_of(pl.col(column)) if column in frame.columns else pl.lit(None, pl.String)


def _pointing(rows: pl.DataFrame, domain: PlannedDomain) -> pl.DataFrame:
    """What each comment points to."""
    one = (pl.col("records") == 1) & pl.col("number").is_not_null()
    variable = (
        pl.when(one)
        .then(pl.lit(domain.sequence))
        .when(pl.col("visit").is_not_null() & pl.col("number").is_not_null())
        .then(pl.lit(_VISIT))
    )
    pointed = rows.with_columns(IDVAR=variable)
    belongs = pl.col("IDVAR").is_not_null() | pl.lit(domain.name == "DM")
    return pointed.with_columns(
        pl.lit(None, pl.String).alias(SITE),
        RDOMAIN=pl.when(belongs).then(pl.lit(domain.name)),
        IDVARVAL=pl.when(one).then("number").when(pl.col("IDVAR").is_not_null()).then("visit"),
        COREF=pl.when(~belongs).then(pl.lit(domain.name)),
    )
