"""Records that were written before signatures were: their text, and so their hashes, stay."""

from __future__ import annotations

import hashlib
import json

from sdtmflow.bundle import Claim, Manifest
from sdtmflow.bundle.read import sealed_claim
from sdtmflow.bundle.verifier import sealed_claim as plainly_sealed
from sdtmflow.record import parse

CLAIM = b"""{
 "attempt": "5d41402abc4b2a76b9719d911017c592",
 "created": "2026-03-01T12:00:00+00:00",
 "format": 1,
 "inputs_key": "2222222222222222222222222222222222222222222222222222222222222222",
 "manifest": {
  "path": "manifest.json",
  "sha256": "SHA256 OF THE MANIFEST",
  "version": "L4kqtJlcpXroDTDmpUMLUo"
 },
 "previous": null,
 "seal": "",
 "study": "TRIAL",
 "version": 1
}
"""
MANIFEST = b"""{
 "code": {
  "sha256": "5555555555555555555555555555555555555555555555555555555555555555",
  "version": "0.1.0"
 },
 "created": "2026-03-01T12:00:00+00:00",
 "files": [
  {
   "md5": "d41d8cd98f00b204e9800998ecf8427e",
   "path": "m5/dm.xpt",
   "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
   "size": 0,
   "version": ""
  }
 ],
 "findings": {
  "critical": 0,
  "major": 2
 },
 "format": 1,
 "gaps": [
  {
   "reason": "no delivery (used: nothing)",
   "site": "06",
   "source": "edc_06"
  }
 ],
 "inputs": [
  {
   "name": "raw/site01/ae.csv",
   "sha256": "1111111111111111111111111111111111111111111111111111111111111111",
   "site": "01",
   "size": 7,
   "source": "edc"
  }
 ],
 "inputs_key": "2222222222222222222222222222222222222222222222222222222222222222",
 "parent": null,
 "run": "222222222222",
 "specs": {
  "mappings/AE.yaml": "3333333333333333333333333333333333333333333333333333333333333333"
 },
 "standards": {},
 "study": "TRIAL",
 "suites": {}
}
"""


def claim() -> bytes:
    """The claim on the manifest, with its seal, made by nothing of ours."""
    manifest = hashlib.sha256(MANIFEST).hexdigest()
    unsealed = CLAIM.replace(b"SHA256 OF THE MANIFEST", manifest.encode())
    seal = f'"seal": "{hashlib.sha256(unsealed).hexdigest()}"'
    return unsealed.replace(b'"seal": ""', seal.encode())


def test_an_older_claim_is_read_and_has_its_seal():
    read = sealed_claim(claim(), "x")
    assert isinstance(read, Claim)
    assert read.canonical() == claim()
    assert read.signature is None
    assert plainly_sealed(claim()) == json.loads(claim())


def test_an_older_manifest_is_read_and_hashes_to_what_was_claimed():
    read = parse(MANIFEST, Manifest, "x")
    assert read.canonical() == MANIFEST
    assert read.digest == sealed_claim(claim(), "x").manifest.sha256
