"""The demo study's raw files: made again byte by byte, valid, and consistent where not damaged."""

import subprocess
import sys
from pathlib import Path

import pyreadstat
import pytest
from lxml import etree
from openpyxl import load_workbook
from ruamel.yaml import YAML

DEMO = Path(__file__).parents[3] / "studies" / "demo"
SHARED = Path(__file__).parents[3].parent / "shared"
ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
GENERATED = ("raw", "defects.yaml", "DEFECTS.md")


def _files(folder):
    roots = [folder / name for name in GENERATED]
    files = [path for root in roots for path in ([root] if root.is_file() else root.rglob("*"))]
    return {path.relative_to(folder).as_posix(): path for path in files if path.is_file()}


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo again")
    subprocess.run([sys.executable, DEMO / "generate.py", folder], check=True)
    return folder


def test_the_generator_makes_the_committed_bytes_again(again):
    made, committed = _files(again), _files(DEMO)
    assert made.keys() == committed.keys()
    differing = [name for name in made if made[name].read_bytes() != committed[name].read_bytes()]
    assert differing == []


def test_the_raw_files_are_small():
    assert sum(path.stat().st_size for path in (DEMO / "raw").rglob("*")) < 3_000_000


def test_the_odm_file_is_valid():
    schema = SHARED / "reference/schemas/odm-1.3.2/ODM1-3-2.xsd"
    if not schema.is_file():
        pytest.skip("NOT CHECKED: ../shared is absent, so there is no ODM 1.3.2 schema")
    document = etree.parse(DEMO / "raw/site01/DEMO01_site01.xml")
    etree.XMLSchema(etree.parse(schema)).assertValid(document)


def test_the_file_of_site_06_breaks_off_inside_the_clinical_data():
    content = (DEMO / "raw/site06/DEMO01_site06.xml").read_bytes()
    assert b"<ClinicalData" in content
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(content)


def test_at_least_sixty_subjects_of_five_sites_are_delivered():
    odm = etree.parse(DEMO / "raw/site01/DEMO01_site01.xml")
    redcap = (DEMO / "raw/site02/DEMO01_DATA_2026-01-12.csv").read_text().splitlines()[1:]
    sas, _ = pyreadstat.read_xport(DEMO / "raw/site03/demog.xpt")
    sheet = load_workbook(DEMO / "raw/site04/DEMO01_site04_export.xlsx")["Demographics"]
    text = (DEMO / "raw/site05/Stammdaten.csv").read_text("cp1252").splitlines()
    counts = [
        len(list(odm.iter(f"{ODM}SubjectData"))),
        len({line.split(",")[0] for line in redcap}),
        len(sas),
        sheet.max_row - 3,
        len(text) - 1,
    ]
    assert counts == [13, 13, 13, 13, 12]


def test_each_defect_names_the_record_that_holds_it():
    defects = YAML(typ="safe").load(DEMO / "defects.yaml")["defects"]
    assert [defect["id"] for defect in defects] == [f"D{n:02d}" for n in range(1, 26)]
    assert all((DEMO / "raw" / defect["file"]).is_file() for defect in defects)
    temperature = next(defect for defect in defects if defect["id"] == "D16")
    lines = (DEMO / "raw" / temperature["file"]).read_text("cp1252").splitlines()
    assert ";98,4;" in lines[temperature["row"]]


def test_transport_files_carry_no_clock():
    _, facts = pyreadstat.read_xport(DEMO / "raw/site03/adverse.xpt")
    assert facts.creation_time.isoformat() == "2026-01-12T06:00:00"
    assert facts.modification_time == facts.creation_time
