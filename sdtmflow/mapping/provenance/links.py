"""Other records that a value was taken from, which its own raw row does not tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from sdtmflow.mapping.provenance.identity import IDENTITY, IDENTITY_TYPES, identified
from sdtmflow.mapping.records.columns import Records

THERE = {name: f"there{name}" for name in IDENTITY}
"""The identity of the record there, beside that of the record here."""
AT = "_at"


@dataclass(frozen=True, slots=True)
class Links:
    """Records of one place that a column's values come from.

    ``rows`` has ``AT``, the position of the record here, and ``IDENTITY`` of the record there; a
    record may have several, or none. A link without a column says that the record itself was made
    from that raw row too.
    """

    place: str
    """The raw table or the dataset."""
    rows: pl.DataFrame
    domain: str = ""
    column: str = ""

    def of(self, domain: str, column: str, offset: int = 0) -> Links:
        """The links of a column, whose positions count from ``offset``."""
        rows = self.rows.with_columns(pl.col(AT) + offset) if offset else self.rows
        return replace(self, domain=domain, column=column, rows=rows)

    def where(self, holds: pl.Series) -> Links:
        """Only those of the records where ``holds``."""
        return replace(self, rows=self.rows.filter(holds.gather(self.rows[AT])))


def links_of(place: str, here: pl.DataFrame, there: pl.DataFrame, on: Sequence[str]) -> Links:
    """A link for every pair of records that agree ``on`` these columns."""
    rows = here.select(on).with_row_index(AT).with_columns(pl.col(AT).cast(pl.Int64))
    joined = rows.join(identified(there).select(*on, *IDENTITY), on=on, maintain_order="left_right")
    return Links(place, joined.select(AT, *IDENTITY))


def links_table(links: Sequence[Links], records: Records) -> pl.DataFrame:
    """Links of one domain as they are stored.

    Columns: ``USUBJID`` and ``IDENTITY`` of the record, ``column``, ``place``, and the identity of
    the record there (``THERE``).
    """
    parts = [
        pl.concat(
            [
                records.frame(["USUBJID", *IDENTITY], each.rows[AT]),
                each.rows.select(
                    pl.lit(each.column).alias("column"),
                    pl.lit(each.place).alias("place"),
                    *(
                        pl.col(name).cast(dtype).alias(THERE[name])
                        for name, dtype in IDENTITY_TYPES.items()
                    ),
                ),
            ],
            how="horizontal",
        )
        for each in links
    ]
    return pl.concat(parts).sort("USUBJID", maintain_order=True)
