"""`sdtmflow terms`: importing, listing and showing controlled terminology, as a user does it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.scaffold import TEMPLATE

COLUMNS = (
    *("Code", "Codelist Code", "Codelist Extensible (Yes/No)", "Codelist Name"),
    *("CDISC Submission Value", "CDISC Synonym(s)", "CDISC Definition", "NCI Preferred Term"),
)
SEVERITY = (
    ("C66769", "", "No", "Severity", "AESEV", "", "How bad", "Severity"),
    ("C41338", "C66769", "", "Severity", "MILD", "Grade 1; 1", "Little", "Mild"),
    ("C41339", "C66769", "", "Severity", "MODERATE", "Grade 2; 2", "More", "Moderate"),
    ("C41340", "C66769", "", "Severity", "SEVERE", "Grade 3; 3", "Much", "Severe"),
)


def terms(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "terms", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "100", "HOME": "/nonexistent"},
    )


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATE, tmp_path / "study"))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "SDTM Terminology 2025-09-26.txt"
    path.write_text("".join("\t".join(row) + "\n" for row in (COLUMNS, *SEVERITY)))
    return path


def test_import_says_what_came_and_what_to_do_next(study, package):
    done = terms("import", package, cwd=study)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3:] == [
        "SDTM CT 2025-09-26 imported: 1 codelist, 3 terms in terminology/2025-09-26",
        "study.yaml pins 2025-03-28. See what a change would do, then pin it:",
        "  sdtmflow terms impact 2025-09-26",
    ]
    again = terms("import", package, cwd=study)
    assert "is imported already; nothing has changed" in again.stdout


def test_list_names_every_version_and_the_pinned_one(study, package):
    terms("import", package, cwd=study)
    listed = terms("list", cwd=study).stdout.splitlines()
    assert listed[0].split() == ["version", "from", "codelists", "terms"]
    assert listed[1].split()[0] == "2025-03-28"
    assert "pinned by study.yaml" in listed[1]
    assert listed[2].split() == ["2025-09-26", "imported", "1", "3"]


def test_a_pinned_version_that_is_missing_is_told_with_the_way_out(study, package):
    text = (study / "study.yaml").read_text()
    (study / "study.yaml").write_text(text.replace("2025-03-28", "2025-09-26"))
    listed = terms("list", cwd=study)
    assert "study.yaml pins 2025-09-26, which is not here; import it" in listed.stderr
    shown = terms("show", "AESEV", cwd=study)
    assert shown.returncode == 3
    assert shown.stderr == (
        "error: study.yaml:8: standards.ct: SDTM CT 2025-09-26 is neither carried nor imported; "
        "there is 2025-03-28; or import it: sdtmflow terms import FILE\n"
    )
    terms("import", package, cwd=study)
    assert terms("show", "AESEV", cwd=study).returncode == 0


def test_show_tells_terms_use_and_the_studys_extensions(study):
    (study / "terms").mkdir(exist_ok=True)
    (study / "terms" / "FREQ.csv").write_text("collected,submission\ntwice a night,2X NIGHTLY\n")
    shown = terms("show", "C71113", cwd=study)
    assert shown.returncode == 0, shown.stderr
    assert "C71113, may be extended, 102 terms, CT 2025-03-28" in shown.stdout
    assert "2 TIMES PER WEEK" in shown.stdout
    assert "used by   CM.CMDOSFRQ  (sdtm_mappings/cm.yaml:" in shown.stdout
    assert "extended  2X NIGHTLY  (terms/FREQ.csv:2)" in shown.stdout


def test_show_of_another_version(study, package):
    terms("import", package, cwd=study)
    shown = terms("show", "AESEV", "--version", "2025-09-26", cwd=study)
    assert "C66769, may not be extended, 3 terms, CT 2025-09-26" in shown.stdout
    assert terms("show", "AESEV", "--version", "26 Sep", cwd=study).returncode == 2


def test_an_unknown_codelist_is_told_with_the_nearest(study):
    shown = terms("show", "AESVE", cwd=study)
    assert shown.returncode == 3
    assert "there is no codelist 'AESVE'; did you mean AESEV" in shown.stderr


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("%PDF-1.7", "this is a PDF"),
        ("a,b\n1,2\n", "the CT package has no column 'Code'"),
        ("\t".join(COLUMNS) + "\n", "the CT package holds no codelist with terms"),
    ],
)
def test_a_wrong_file_is_one_line_and_leaves_nothing(study, tmp_path, data, told):
    file = tmp_path / "package"
    file.write_text(data)
    done = terms("import", file, "--version", "2025-09-26", cwd=study)
    assert done.returncode == 3
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (study / "terminology").exists()


def test_impact_without_data_says_so_and_writes_its_reports(study, package, tmp_path):
    terms("import", package, cwd=study)
    reports = [tmp_path / f"impact.{kind}" for kind in ("html", "xlsx", "csv")]
    options = [part for path in reports for part in (f"--{path.suffix[1:]}", path)]
    done = terms("impact", "2025-09-26", *options, "--limit", "200", cwd=study)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "MY01  SDTM CT 2025-03-28 → 2025-09-26"
    assert "data       none; only specs and terms files were looked at" in done.stdout
    assert "CT 2025-09-26 has no such codelist" in done.stdout
    assert "more effects; --limit 0 shows all" in done.stderr
    assert max(map(len, lines)) <= 100
    assert all(path.stat().st_size for path in reports)


def test_impact_of_a_version_that_is_not_here_is_one_line_with_the_command(study):
    done = terms("impact", "2030-01-01", cwd=study)
    assert done.returncode == 3
    assert done.stderr == (
        "error: SDTM CT 2030-01-01 is neither carried nor imported; there is 2025-03-28; "
        "or import it: sdtmflow terms import FILE\n"
    )


def test_a_report_that_cannot_be_written_is_one_line(study, package, tmp_path):
    terms("import", package, cwd=study)
    done = terms("impact", "2025-09-26", "--html", tmp_path / "no" / "page.html", cwd=study)
    assert done.returncode == 3
    assert "page.html: the report cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
