"""The planted defects: what is wrong on purpose, and which findings must tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from generator.excel import FILE as WORKBOOK
from generator.record import Record, Trial


@dataclass(frozen=True)
class Expected:
    """A finding that a defect must lead to.

    Site and subject are the defect's own unless said otherwise; a finding names the subject by its
    USUBJID.
    """

    rule: str
    dataset: str
    variable: str = ""
    placeless: bool = False
    """The finding names no site and no subject."""


@dataclass(frozen=True)
class Defect:
    """One planted defect: where it is, what is wrong, how it is found."""

    id: str
    site: str
    subject: str
    table: str
    column: str
    what: str
    findings: tuple[Expected, ...]
    records: tuple[Record, ...] = ()
    file: str = ""
    """Where no record is wrong but the file is."""


def plant(trial: Trial) -> list[Defect]:
    """Damage the trial's clean data; every defect with the records it touched."""
    planters = (_odm, _redcap, _sas, _excel, _semicolon, _laboratory)
    return [defect for planter in planters for defect in planter(trial)]


def _found(rule: str, dataset: str, variable: str = "") -> tuple[Expected, ...]:
    return (Expected(rule, dataset, variable),)


def _overwrite(
    trial: Trial,
    place: tuple[str, str],
    key: dict[str, str],
    change: dict[str, str],
    named: tuple[str, str, tuple[Expected, ...]],
) -> Defect:
    """Find the record of ``place`` (site, table) by ``key``; type ``change`` over its values.

    ``named`` is the defect's id, what is wrong, and the findings that it must lead to.
    """
    (site, table), (id_, what, findings) = place, named
    record = trial.find(site, table, **key)
    for name, value in change.items():
        record[name] = value
    return Defect(id_, site, record["SUBJID"], table, next(iter(change)), what, findings, (record,))


def _first(trial: Trial, site: str, table: str, accept: Callable[[Record], bool]) -> dict[str, str]:
    """The key of the first record that suits."""
    record = next(record for record in trial.sites[site][table] if accept(record))
    line = {"ae": "AESPID", "cm": "CMSPID", "mh": "MHSPID"}[table]
    return {"SUBJID": record["SUBJID"], line: record[line]}


def _whole(date: str) -> bool:
    return len(date) == len("2025-01-01")


def _shifted(date: str, days: int) -> str:
    return (dt.date.fromisoformat(date) + dt.timedelta(days=days)).isoformat()


def _ordinary(record: Record) -> bool:
    """An adverse event with both dates that no other defect is about."""
    return (
        _whole(record["AESTDAT"]) and _whole(record["AEENDAT"])
        and record["AESER"] == "N" and record["AEACN"] == "DOSE NOT CHANGED"
    )  # fmt: skip


def _odm(trial: Trial) -> list[Defect]:
    reversed_dates = _first(trial, "01", "ae", _ordinary)
    event = trial.find("01", "ae", **reversed_dates)
    unknown_code = _first(
        trial, "01", "ae", lambda r: _ordinary(r) and r["SUBJID"] != event["SUBJID"]
    )
    return [
        _overwrite(
            trial, ("01", "vs"), {"SUBJID": "102", "VISIT": "WEEK 4"},
            {"SYSBP_VSORRES": "1200"},
            ("D01", "Impossible systolic blood pressure of 1200 mmHg",
             _found("VS_SYSBP_RANGE", "vs", "SYSBP_VSORRES")),
        ),
        _overwrite(
            trial, ("01", "ae"), unknown_code,
            {"AESEV": "9"},
            ("D02", "Severity 9, a code that the code list does not have",
             _found("TERM_UNMAPPED", "ae", "AESEV")),
        ),
        _overwrite(
            trial, ("01", "ae"), reversed_dates,
            {"AEENDAT": _shifted(event["AESTDAT"], -5)},
            ("D03", "The adverse event ends five days before it starts",
             (Expected("AE_END_BEFORE_START", "ae", "AEENDAT"),
              Expected("SDTM011", "AE", "AESTDTC"))),
        ),
    ]  # fmt: skip


