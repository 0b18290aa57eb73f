"""An earlier bundle made again from the store while the study has moved on."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.audit import last_event
from sdtmflow.bundle import BundleFacts, find, publish, read_manifest, verify_copy
from sdtmflow.bundle.manifest import OWN_FILES
from sdtmflow.errors import RebuildError
from sdtmflow.standards import packages
from sdtmflow.standards.nci_rows import Package
from sdtmflow.standards.terminology import carried
from sdtmflow.store import open_store

CODE = Path(__file__).parents[2]
MAIN = (sys.executable, "-c", "from cli.main import main; main()")
NEW_CT = dt.date(2025, 9, 26)
SPEC = """
version: 1
domain: AE
extends: standard
variables:
  AEMODIFY: {derive: modified, method: The term in upper case}
"""
FUNCTION = "def modified(rows):\n    return rows['AETERM'].str.upper()\n"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def import_terminology(study: Path) -> None:
    """CT with another submission value for MILD."""
    package = carried(dt.date(2025, 3, 28))
    mild = (pl.col("codelist") == "C66769") & (pl.col("submission_value") == "MILD")
    value = pl.when(mild).then(pl.lit("LIGHT")).otherwise("submission_value")
    terms = package.terms.with_columns(submission_value=value)
    imported = Package(package.codelists, terms)
    packages.put(imported, NEW_CT, study / "study.yaml", study / "terminology")
    replace(study / "study.yaml", "ct: 2025-03-28", f"ct: {NEW_CT}")


@pytest.fixture(scope="module")
def moved_on(run, published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """v0002: everything changed, and site 03 was cut off; v0003: all of that is gone again."""
    study = Path(shutil.copytree(published, tmp_path_factory.mktemp("as of") / "my study"))
    kept = {name: (study / name).read_bytes() for name in ("study.yaml", "raw/site03/dm.csv")}
    import_terminology(study)
    (study / "mappings/ae.yaml").write_text(SPEC)
    (study / "mappings/derivations.py").write_text(FUNCTION)
    replace(study / "raw/site02/dm.csv", "ETHNIC", "ETHNICITY")  # a column that has vanished
    (study / "raw/site02/read me.pdf").write_bytes(b"%PDF-1.4 a note")
    (study / "raw/site03/dm.csv").write_bytes(b"")
    replace(study / "study.yaml", "  third_clinic:\n", "  third_clinic:\n    missing: [NK]\n")
    outcome = run(study)[0].result()
    assert (outcome.bundle, [gap.used for gap in outcome.gaps]) == ("v0002", ["last good delivery"])
    found = set(pl.read_parquet(outcome.findings_table)["rule"])
    assert {"DRIFT_COLUMN_GONE", "FILE_LEFT_OUT"} <= found

    for name, data in kept.items():
        (study / name).write_bytes(data)
    shutil.rmtree(study / "terminology")
    (study / "raw/site02/read me.pdf").unlink()
    replace(study / "mappings/ae.yaml", "in upper case", "of the event in capitals")
    assert run(study)[0].result().bundle == "v0003"
    return study


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


def same_tree(rebuilt: Path, bundle: Path) -> None:
    """Every file, the claim and the manifest too."""
    files = {path.relative_to(bundle) for path in bundle.rglob("*") if path.is_file()}
    assert {path.relative_to(rebuilt) for path in rebuilt.rglob("*") if path.is_file()} == files
    assert [f for f in files if (rebuilt / f).read_bytes() != (bundle / f).read_bytes()] == []


@pytest.mark.parametrize("version", ["v0001", "2"])
def test_an_earlier_bundle_is_the_same_although_the_study_moved_on(
    run, moved_on, tmp_path, version
):
    before = hashes(moved_on)
    state, ended = run(moved_on, as_of=version, to=tmp_path / "again")
    rebuilt = state.result()
    assert state.name == "Rebuilt", [str(each) for each in rebuilt.differences]
    assert (rebuilt.differences, rebuilt.otherwise) == ((), ())
    same_tree(tmp_path / "again", moved_on / "store/bundles" / rebuilt.name)
    verify_copy(tmp_path / "again").require()
    after = hashes(moved_on)
    assert {name: after.pop(name) for name in before} == before
    assert all("/audit/MY01/" in name for name in after)  # the log says that it was made again
    assert list(tmp_path.iterdir()) == [tmp_path / "again"]
    assert ("compare", rebuilt.name, "done") in ended
    assert f"all {rebuilt.files} files" in state.message


def test_a_store_is_enough(run, moved_on, tmp_path):
    store = shutil.copytree(moved_on / "store", tmp_path / "store")
    again = tmp_path / "new/again"
    state, _ = run(Path("MY01"), store=str(store), as_of="v0002", to=again, actor="Ada")
    event = last_event(open_store(str(store), tmp_path), "MY01")
    assert (event.action, event.bundle, event.who) == ("rebuild", 2, "Ada")
    assert (state.name, state.result().study) == ("Rebuilt", "MY01")
    same_tree(again, store / "bundles/v0002")


def test_what_was_lost_or_changed_in_the_store_is_named(run, moved_on, tmp_path):
    study = Path(shutil.copytree(moved_on, tmp_path / "my study"))
    store = open_store("store", study)
    manifest = read_manifest(store, find(store, "MY01", "2"))
    edc = next(each.used for each in manifest.deliveries if each.source == "second_clinic")
    snapshots = study / "store/snapshots"
    lost = snapshots / manifest.study_files["mappings/derivations.py"][:2]
    (lost / manifest.study_files["mappings/derivations.py"]).unlink()
    (study / "mappings/derivations.py").unlink()
    changed = snapshots / edc.files["ae.csv"][:2] / edc.files["ae.csv"]
    changed.chmod(0o644)
    changed.write_bytes(b"SUBJID\n201\n")
    state, _ = run(study, as_of="v0002", to=tmp_path / "again")
    error = state.result(raise_on_failure=False)
    assert isinstance(error, RebuildError)
    assert error.exit_code == 10
    assert f"mappings/derivations.py: snapshot {lost.name}" in str(error)
    (study / "mappings/derivations.py").write_text(FUNCTION)  # the folder's own is as good
    error = run(study, as_of="v0002", to=tmp_path / "again")[0].result(raise_on_failure=False)
    assert "delivery of second_clinic: ae.csv: snapshot" in str(error)
    assert "holds other bytes" in str(error)
    assert not (tmp_path / "again").exists()


def test_another_version_of_sdtmflow_is_named(moved_on, api_environment, tmp_path):
    code = tmp_path / "code"
    for name in ("cli", "flows", "tasks", "expectations", "sdtm_mappings", "sdtmflow"):
        shutil.copytree(CODE / name, code / name, ignore=shutil.ignore_patterns("__pycache__"))
    replace(code / "sdtmflow/report/report.html.j2", "<title>", "<title>The other ")
    done = subprocess.run(
        [*MAIN, "run", str(moved_on), "--as-of", "v0001", "--to", str(tmp_path / "again")],
        env={**api_environment, "PYTHONPATH": str(code)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 10, done.stdout + done.stderr
    assert "reports/report.html  holds other bytes" in done.stdout
    made = json.loads((moved_on / "store/bundles/v0001/manifest.json").read_text())["code"]
    assert f"(code {made['sha256'][:12]}) made the bundle" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "again/reports/report.html").is_file()


@pytest.fixture
def old(published, tmp_path) -> Path:
    """The study with v0001 as it was published before its files were kept."""
    study = Path(shutil.copytree(published, tmp_path / "my study"))
    store = open_store("store", study)
    manifest = read_manifest(store, find(store, "MY01", "v0001"))
    later = {"study_files": {}, "deliveries": ()}
    facts = {name: getattr(manifest, name) for name in BundleFacts.model_fields} | later
    tree = study / "tree"
    shutil.copytree(study / "store/bundles/v0001", tree)
    for own in OWN_FILES:
        (tree / own).unlink(missing_ok=True)
    shutil.rmtree(study / "store/bundles")
    shutil.rmtree(study / "store/claims")
    publish(store, "MY01", tree, BundleFacts(**facts))
    return study


def test_of_an_old_bundle_the_folder_s_own_files_are_used(run, old, tmp_path):
    shutil.rmtree(old / "work")
    state, _ = run(old, as_of="latest", to=tmp_path / "again")
    assert state.name == "Rebuilt", state.message
    same_tree(tmp_path / "again", old / "store/bundles/v0001")


@pytest.mark.parametrize(
    ("changed", "named"),
    [("study.yaml", "study.yaml"), ("expectations/own.yaml", "expectations/own.yaml")],
)
def test_a_file_that_is_not_what_it_was_is_named(run, old, tmp_path, changed, named):
    if changed == "study.yaml":
        replace(old / changed, "title: ", "title: Another ")
    else:
        (old / changed).write_text("version: 1\n")
    error = run(old, as_of="1", to=tmp_path / "again")[0].result(raise_on_failure=False)
    assert isinstance(error, RebuildError)
    assert f"{named} is not what the bundle was made with" in str(error)
