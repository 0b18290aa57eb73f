"""A manifest that was written before a field was added keeps its text, and so its hash."""

from __future__ import annotations

from sdtmflow.bundle import Code, Delivery, Manifest, Sent
from sdtmflow.record import parse

SHA = "a" * 64
OLD = f"""{{
 "code": {{
  "sha256": "{SHA}",
  "version": "0.1.0"
 }},
 "created": "2026-01-31T12:00:00+00:00",
 "files": [],
 "findings": {{
  "critical": 0,
  "major": 2,
  "minor": 0
 }},
 "format": 1,
 "gaps": [],
 "inputs": [],
 "inputs_key": "{SHA}",
 "parent": null,
 "run": "aaaaaaaaaaaa",
 "specs": {{
  "mappings/ae.yaml": "{SHA}"
 }},
 "standards": {{}},
 "study": "S1",
 "suites": {{}}
}}
""".encode()


def test_an_old_manifest_is_read_as_it_was_written():
    manifest = parse(OLD, Manifest, "old")
    assert (manifest.study_files, manifest.deliveries, manifest.code.libraries) == ({}, (), {})
    assert manifest.canonical() == OLD


def test_what_is_new_is_written_and_read_again():
    sent = Sent(key=SHA, files={"ae.csv": SHA}, passed_over=("~$ae.csv",), settings={"kind": "odm"})
    manifest = parse(OLD, Manifest, "old").model_copy(
        update={
            "study_files": {"study.yaml": SHA},
            "deliveries": (Delivery(source="edc", key=SHA, used=sent, before=SHA),),
            "code": Code(version="0.1.0", sha256=SHA, libraries={"polars": "1.0"}),
        }
    )
    assert parse(manifest.canonical(), Manifest, "new") == manifest
