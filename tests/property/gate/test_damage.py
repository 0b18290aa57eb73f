"""Whatever is in the files, the gate gives a verdict: it judges, and never breaks itself."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sdtmflow.appraisal import appraise, as_json_text, write_html
from sdtmflow.gate import judge
from tests.unit.gate.box import SDTM, STF
from tests.unit.gate.conftest import clean_packages

__all__ = ["clean_packages"]  # a fixture of the gate's tests

VICTIMS = (
    "index.xml", "index-md5.txt", STF, f"{SDTM}/define.xml", f"{SDTM}/ts.xpt", f"{SDTM}/dm.xpt",
    f"{SDTM}/vs.xpt", f"{SDTM}/acrf.pdf",
)  # fmt: skip
SETTINGS = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@st.composite
def damages(draw: st.DrawFn) -> tuple[str, float, bytes, bool]:
    """A file, a place in it (0 to 1), bytes to put there, and whether the rest is cut off."""
    return (
        draw(st.sampled_from(VICTIMS)),
        draw(st.floats(0, 1)),
        draw(st.binary(min_size=0, max_size=12)),
        draw(st.booleans()),
    )


def damage(root: Path, where: str, place: float, put: bytes, cut: bool) -> None:
    path = root / where
    data = path.read_bytes()
    at = int(place * len(data))
    rest = b"" if cut else data[at + len(put) :]
    path.write_bytes(data[:at] + put + rest)


@SETTINGS
@given(done=st.lists(damages(), min_size=1, max_size=3))
def test_damaged_files_are_judged(
    clean_packages: dict[str, Path], done: list[tuple[str, float, bytes, bool]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(clean_packages["FDA"], Path(folder) / "0001"))
        for one in done:
            damage(root, *one)
        changed = any(
            (root / name).read_bytes() != (clean_packages["FDA"] / name).read_bytes()
            for name in VICTIMS
        )
        verdict = judge(root)
        # Each file's checksum stands in the index, and the index's beside it.
        assert verdict.passed == (not changed)


@SETTINGS
@given(name=st.sampled_from(VICTIMS), place=st.floats(0, 1), put=st.binary(max_size=12))
def test_damaged_files_are_appraised_without_their_sequence(
    clean_packages: dict[str, Path], name: str, place: float, put: bytes
) -> None:
    if not name.startswith(SDTM):
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(clean_packages["FDA"] / SDTM, Path(folder) / "sdtm"))
        damage(root, name.removeprefix(f"{SDTM}/"), place, put, cut=False)
        appraisal = appraise(root)
        write_html(appraisal, Path(folder) / "check.html")
        assert as_json_text(appraisal)


@pytest.mark.parametrize("name", VICTIMS)
def test_a_file_without_a_byte_is_judged(
    clean_packages: dict[str, Path], tmp_path: Path, name: str
) -> None:
    root = shutil.copytree(clean_packages["FDA"], tmp_path / "0001")
    (root / name).write_bytes(b"")
    assert not judge(root).passed
