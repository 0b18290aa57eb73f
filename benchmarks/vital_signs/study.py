"""The study and its staged tables; the same for the same sizes.

Every site has its demographics (``dm``), randomisation (``rand``), exposure (``ex``), end of study
(``ds``) and vital signs (``vs``): one wide row a time point of a visit, six results a row, some
missing, in several units, some dates partial, some visits unscheduled or not done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl

SOURCE = "edc"
VISITS = {
    "SCREENING": (1, -14),
    "BASELINE": (2, 1),
    "WEEK 2": (3, 15),
    "WEEK 4": (4, 29),
    "WEEK 8": (5, 57),
    "WEEK 12": (6, 85),
    "WEEK 16": (7, 113),
    "WEEK 20": (8, 141),
    "WEEK 24": (9, 169),
    "FOLLOW-UP": (10, 197),
}
"""Planned visit → VISITNUM, VISITDY."""
TIME_POINTS = {"PRE-DOSE": 1, "1H POST-DOSE": 2, "4H POST-DOSE": 3, "8H POST-DOSE": 4}
"""VSTPT → VSTPTNUM."""
UNITS = {
    "SYSBP": ("mmHg", "cmHg"),
    "DIABP": ("mmHg", "cmHg"),
    "PULSE": ("beats/min",),
    "RESP": ("breaths/min",),
    "TEMP": ("C", "F"),
    "WEIGHT": ("kg", "LB"),
}
"""Test → the units that sites send; the first is the standard one."""
_USUAL = {
    "SYSBP": (128, 14, 0),
    "DIABP": (80, 9, 0),
    "PULSE": (72, 9, 0),
    "RESP": (15, 2, 0),
    "TEMP": (36.8, 0.4, 1),
    "WEIGHT": (78, 14, 1),
}
"""Test → mean, standard deviation and decimals in the standard unit."""
_SENT = {"cmHg": (0.1, 0, 1), "F": (1.8, 32, 1), "LB": (2.20462262, 0, 1)}
"""Unit → factor, offset and decimals that make it of the standard unit."""
_EPOCH = np.datetime64("2023-01-02")


def write_study(root: Path, sites: int) -> None:
    """``study.yaml`` of so many sites, which the standard specs map."""
    names = [site_name(number) for number in range(sites)]
    visits = "".join(
        f"  - {{visit: {visit}, visitnum: {number}, day: {day}}}\n"
        for visit, (number, day) in VISITS.items()
    )
    (root / "study.yaml").write_text(
        "version: 1\nstudy: BENCH\ntitle: Vital signs of many\ncutoff: 2025-12-31\n"
        'standards: {sdtmig: "3.4", ct: 2025-03-28}\n'
        "sites:\n"
        + "".join(f'  "{name}": {{name: Site {name}, country: CHE}}\n' for name in names)
        + "sources:\n"
        f"  {SOURCE}: {{kind: delimited, path: raw, site_column: SITEID, "
        'dates: [DD-MON-YYYY, "HH:MM"]}\n'
        f"visits:\n{visits}"
        "design:\n"
        "  elements:\n"
        "    SCRN: {element: Screening, start_rule: Informed consent}\n"
        "    TRT:  {element: Treatment, start_rule: First dose}\n"
        "    FUP:  {element: Follow-up, start_rule: Day after last dose}\n"
        "  arms:\n"
        + "".join(
            f"    {code}:\n      arm: {arm}\n      elements:\n"
            "        - {etcd: SCRN, epoch: SCREENING}\n"
            "        - {etcd: TRT, epoch: TREATMENT}\n"
            "        - {etcd: FUP, epoch: FOLLOW-UP}\n"
            for code, arm in (("ACT", "Active"), ("PBO", "Placebo"))
        )
    )


def site_name(number: int) -> str:
    """``01`` for site 0."""
    return f"{number + 1:02d}"


def site_tables(number: int, rows: int) -> dict[str, pl.DataFrame]:
    """A site's staged tables with ``rows`` rows of vital signs, all values text."""
    site, random = site_name(number), np.random.default_rng([20_260_101, number])
    subjects = -(-rows // (len(VISITS) * len(TIME_POINTS)))
    names = pl.Series([f"{subject:05d}" for subject in range(1, subjects + 1)])
    consent = _EPOCH + random.integers(0, 300, subjects)
    first, last = consent + random.integers(7, 21, subjects), consent + 200
    arms = pl.Series(["ACT", "PBO"])[random.integers(0, 2, subjects)]
    tables = {
        "dm": {"RFICDAT": _text(consent), "AGE": "54", "AGEU": "YEARS", "SEX": "F"},
        "rand": {"ARMCD": arms, "RANDDAT": _text(first)},
        "ex": {
            "EXTRT": "STUDY DRUG",
            "EXSTDAT": _text(first),
            "EXSTTIM": "09:30",
            "EXENDAT": _text(last),
        },
        "ds": {"DSDECOD": "COMPLETED", "DSSTDAT": _text(last + 14)},
    }
    staged = {
        name: staged_table(pl.DataFrame({"SUBJID": names, **columns}), name, site)
        for name, columns in tables.items()
    }
    return staged | {"vs": staged_table(_vital_signs(random, rows, names, first), "vs", site)}


def staged_table(table: pl.DataFrame, name: str, site: str) -> pl.DataFrame:
    """What staging adds to a delivered table of text columns with SUBJID."""
    return table.with_columns(
        _source=pl.lit(SOURCE),
        _site=pl.lit(site),
        _subject="SUBJID",
        _file=pl.lit(hashlib.sha256(f"{site}/{name}".encode()).hexdigest()),
        _row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        _place=pl.format("line {}", pl.int_range(2, pl.len() + 2)),
        _missing=pl.lit(None, pl.String),
    )


def write_tables(tables: Mapping[str, pl.DataFrame], out: Path) -> None:
    """The tables as staging writes them."""
    for name, table in tables.items():
        table.write_parquet(out / f"{name}.parquet", compression="zstd")


def _text(days: np.ndarray) -> pl.Series:
    return pl.Series(days).dt.strftime("%d-%b-%Y").str.to_uppercase()


def _vital_signs(
    random: np.random.Generator, rows: int, names: pl.Series, first: np.ndarray
) -> pl.DataFrame:
    """Rows subject by subject, visit by visit, time point by time point."""
    at = np.arange(rows)
    point, at = at % len(TIME_POINTS), at // len(TIME_POINTS)
    visit, subject = at % len(VISITS), at // len(VISITS)
    planned = np.array([day - (day > 0) for _, day in VISITS.values()])
    free = random.random(rows) < 0.02  # noqa: PLR2004
    day = _text(first[subject] + planned[visit] + free * 3)
    texts = np.where(free, "UNSCHEDULED", np.array(list(VISITS))[visit])
    minutes = 8 * 60 + np.array([0, 60, 240, 480])[point] + random.integers(0, 60, rows)
    frame = pl.DataFrame(
        {
            "SUBJID": names[subject],
            "VISIT": pl.Series(texts),
            "VSPERF": _thinned(random, pl.Series(["Y"]), rows, 0.01).fill_null("N"),
            "VSPOS": pl.Series(["SITTING", "SUPINE"])[random.integers(0, 2, rows)],
            "VSDAT": _partial(random, day),
            "VSTIM": pl.Series(minutes * 60_000_000_000).cast(pl.Time).dt.strftime("%H:%M"),
            "VSTPT": pl.Series(list(TIME_POINTS))[point],
            "VSTPTNUM": pl.Series([str(number) for number in TIME_POINTS.values()])[point],
        }
    )
    return frame.with_columns(_results(random, rows)).with_columns(
        pl.when(pl.col("VSPERF") == "Y").then(pl.col(f"{test}_VSORRES")) for test in UNITS
    )


def _results(random: np.random.Generator, rows: int) -> Iterator[pl.Series]:
    """Each test's result, 2 % missing, and its unit: the second in one row of eight."""
    for test, units in UNITS.items():
        mean, deviation, decimals = _USUAL[test]
        usual = np.round(random.normal(mean, deviation, rows), decimals)
        other = (random.random(rows) < 0.125) & (len(units) > 1)  # noqa: PLR2004
        factor, offset, places = _SENT.get(units[-1], (1, 0, decimals))
        sent = pl.DataFrame({"usual": usual, "other": np.round(usual * factor + offset, places)})
        texts = [_written(sent["usual"], decimals), _written(sent["other"], places)]
        text = texts[1].zip_with(pl.Series(other), texts[0])
        yield _thinned(random, text, rows, 0.02).alias(f"{test}_VSORRES")
        yield pl.Series(units)[other.astype(int) % len(units)].alias(f"{test}_VSORRESU")


def _written(numbers: pl.Series, decimals: int) -> pl.Series:
    return (numbers if decimals else numbers.cast(pl.Int64)).cast(pl.String)


def _thinned(random: np.random.Generator, texts: pl.Series, rows: int, share: float) -> pl.Series:
    """The texts (or the one text), some of them missing."""
    there = pl.Series(random.random(rows) >= share)
    return (texts if len(texts) == rows else texts.new_from_index(0, rows)).set(~there, None)


def _partial(random: np.random.Generator, days: pl.Series) -> pl.Series:
    """One date in two hundred lacks its day, as many day and month; as many are missing."""
    luck = pl.Series(random.integers(0, 200, len(days)))
    frame = pl.DataFrame({"day": days, "luck": luck})
    return frame.select(
        pl.when(luck == 0)
        .then(pl.lit("UN-") + pl.col("day").str.slice(3))
        .when(luck == 1)
        .then(pl.lit("UN-UNK-") + pl.col("day").str.slice(7))
        .when(luck != 2)  # noqa: PLR2004
        .then("day")
    ).to_series()
