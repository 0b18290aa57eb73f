"""`sdtmflow trace` on a study of two subjects that was mapped here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sdtmflow.pipeline import site_jobs, study_jobs
from sdtmflow.pipeline.deliveries import take_in
from sdtmflow.pipeline.inputs import delivery_keys
from sdtmflow.pipeline.outcome import Outcome
from sdtmflow.pipeline.run import Run

ROOT = Path(__file__).parents[3]
STUDY = """
version: 1
study: S1
title: A study to trace
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources:
  edc:
    kind: delimited
    site: "01"
    path: raw
    dates: [DD-MM-YYYY]
    tables:
      dm: {columns: {SUBJID: Patient}, constants: {COUNTRY: CHE}}
      ae:
        from: events
        columns: {SUBJID: Patient, AETERM: Event, AESEV: Grade, AESTDAT: Begin}
        values: {AESEV: {"2": moderate}}
"""
RAW = {
    "dm": "Patient;SEX\n101;F\n102;M\n",
    "ex": "SUBJID;EXTRT;EXSTDAT\n101;X;01-02-2025\n101;X;08-02-2025\n",
    "events": "Patient;Event;Grade;Begin\n101;Head[ache];2;03-02-2025\n102;Cough;1;\n",
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study folder after a run."""
    root = tmp_path_factory.mktemp("traced") / "my study"
    (root / "raw").mkdir(parents=True)
    (root / "mappings").mkdir()
    (root / "study.yaml").write_text(STUDY)
    for name, text in RAW.items():
        (root / "raw" / f"{name}.csv").write_text(text)
    run = Run.of(root)
    keys = delivery_keys(run)
    collected = {name: site_jobs.Collect(run, name, key).perform() for name, key in keys.items()}
    deliveries = take_in(run, collected, {})
    staged = site_jobs.StageSite(run, "01", deliveries.used).perform()
    mapped = site_jobs.MapSite(run, "01", staged).perform()
    assembled = study_jobs.Assemble(run, {"01": mapped}).perform()
    outcome = Outcome(
        *("S1", "", "", ""),
        delivered={},
        isolated={},
        assembled=str(run.workspace.path(assembled)),
        deliveries=keys,
        specs=run.keys.specs,
    )
    outcome.keep(run.workspace)
    return root


def trace(study, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "trace", *arguments, "--study", str(study)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "COLUMNS": "100", "PYTHONPATH": str(ROOT)},
    )


def test_a_value_as_a_tree_down_to_the_cells_of_the_files(study):
    done = trace(study, "ae", "--usubjid", "S1-01-101", "--seq", "1", "--variable", "aestdy")
    assert done.returncode == 0, done.stderr
    lines = [line.strip("│├└─ ") for line in done.stdout.splitlines()]
    assert "AE.AESTDY (AESEQ=1) = 3   study_day: AESTDTC" in done.stdout
    assert "events.csv, row 1, line 2" in done.stdout
    assert "Begin = '03-02-2025', read as AESTDAT" in lines
    assert any(line.startswith("DM.RFSTDTC = 2025-02-01   earliest: EX.EXSTDTC") for line in lines)
    assert "EXSTDAT = '01-02-2025'" in lines
    assert not any("08-02-2025" in line for line in lines), "the second dose decided nothing"
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_a_record_as_a_table_with_values_as_sent_and_as_read(study):
    done = trace(study, "AE", "--usubjid", "S1-01-101")
    text = " ".join(done.stdout.split())
    assert "Event = 'Head[ache]', read as AETERM" in text, "a value is no markup"
    assert "Grade = '2', read as AESEV = moderate" in text
    assert "from ae, where: AETERM is not missing" in text
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_a_constant_and_the_trial_design_are_the_studys(study):
    done = trace(study, "DM", "--usubjid", "S1-01-102", "--variable", "COUNTRY")
    assert "COUNTRY = CHE by study.yaml" in " ".join(done.stdout.split())


def test_everything_as_json(study):
    done = trace(study, "AE", "--usubjid", "S1-01-101", "--variable", "AESEV", "--json")
    (cell,) = json.loads(done.stdout)["cells"]
    assert (cell["value"], cell["rule"]["verb"]) == ("MODERATE", "assign_ct")
    (raw,) = cell["inputs"]
    named = {"sent": "2", "value": "moderate", "column": "Grade", "file": "events.csv", "row": 1}
    assert named.items() <= raw.items()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["AF"], "there is no dataset AF in these data; it has: AE, DM, EX"),
        (["AE"], "whose record of AE?; add --usubjid"),
        (["AE", "--usubjid", "S1-01-999"], "AE has no record of this subject"),
        (["AE", "--usubjid", "S1-01-101", "--seq", "7"], "--seq is one of 1 to 1"),
        (["AE", "--usubjid", "S1-01-101", "--variable", "AESTDX"], "did you mean AESTDY?"),
        (["EX", "--usubjid", "S1-01-101"], "2 records are meant in EX; --seq is one of 1 to 2"),
        (["DM", "--usubjid", "S1-01-101", "--seq", "1"], "there is no variable DMSEQ in DM"),
        (["AE", "--where", "AESEQ"], "--where wants VARIABLE=VALUE"),
        (["AE", "--bundle", "v0001"], "nothing is published"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(study, arguments, message):
    done = trace(study, *arguments)
    assert done.returncode in {2, 3, 6}
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "101" not in done.stderr, "a subject's number stands in no message"


def test_changed_specs_are_told_and_the_runs_own_rules_shown(study):
    spec = study / "mappings" / "ae.yaml"
    spec.write_text(
        "version: 1\ndomain: AE\nextends: standard\nvariables: {AESEV: {constant: MILD}}\n"
    )
    try:
        done = trace(study, "AE", "--usubjid", "S1-01-101", "--variable", "AESEV")
    finally:
        spec.unlink()
    assert "the study's specs have changed since" in done.stderr
    assert "assign_ct: AESEV" in done.stdout


def test_a_study_that_never_ran_is_told_what_to_do(tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY)
    done = trace(tmp_path, "AE", "--usubjid", "S1-01-101")
    assert done.returncode == 3
    assert "run it first: sdtmflow run" in done.stderr


def test_rules_of_another_version_are_refused_in_one_line(study):
    (rules,) = study.glob("work/assemble/*/files/lineage/rules.json")
    written = rules.read_text()
    rules.write_text(written.replace('"place"', '"spot"'))
    try:
        done = trace(study, "AE", "--usubjid", "S1-01-101")
    finally:
        rules.write_text(written)
    assert done.returncode == 8
    assert done.stderr.startswith("error: rules.json: the rules are not written as this version")
    assert done.stderr.count("\n") == 1