def _redcap(trial: Trial) -> list[Defect]:
    ordinary = [r for r in trial.sites["02"]["ae"] if _ordinary(r)]
    keys = [{"SUBJID": r["SUBJID"], "AESPID": r["AESPID"]} for r in ordinary[:2]]
    return [
        _overwrite(
            trial, ("02", "dm"), {"SUBJID": "104"},
            {"AGE": "-44"},
            ("D04", "Negative age",
             (Expected("DM_AGE_RANGE", "dm", "AGE"),
              Expected("SDTM045", "DM", "AGE"))),
        ),
        _overwrite(
            trial, ("02", "cm"), _first(trial, "02", "cm", lambda r: not r["CMENDAT"]),
            {"CMSTDAT": "2025-02-31"},
            ("D05", "The medication starts on 31 February",
             _found("DATE_IMPOSSIBLE", "cm", "CMSTDAT")),
        ),
        _overwrite(
            trial, ("02", "ae"), keys[0],
            {"AESER": ""},
            ("D06", "It is not said whether the adverse event is serious",
             _found("AE_SERIOUS_MISSING", "ae", "AESER")),
        ),
        _overwrite(
            trial, ("02", "ae"), keys[1],
            {"AESER": "Y"},
            ("D07", "A serious adverse event without any criterion of seriousness",
             _found("AE_SERIOUS_CRITERION", "AE", "AESER")),
        ),
    ]  # fmt: skip


def _sas(trial: Trial) -> list[Defect]:
    medication = trial.find("03", "cm", SUBJID="105")
    twin = medication.copy()
    medications = trial.sites["03"]["cm"]
    medications.insert(medications.index(medication) + 1, twin)
    consent = trial.find("03", "dm", SUBJID="107")["RFICDAT"]
    late = trial.find("03", "vs", SUBJID="110", VISIT="WEEK 4")
    return [
        Defect(
            "D08", "03", "105", "cm", "", "The same medication record twice",
            (Expected("DUPLICATE_RECORD", "cm"),
             Expected("SDTM009", "CM", "CMSPID")), (twin,),
        ),
        _overwrite(
            trial, ("03", "vs"), {"SUBJID": "107", "VISIT": "SCREENING"},
            {"VSDAT": _shifted(consent, -3)},
            ("D09", "Vital signs three days before informed consent",
             _found("VS_BEFORE_CONSENT", "vs", "VSDAT")),
        ),
        _overwrite(
            trial, ("03", "ae"), _first(trial, "03", "ae", _ordinary),
            {"AEOUT": "FATAL", "AESER": "Y", "AESDTH": "Y"},
            ("D10", "A fatal adverse event of a subject who completed the study",
             (Expected("AE_FATAL_NO_DEATH", "AE", "AEOUT"),
              Expected("SDTM065", "DM", "DTHDTC"),
              Expected("SDTM067", "DM", "DTHFL"))),
        ),
        _overwrite(
            trial, ("03", "vs"), {"SUBJID": "110", "VISIT": "WEEK 4"},
            {"VSDAT": _shifted(late["VSDAT"], 9)},
            ("D11", "Week 4 nine days late, outside its window",
             _found("VISIT_WINDOW", "SV", "SVENDY")),
        ),
    ]  # fmt: skip


def _excel(trial: Trial) -> list[Defect]:
    sample = Record({"SUBJID": "101", "PGXDAT": "2025-03-12", "PGXID": "PG-0401"})
    trial.sites["04"]["pgx"] = [sample]
    randomised = trial.find("04", "rand", SUBJID="106")["RANDDAT"]
    return [
        Defect(
            "D12", "04", "", "Pharmacogenetics", "", "A sheet that the study does not know",
            _found("TABLE_UNKNOWN", "Pharmacogenetics"), file=f"site04/{WORKBOOK}",
        ),
        _overwrite(
            trial, ("04", "vs"), {"SUBJID": "109", "VISIT": "WEEK 2"},
            {"PULSE_VSORRES": "n/a"},
            ("D13", "Text where the pulse should be a number",
             _found("VS_PULSE_RANGE", "vs", "PULSE_VSORRES")),
        ),
        _overwrite(
            trial, ("04", "rand"), {"SUBJID": "106"},
            {"RANDDAT": _shifted(randomised, 1)},
            ("D14", "First dose on the day before randomisation",
             _found("EX_BEFORE_RANDOMISATION", "ex", "EXSTDAT")),
        ),
        _overwrite(
            trial, ("04", "ae"), _first(trial, "04", "ae", _ordinary),
            {"AETERM": ""},
            ("D15", "An adverse event without its term",
             _found("AE_TERM_MISSING", "ae", "AETERM")),
        ),
    ]  # fmt: skip


