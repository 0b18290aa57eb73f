"""The published JSON schemas fit what is really published, and nothing else."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import jsonschema
import pytest

from sdtmflow.audit import Act, Actor, events, record
from sdtmflow.bundle import Code, Gap, InputFile, publish, read_manifest
from sdtmflow.record import Record
from sdtmflow.signing import load_key, make_key
from sdtmflow.store import Snapshots, open_store
from tests.bundle_facts import facts_of

DELIVERY = b"adverse events"
SCHEMAS = Path(__file__).parents[3] / "docs/reference/schemas"
FACTS = facts_of(
    "a",
    specs={"mappings/AE.yaml": "2" * 64},
    suites={"standard/sdtm.yaml": "3" * 64},
    standards={"standards/ct.parquet": "4" * 64},
    code=Code(version="0.1.0", sha256="5" * 64),
    findings={"critical": 0, "major": 2},
    gaps=(Gap(site="06", source="edc_06", reason="no delivery"),),
)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> list[tuple[str, Record]]:
    """Each kind of record, signed and not, first and later: (name of its schema, the record)."""
    root = tmp_path_factory.mktemp("published")
    (root / "tree").mkdir()
    (root / "tree/dm.xpt").write_bytes(b"subjects")
    (root / "ae.csv").write_bytes(DELIVERY)
    make_key(root / "k.pem")
    store, key, found = open_store("store", root), load_key(root / "k.pem"), []
    snapshots = Snapshots(store, root / "cache")
    sha256 = snapshots.keep(root / "ae.csv")
    sent = InputFile(site="01", source="edc", name="ae.csv", sha256=sha256, size=len(DELIVERY))
    received = sent.model_copy(update={"received": snapshots.received(sha256)})
    for number, signs in enumerate((None, key)):
        changes = {"inputs_key": f"{number}" * 64, "inputs": (received,)}
        facts = FACTS.model_copy(update=changes)
        claim = publish(store, "TRIAL", root / "tree", facts, key=signs).claim
        act = Act("approve", claim.version, claim.manifest.sha256, {"role": "Biostatistics"})
        record(store, "TRIAL", act, Actor(name="Ana", account="ana@desk"), key=signs)
        found += [("claim", claim), ("manifest", read_manifest(store, claim))]
    return [*found, *(("event", event) for event in events(store, "TRIAL"))]


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_every_published_record_fits_its_schema(published):
    assert {name for name, _ in published} == {"claim", "manifest", "event"}
    signed = [record for _, record in published if b"public_key" in record.canonical()]
    assert len(signed) == 2
    for name, each in published:
        validator(name).validate(json.loads(each.canonical()))


def test_a_record_with_a_field_too_many_or_too_few_fits_no_schema(published):
    for name, each in published:
        plain = json.loads(each.canonical())
        assert not validator(name).is_valid({**plain, "surprise": 1})
        assert not validator(name).is_valid({**plain, "format": 2})
        del plain["study"]
        assert not validator(name).is_valid(plain)


def test_the_manifest_tells_all_that_a_bundle_was_made_from(published):
    _, manifest = published[3]
    told = json.loads(manifest.canonical())
    (sent,) = told["inputs"]
    assert (sent["site"], sent["source"], sent["name"]) == ("01", "edc", "ae.csv")
    assert (sent["sha256"], sent["size"]) == (hashlib.sha256(DELIVERY).hexdigest(), len(DELIVERY))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", sent["received"])
    for kind in ("specs", "suites", "standards"):
        assert [len(sha256) for sha256 in told[kind].values()] == [64]
    assert told["code"]["sha256"] == "5" * 64
    assert (told["run"], told["findings"]["major"]) == ("a", 2)
    assert told["gaps"][0]["reason"] == "no delivery"
    first = published[1][1]
    assert told["parent"] == {"version": 1, "manifest": first.digest}
    assert {file["path"] for file in told["files"]} == {"dm.xpt", "verify.py"}
    assert all(len(file["md5"]) == 32 for file in told["files"])
