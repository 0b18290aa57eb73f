"""The same mapping as one would write it by hand: VS of one site in plain pandas.

It shares no code with the engine and knows this study only: its visits, units and date format.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from benchmarks.vital_signs.study import VISITS

STUDY = "BENCH"
TESTS = {
    "SYSBP": "Systolic Blood Pressure",
    "DIABP": "Diastolic Blood Pressure",
    "PULSE": "Pulse Rate",
    "RESP": "Respiratory Rate",
    "TEMP": "Temperature",
    "WEIGHT": "Weight",
}
POSITIONED = ["SYSBP", "DIABP", "PULSE", "RESP"]
UNITS = {
    "mmHg": ("mmHg", 1, 0, None),
    "cmHg": ("mmHg", 10, 0, 0),
    "beats/min": ("beats/min", 1, 0, None),
    "breaths/min": ("breaths/min", 1, 0, None),
    "C": ("C", 1, 0, None),
    "F": ("C", 0.5555555555555556, -17.77777777777778, 1),
    "kg": ("kg", 1, 0, None),
    "LB": ("kg", 0.45359237, 0, 1),
}
"""Unit sent → standard unit, factor, offset, decimals."""
COLUMNS = [
    "STUDYID",
    "DOMAIN",
    "USUBJID",
    "VSSEQ",
    "VSTESTCD",
    "VSTEST",
    "VSPOS",
    "VSORRES",
    "VSORRESU",
    "VSSTRESC",
    "VSSTRESN",
    "VSSTRESU",
    "VSSTAT",
    "VSREASND",
    "VSLOBXFL",
    "VISITNUM",
    "VISIT",
    "VISITDY",
    "EPOCH",
    "VSDTC",
    "VSDY",
    "VSTPT",
    "VSTPTNUM",
]


def naive_vs(tables: Mapping[str, pd.DataFrame], site: str) -> pd.DataFrame:
    """VS in key order from ``dm``, ``ex``, ``ds``, ``rand`` and ``vs`` as staged (text columns)."""
    rows = tables["vs"].copy()
    rows["VSDTC"] = _iso(rows["VSDAT"], rows["VSTIM"])
    rows["day"] = _day(rows["VSDTC"])
    rows = _with_visits(rows)
    subjects = _subjects(tables, rows)
    rows = rows.merge(subjects, left_on="SUBJID", right_index=True, how="left")
    rows["VSDY"] = _study_day(rows["day"], _day(rows["RFSTDTC"]))
    rows["EPOCH"] = _epoch(rows)
    records = pd.concat([_results(rows), _not_done(rows)], ignore_index=True)
    records["VSLOBXFL"] = _baseline(records)
    records["STUDYID"], records["DOMAIN"] = STUDY, "VS"
    records["USUBJID"] = STUDY + "-" + site + "-" + records["SUBJID"]
    records["VSTPTNUM"] = pd.to_numeric(records["VSTPTNUM"])
    keys = ["USUBJID", "VSTESTCD", "VISITNUM", "VSDTC", "VSTPTNUM"]
    records = records.sort_values(keys, kind="stable", na_position="first", ignore_index=True)
    records["VSSEQ"] = records.groupby("USUBJID").cumcount() + 1.0
    return records[COLUMNS]


def _iso(dates: pd.Series, times: pd.Series) -> pd.Series:
    """``05-FEB-2019`` and ``10:30`` → ISO 8601; ``UN`` and ``UNK`` leave the part out."""
    parts = dates.str.extract(r"^(UN|\d\d)-(UNK|[A-Z]{3})-(\d{4})$")
    month = pd.to_datetime(parts[1], format="%b", errors="coerce").dt.strftime("%m")
    day = parts[0].where(parts[0] != "UN")
    stem = parts[2] + "-" + month.fillna("-") + "-" + day.fillna("-")
    date = stem.str.rstrip("-")
    impossible = day.notna() & pd.to_datetime(stem, format="%Y-%m-%d", errors="coerce").isna()
    stem, date = stem.mask(impossible), date.mask(impossible)
    return date.where(times.isna(), stem.fillna("-----") + "T" + times)


def _day(texts: pd.Series) -> pd.Series:
    """Calendar days of texts complete to the day."""
    return pd.to_datetime(texts.str.slice(0, 10), format="%Y-%m-%d", errors="coerce")


def _study_day(day: pd.Series, reference: pd.Series) -> pd.Series:
    days = (day - reference).dt.days
    return days + (days >= 0)


def _with_visits(rows: pd.DataFrame) -> pd.DataFrame:
    """VISIT, VISITNUM, VISITDY; unscheduled visits are numbered after the last planned one."""
    rows = rows.rename(columns={"VISIT": "text"})
    rows["VISITNUM"] = rows["text"].map({name: float(n) for name, (n, _) in VISITS.items()})
    rows["VISITDY"] = rows["text"].map({name: float(day) for name, (_, day) in VISITS.items()})
    free = (rows["text"] == "UNSCHEDULED") & rows["day"].notna()
    dated = rows[rows["VISITNUM"].notna() & rows["day"].notna()]
    begun = dated.groupby(["SUBJID", "VISITNUM"], as_index=False)["day"].min()
    begun = begun.sort_values(["day", "VISITNUM"]).rename(columns={"VISITNUM": "last"})
    days = rows.loc[free, ["SUBJID", "day"]].drop_duplicates().sort_values("day")
    days = pd.merge_asof(days, begun, on="day", by="SUBJID").fillna({"last": 0})
    rank = days.groupby(["SUBJID", "last"])["day"].rank("dense")
    days["number"] = ((days["last"] * 100 + rank) / 100).round(2)
    rows = rows.merge(days[["SUBJID", "day", "number"]], on=["SUBJID", "day"], how="left")
    free = (rows["text"] == "UNSCHEDULED") & rows["day"].notna()
    rows["VISITNUM"] = rows["VISITNUM"].where(~free, rows["number"])
    rows["VISIT"] = rows["text"].where(~free, "UNSCHEDULED " + _text(rows["number"]))
    return rows


def _text(numbers: pd.Series) -> pd.Series:
    return numbers.map("{:.12g}".format, na_action="ignore").astype("str")


def _subjects(tables: Mapping[str, pd.DataFrame], rows: pd.DataFrame) -> pd.DataFrame:
    """By subject: RFSTDTC, and the elements' starts and ends."""
    subjects = tables["dm"].set_index("SUBJID")[[]]
    times = pd.Series(None, index=tables["ex"].index, dtype="str")
    doses = tables["ex"].assign(
        start=_iso(tables["ex"]["EXSTDAT"], tables["ex"]["EXSTTIM"]),
        end=_iso(tables["ex"]["EXENDAT"], times),
    )
    subjects["RFSTDTC"] = doses.groupby("SUBJID")["start"].min()
    subjects["SCREENING"] = _first_iso(tables["dm"], "RFICDAT")
    last = pd.to_datetime(doses.groupby("SUBJID")["end"].max()) + pd.Timedelta(days=1)
    after = last.dt.strftime("%Y-%m-%d").astype("str").reindex(subjects.index)
    results = rows[[f"{test}_VSORRES" for test in TESTS]].notna().any(axis=1)
    told = results | (rows["VSPERF"] == "N")  # a row that gives no record tells of no visit
    visits = rows.loc[told & rows["VISITNUM"].notna(), ["SUBJID", "VISITNUM", "VSDTC"]]
    ends = [
        _latest(visits["VSDTC"], [visits["SUBJID"], visits["VISITNUM"]]).droplevel("VISITNUM"),
        *(
            _first_iso(tables[name], column)
            for name, column in (("ds", "DSSTDAT"), ("rand", "RANDDAT"))
        ),
        subjects["SCREENING"],
    ]
    found = pd.concat(ends).astype("str")
    subjects["end"] = _latest(found, found.index)
    subjects["TREATMENT"] = subjects["RFSTDTC"]
    subjects["FOLLOW-UP"] = after.where(subjects["end"].str.slice(0, 10) >= after)
    return subjects


