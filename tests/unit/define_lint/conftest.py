"""A clean package to break: written by sdtmflow's own writers, and given an annotated CRF."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from sdtmflow.dataset import Codelist, Dataset, Origin, Term, ValueLevel, Variable, equal
from sdtmflow.package import write_package
from sdtmflow.study import Study
from tests.unit.define_lint.cases import found

STUDY = Study.model_validate(
    {
        "version": 1,
        "study": "LINT_01",
        "title": "A Study to Be Described",
        "protocol": "LINT-01",
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
ARM = Codelist(
    "CL.ARMCD", "Arm Code", terms=(Term("PBO", decode="Placebo"), Term("VEL", decode="Velorin"))
)
UNIT = Codelist(
    "CL.UNIT",
    "Units for Vital Signs Results",
    "C66770",
    extensible=True,
    terms=(Term("hands"), Term("mmHg", "C49670")),
)
TEST = Codelist(
    "CL.VSTESTCD",
    "Vital Signs Test Code",
    "C66741",
    extensible=True,
    terms=(
        Term("SYSBP", "C25298", "Systolic Blood Pressure"),
        Term("TEMP", "C25206", "Temperature"),
    ),
)
VISIT = Codelist(
    "CL.VISIT", "Visit Number", terms=(Term("1", decode="Day 1"), Term("2", decode="Day 8"))
)
COUNTRY = Codelist("CL.COUNTRY", "Country", dictionary="ISO 3166", dictionary_version="2020")


def _variable(name: str, label: str, **facts: object) -> Variable:
    return Variable(name, label, **({"role": "Record Qualifier", "origin": ASSIGNED} | facts))  # type: ignore[arg-type]


STUDYID = _variable("STUDYID", "Study Identifier", mandatory=True)
USUBJID = _variable(
    "USUBJID", "Unique Subject Identifier", mandatory=True, origin=DERIVED, method="Joined."
)
DM = Dataset(
    "DM", "Demographics", "SPECIAL PURPOSE", "One record per subject", ("STUDYID", "USUBJID"),
    (
        STUDYID,
        USUBJID,
        _variable("RFSTDTC", "Subject Reference Start Date/Time", type="datetime", origin=DERIVED,
                  method="First dose.", comment="Screen failures have none."),
        _variable("SEX", "Sex", codelist=SEX, origin=COLLECTED, mandatory=True),
        _variable("AGE", "Age", type="integer", numeric=True, origin=COLLECTED),
        _variable("ARMCD", "Planned Arm Code", codelist=ARM),
        _variable("COUNTRY", "Country", codelist=COUNTRY),
        _variable("DTHFL", "Subject Death Flag", origin=COLLECTED),
    ),
    repeating=False, domain="DM",
)  # fmt: skip
VS = Dataset(
    "VS", "Vital Signs", "FINDINGS", "One record per test per visit per subject",
    ("STUDYID", "USUBJID", "VSTESTCD"),
    (
        STUDYID,
        USUBJID,
        _variable("VSTESTCD", "Vital Signs Test Short Name", codelist=TEST, mandatory=True),
        _variable("VSORRES", "Result or Finding in Original Units", origin=COLLECTED, value_level=(
            ValueLevel(SYSBP, "integer", 3, label="Systolic", origin=COLLECTED),
            ValueLevel(TEMP, "float", 0, label="Temperature", origin=COLLECTED),
        )),
        _variable("VSORRESU", "Original Units", codelist=UNIT, origin=COLLECTED),
        _variable("VSSTRESN", "Numeric Result/Finding in Standard Units", type="float",
                  numeric=True, origin=DERIVED, expression="number: VSSTRESC",
                  display_format="8.2"),
        _variable("VISITNUM", "Visit Number", type="integer", numeric=True, codelist=VISIT),
        _variable("VSDTC", "Date/Time of Measurements", type="date", origin=COLLECTED),
    ),
    domain="VS",
)  # fmt: skip
SUPPDM = Dataset(
    "SUPPDM", "Supplemental Qualifiers for DM", "RELATIONSHIP", "One record per qualifier",
    ("STUDYID", "USUBJID", "QNAM"),
    (STUDYID, USUBJID, _variable("QNAM", "Qualifier Variable Name"),
     _variable("QVAL", "Data Value", origin=None, value_level=(
         ValueLevel(equal("QNAM", "RACE1"), "text", 0, label="Race 1", origin=COLLECTED),))),
    domain="DM",
)  # fmt: skip
TA = Dataset(
    "TA", "Trial Arms", "TRIAL DESIGN", "One record per planned element per arm",
    ("STUDYID", "ARMCD"),
    (STUDYID, _variable("ARMCD", "Planned Arm Code", codelist=ARM)),
    reference_data=True, domain="TA",
)  # fmt: skip
AE = Dataset(
    "AE", "Adverse Events", "EVENTS", "One record per event", ("STUDYID", "USUBJID", "AETERM"),
    (STUDYID, USUBJID, _variable("AETERM", "Reported Term", origin=COLLECTED)),
    domain="AE",
)  # fmt: skip

S = ["LINT_01"] * 3
ROWS = {
    "DM": {
        "STUDYID": S, "USUBJID": ["S-1", "S-2", "S-3"],
        "RFSTDTC": ["2026-01-05", "2026-01-06", None],
        "SEX": ["F", "M", "F"], "AGE": [61.0, 58.0, None], "ARMCD": ["PBO", "VEL", None],
        "COUNTRY": ["DEU"] * 3, "DTHFL": pl.Series([None] * 3, dtype=pl.String),
    },
    "VS": {
        "STUDYID": S, "USUBJID": ["S-1", "S-1", "S-2"], "VSTESTCD": ["SYSBP", "TEMP", "SYSBP"],
        "VSORRES": ["120", "36.65", "131"], "VSORRESU": ["mmHg", None, "hands"],
        "VSSTRESN": [120.0, 36.65, 131.0], "VISITNUM": [1.0, 1.0, 2.0],
        "VSDTC": ["2026-01-05", "2026-01-05", "2026-01-06"],
    },
    "SUPPDM": {
        "STUDYID": ["LINT_01"], "USUBJID": ["S-1"], "QNAM": ["RACE1"], "QVAL": ["WHITE"],
    },
    "TA": {"STUDYID": ["LINT_01"] * 2, "ARMCD": ["PBO", "VEL"]},
    "AE": dict.fromkeys(("STUDYID", "USUBJID", "AETERM"), pl.Series([], dtype=pl.String)),
}  # fmt: skip

CRF = (
    '<d:AnnotatedCRF xmlns:d="http://www.cdisc.org/ns/def/v2.1">'
    '<d:DocumentRef leafID="LF.acrf"/></d:AnnotatedCRF>'
)
CRF_LEAF = (
    '<d:leaf xmlns:d="http://www.cdisc.org/ns/def/v2.1" xmlns:x="http://www.w3.org/1999/xlink" '
    'ID="LF.acrf" x:href="acrf.pdf"><d:title>Annotated CRF</d:title></d:leaf>'
)
PAGES = (
    '<d:DocumentRef xmlns:d="http://www.cdisc.org/ns/def/v2.1" leafID="LF.acrf">'
    '<d:PDFPageRef Type="PhysicalRef" PageRefs="6 7"/></d:DocumentRef>'
)


def write_clean(folder: Path) -> Path:
    """Write the package and give its define.xml an annotated CRF; the folder of define.xml."""
    data = folder / "data"
    data.mkdir()
    for name, rows in ROWS.items():
        pl.DataFrame(rows).write_parquet(data / f"{name}.parquet")
    write_package(STUDY, (DM, VS, SUPPDM, TA, AE), data, folder / "package")
    define = next((folder / "package").rglob("define.xml"))
    tree = etree.parse(define)
    (version,) = found(tree, "//o:MetaDataVersion")
    version.insert(1, etree.fromstring(CRF))
    version.append(etree.fromstring(CRF_LEAF))
    for origin in found(tree, "//d:Origin[@Type='Collected']"):
        origin.append(etree.fromstring(PAGES))
    tree.write(define, encoding="UTF-8", xml_declaration=True)
    (define.parent / "acrf.pdf").write_bytes(b"%PDF-1.4\n")
    return define.parent


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a define.xml without a finding; tests write beside it, never into it."""
    return write_clean(tmp_path_factory.mktemp("clean"))
