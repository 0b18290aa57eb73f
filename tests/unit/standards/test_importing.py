"""Importing a CT package into a study: once, whole, and never another under the same version."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.errors import StudyError
from sdtmflow.standards import packages
from sdtmflow.standards.importing import import_package
from sdtmflow.standards.nci import read_package
from sdtmflow.study import StudyFolder

VERSION = dt.date(2025, 9, 26)


@pytest.fixture
def folder(tmp_path):
    return StudyFolder(shutil.copytree(TEMPLATE, tmp_path / "study"))


def tree(folder):
    return {
        path.relative_to(folder.terminology): path.read_bytes()
        for path in folder.terminology.rglob("*")
        if path.is_file()
    }


def test_an_imported_package_reads_back_as_it_was(folder, as_odm):
    file = as_odm()
    done = import_package(file, folder)
    assert done.imported.new
    assert done.imported.folder == folder.terminology / "2025-09-26"
    assert packages.get(done.imported.folder).equals(read_package(file))
    assert packages.versions(folder.terminology) == (VERSION,)
    assert [path.name for path in folder.terminology.iterdir()] == ["2025-09-26"]


def test_the_same_content_again_changes_nothing_in_whatever_form(folder, as_odm, as_text):
    import_package(as_odm(), folder)
    before = tree(folder)
    again = import_package(as_text(), folder, VERSION)
    assert not again.imported.new
    assert tree(folder) == before


def test_another_content_under_the_same_version_is_refused_with_what_differs(
    folder, as_odm, as_text, rows
):
    import_package(as_odm(), folder)
    before = tree(folder)
    changed = [
        *rows[:-1],
        ("C3", "C9", "", "Ours", "SEA", "See", "", "C"),
        *[("C4", *rows[-1][1:])],
    ]
    with pytest.raises(StudyError) as error:
        import_package(as_text(changed), folder, VERSION)
    told = str(error.value)
    assert "another package is imported as SDTM CT 2025-09-26 already; this one differs: " in told
    assert "1 term added, 1 term renamed, 1 term wording" in told
    assert tree(folder) == before


def test_a_file_that_does_not_say_its_version_needs_one(folder, as_text):
    with pytest.raises(StudyError, match="does not say its version; give the package's date"):
        import_package(as_text(), folder)


def test_a_version_against_the_files_own_is_refused(folder, as_odm):
    with pytest.raises(StudyError, match="says that it is version 2025-09-26, not 2024-03-29"):
        import_package(as_odm(), folder, dt.date(2024, 3, 29))
    assert not folder.terminology.exists()


def test_what_is_unlike_the_carried_subset_is_told(folder, as_text):
    notes = import_package(as_text(), folder, dt.date(2025, 3, 28)).notes
    assert "that SDTMIG 3.4 names are not in the package: C65047, C66726, " in notes[0]
    assert notes[-1].startswith("the package differs from what sdtmflow carries of 2025-03-28")
    assert notes[-1].endswith("in C66769")


def test_the_same_content_under_two_versions_is_told(folder, as_text):
    import_package(as_text(), folder, VERSION)
    notes = import_package(as_text(), folder, dt.date(2024, 3, 29)).notes
    assert notes[-1] == "the same content is imported as version 2025-09-26; check --version"


@pytest.mark.parametrize("name", ["terms.csv", "codelists.csv", "package.json"])
@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_changed_package_is_not_used(folder, as_odm, name, damage):
    target = import_package(as_odm(), folder).imported.folder
    if damage == "gone":
        (target / name).unlink()
    else:
        (target / name).write_text((target / name).read_text() + "x")
    with pytest.raises(
        StudyError, match=rf"terminology/2025-09-26/{name}: the imported CT package"
    ):
        packages.get(target)


def test_an_import_that_was_killed_leaves_nothing_that_counts(folder, as_odm):
    (folder.terminology / ".importing-dead").mkdir(parents=True)
    (folder.terminology / ".importing-dead" / "terms.csv").write_text("half")
    assert packages.versions(folder.terminology) == ()
    assert import_package(as_odm(), folder).imported.new