def _latest(dates: pd.Series, by: pd.Index | list[pd.Series]) -> pd.Series:
    """The latest date of each group; a partial one if it is certainly that, or none is complete."""
    complete = dates.str.match(r"\d{4}-\d\d-\d\d").fillna(value=False).astype(bool)
    parts = dates.str.extract(r"^(\d{4})(?:-(\d\d))?")
    begins = pd.to_datetime(parts[0] + "-" + parts[1].fillna("01") + "-01", errors="coerce")
    last = _day(dates.where(complete)).groupby(by).transform("max")
    return dates.where(complete | last.isna() | (begins > last)).groupby(by).max().astype("str")


def _first_iso(table: pd.DataFrame, column: str) -> pd.Series:
    times = pd.Series(None, index=table.index, dtype="str")
    return _iso(table[column], times).set_axis(table["SUBJID"]).groupby(level=0).first()


def _epoch(rows: pd.DataFrame) -> pd.Series:
    """The last element begun; its end counts to the end of its day, month or year."""
    when = rows["VSDTC"].where(rows["VSDTC"].str.len() != len("2019-02-05"), rows["VSDTC"] + "T99")
    epochs = ["SCREENING", "TREATMENT", "FOLLOW-UP"]
    begun = [(rows[name] <= when) & rows["day"].notna() for name in epochs]
    starts = [rows[name] for name in [*epochs[1:], "end"]]
    ends = [starts[0].fillna(starts[1]).fillna(starts[2]), starts[1].fillna(starts[2]), starts[2]]
    answers = [
        pd.Series(name, index=rows.index).where(~(when > end.str.slice(0, 10) + "~"))
        for name, end in zip(epochs, ends, strict=True)
    ]
    found = np.select(begun[::-1], answers[::-1], default=None)
    return pd.Series(found, index=rows.index, dtype="str")


