"""RELREC: records that belong together, because one names the other (SDTMIG 3.4, 8.2)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.planning.plan import PlannedDomain
from sdtmflow.mapping.planning.references import RAW
from sdtmflow.mapping.provenance.identity import LINEAGE, numbered
from sdtmflow.mapping.records.columns import Block, Records
from sdtmflow.mapping.records.problems import problem
from sdtmflow.mapping.records.world import World
from sdtmflow.mapping.spec import Link
from sdtmflow.mapping.values.numbers import text_of
from sdtmflow.sources.raw import ROW, SITE, SUBJECT

_BETWEEN = r"[,;\s]+"
_SCHEMA = {
    **dict.fromkeys((SITE, SUBJECT, *LINEAGE), pl.String()),
    ROW: pl.Int64(),
    **dict.fromkeys(("RDOMAIN", "IDVAR", "IDVARVAL", "RELID"), pl.String()),
}


def related_records(world: World) -> pl.DataFrame:
    """One record a side of every relationship: RDOMAIN, IDVAR, IDVARVAL, RELID.

    Both come from the raw row that names the other. A name that leads to no record, or to several,
    is a finding, and relates nothing.
    """
    domains = world.plan.domains
    found = [
        _sides(_pairs(world, link), domains[link.origin[0]], domains[link.target[0]])
        for link in domains["RELREC"].links
        if any(_named_in(block, link) for block in world.records[link.origin[0]].blocks)
    ]
    records = pl.concat([pl.DataFrame(schema=_SCHEMA), *found])
    distinct = records.unique([SUBJECT, "RDOMAIN", "IDVARVAL", "RELID"], maintain_order=True)
    return numbered(distinct, SUBJECT)


def _named_in(block: Block, link: Link) -> bool:
    return f"{RAW}.{link.origin[1]}" in block.columns


def _pairs(world: World, link: Link) -> pl.DataFrame:
    """``here`` and ``there`` (--SEQ as text) of the records that belong together, with lineage."""
    (origin, _), (target, variable) = link.origin, link.target
    naming = pl.concat(_naming(world, link))
    naming = naming.drop_nulls("name").with_columns(pl.col("name").str.split(",")).explode("name")
    others = world.dataset(target, [SUBJECT, variable, f"{target}SEQ"])
    named = others.select(
        SUBJECT, name=_text(others, variable), there=text_of(pl.col(f"{target}SEQ"))
    )
    counted = named.group_by(SUBJECT, "name").agg(pl.len(), pl.col("there").first())
    found = naming.join(counted, on=[SUBJECT, "name"], how="left", maintain_order="left")
    _tell(world, link, found, world.records[origin].height)
    return found.filter(pl.col("len") == 1)


def _naming(world: World, link: Link) -> Iterator[pl.DataFrame]:
    """The records that name others, by set: ``at``, the position, ``here`` and ``name``."""
    origin, column = link.origin
    for offset, block in world.records[origin].offsets():
        if _named_in(block, link):
            names = [SUBJECT, *LINEAGE, f"{origin}SEQ", f"{RAW}.{column}"]
            yield (
                Records([block])
                .frame(names)
                .select(
                    pl.int_range(pl.len(), dtype=pl.Int64).alias("at") + offset,
                    SUBJECT,
                    *LINEAGE,
                    here=text_of(pl.col(f"{origin}SEQ")),
                    name=pl.col(f"{RAW}.{column}").str.strip_chars().str.replace_all(_BETWEEN, ","),
                )
            )


def _text(frame: pl.DataFrame, column: str) -> pl.Expr:
    return text_of(pl.col(column)) if frame.schema[column].is_numeric() else pl.col(column)


def _tell(world: World, link: Link, found: pl.DataFrame, height: int) -> None:
    """Names that lead to no record, and to several."""
    (origin, column), (target, variable) = link.origin, link.target
    for rule, at_fault, words in (
        ("LINK_UNKNOWN", pl.col("len").is_null(), f"no {target} record of the subject has"),
        ("LINK_AMBIGUOUS", pl.col("len") > 1, f"several {target} records of the subject have"),
    ):
        lost = found.filter(at_fault).group_by("at", maintain_order=True).agg("name")
        names = pl.repeat(None, height, dtype=pl.String, eager=True)
        names = names.scatter(lost["at"], lost["name"].list.join(", "))
        for told in problem(
            rule,
            Severity.MAJOR,
            f"{column} names '{{value}}', which {words} as {variable}; nothing is related",
            at=names.is_not_null(),
            values=names,
            variable=column,
            query=f"Please check {column} '{{value}}': {words} this {variable}.",
        ):
            world.problems.append((origin, told))


def _sides(pairs: pl.DataFrame, origin: PlannedDomain, target: PlannedDomain) -> pl.DataFrame:
    """Both records of each pair; those that name one record share its RELID."""
    relation = pl.concat_str(pl.lit(origin.name + target.name), "there")
    sides = [
        pairs.select(
            pl.lit(None, pl.String).alias(SITE),
            pl.col(SUBJECT).cast(pl.String),
            *LINEAGE,
            RDOMAIN=pl.lit(side.name),
            IDVAR=pl.lit(side.sequence),
            IDVARVAL=pl.col(number),
            RELID=relation,
        )
        for side, number in ((origin, "here"), (target, "there"))
    ]
    return pl.concat(sides)
