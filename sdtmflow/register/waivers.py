"""The waivers that decide a publication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.standing import Status


def waivers_in_force(
    standing: pl.DataFrame, severities: Collection[Severity], today: dt.date | None = None
) -> dict[str, str]:
    """Fingerprint → rule of the waived findings of these severities, by fingerprint.

    ``standing`` has the columns of ``STANDING_SCHEMA``. With ``today`` a waiver that has ended is
    in force no more, though no run has reopened the finding yet.
    """
    waived = standing.filter(
        pl.col("status") == Status.WAIVED.value,
        pl.col("severity").is_in([severity.value for severity in severities]),
    )
    if today is not None:
        in_force = (pl.col("until") == "") | (pl.col("until") >= today.isoformat())
        waived = waived.filter(in_force)
    return dict(waived.sort("fingerprint").select("fingerprint", "rule").iter_rows())
