"""A source whose deliveries lie in S3 is collected as if they lay in a folder."""

import json

import pytest

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.collect import collect
from sdtmflow.sources.delivery import delivery_key
from sdtmflow.store import Snapshots, open_store
from sdtmflow.study import StudyFolder


@pytest.fixture
def bucket(s3_place, monkeypatch):
    for name, value in s3_place.environ.items():
        monkeypatch.setenv(name, value)
    client = s3_place.client()
    for key, text in {"in/ae.csv": "ID,TERM\n1,x\n", "in/dm.csv": "ID\n1\n2\n"}.items():
        client.put_object(Bucket=s3_place.bucket, Key=f"some/prefix/{key}", Body=text.encode())
    return f"s3://{s3_place.bucket}/some/prefix"


def study_at(tmp_path, path):
    study = {
        "version": 1,
        "study": "S1",
        "title": "A study",
        "cutoff": "2026-01-01",
        "standards": {"ct": "2025-03-28"},
        "sites": {"01": {"name": "One", "country": "CHE"}},
        "sources": {"edc": {"kind": "delimited", "path": path, "site": "01"}},
    }
    (tmp_path / "study.yaml").write_text(json.dumps(study))
    return StudyFolder(tmp_path)


def collected(folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    snapshots = Snapshots(open_store("store", tmp_path), tmp_path / "cache")
    return collect(folder, "edc", snapshots, out)


@pytest.mark.parametrize(
    ("below", "rows"), [("/in", {"ae": 1, "dm": 2}), ("/in/dm.csv", {"dm": 2})]
)
def test_a_prefix_or_one_object(bucket, tmp_path, below, rows):
    folder = study_at(tmp_path, bucket + below)
    report = collected(folder, tmp_path)
    assert {table.name: table.rows for table in report.tables} == rows
    assert report.key == delivery_key(folder, "edc")


def test_nothing_there(bucket, tmp_path):
    with pytest.raises(DeliveryError, match="no file is there"):
        collected(study_at(tmp_path, f"{bucket}/elsewhere"), tmp_path)
