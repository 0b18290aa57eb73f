"""A small study with every kind of thing that define.xml can say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.dataset import Codelist, Dataset, Origin, Term, ValueLevel, Variable, equal
from sdtmflow.study import Study

STUDY = Study.model_validate(
    {
        "version": 1,
        "study": "DEMO_01",
        "title": "A Study of Something & Nothing",
        "protocol": "DEMO-01",
        "cutoff": "2026-03-31",
        "standards": {"sdtmig": "3.4", "ct": "2025-03-28"},
        "sites": {"01": {"name": "One", "country": "DEU"}},
        "sources": {"edc": {"kind": "odm", "path": "raw", "site": "01"}},
    }
)

SYSBP, TEMP = equal("VSTESTCD", "SYSBP"), equal("VSTESTCD", "TEMP")
COLLECTED = Origin("Collected", "Investigator")
DERIVED = Origin("Derived", "Sponsor")
ASSIGNED = Origin("Assigned", "Sponsor")
SEX = Codelist("CL.SEX", "Sex", "C66731", terms=(Term("F", "C16576"), Term("M", "C20197")))
ARM = Codelist("CL.ARMCD", "Arm Code", terms=(Term("PBO", decode="Placebo"), Term("VEL")))
UNIT = Codelist(
    "CL.VSRESU",
    "Units for Vital Signs Results",
    "C66770",
    extensible=True,
    terms=(Term("mmHg", "C49670"), Term("hands")),
)
CELSIUS = Codelist("CL.VSRESU", UNIT.name, "C66770", extensible=True, terms=(Term("C", "C42559"),))
COUNTRY = Codelist("CL.ISO3166", "Country", dictionary="ISO 3166", dictionary_version="2020")

STUDYID = Variable(
    "STUDYID", "Study Identifier", role="Identifier", mandatory=True, origin=ASSIGNED
)
USUBJID = Variable(
    "USUBJID", "Unique Subject Identifier", role="Identifier", mandatory=True, origin=DERIVED,
    method="STUDYID, SITEID and SUBJID with hyphens between them",
    expression="concat: [STUDYID, SITEID, SUBJID]",
)  # fmt: skip

DM = Dataset(
    "DM", "Demographics", "SPECIAL PURPOSE", "One record per subject", ("STUDYID", "USUBJID"),
    (
        STUDYID,
        USUBJID,
        Variable("RFSTDTC", "Subject Reference Start Date/Time", "datetime", origin=DERIVED,
                 method="First EX.EXSTDTC", comment="Screen failures have none."),
        Variable("SEX", "Sex", codelist=SEX, origin=COLLECTED, role="Record Qualifier"),
        Variable("AGE", "Age", "integer", numeric=True, origin=COLLECTED),
        Variable("ARMCD", "Planned Arm Code", codelist=ARM, origin=ASSIGNED, length=20),
        Variable("COUNTRY", "Country", codelist=COUNTRY, origin=ASSIGNED),
        Variable("DTHFL", "Subject Death Flag", origin=COLLECTED),
    ),
    repeating=False, domain="DM", comment="Every subject who signed.",
)  # fmt: skip

VS = Dataset(
    "VS", "Vital Signs", "FINDINGS", "One record per test per visit per subject",
    ("STUDYID", "USUBJID", "VSTESTCD"),
    (
        STUDYID,
        USUBJID,
        Variable("VSTESTCD", "Vital Signs Test Short Name", mandatory=True, origin=ASSIGNED),
        Variable("VSORRES", "Result or Finding in Original Units", origin=COLLECTED, value_level=(
            ValueLevel(SYSBP, "integer", 3, label="Systolic", origin=COLLECTED),
            ValueLevel(TEMP, "float", 0, label="Temperature"),
        )),
        Variable("VSORRESU", "Original Units", codelist=UNIT, origin=COLLECTED, value_level=(
            ValueLevel(SYSBP, "text", 0, codelist=UNIT),
            ValueLevel(TEMP, "text", 0, codelist=CELSIUS),
        )),
        Variable("VSSTRESN", "Numeric Result/Finding in Standard Units", "float", numeric=True,
                 origin=DERIVED, expression="number: VSSTRESC", display_format="8.1"),
        Variable("VISITNUM", "Visit Number", "integer", numeric=True, origin=ASSIGNED),
        Variable("VSDTC", "Date/Time of Measurements", "date", origin=COLLECTED),
        Variable("VSREASND", "Reason Not Done", origin=COLLECTED),
    ),
    domain="VS",
)  # fmt: skip

SUPPDM = Dataset(
    "SUPPDM", "Supplemental Qualifiers for DM", "RELATIONSHIP", "One record per qualifier",
    ("STUDYID", "USUBJID", "QNAM"),
    (STUDYID, USUBJID, Variable("QNAM", "Qualifier Variable Name"),
     Variable("QVAL", "Data Value", value_level=(ValueLevel(equal("QNAM", "RACE1"), "text", 0),))),
    domain="DM",
)  # fmt: skip

TA = Dataset(
    "TA", "Trial Arms", "TRIAL DESIGN", "One record per planned element per arm",
    ("STUDYID", "ARMCD"),
    (STUDYID, Variable("ARMCD", "Planned Arm Code", codelist=ARM)),
    reference_data=True, domain="TA",
)  # fmt: skip

ROWS = {
    "DM": pl.DataFrame(
        {
            "STUDYID": ["DEMO_01"] * 3,
            "USUBJID": ["DEMO_01-01-001", "DEMO_01-01-002", "DEMO_01-01-003"],
            "RFSTDTC": ["2026-01-05", "2026-01-06T08:30", None],
            "SEX": ["F", "M", "F"],
            "AGE": [61.0, 58.0, None],
            "ARMCD": ["PBO", "VEL", None],
            "COUNTRY": ["DEU"] * 3,
            "DTHFL": pl.Series([None] * 3, dtype=pl.String),
        }
    ),
    "VS": pl.DataFrame(
        {
            "STUDYID": ["DEMO_01"] * 3,
            "USUBJID": ["DEMO_01-01-001", "DEMO_01-01-001", "DEMO_01-01-002"],
            "VSTESTCD": ["SYSBP", "TEMP", "SYSBP"],
            "VSORRES": ["120", "36.65", "131"],
            "VSORRESU": ["mmHg", "C", "hands"],
            "VSSTRESN": [120.0, 36.65, 131.0],
            "VISITNUM": [1.0, 1.0, 2.5],
            "VSDTC": ["2026-01-05", "2026-01-05", "2026-01-06"],
            "VSREASND": pl.Series([None] * 3, dtype=pl.String),
        }
    ),
    "SUPPDM": pl.DataFrame(schema=dict.fromkeys(["STUDYID", "USUBJID", "QNAM", "QVAL"], pl.String)),
    "TA": pl.DataFrame({"STUDYID": ["DEMO_01"] * 2, "ARMCD": ["PBO", "VEL"]}),
}


@dataclass
class Assembled:
    """What the mapping hands over: metadata, and a folder of Parquet files."""

    study: Study
    datasets: tuple[Dataset, ...]
    data: Path

    def change(self, dataset: str, **columns: object) -> None:
        """Write other values into columns of a dataset."""
        path = self.data / f"{dataset}.parquet"
        changed = [pl.Series(name, values) for name, values in columns.items()]
        pl.read_parquet(path).with_columns(changed).write_parquet(path)


@pytest.fixture
def assembled(tmp_path: Path) -> Assembled:
    data = tmp_path / "data"
    data.mkdir()
    for name, rows in ROWS.items():
        rows.write_parquet(data / f"{name}.parquet")
    return Assembled(STUDY, (DM, VS, SUPPDM, TA), data)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    return folder
