"""Two bundles side by side: what changed from delivery to delivery, and from spec to spec."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import openpyxl
import pytest

from sdtmflow.diff import Depth, Status, diff
from sdtmflow.diff.write import first_changes, write_csv, write_html, write_xlsx
from sdtmflow.errors import StoreError
from sdtmflow.store import open_store

SPEC = """
version: 1
domain: AE
extends: standard
variables:
  AESEV: {constant: SEVERE}
"""


@pytest.fixture(scope="module")
def study(run, published, tmp_path_factory) -> Path:
    """v0002: site 02 corrects a severity and takes an event back; v0003: a spec line changes."""
    study = Path(shutil.copytree(published, tmp_path_factory.mktemp("diff") / "my study"))
    events = study / "raw/site02/ae.csv"
    head, first, *rest = events.read_text().splitlines()
    severity = head.split(",").index("AESEV")
    cells = first.split(",")
    cells[severity] = "Severe" if cells[severity].upper() != "SEVERE" else "Mild"
    events.write_text("\n".join([head, ",".join(cells), *rest[:-1]]) + "\n")
    state, _ = run(study)
    assert state.result().bundle == "v0002"
    (study / "mappings/ae.yaml").write_text(SPEC)
    state, _ = run(study)
    assert state.result().bundle == "v0003"
    return study


def compared(study: Path, *versions: str, **options):
    store = open_store(str(study / "store"), study)
    return diff(store, "MY01", versions, study / "work/diff", **options)


def test_a_delivery_changes_what_its_site_sent(study):
    found = compared(study, "v0001", "v0002")
    assert [(step.kind, step.what, step.how) for step in found.between] == [
        ("delivery", "site 02, second_clinic: ae.csv", "changed")
    ]
    assert [one.name for one in found.differing] == ["AE"]
    (ae,) = found.differing
    assert (ae.added, ae.removed, ae.changed, ae.cells) == (0, 1, 1, 1)
    assert ae.variables == (("AESEV", 1),)
    assert {row[-1] for row in first_changes(ae, 10)} == {"delivery second_clinic, site 02"}
    assert all("-02-" in subject for _, subject, *_ in first_changes(ae, 10))


def test_a_spec_line_changes_every_site(study):
    found = compared(study, "v0002", "v0003")
    assert [(step.kind, step.what) for step in found.between] == [("spec", "mappings/ae.yaml")]
    (ae,) = found.differing
    assert (ae.added, ae.removed) == (0, 0)
    assert ae.variables[0][0] == "AESEV"
    assert ae.causes == ("spec mappings/ae.yaml:6",)
    assert {change.name for change in found.metadata} >= {"AESEV"}


def test_the_earlier_bundle_is_the_earlier_however_they_are_named(study):
    assert compared(study, "latest", "1").old == "v0001"


def test_the_same_bundle_does_not_differ(study):
    found = compared(study, "v0002", "v0002")
    assert (found.between, found.metadata, found.differing) == ((), (), ())


def test_depths(study):
    shallow = compared(study, "v0001", "v0002", depth=Depth.DATASETS)
    (ae,) = shallow.differing
    assert (ae.status, ae.changed, ae.changes) == (Status.CHANGED, None, None)
    (ae,) = compared(study, "v0001", "v0002", depth=Depth.RECORDS).differing
    assert (ae.removed, ae.changed, ae.cells) == (1, 1, None)
    assert {variable for *_, variable, _, _, _ in first_changes(ae, 10)} == {""}


def test_only_some_datasets(study):
    found = compared(study, "v0001", "v0002", only=["dm"])
    assert ([one.name for one in found.datasets], found.differing) == (["DM"], ())
    with pytest.raises(StoreError, match="ZZ"):
        compared(study, "v0001", "v0002", only=["zz"])


def test_it_is_written_for_people_and_for_programs(study, tmp_path):
    found = compared(study, "v0001", "v0003")
    for name, write in (("a.html", write_html), ("a.xlsx", write_xlsx), ("a.csv", write_csv)):
        write(found, tmp_path / name)
        write(compared(study, "v0001", "v0003"), tmp_path / f"again-{name}")
        assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()
    assert "second_clinic" in (tmp_path / "a.html").read_text(encoding="utf-8")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["Made from", "Datasets", "Metadata", "AE"]
    rows = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8")))
    assert len(rows) == book["AE"].max_row - 1
    assert {row["dataset"] for row in rows} == {"AE"}
