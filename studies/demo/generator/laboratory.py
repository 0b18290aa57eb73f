"""The central laboratory: one CSV for all sites, with its own names for tests and visits."""

from __future__ import annotations

import csv
import io

from generator.layout import Column
from generator.record import Record
from generator.vocabulary import LAB_TESTS

FILE = "central_lab_DEMO01_20260112.csv"
_VISIT = {"SCREENING": "SCRN", "BASELINE": "BASE", "WEEK 4": "WK4", "WEEK 12": "WK12",
          "UNSCHEDULED": "UNSCHED"}  # fmt: skip
_PANEL = {"CHEMISTRY": "CHEM", "HEMATOLOGY": "HAEM"}
_SPECIMEN = {"SERUM": "Serum", "BLOOD": "EDTA whole blood"}
_UNIT = {"U/L": "IU/L", "10^9/L": "G/L", "umol/L": "µmol/L"}
COLUMNS = (
    Column("STUDY", "STUDY"),
    Column("SITEID", "SITEID"),
    Column("SUBJID", "PATIENT_NO"),
    Column("SEX", "SEX"),
    Column("VISIT", "VISIT_CODE", codes=_VISIT),
    Column("LBREFID", "ACCESSION_NO"),
    Column("LBDAT", "COLLECTION_DATE"),
    Column("LBTIM", "COLLECTION_TIME"),
    Column("LBCAT", "PANEL", codes=_PANEL),
    Column("LBTESTCD", "TEST_CODE", codes={test.code: test.own_code for test in LAB_TESTS}),
    Column("LBTEST", "TEST_NAME"),
    Column("LBSPEC", "SPECIMEN", codes=_SPECIMEN),
    Column("LBORRES", "RESULT"),
    Column("LBORRESU", "UNIT", codes=_UNIT),
    Column("LBORNRLO", "REF_LOW"),
    Column("LBORNRHI", "REF_HIGH"),
)


def export(records: list[Record]) -> bytes:
    """The file (UTF-8); notes in each record where it stands."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.sent for column in COLUMNS)
    for number, record in enumerate(records, start=1):
        record.written(f"lab/{FILE}", number)
        writer.writerow(column.value(record) for column in COLUMNS)
    return text.getvalue().encode()
