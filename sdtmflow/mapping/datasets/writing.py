"""The finished datasets of a partition, and what goes with them, as files."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sdtmflow.mapping.datasets.long_text import shortened
from sdtmflow.mapping.datasets.splitting import split
from sdtmflow.mapping.datasets.supplemental import qualifiers
from sdtmflow.mapping.planning.borrowing import ORDER_STEP
from sdtmflow.mapping.planning.plan import PlannedDomain, PlannedLine
from sdtmflow.mapping.provenance.identity import IDENTITY
from sdtmflow.mapping.provenance.links import links_table
from sdtmflow.mapping.records.columns import Records
from sdtmflow.mapping.records.numbering import SUBJECTS
from sdtmflow.mapping.records.world import World
from sdtmflow.sources.raw import PLACE


def write_dataset(world: World, domain: PlannedDomain, out: Path) -> None:
    """The domain's records in key order, their links and their supplemental qualifiers.

    Where the domain is split, each of its datasets has its own file.
    """
    records = world.records[domain.name]
    if not records.height:
        return
    keys = [key for key in domain.keys if key not in {"STUDYID", "USUBJID"}]
    order = world.order(domain.name, keys)
    continuations = shortened(records, domain)
    columns = [*_dataset_columns(records, domain, continuations), *IDENTITY]
    for name, positions in split(world, domain, order):
        _store(records.table(columns, positions), out / f"{name}.parquet")
        supplemental = qualifiers(domain, records, positions, continuations)
        if supplemental.height:
            _store(supplemental.to_arrow(), out / f"SUPP{name}.parquet")
    links = [each for each in world.links if each.domain == domain.name]
    if links:
        (out / "links").mkdir(exist_ok=True)
        _store(links_table(links, records).to_arrow(), out / "links" / f"{domain.name}.parquet")


def write_numbers(world: World, out: Path) -> None:
    """The partition's subjects and the --SEQ of their records, one table a dataset."""
    out.mkdir()
    subjects = world.subjects.select(USUBJID="usubjid")
    _store(subjects.to_arrow(), out / f"{SUBJECTS}.parquet")
    for name, given in world.given.items():
        if given.height:
            _store(given.to_arrow(), out / f"{name}.parquet")


def _store(table: pa.Table, path: Path) -> None:
    """Texts are texts in the file, whether the table holds them as dictionaries or not.

    The file is read again soon, and in whole: it is packed lightly, without statistics.
    """
    pq.write_table(
        table.cast(_filled(table)),
        path,
        compression="lz4",
        use_dictionary=[field.name for field in table.schema if _repeats(field)],
        store_schema=False,
        write_batch_size=_BATCH,
        write_statistics=False,
    )


_BATCH = 2**16
"""Values that the writer takes at a time."""


def _repeats(field: pa.Field) -> bool:
    """Whether its values are worth collecting once: texts are, but for those of each raw row."""
    return field.name != PLACE and not pa.types.is_primitive(field.type)


def _filled(table: pa.Table) -> pa.Schema:
    """The schema in which columns without a gap are said to have none, which is not noted again."""
    return pa.schema(
        [field.with_nullable(table[field.name].null_count > 0) for field in table.schema]
    )


def _dataset_columns(
    records: Records, domain: PlannedDomain, continuations: tuple[PlannedLine, ...]
) -> list[str]:
    """The domain's variables in the IG's order; expected ones without a line are added empty."""
    lines = [line for line in (*domain.lines, *continuations) if not line.supplemental]
    made = {line.column for line in lines}
    expected = {v.name: v for v in domain.facts.variables if v.core == "Exp" and v.name not in made}
    for name, variable in expected.items():
        dtype = pl.Float64() if variable.type == "Num" else pl.String()
        records.change("STUDYID", name, partial(_emptied, dtype=dtype))
    orders = {line.variable: line.facts.order for line in lines} | {
        name: v.order * ORDER_STEP for name, v in expected.items()
    }
    return sorted({*made, *expected}, key=lambda name: (orders[name], name))


def _emptied(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    return pl.repeat(None, len(values), dtype=dtype, eager=True)
