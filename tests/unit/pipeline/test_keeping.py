"""What is kept of a run before its bundle is published."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.errors import DeliveryError, StudyError
from sdtmflow.pipeline.deliveries import take_in
from sdtmflow.pipeline.inputs import delivery_keys
from sdtmflow.pipeline.keeping import keep
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.site_jobs import Collect, CollectAgain
from sdtmflow.pipeline.study_files import study_files
from sdtmflow.sources.report import read_collect_report
from sdtmflow.store.protocol import file_sha256
from sdtmflow.study import StudyFolder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATE, tmp_path / "study"))


def collected(run: Run):
    keys = delivery_keys(run)
    return keys, {name: Collect(run, name, key).perform() for name, key in keys.items()}


def kept(root: Path, failed: dict[str, str] | None = None):
    """What is kept of a run; ``failed`` sources are not collected, for that reason."""
    run = Run.of(root)
    keys = delivery_keys(run)
    if not failed:
        keys, artifacts = collected(run)
    return run, keep(run, keys, take_in(run, {} if failed else artifacts, failed or {}))


def test_the_study_s_own_files_are_snapshots(root):
    run, found = kept(root)
    assert set(found.study_files) >= {"study.yaml", "expectations/ae.yaml"}
    assert not any(name.startswith("raw/") for name in found.study_files)
    for name, sha256 in found.study_files.items():
        assert run.snapshots.path_of(sha256).read_bytes() == (root / name).read_bytes()


def test_a_design_beside_the_folder_and_the_pinned_terminology_are_study_files(root):
    (root.parent / "design.json").write_text("{}")
    for version in ("2025-03-28", "2024-03-29"):
        (root / "terminology" / version).mkdir(parents=True)
        (root / "terminology" / version / "package.json").write_text("{}")
    text = (root / "study.yaml").read_text()
    own = "\ndesign:\n  usdm: ../design.json\n"
    (root / "study.yaml").write_text(
        text.replace("\ndesign:\n", own) if "\ndesign:" in text else text + own
    )
    names = set(study_files(StudyFolder(root)))
    assert {"../design.json", "terminology/2025-03-28/package.json"} <= names
    assert "terminology/2024-03-29/package.json" not in names


def test_a_delivery_is_kept_as_it_was_sent(root, tmp_path):
    with zipfile.ZipFile(root / "raw/site01/export.zip", "w") as archive:
        archive.write(root / "raw/site01/ae.csv", "ae.csv")
    (root / "raw/site01/ae.csv").unlink()
    (root / "raw/site01/note.pdf").write_bytes(b"%PDF-1.4 a note")
    run, found = kept(root)
    (delivery,) = found.deliveries
    assert {"export.zip", "note.pdf"} < delivery.used.files.keys()
    assert delivery.used.key == delivery.key
    for name, sha256 in delivery.used.files.items():
        assert (
            run.snapshots.path_of(sha256).read_bytes() == (root / "raw/site01" / name).read_bytes()
        )
    first = run.workspace.find("collect", delivery.key)
    shutil.rmtree(root / "raw")
    shutil.rmtree(root / "work")
    assert CollectAgain(run, delivery).perform() == first


def test_a_last_good_delivery_is_kept_with_the_settings_it_was_read_with(root):
    kept(root)
    text = (root / "study.yaml").read_text()
    assert "    path: raw/site01" in text
    changed = text.replace("    path: raw/site01", "    missing: [NK]\n    path: raw/site01")
    (root / "study.yaml").write_text(changed)
    _, found = kept(root, {"first_clinic": "cut off"})
    (delivery,) = found.deliveries
    assert (delivery.failed, delivery.key == delivery.used.key) == ("cut off", False)
    assert "missing" not in delivery.used.settings
    assert delivery.used.settings["path"] == "raw/site01"


def test_a_study_that_is_edited_while_it_runs_is_not_published(root):
    run = Run.of(root)
    keys, artifacts = collected(run)
    deliveries = take_in(run, artifacts, {})
    with (root / "expectations/ae.yaml").open("a") as suite:
        suite.write("# a remark\n")
    with pytest.raises(StudyError, match="changed while it ran"):
        keep(run, keys, deliveries)


def test_what_failed_fails_again_for_the_same_reason(root):
    kept(root)
    (root / "raw/site01/ae.csv").write_bytes(b"")
    run, found = kept(root, {"first_clinic": "ae.csv: cut off; ask for it again"})
    with pytest.raises(DeliveryError, match=r"^ae\.csv: cut off; ask for it again$"):
        CollectAgain(run, found.deliveries[0]).perform()


def test_snapshots_are_named_by_their_bytes(root):
    _, found = kept(root)
    assert found.study_files["study.yaml"] == file_sha256(root / "study.yaml")


def test_what_was_collected_into_another_store_is_kept_in_this_one(root, tmp_path):
    with zipfile.ZipFile(root / "raw/site01/export.zip", "w") as archive:
        archive.write(root / "raw/site01/ae.csv", "ae.csv")
    (root / "raw/site01/ae.csv").unlink()
    collected(Run.of(root))
    run = Run.of(root, store=str(tmp_path / "another"))
    keys, artifacts = collected(run)
    (delivery,) = keep(run, keys, take_in(run, artifacts, {})).deliveries
    (report,) = map(read_collect_report, map(run.workspace.path, artifacts.values()))
    assert {"ae.csv", "export.zip"} <= {*report.sent, *(Path(f.name).name for f in report.files)}
    for sha256 in (*delivery.used.files.values(), *(file.sha256 for file in report.files)):
        assert file_sha256(run.snapshots.path_of(sha256)) == sha256
