"""Site 04: one Excel workbook, a sheet a form under a title row, dates as Excel dates."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import xlsxwriter

from generator.design import EXPORTED
from generator.layout import MONTHS, Column, Form
from generator.record import Record, SiteData

FILE = "DEMO01_site04_export.xlsx"
HEADER_ROW = 3
_SEX = {"M": "Male", "F": "Female"}
_RACE = {"WHITE": "White / Caucasian", "BLACK OR AFRICAN AMERICAN": "Black", "ASIAN": "Asian",
         "OTHER": "Other"}  # fmt: skip
_ETHNIC = {"HISPANIC OR LATINO": "Hispanic", "NOT HISPANIC OR LATINO": "Non-Hispanic"}
_ARM = {"PBO": "Placebo", "VEL": "Velorastat"}
_DRUG = {"PLACEBO": "Placebo", "VELORASTAT": "Velorastat"}
_YES_NO = {"Y": "yes", "N": "no"}
_SEVERITY = {"MILD": "mild", "MODERATE": "moderate", "SEVERE": "severe"}
_RELATION = {"NOT RELATED": "unrelated", "RELATED": "related"}
_ACTION = {"DOSE NOT CHANGED": "no change", "DOSE REDUCED": "dose reduced",
           "DRUG INTERRUPTED": "interrupted", "DRUG WITHDRAWN": "discontinued",
           "NOT APPLICABLE": "not applicable"}  # fmt: skip
_OUTCOME = {"RECOVERED/RESOLVED": "resolved", "NOT RECOVERED/NOT RESOLVED": "ongoing",
            "FATAL": "fatal"}  # fmt: skip
_ROUTE = {"ORAL": "oral", "SUBCUTANEOUS": "subcutaneous",
          "RESPIRATORY (INHALATION)": "inhaled"}  # fmt: skip
_FREQUENCY = {"QD": "once a day", "BID": "twice a day", "PRN": "when needed"}
_END = {"COMPLETED": "completed", "ADVERSE EVENT": "adverse event",
        "WITHDRAWAL BY SUBJECT": "withdrew", "LOST TO FOLLOW-UP": "lost to follow-up",
        "DEATH": "death", "SCREEN FAILURE": "screen failure"}  # fmt: skip
_VISIT = {"SCREENING": "Screening", "BASELINE": "Day 1", "WEEK 2": "Wk 2", "WEEK 4": "Wk 4",
          "WEEK 8": "Wk 8", "WEEK 12": "Wk 12", "END OF STUDY": "Final visit",
          "UNSCHEDULED": "Extra visit"}  # fmt: skip

_SUBJECT = Column("SUBJID", "Subject", kind="number")
FORMS = (
    Form("dm", "Demographics", "Demographics", (
        _SUBJECT,
        Column("RFICDAT", "Consent date", kind="date"),
        Column("DMDAT", "Visit date", kind="date"),
        Column("BRTHDAT", "Date of birth", kind="date"),
        Column("AGE", "Age", kind="number"),
        Column("SEX", "Sex", codes=_SEX),
        Column("RACE", "Race", codes=_RACE),
        Column("ETHNIC", "Ethnicity", codes=_ETHNIC),
    )),
    Form("rand", "Randomization", "Randomization", (
        _SUBJECT,
        Column("RANDDAT", "Date", kind="date"),
        Column("RANDNO", "Number"),
        Column("ARMCD", "Arm", codes=_ARM),
    )),
    Form("ex", "Dosing", "Study drug dosing", (
        _SUBJECT,
        Column("EXSPID", "Line", kind="number"),
        Column("EXTRT", "Drug", codes=_DRUG),
        Column("EXDOSE", "Dose (mg/day)", kind="number"),
        Column("EXSTDAT", "From", kind="date"),
        Column("EXENDAT", "To", kind="date"),
        Column("EXADJ", "Reason for change"),
    )),
    Form("ae", "Adverse Events", "Adverse events", (
        _SUBJECT,
        Column("AESPID", "No.", kind="number"),
        Column("AETERM", "Adverse event"),
        Column("AEDECOD", "Preferred term"),
        Column("AEBODSYS", "System organ class"),
        Column("AESTDAT", "Start", kind="partial"),
        Column("AEENDAT", "End", kind="partial"),
        Column("AEONGO", "Ongoing", codes=_YES_NO),
        Column("AESEV", "Severity", codes=_SEVERITY),
        Column("AESER", "Serious", codes=_YES_NO),
        Column("AESDTH", "Death", codes=_YES_NO),
        Column("AESLIFE", "Life-threatening", codes=_YES_NO),
        Column("AESHOSP", "Hospitalization", codes=_YES_NO),
        Column("AESDISAB", "Disability", codes=_YES_NO),
        Column("AESCONG", "Congenital anomaly", codes=_YES_NO),
        Column("AESMIE", "Other important", codes=_YES_NO),
        Column("AEREL", "Causality", codes=_RELATION),
        Column("AEACN", "Action taken", codes=_ACTION),
        Column("AEOUT", "Outcome", codes=_OUTCOME),
        Column("AESI", "Special interest", codes=_YES_NO),
    )),
    Form("cm", "Con Meds", "Concomitant medications", (
        _SUBJECT,
        Column("CMSPID", "No.", kind="number"),
        Column("CMTRT", "Medication"),
        Column("CMDOSE", "Dose", kind="number"),
        Column("CMDOSU", "Unit"),
        Column("CMDOSFRQ", "Frequency", codes=_FREQUENCY),
        Column("CMROUTE", "Route", codes=_ROUTE),
        Column("CMINDC", "Indication"),
        Column("CMSTDAT", "Start", kind="partial"),
        Column("CMENDAT", "End", kind="partial"),
        Column("CMONGO", "Ongoing", codes=_YES_NO),
    )),
    Form("mh", "Medical History", "Medical history", (
        _SUBJECT,
        Column("MHSPID", "No.", kind="number"),
        Column("MHTERM", "Condition"),
        Column("MHDECOD", "Preferred term"),
        Column("MHBODSYS", "System organ class"),
        Column("MHSTDAT", "Start", kind="partial"),
        Column("MHENDAT", "End", kind="partial"),
        Column("MHONGO", "Ongoing", codes=_YES_NO),
    )),
    Form("ds", "Completion", "Study completion", (
        _SUBJECT,
        Column("DSTERM", "Reason (text)"),
        Column("DSDECOD", "Reason", codes=_END),
        Column("DSSTDAT", "Date", kind="date"),
        Column("DTHDAT", "Date of death", kind="date"),
    )),
    Form("vs", "Vital Signs", "Vital signs", (
        _SUBJECT,
        Column("VISIT", "Visit", codes=_VISIT),
        Column("VSDAT", "Date", kind="date"),
        Column("VSPERF", "Done", codes=_YES_NO),
        Column("SYSBP_VSORRES", "Systolic (mmHg)", kind="number"),
        Column("DIABP_VSORRES", "Diastolic (mmHg)", kind="number"),
        Column("PULSE_VSORRES", "Pulse (bpm)", kind="number"),
        Column("TEMP_VSORRES", "Temp", kind="number"),
        Column("TEMP_VSORRESU", "Temp unit"),
        Column("HEIGHT_VSORRES", "Height (cm)", kind="number"),
        Column("WEIGHT_VSORRES", "Weight (kg)", kind="number"),
    )),
    Form("pgx", "Pharmacogenetics", "Pharmacogenetics sample (site amendment)", (
        _SUBJECT,
        Column("PGXDAT", "Sample date", kind="date"),
        Column("PGXID", "Sample number"),
    )),
)  # fmt: skip
_CREATED = dt.datetime.fromisoformat(EXPORTED).replace(tzinfo=None)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def export(data: SiteData) -> bytes:
    """The workbook; notes in each record where it stands."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    workbook.set_properties({"title": "DEMO01 site 04", "created": _CREATED})
    styles = {
        "title": workbook.add_format({"bold": True, "font_size": 14}),
        "header": workbook.add_format({"bold": True, "bottom": 1}),
        "date": workbook.add_format({"num_format": "dd-mmm-yyyy"}),
    }
    for form in FORMS:
        if records := data.get(form.table):
            _write_sheet(workbook.add_worksheet(form.sent), form, records, styles)
    workbook.close()
    return _plain_zip(buffer.getvalue())


