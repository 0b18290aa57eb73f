from __future__ import annotations

import pytest
from pydantic import ValidationError

from sdtmflow.bundle.manifest import Claim, ManifestAddress, ManifestFile
from sdtmflow.bundle.read import check_chain, sealed_claim
from sdtmflow.bundle.selection import selected
from sdtmflow.errors import StoreError, VerificationError
from sdtmflow.record import parse


def claim(version: int, previous: str | None) -> Claim:
    return Claim(
        study="TRIAL",
        version=version,
        attempt="a",
        manifest=ManifestAddress(sha256="1" * 64),
        inputs_key="2" * 64,
        created="2026-03-01T12:00:00+00:00",
        previous=previous,
    ).sealed()


def file(path: str) -> ManifestFile:
    return ManifestFile(path=path, size=0, sha256="0" * 64, md5="0" * 32)


@pytest.mark.parametrize("path", ["../x", "/x", "a//b", "a/./b", "a\\b", "", "a/.."])
def test_a_manifest_cannot_lead_outside_its_bundle(path):
    with pytest.raises(ValidationError, match="would leave the bundle"):
        file(path)


def test_a_claim_is_read_as_it_was_written():
    data = claim(1, None).canonical()
    assert sealed_claim(data, "x") == claim(1, None)
    assert data.endswith(b"}\n")


def test_a_claim_in_other_words_is_refused():
    data = claim(1, None).canonical()
    with pytest.raises(VerificationError, match="changed after it was written"):
        parse(data.replace(b"\n", b"\r\n"), Claim, "x")
    with pytest.raises(VerificationError, match="no claim of format 1"):
        parse(b"{}", Claim, "x")
    with pytest.raises(VerificationError, match="the claim is damaged"):
        sealed_claim(data.replace(b'"attempt": "a"', b'"attempt": "b"'), "x")


def test_a_whole_chain_passes():
    first = claim(1, None)
    second = claim(2, first.digest)
    check_chain([], "x")
    check_chain([first, second, claim(3, second.digest)], "x")


@pytest.mark.parametrize(
    ("claims", "complaint"),
    [
        ([claim(2, None)], "v0001 is missing although v0002 is there"),
        ([claim(1, None), claim(3, claim(1, None).digest)], "v0002 is missing"),
        ([claim(1, None), claim(2, "0" * 64)], "broken at v0002"),
        ([claim(1, "0" * 64)], "broken at v0001"),
    ],
)
def test_a_broken_chain_is_found(claims, complaint):
    with pytest.raises(VerificationError, match=complaint):
        check_chain(claims, "x")


FILES = [file(path) for path in ("m5/sdtm/dm.xpt", "m5/sdtm/define.xml", "reports/dm.html")]


@pytest.mark.parametrize(
    ("only", "paths"),
    [
        ([], ["m5/sdtm/dm.xpt", "m5/sdtm/define.xml", "reports/dm.html"]),
        (["dm.*"], ["m5/sdtm/dm.xpt", "reports/dm.html"]),
        (["m5"], ["m5/sdtm/dm.xpt", "m5/sdtm/define.xml"]),
        (["m5/sdtm/define.xml", "reports/"], ["m5/sdtm/define.xml", "reports/dm.html"]),
    ],
)
def test_patterns_name_files(only, paths):
    assert [found.path for found in selected(FILES, only)] == paths


def test_each_pattern_must_name_something():
    with pytest.raises(StoreError, match=r"no file 'sdtm'; it has, for instance, define.xml"):
        selected(FILES, ["dm.*", "sdtm"])
