"""The same study gives the same bytes whatever machine, process, place and time it is built in."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ON_A_MACHINE = """
import os, sys
os.cpu_count = lambda: int(os.environ["PROCESSORS"])
os.umask(int(os.environ["UMASK"], 8))
from cli.main import main
main()
"""


@dataclass(frozen=True)
class Machine:
    """Where a build is made."""

    processors: int
    runner: str
    time_zone: str
    locale: str
    hash_seed: str
    umask: str


MACHINES = (
    Machine(1, "threads", "UTC", "C.UTF-8", "0", "022"),
    Machine(4, "processes", "Asia/Kathmandu", "POSIX", "1", "077"),
    Machine(1, "processes", "America/St_Johns", "tr_TR.UTF-8", "random", "002"),
)


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a locale of decimal commas and of another lower case of I."""
    folder = tmp_path_factory.mktemp("locales")
    made = ["localedef", "-i", "tr_TR", "-f", "UTF-8", str(folder / "tr_TR.UTF-8")]
    try:
        subprocess.run(made, check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("this machine cannot make a locale: localedef or its sources are absent")
    return folder


def built(machine: Machine, study: Path, environment: dict[str, str], locales: Path) -> Path:
    """The bundle that a machine makes of a study."""
    done = subprocess.run(
        [sys.executable, "-c", ON_A_MACHINE, "run", str(study), "--runner", machine.runner],
        env={
            **environment,
            "PROCESSORS": str(machine.processors),
            "UMASK": machine.umask,
            "TZ": machine.time_zone,
            "LC_ALL": machine.locale,
            "LANG": machine.locale,
            "LOCPATH": str(locales),
            "PYTHONHASHSEED": machine.hash_seed,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return study / "store" / "bundles" / "v0001"


def test_builds_differ_in_nothing_but_the_manifest_s_clock(
    fresh: Path, api_environment: dict[str, str], locales: Path, tmp_path: Path
) -> None:
    bundles = []
    for number, machine in enumerate(MACHINES):
        study = tmp_path / f"place {number}" / "my study"
        shutil.copytree(fresh, study)
        bundles.append(content(built(machine, study, api_environment, locales)))
    first, *others = bundles
    for machine, other in zip(MACHINES[1:], others, strict=True):
        assert other.keys() == first.keys(), machine
        assert [name for name in first if other[name] != first[name]] == [], machine


def content(bundle: Path) -> dict[str, bytes]:
    """Every file of a bundle; the claim is left out, it names the attempt and its moment."""
    files = {
        path.relative_to(bundle).as_posix(): path.read_bytes()
        for path in sorted(bundle.rglob("*"))
        if path.is_file()
    }
    del files["claim.json"]
    manifest, clocks = re.subn(rb'\n +"(created|received)": "[^"]*",', b"", files["manifest.json"])
    assert clocks > 1
    files["manifest.json"] = manifest
    return files