def _write_sheet(
    sheet: xlsxwriter.worksheet.Worksheet,
    form: Form,
    records: list[Record],
    styles: dict[str, xlsxwriter.format.Format],
) -> None:
    sheet.write_string(0, 0, f"DEMO01 site 04: {form.title}", styles["title"])
    for position, column in enumerate(form.columns):
        sheet.write_string(HEADER_ROW - 1, position, column.sent, styles["header"])
    for number, record in enumerate(records, start=1):
        record.written(f"site04/{FILE}", number)
        for position, column in enumerate(form.columns):
            cell = _cell(column, column.value(record))
            if isinstance(cell, dt.datetime):
                sheet.write_datetime(HEADER_ROW + number - 1, position, cell, styles["date"])
            elif cell != "":
                sheet.write(HEADER_ROW + number - 1, position, cell)


def _cell(column: Column, value: str) -> str | float | dt.datetime:
    """A date cell, a number, or the text as typed ("Mar 2025", "n/a")."""
    if column.kind in {"date", "partial"}:
        return _date_cell(value)
    if column.kind == "number" and _is_number(value):
        return float(value)
    return value


def _date_cell(value: str) -> str | dt.datetime:
    try:
        return dt.datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007 — a day has no zone
    except ValueError:
        year, _, month = value.partition("-")
        return f"{MONTHS[int(month) - 1].capitalize()} {year}" if month else year


def _is_number(value: str) -> bool:
    return value.replace(".", "", 1).removeprefix("-").isdigit()


def _plain_zip(content: bytes) -> bytes:
    """The same parts, stored, with one date: bytes that no zlib or clock can change."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(buffer, "w") as plain:
        for name in made.namelist():
            part = zipfile.ZipInfo(name, _ZIP_DATE)
            part.create_system = 0
            plain.writestr(part, made.read(name))
    return buffer.getvalue()
