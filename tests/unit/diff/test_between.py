"""What lies between two manifests."""

from __future__ import annotations

from sdtmflow.bundle import Code, Manifest
from sdtmflow.diff.between import steps

A, B = "a" * 64, "b" * 64


def manifest(**facts) -> Manifest:
    given = {
        "inputs_key": A,
        "run": "aaaaaaaaaaaa",
        "created": "2026-01-31T12:00:00+00:00",
        "inputs": (),
        "specs": {},
        "suites": {},
        "standards": {},
        "code": Code(version="0.1.0", sha256=A),
        "findings": {},
        "study": "S1",
        "parent": None,
        "files": (),
    }
    return Manifest(**given | facts)


def told(old: Manifest, new: Manifest) -> list[tuple[str, str, str]]:
    return [(step.kind, step.what, step.how) for step in steps(old, new)]


def test_a_study_file_is_named_once():
    old = manifest(
        specs={"mappings/ae.yaml": A}, study_files={"mappings/ae.yaml": A, "study.yaml": A}
    )
    new = manifest(
        specs={"mappings/ae.yaml": B}, study_files={"mappings/ae.yaml": B, "study.yaml": B}
    )
    assert told(old, new) == [
        ("spec", "mappings/ae.yaml", "changed"),
        ("study", "study.yaml", "changed"),
    ]


def test_what_an_old_manifest_does_not_tell_is_no_change():
    new = manifest(
        study_files={"study.yaml": B}, code=Code(version="0.1.0", sha256=A, libraries={"lxml": "6"})
    )
    assert told(manifest(), new) == []


def test_libraries_are_part_of_the_code():
    codes = [
        Code(version="0.1.0", sha256=sha256, libraries={"lxml": "6.0", "polars": version})
        for sha256, version in ((A, "1.30"), (B, "1.31"))
    ]
    old, new = (manifest(code=code) for code in codes)
    assert told(old, new) == [("code", "sdtmflow", "changed, polars 1.30 → 1.31")]
