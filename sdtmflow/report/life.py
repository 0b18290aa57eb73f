"""The findings of a run beside what is known of them from earlier runs."""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import FINDINGS_SCHEMA
from sdtmflow.standing import LIFE_SCHEMA, Standing, Status


def with_life(findings: pl.DataFrame, standing: Standing) -> pl.DataFrame:
    """The run's findings with the columns of ``LIFE_SCHEMA``, then those that are resolved.

    A finding that the standing does not know is new.
    """
    lives = standing.findings.unique("fingerprint", keep="first", maintain_order=True)
    known = findings.join(
        lives.select("fingerprint", *LIFE_SCHEMA),
        on="fingerprint",
        how="left",
        maintain_order="left",
    ).with_columns(pl.col("status").fill_null(Status.NEW.value))
    resolved = lives.filter(status=Status.RESOLVED.value).join(
        findings, on="fingerprint", how="anti", maintain_order="left"
    )
    return pl.concat([known, resolved.select(*FINDINGS_SCHEMA, *LIFE_SCHEMA)])


def current(listed: pl.DataFrame) -> pl.DataFrame:
    """Without what is resolved."""
    if "status" not in listed.columns:
        return listed
    return listed.filter(pl.col("status") != Status.RESOLVED.value)
