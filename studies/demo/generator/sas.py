"""Site 03: SAS transport files (XPT v5), one a form, dates as SAS dates where they are complete."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pyreadstat

from generator.layout import Column, Form, day_month_year
from generator.record import Record, SiteData

_SEX = {"M": "1", "F": "2"}
_RACE = {"WHITE": "1", "BLACK OR AFRICAN AMERICAN": "2", "ASIAN": "3", "OTHER": "8"}
_ETHNIC = {"HISPANIC OR LATINO": "1", "NOT HISPANIC OR LATINO": "2"}
_ARM = {"PBO": "A", "VEL": "B"}
_DRUG = {"PLACEBO": "Placebo", "VELORASTAT": "Velorastat"}
_SEVERITY = {"MILD": "1", "MODERATE": "2", "SEVERE": "3"}
_YES_NO = {"Y": "YES", "N": "NO"}
_RELATION = {"NOT RELATED": "NO", "RELATED": "YES"}
_ACTION = {"DOSE NOT CHANGED": "NONE", "DOSE REDUCED": "REDUCED", "DRUG WITHDRAWN": "STOPPED",
           "DRUG INTERRUPTED": "INTERRUPTED", "NOT APPLICABLE": "N/A"}  # fmt: skip
_OUTCOME = {"RECOVERED/RESOLVED": "RECOVERED", "NOT RECOVERED/NOT RESOLVED": "NOT RECOVERED"}
_ROUTE = {"ORAL": "PO", "SUBCUTANEOUS": "SC", "RESPIRATORY (INHALATION)": "INH"}
_FREQUENCY = {"QD": "OD", "BID": "BD", "PRN": "PRN"}
_END = {"COMPLETED": "1", "ADVERSE EVENT": "2", "WITHDRAWAL BY SUBJECT": "3",
        "LOST TO FOLLOW-UP": "4", "DEATH": "5", "SCREEN FAILURE": "6"}  # fmt: skip
_VISIT = {"SCREENING": "V1", "BASELINE": "V2", "WEEK 2": "V3", "WEEK 4": "V4", "WEEK 8": "V5",
          "WEEK 12": "V6", "END OF STUDY": "V7", "UNSCHEDULED": "UNS"}  # fmt: skip

_SUBJECT = Column("SUBJID", "PATID", "Patient number", "number")
FORMS = (
    Form("dm", "DEMOG", "Demography", (
        _SUBJECT,
        Column("RFICDAT", "CONSDT", "Date of informed consent", "date"),
        Column("DMDAT", "VISDT", "Date of visit", "date"),
        Column("BRTHDAT", "BIRTHDT", "Date of birth", "date"),
        Column("AGE", "AGEYRS", "Age (years)", "number"),
        Column("SEX", "GENDER", "Sex (1=male, 2=female)", "number", _SEX),
        Column("RACE", "RACECD", "Race code", "text", _RACE),
        Column("ETHNIC", "ETHCD", "Ethnicity code", "number", _ETHNIC),
    )),
    Form("rand", "RANDOM", "Randomisation", (
        _SUBJECT,
        Column("RANDDAT", "RANDDT", "Date of randomisation", "date"),
        Column("RANDNO", "RANDNUM", "Randomisation number"),
        Column("ARMCD", "TRTGRP", "Treatment group", "text", _ARM),
    )),
    Form("ex", "DOSING", "Study drug", (
        _SUBJECT,
        Column("EXSPID", "DOSENO", "Line", "number"),
        Column("EXTRT", "DRUG", "Study drug", "text", _DRUG),
        Column("EXDOSE", "DOSEMG", "Daily dose (mg)", "number"),
        Column("EXSTDAT", "STARTDT", "First day of this dose", "date"),
        Column("EXENDAT", "STOPDT", "Last day of this dose", "date"),
        Column("EXADJ", "CHGREAS", "Reason for the change"),
    )),
    Form("ae", "ADVERSE", "Adverse events", (
        _SUBJECT,
        Column("AESPID", "AENO", "Line", "number"),
        Column("AETERM", "AETEXT", "Adverse event"),
        Column("AEDECOD", "PTNAME", "Coded event"),
        Column("AEBODSYS", "SOCNAME", "System organ class"),
        Column("AESTDAT", "ONSET", "Start date", "partial"),
        Column("AEENDAT", "STOP", "End date", "partial"),
        Column("AEONGO", "ONGOING", "Ongoing?", "text", _YES_NO),
        Column("AESEV", "SEVERITY", "Severity (1=mild, 2=moderate, 3=severe)", "number", _SEVERITY),
        Column("AESER", "SERIOUS", "Serious?", "text", _YES_NO),
        Column("AESDTH", "SDEATH", "Death", "text", _YES_NO),
        Column("AESLIFE", "SLIFE", "Life-threatening", "text", _YES_NO),
        Column("AESHOSP", "SHOSP", "Hospitalisation", "text", _YES_NO),
        Column("AESDISAB", "SDISAB", "Disability", "text", _YES_NO),
        Column("AESCONG", "SCONG", "Congenital anomaly", "text", _YES_NO),
        Column("AESMIE", "SOTHER", "Other medically important", "text", _YES_NO),
        Column("AEREL", "RELATED", "Related to study drug?", "text", _RELATION),
        Column("AEACN", "ACTION", "Action taken with study drug", "text", _ACTION),
        Column("AEOUT", "OUTCOME", "Outcome", "text", _OUTCOME),
        Column("AESI", "SPECINT", "Event of special interest?", "text", _YES_NO),
    )),
    Form("cm", "CONMED", "Concomitant medication", (
        _SUBJECT,
        Column("CMSPID", "CMNO", "Line", "number"),
        Column("CMTRT", "MEDNAME", "Medication"),
        Column("CMDOSE", "DOSE", "Dose", "number"),
        Column("CMDOSU", "DOSEUNIT", "Unit"),
        Column("CMDOSFRQ", "FREQ", "Frequency", "text", _FREQUENCY),
        Column("CMROUTE", "ROUTE", "Route", "text", _ROUTE),
        Column("CMINDC", "INDIC", "Indication"),
        Column("CMSTDAT", "ONSET", "Start date", "partial"),
        Column("CMENDAT", "STOP", "End date", "partial"),
        Column("CMONGO", "ONGOING", "Ongoing?", "text", _YES_NO),
    )),
    Form("mh", "MEDHIST", "Medical history", (
        _SUBJECT,
        Column("MHSPID", "MHNO", "Line", "number"),
        Column("MHTERM", "MHTEXT", "Condition"),
        Column("MHDECOD", "PTNAME", "Coded condition"),
        Column("MHBODSYS", "SOCNAME", "System organ class"),
        Column("MHSTDAT", "ONSET", "Start date", "partial"),
        Column("MHENDAT", "STOP", "End date", "partial"),
        Column("MHONGO", "ONGOING", "Ongoing?", "text", _YES_NO),
    )),
    Form("ds", "STUDYEND", "End of study", (
        _SUBJECT,
        Column("DSTERM", "ENDTEXT", "Reason, in words"),
        Column("DSDECOD", "ENDCODE", "Reason code", "number", _END),
        Column("DSSTDAT", "ENDDT", "Date", "date"),
        Column("DTHDAT", "DEATHDT", "Date of death", "date"),
    )),
    Form("vs", "VITALS", "Vital signs", (
        _SUBJECT,
        Column("VISIT", "VISIT", "Visit", "text", _VISIT),
        Column("VSPERF", "DONE", "Measured?", "text", _YES_NO),
        Column("VSREASND", "NOTDONE", "If not, why?"),
        Column("VSDAT", "VSDT", "Date of measurement", "date"),
        Column("SYSBP_VSORRES", "SBP", "Systolic blood pressure (mmHg)", "number"),
        Column("DIABP_VSORRES", "DBP", "Diastolic blood pressure (mmHg)", "number"),
        Column("PULSE_VSORRES", "PULSE", "Pulse (beats/min)", "number"),
        Column("TEMP_VSORRES", "TEMP", "Temperature (C)", "number"),
        Column("HEIGHT_VSORRES", "HEIGHT", "Height (cm)", "number"),
        Column("WEIGHT_VSORRES", "WEIGHT", "Weight (kg)", "number"),
    )),
)  # fmt: skip
_STAMP = b"12JAN26:06:00:00"


def export(data: SiteData) -> dict[str, bytes]:
    """File name → transport file; notes in each record where it stands."""
    files = {}
    for form in FORMS:
        name = f"{form.sent.lower()}.xpt"
        for number, record in enumerate(data[form.table], start=1):
            record.written(f"site03/{name}", number)
        files[name] = _transport_file(form, data)
    return files


def _transport_file(form: Form, data: SiteData) -> bytes:
    frame = pd.DataFrame({column.sent: _cells(column, data[form.table]) for column in form.columns})
    formats = {column.sent: "DATE9." for column in form.columns if column.kind == "date"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "member.xpt"
        pyreadstat.write_xport(
            frame,
            str(path),
            file_label=form.title,
            table_name=form.sent,
            column_labels=[column.label for column in form.columns],
            variable_format=formats,
            file_format_version=5,
        )
        return _with_fixed_stamps(path.read_bytes())


def _cells(column: Column, records: list[Record]) -> pd.Series:
    """The column as SAS keeps it: characters, or numbers (dates are numbers too)."""
    values = [column.value(record) for record in records]
    if column.kind == "text":
        return pd.Series(values, dtype=object)
    if column.kind == "partial":
        texts = [day_month_year(value, month_names=True) for value in values]
        return pd.Series(texts, dtype=object)
    read = _sas_date if column.kind == "date" else float
    return pd.Series([read(value) if value else None for value in values], dtype=float)


def _sas_date(value: str) -> float:
    """Days since 1 January 1960."""
    return float((pd.Timestamp(value) - pd.Timestamp("1960-01-01")).days)


def _with_fixed_stamps(content: bytes) -> bytes:
    """Without the writer's clock, which stands twice in the library's and in the member's header.

    The offsets are those of SAS TS-140 for a file with one member.
    """
    stamped = bytearray(content)
    for start in (144, 160, 464, 480):
        stamped[start : start + len(_STAMP)] = _STAMP
    return bytes(stamped)
