"""A small study that no agency could object to, written as every run writes one."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.agency import Agency
from sdtmflow.dataset import Dataset, Document, Variable
from sdtmflow.package import PackageTree, write_backbone, write_package
from sdtmflow.study import Study
from tests.unit.gate.box import Box

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

SUBJECTS = ("GATE_01-01", "GATE_01-02")
TABLES: dict[str, dict[str, list[str]]] = {
    "TA": {"ARMCD": ["PBO", "VEL"]},
    "TE": {
        "ETCD": ["SCRN"],
        "ELEMENT": ["Screening"],
        "TESTRL": ["Consent"],
        "TEENRL": ["At dose"],
    },
    "TI": {"IETESTCD": ["INCL01"], "IETEST": ["Aged 18 or more"]},
    "TV": {"VISIT": ["SCREENING", "WEEK 4"]},
    "TS": {
        "TSPARMCD": ["INDIC", "SSTDTC", "TCNTRL", "SENDTC"],
        "TSVAL": ["Hypertension", "2025-01-13", "PLACEBO", ""],
        "TSVALNF": ["", "", "", "NA"],
    },
    "DM": {"USUBJID": [*SUBJECTS], "SUBJID": ["01", "02"], "SEX": ["F", "M"]},
    "SE": {"USUBJID": [*SUBJECTS], "ETCD": ["SCRN", "SCRN"]},
    "SV": {"USUBJID": [*SUBJECTS], "VISIT": ["SCREENING", "WEEK 4"]},
    "EX": {"USUBJID": [*SUBJECTS], "EXTRT": ["PLACEBO", "VELORASTAT"]},
    "AE": {"USUBJID": [*SUBJECTS], "AETERM": ["Headache", "Dizziness"]},
    "DS": {"USUBJID": [*SUBJECTS], "DSDECOD": ["COMPLETED", "COMPLETED"]},
    "LB": {"USUBJID": [*SUBJECTS], "LBTESTCD": ["GLUC", "ALT"], "LBORRES": ["5.4", "22"]},
    "VS": {
        "USUBJID": sorted([*SUBJECTS] * 20),
        "VISIT": ["WEEK 4"] * 40,
        "VSORRES": ["120", "131"] * 20,
    },
}
SUPPAE = {
    "RDOMAIN": ["AE"], "USUBJID": [SUBJECTS[0]], "IDVAR": ["AESEQ"], "IDVARVAL": ["1"],
    "QNAM": ["AEX"], "QVAL": ["Y"],
}  # fmt: skip
RELREC = {"RDOMAIN": ["AE", "EX"], "USUBJID": [*SUBJECTS], "RELID": ["R1", "R1"]}
DESIGN = {"TA", "TE", "TI", "TV", "TS"}


def study(agency: Agency) -> Study:
    return Study.model_validate(
        {
            "version": 1,
            "study": "GATE_01",
            "title": "A Trial of Velorastat & Placebo",
            "cutoff": "2026-03-31",
            "standards": {"sdtmig": "3.4", "ct": "2025-03-28"},
            "sites": {"01": {"name": "One", "country": "DEU"}},
            "sources": {"edc": {"kind": "odm", "path": "raw", "site": "01"}},
            "agency": agency,
        }
    )


def dataset(name: str, columns: dict[str, list[str]], data: Path) -> Dataset:
    height = len(next(iter(columns.values())))
    domain = {} if "RDOMAIN" in columns else {"DOMAIN": [name] * height}
    rows = pl.DataFrame({"STUDYID": ["GATE_01"] * height, **domain, **columns})
    if name in {"AE", "LB", "VS"}:
        rows = rows.with_columns(
            pl.Series(f"{name}SEQ", [float(one) for one in range(1, height + 1)])
        )
    rows.write_parquet(data / f"{name}.parquet")
    variables = tuple(
        Variable(one, f"The {one.title()}", numeric=dtype == pl.Float64,
                 type="integer" if dtype == pl.Float64 else "text")
        for one, dtype in rows.schema.items()
    )  # fmt: skip
    kind = "TRIAL DESIGN" if name in DESIGN else "EVENTS"
    if not domain:
        kind = "RELATIONSHIP"
    named = [one for one in rows.columns if one != "DOMAIN"]
    keys = (*named[:2], *named[-1:])
    return Dataset(name, f"Dataset {name}", kind, "One record", keys, variables, domain=name[:2])


def write_clean(out: Path, data: Path, agency: Agency, limit: int | None = None) -> None:
    """A sequence below ``out`` with everything that a submission has."""
    tables = {**TABLES, "SUPPAE": SUPPAE, "RELREC": RELREC}
    datasets = [dataset(name, columns, data) for name, columns in tables.items()]
    of = study(agency)
    write_package(of, datasets, data, out, [Document("acrf", "acrf.pdf", "CRF", True)], limit=limit)
    folder = PackageTree.of(out, of).sdtm
    for name in ("acrf.pdf", "csdrg.pdf"):
        (folder / name).write_bytes(PDF)
    misc = folder.parents[1] / "misc"
    misc.mkdir()
    for name in ("notes.txt", "more.txt"):
        (misc / name).write_text("Nothing to note.\n")
    shutil.rmtree(out / "dataset-json")
    seal(out, agency)


def seal(root: Path, agency: Agency) -> None:
    """Index and study tagging file for what is there now."""
    of = study(agency)
    parameters = dict(zip(TABLES["TS"]["TSPARMCD"], TABLES["TS"]["TSVAL"], strict=True))
    write_backbone(root, of, {name: f"Dataset {name}" for name in TABLES}, parameters)


@pytest.fixture(scope="session")
def clean_packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The clean package for each agency."""
    made = {}
    agencies: tuple[Agency, ...] = ("FDA", "PMDA", "NMPA")
    for agency in agencies:
        folder = tmp_path_factory.mktemp(agency)
        (folder / "data").mkdir()
        (folder / "0001").mkdir()
        write_clean(folder / "0001", folder / "data", agency)
        made[agency] = folder / "0001"
    return made


@pytest.fixture
def box(clean_packages: dict[str, Path], tmp_path: Path) -> Box:
    """A copy of the clean package for the FDA, to be broken."""
    return box_of(clean_packages, "FDA", tmp_path)


def box_of(packages: dict[str, Path], agency: Agency, folder: Path) -> Box:
    """A copy of the clean package of an agency."""
    root = shutil.copytree(packages[agency], folder / "0001")
    return Box(root, lambda at: seal(at, agency))
