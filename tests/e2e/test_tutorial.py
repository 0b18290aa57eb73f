"""The tutorial works as it is written: its files, its edits, its commands and what they say."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs/tutorial/your-first-bundle.md"
BLOCK = re.compile(r"^```(?P<kind>\w+) ?(?P<info>.*)\n(?P<body>(?:.*\n)*?)```$", re.MULTILINE)


def write_file(folder: Path, info: str, body: str) -> None:
    path = folder / info
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(body, encoding="utf-8")


def insert_lines(folder: Path, info: str, body: str) -> None:
    name, _, line = info.partition(" after ")
    path = folder / name
    text = path.read_text(encoding="utf-8")
    anchor = line.strip('"') + "\n"
    assert text.count(anchor) == 1, f"{anchor!r} is no longer one line of {name}"
    path.write_text(text.replace(anchor, anchor + body), encoding="utf-8")


def run_commands(folder: Path, body: str) -> None:
    for step in body.split("$ ")[1:]:
        command, _, promised = step.partition("\n")
        said = run(folder, command)
        for line in filter(lambda line: line.strip() not in {"", "…"}, promised.splitlines()):
            assert line in said, f"{command}: the tutorial promises {line!r}, but it said:\n{said}"


def run(folder: Path, command: str) -> str:
    program, *arguments = shlex.split(command)
    assert program == "sdtmflow"
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.mark.slow
def test_every_file_edit_and_command_of_the_tutorial(tmp_path):
    blocks = list(BLOCK.finditer(TUTORIAL.read_text(encoding="utf-8")))
    assert len(blocks) > 8
    for block in blocks:
        kind, info, body = block["kind"], block["info"], block["body"]
        if kind == "console":
            run_commands(tmp_path, body)
        elif " after " in info:
            insert_lines(tmp_path, info, body)
        else:
            write_file(tmp_path, info, body)
    findings = run(tmp_path, "sdtmflow findings trial --site 02")
    assert "DATE_IMPOSSIBLE" in findings
