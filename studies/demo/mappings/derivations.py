"""Derivations of DEMO01 that no verb can say; each gets a frame and returns one value a record."""

from __future__ import annotations

import pandas as pd

_TICKED = {
    "raw.RACE_WHITE": "WHITE",
    "raw.RACE_BLACK": "BLACK OR AFRICAN AMERICAN",
    "raw.RACE_ASIAN": "ASIAN",
    "raw.RACE_OTHER": "OTHER",
}
_NOT_TICKED = {"0", "Unchecked"}


def race(records: pd.DataFrame) -> list[str]:
    """DM.RACE: the race, MULTIPLE where more than one is ticked, "" where none is known."""
    return ["MULTIPLE" if len(races) > 1 else "".join(races) for races in _races(records)]


def first_race(records: pd.DataFrame) -> list[str]:
    """SUPPDM.RACE1: the first of several races."""
    return [races[0] if len(races) > 1 else "" for races in _races(records)]


def second_race(records: pd.DataFrame) -> list[str]:
    """SUPPDM.RACE2: the second of several races."""
    return [races[1] if len(races) > 1 else "" for races in _races(records)]


def treatment_emergent(records: pd.DataFrame) -> list[str]:
    """SUPPAE.AETRTEM: Y on or after the first dose, at the precision of the start date."""
    pairs = zip(records["AE.AESTDTC"].fillna(""), records["DM.RFSTDTC"].fillna(""), strict=True)
    return [
        "" if not start or not first_dose else "NY"[start >= first_dose[: len(start)]]
        for start, first_dose in pairs
    ]


def _races(records: pd.DataFrame) -> list[list[str]]:
    """Every record's races: the one that is sent as text, or those that are ticked."""
    found = [[text] if text else [] for text in records["raw.RACE"].fillna("")]
    for column, name in _TICKED.items():
        for races, mark in zip(found, records[column].fillna("0"), strict=True):
            if mark not in _NOT_TICKED:
                races.append(name)
    return found