def _semicolon(trial: Trial) -> list[Defect]:
    ordinary = [record for record in trial.sites["05"]["ae"] if _ordinary(record)]
    twin = ordinary[1].copy()
    events = trial.sites["05"]["ae"]
    events.insert(events.index(ordinary[1]) + 1, twin)
    impossible = {"SUBJID": ordinary[0]["SUBJID"], "AESPID": ordinary[0]["AESPID"]}
    return [
        _overwrite(
            trial, ("05", "vs"), {"SUBJID": "104", "VISIT": "WEEK 8"},
            {"TEMP_VSORRES": "98.4"},
            ("D16", "98.4 °F typed as °C",
             _found("VS_TEMP_RANGE", "vs", "TEMP_VSORRES")),
        ),
        _overwrite(
            trial, ("05", "ae"), impossible,
            {"AESTDAT": "2025-02-31"},
            ("D17", "The adverse event starts on 31 February",
             _found("DATE_IMPOSSIBLE", "ae", "AESTDAT")),
        ),
        _overwrite(
            trial, ("05", "cm"), _first(trial, "05", "cm", lambda r: r["CMROUTE"] == "ORAL"),
            {"CMROUTE": "peroral/Sonde"},
            ("D18", "A route that no term stands for",
             _found("TERM_EXTENSION", "cm", "CMROUTE")),
        ),
        Defect(
            "D19", "05", twin["SUBJID"], "ae", "", "The same adverse event record twice",
            (Expected("DUPLICATE_RECORD", "ae"),
             Expected("SDTM009", "AE", "AESPID")), (twin,),
        ),
    ]  # fmt: skip


def _laboratory(trial: Trial) -> list[Defect]:
    stranger = trial.find("02", "lb", SUBJID="107", VISIT="WEEK 4", LBTESTCD="ALT").copy()
    stranger["SUBJID"], stranger["LBREFID"] = "199", "0219901"
    astray = trial.find("03", "lb", SUBJID="103", VISIT="WEEK 4", LBTESTCD="K").copy()
    astray["SITEID"], astray["LBREFID"] = "09", "0910301"
    trial.laboratory.extend((stranger, astray))
    date = trial.find("01", "lb", SUBJID="105", VISIT="WEEK 12", LBTESTCD="CRP")["LBDAT"]
    return [
        Defect(
            "D20", "02", "199", "lb", "SUBJID", "A laboratory subject that the site does not know",
            _found("SUBJECT_UNKNOWN", "lb"), (stranger,),
        ),
        Defect(
            "D21", "09", "103", "lb", "SITEID", "A laboratory result of a site that does not exist",
            (Expected("SITE_UNKNOWN", "lb", placeless=True),), (astray,),
        ),
        _overwrite(
            trial, ("01", "lb"), {"SUBJID": "105", "VISIT": "WEEK 12", "LBTESTCD": "CRP"},
            {"LBDAT": f"2026{date[4:]}"},
            ("D22", "A sample drawn after the data cut-off",
             (Expected("LB_AFTER_CUTOFF", "lb", "LBDAT"),
              Expected("VISIT_WINDOW", "SV", "SVENDY"))),
        ),
        _overwrite(
            trial, ("05", "lb"), {"SUBJID": "108", "VISIT": "BASELINE", "LBTESTCD": "GLUC"},
            {"LBORRESU": ""},
            ("D23", "A result without its unit",
             (Expected("LB_UNIT_MISSING", "lb", "LBORRESU"),
              Expected("UNIT_UNMAPPED", "lb", "LBORRESU"))),
        ),
        _overwrite(
            trial, ("04", "lb"), {"SUBJID": "111", "VISIT": "WEEK 4", "LBTESTCD": "HGB"},
            {"SEX": _other_sex(trial, "04", "111")},
            ("D24", "The laboratory has another sex than the site",
             _found("LB_SEX_DIFFERS", "lb", "SEX")),
        ),
        Defect(
            "D25", "06", "", "", "", "The file is cut off in the middle: the site is left out",
            (), file="site06/DEMO01_site06.xml",
        ),
    ]  # fmt: skip


def _other_sex(trial: Trial, site: str, subject: str) -> str:
    return {"M": "F", "F": "M"}[trial.find(site, "dm", SUBJID=subject)["SEX"]]
