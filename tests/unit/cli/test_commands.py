"""The command line without Prefect: help, errors in one line, exit codes, findings, bundles."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sdtmflow.finding import Finding, Severity, Stage, findings_frame


def sdtmflow(
    *arguments: object, cwd: Path | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200", "HOME": "/nonexistent", **environ},
    )


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "my study"
    assert sdtmflow("init", folder).returncode == 0
    return folder


def test_help_names_every_command_and_needs_nothing_heavy():
    script = (
        "import sys\nfrom cli.main import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'prefect', 'great_expectations', 'polars', 'pandas', 'boto3', 'pydantic'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "HEAVY []" in done.stdout
    for command in ("init", "check", "run", "findings", "bundles", "terms"):
        assert command in done.stdout


def test_a_wrong_option_is_exit_code_2():
    done = sdtmflow("run", "--sites", "01")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["run", "nowhere"], 3, "no study.yaml in this folder; name a study folder"),
        (["check", "nowhere"], 3, "no study.yaml"),
        (["run", ".", "--site", "99"], 3, "there is no site 99; it has: 01"),
        (["run", ".", "--domain", "QQ"], 3, "there is no mapping of QQ"),
        (["run", ".", "--store", "ftp://x"], 6, "'ftp://x' is no store"),
        (["run", ".", "--store", "study.yaml/x"], 6, "a file is where a folder should be"),
        (["findings", "."], 3, "there are no findings of a run here; run it first"),
        (["bundles", "show", "v0001"], 6, "nothing is published"),
        (["bundles", "verify", "v0001"], 6, "nothing is published"),
    ],
)
def test_errors_are_one_line_with_their_exit_code(study, arguments, code, told):
    done = sdtmflow(*arguments, cwd=study)
    assert done.returncode == code, done.stderr
    assert told in done.stderr
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_init_refuses_a_folder_that_is_not_empty(study):
    done = sdtmflow("init", study)
    assert done.returncode == 3
    assert "not an empty folder" in done.stderr


def test_check_finds_the_scaffold_sound(study):
    done = sdtmflow("check", study)
    assert done.returncode == 0, done.stderr
    assert "MY01: the study folder is sound" in done.stderr
    assert not (study / "work").exists()


def test_check_tells_every_mistake_with_its_line(study):
    (study / "mappings/ae.yaml").write_text(
        "version: 1\ndomain: AE\nextends: standard\nvariables:\n  AESEV: {asign: AESEV}\n"
    )
    (study / "expectations/ae.yaml").write_text("version: 1\ntabel: ae\nstage: raw\n")
    (study / "terms/SEVERITY.csv").write_text("collected,submission\nbad,SEVERE\n")
    done = sdtmflow("check", study)
    assert done.returncode == 3
    assert "ae.yaml:5: variables.AESEV" in done.stderr
    assert "did you mean 'assign'" in done.stderr
    assert "expectations/ae.yaml:2" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_notes_unused_terms(study):
    (study / "terms/SEVERITY.csv").write_text("collected,submission\nbad,SEVERE\n")
    done = sdtmflow("check", study)
    assert done.returncode == 0
    assert "note: terms/SEVERITY: no mapping uses it" in done.stdout.replace(".csv", "")


def test_a_mistake_in_a_spec_is_told_before_prefect_is_started(study):
    (study / "mappings/ae.yaml").write_text("version: 1\ndomain: AE\nextends: standrd\n")
    done = sdtmflow("run", study, PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 3
    assert "ae.yaml:3" in done.stderr
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert {"polars", "sdtmflow.study"} <= imported
    assert "prefect" not in imported


@pytest.fixture
def with_findings(study):
    """The study after a run that found two things."""
    from sdtmflow.pipeline.outcome import Outcome
    from sdtmflow.pipeline.workspace import Workspace

    found = [
        Finding("AE_TERM", Severity.MAJOR, Stage.RAW, "no [bold]term", site="01", subject="003"),
        Finding("VS_RANGE", Severity.MINOR, Stage.RAW, "out of range", site="02", subject="007"),
    ]
    table = study / "found.parquet"
    findings_frame(found).write_parquet(table)
    outcome = Outcome("MY01", "", "", "", delivered={}, isolated={}, findings_table=str(table))
    outcome.keep(Workspace(study / "work"))
    return study


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        ([], ["AE_TERM", "VS_RANGE"]),
        (["--severity", "major"], ["AE_TERM"]),
        (["--severity", "major", "--severity", "minor"], ["AE_TERM", "VS_RANGE"]),
        (["--site", "02"], ["VS_RANGE"]),
        (["--rule", "ae_"], ["AE_TERM"]),
        (["--site", "02", "--rule", "ae_"], []),
    ],
)
def test_findings_are_filtered(with_findings, options, rules):
    done = sdtmflow("findings", with_findings, "--format", "json", *options)
    assert done.returncode == 0, done.stderr
    assert [finding["rule"] for finding in json.loads(done.stdout)] == rules


def test_findings_as_table_and_csv(with_findings):
    table = sdtmflow("findings", with_findings)
    assert "no [bold]term" in table.stdout, "a message is no markup"
    assert "2 findings" in table.stderr
    csv = sdtmflow("findings", with_findings, "--format", "csv").stdout.splitlines()
    assert csv[0].startswith("fingerprint,rule,severity")
    assert len(csv) == 3


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("rule", ["AE_TERM,0,1,0,1", "VS_RANGE,0,0,1,1"]),
        ("site", ["01,0,1,0,1", "02,0,0,1,1"]),
        ("domain", ["—,0,1,1,2"]),
        ("severity", ["major,1", "minor,1"]),
    ],
)
def test_findings_are_counted(with_findings, by, rows):
    counts = sdtmflow("findings", with_findings, "--by", by, "--format", "csv").stdout.splitlines()
    assert counts[0].split(",")[0] == by
    assert counts[1:] == rows
    assert by in sdtmflow("findings", with_findings, "--by", by).stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--site", "99"], "warning: the study has no site 99; it has: 01, 02, study"),
        (["--rule", "zz"], "warning: no finding has a rule with 'zz'"),
    ],
)
def test_no_findings_of_what_nothing_has_is_no_good_news(with_findings, options, told):
    done = sdtmflow("findings", with_findings, *options)
    assert done.returncode == 0
    assert told in done.stderr
    assert done.stderr.index(told) < done.stderr.index("0 findings")
    assert "warning" not in sdtmflow("findings", with_findings, "--site", "study").stderr


def test_a_check_of_a_store_makes_no_folder(tmp_path):
    done = sdtmflow("store", "check", "--store", tmp_path / "none")
    assert done.returncode == 6
    assert "there is no such folder; `sdtmflow store make` makes it" in done.stderr
    assert not (tmp_path / "none").exists()