def _results(rows: pd.DataFrame) -> pd.DataFrame:
    """One record a result that is there, row by row."""
    parts = [
        rows.assign(
            VSTESTCD=test,
            VSTEST=name,
            VSORRES=rows[f"{test}_VSORRES"],
            VSORRESU=rows[f"{test}_VSORRESU"],
            VSPOS=rows["VSPOS"] if test in POSITIONED else None,
        )
        for test, name in TESTS.items()
    ]
    records = pd.concat(parts)
    records = records[records["VSORRES"].notna()].sort_index(kind="stable").reset_index(drop=True)
    rules = records["VSORRESU"].map(UNITS)
    standard, factor, offset, decimals = (rules.astype(object).str[at] for at in range(4))
    said = pd.to_numeric(records["VSORRES"])
    computed = (said * factor.astype(float) + offset.astype(float)).round(9)
    scale = 10.0 ** decimals.astype(float)
    rounded = np.sign(computed) * np.floor((computed.abs() * scale).round(8) + 0.5) / scale
    converted = decimals.notna()
    records["VSSTRESN"] = said.where(~converted, rounded).where(rules.notna())
    texts = records["VSORRES"].where(~converted, _text(rounded))
    records["VSSTRESC"] = texts.where(rules.notna())
    records["VSSTRESU"] = standard
    return records


def _not_done(rows: pd.DataFrame) -> pd.DataFrame:
    """One record a row whose VSPERF says no."""
    kept = rows[rows["VSPERF"] == "N"]
    return kept.assign(
        VSTESTCD="VSALL", VSTEST="Vital Signs", VSSTAT="NOT DONE", VSREASND=None, VSPOS=None
    )


def _baseline(records: pd.DataFrame) -> pd.Series:
    """Y on the last result on or before the first dose, per subject and test."""
    both_timed = records["VSDTC"].str.contains("T") & records["RFSTDTC"].str.contains("T")
    first = _day(records["RFSTDTC"])
    same = (records["day"] == first) & (~both_timed | (records["VSDTC"] <= records["RFSTDTC"]))
    before = ((records["day"] < first) | same) & records["VSORRES"].notna()
    found = records[before].sort_values("VSDTC", kind="stable")
    last = found.groupby(["SUBJID", "VSTESTCD"]).tail(1).index
    flags = pd.Series(None, index=records.index, dtype="str")
    flags[last] = "Y"
    return flags
