"""`sdtmflow define lint`: what a user sees, what a program gets, and the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sdtmflow.define_lint import RULES

BROKEN = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="define.xsl"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1"
     ODMVersion="1.3.2" FileType="Snapshot" FileOID="F" CreationDateTime="2026-03-31T00:00:00"
     def:Context="Submission">
  <Study OID="S">
    <GlobalVariables>
      <StudyName>S</StudyName>
      <StudyDescription>D</StudyDescription>
      <ProtocolName>P</ProtocolName>
    </GlobalVariables>
    <MetaDataVersion OID="M" Name="N" Description="D" def:DefineVersion="2.1.0">
      <def:Standards>
        <def:Standard OID="G" Name="STDTMIG" Type="IG" Version="3.4" Status="Final"/>
      </def:Standards>
      <ItemDef OID="I1" Name="SEX" DataType="string"/>
      <ItemDef OID="I2" Name="[bold]AGE" DataType="number"/>
    </MetaDataVersion>
  </Study>
</ODM>
"""


def lint(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "define", "lint", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "100", "HOME": "/nonexistent"},
    )


def broken(folder: Path) -> Path:
    path = folder / "define.xml"
    path.write_text(BROKEN, encoding="utf-8")
    return path


def test_each_broken_rule_is_told_once_with_its_lines_and_the_remedy(tmp_path: Path) -> None:
    done = lint(broken(tmp_path), cwd=tmp_path)
    assert done.returncode == 7
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Define-XML 2.1.0  0 datasets, 2 definitions, 0 codelists; ")
    assert lines[1] == "4 errors, 4 warnings, 1 notice"
    assert "DD1315  error        2  DataType is one that Define-XML uses" in done.stdout
    assert "line 16: I1: DataType is 'string'" in done.stdout
    assert "→ one of ADaMIG, BIMO" in done.stdout
    assert all(len(line) <= 100 for line in lines)
    assert done.stderr == (
        f"error: {tmp_path / 'define.xml'}: 4 errors; mend them and lint it again\n"
    )


def test_programs_get_every_finding_as_json(tmp_path: Path) -> None:
    done = lint(broken(tmp_path), "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == 7
    assert (told["edition"], told["rules"]) == ("2.1", len(RULES))
    assert {
        "rule": "DD1021",
        "severity": "error",
        "line": 14,
        "what": "the name of G is 'STDTMIG'",
    }.items() <= next(one for one in told["findings"] if one["rule"] == "DD1021").items()


def test_a_file_of_another_kind_is_one_line_and_the_code_of_formats(tmp_path: Path) -> None:
    path = tmp_path / "dm.csv"
    path.write_text("SUBJID,SEX\n1,F\n")
    done = lint(path, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (8, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"error: {path}:1: not well-formed XML")


def test_places_can_be_few_or_all(tmp_path: Path) -> None:
    few = lint(broken(tmp_path), "--places", "1", cwd=tmp_path)
    every = lint(broken(tmp_path), "--places", "0", cwd=tmp_path)
    assert "and 1 more" in few.stdout
    assert "I2: DataType is 'number'" not in few.stdout
    assert "I2: DataType is 'number'" in every.stdout


def spec(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "define", "spec", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "100", "HOME": "/nonexistent"},
    )


DESCRIBED = BROKEN.replace("STDTMIG", "SDTMIG").replace(
    '<ItemDef OID="I1"',
    '<ItemGroupDef OID="G1" Name="DM" Domain="DM" Repeating="No" Purpose="Tabulation" '
    'def:Structure="One record per subject"><ItemRef ItemOID="I1" Mandatory="Yes"/>'
    '<def:Class Name="SPECIAL PURPOSE"/></ItemGroupDef>\n<ItemDef OID="I1"',
)


def test_specs_are_proposed_compared_and_never_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "define.xml"
    path.write_text(DESCRIBED, encoding="utf-8")
    done = spec(path, "--to", "study", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 dataset described; study.yaml and 1 mapping spec written to study" in done.stdout
    assert "what the specs say is what define.xml says" in done.stdout
    assert "SEX: {assign: raw.SEX" in (tmp_path / "study/mappings/dm.yaml").read_text()
    again = spec(path, "--to", "study", cwd=tmp_path)
    assert again.returncode != 0
    assert len(again.stderr.splitlines()) == 1
    assert spec(path, "--to", "study", "--force", cwd=tmp_path).returncode == 0
