"""Derivations of DEMO01 that no verb can say; each gets a frame and returns one value a record."""

from __future__ import annotations

import pandas as pd


def treatment_emergent(records: pd.DataFrame) -> list[str]:
    """SUPPAE.AETRTEM: Y on or after the first dose, at the precision of the start date."""
    pairs = zip(records["AE.AESTDTC"].fillna(""), records["DM.RFSTDTC"].fillna(""), strict=True)
    return [
        "" if not start or not first_dose else "NY"[start >= first_dose[: len(start)]]
        for start, first_dose in pairs
    ]
