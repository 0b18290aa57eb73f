from __future__ import annotations

from pathlib import Path

import pytest

from sdtmflow.errors import StoreError
from sdtmflow.settings import S3Settings, Settings
from sdtmflow.store import open_store
from sdtmflow.store.local import LocalStore
from sdtmflow.store.s3_client import parse_address

BASE = Path("/studies/demo")


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("store", "/studies/demo/store"),
        ("a store/of mine", "/studies/demo/a store/of mine"),
        ("/data/store", "/data/store"),
        ("file:///data/a%20store", "/data/a store"),
    ],
)
def test_a_folder(url, root):
    store = open_store(url, BASE, Settings())
    assert isinstance(store, LocalStore)
    assert store.root == Path(root)


@pytest.mark.parametrize("url", ["http://x/y", "gs://bucket", "s3:/bucket", "", " "])
def test_what_is_no_store_is_refused(url):
    with pytest.raises(StoreError, match="is no store; write a folder, or s3://bucket/prefix"):
        open_store(url, BASE, Settings())


def test_a_bucket_and_its_options():
    address = parse_address(
        "s3://trials/a/b/?endpoint=http://minio:9000&path_style=false&claims=other", S3Settings()
    )
    assert (address.bucket, address.claims, address.prefix) == ("trials", "other", "a/b/")
    assert address.settings.endpoint == "http://minio:9000"
    assert address.settings.path_style is False
    assert address.url == "s3://trials/a/b"


def test_options_win_over_settings_and_leave_the_rest():
    settings = S3Settings(endpoint="http://ceph", region="eu", claims_bucket="c")
    address = parse_address("s3://trials?endpoint=http://minio", settings)
    assert address.settings.endpoint == "http://minio"
    assert (address.settings.region, address.claims) == ("eu", "c")


def test_claims_have_a_bucket_of_their_own():
    assert parse_address("s3://trials", S3Settings()).claims == "trials-claims"


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("s3://", "names no bucket"),
        ("s3:///prefix", "names no bucket"),
        ("s3://key:secret@trials", "names no bucket"),
        ("s3://trials?endpoin=x", "unknown option 'endpoin'.*known options: endpoint"),
        ("s3://trials?path_style=perhaps", "SDTMFLOW_S3_PATH_STYLE"),
    ],
)
def test_a_wrong_address_is_explained_without_secrets(url, complaint):
    with pytest.raises(StoreError, match=complaint) as caught:
        parse_address(url, S3Settings())
    assert "secret" not in str(caught.value)


def test_a_password_in_what_is_no_address_is_not_told(tmp_path):
    with pytest.raises(StoreError) as error:
        open_store("https://ana:geheim@host/bucket?secret=geheim", tmp_path)
    assert str(error.value).startswith("'host/bucket' is no store")


def test_an_endpoint_with_a_password_is_refused_and_not_told(tmp_path):
    for ask in (
        lambda: Settings.read({"SDTMFLOW_S3_ENDPOINT": "https://ana:geheim@host"}),
        lambda: open_store("s3://b?endpoint=https://ana:geheim@host", tmp_path, Settings()),
    ):
        with pytest.raises(StoreError, match="an endpoint holds no user and no password") as error:
            ask()
        assert "geheim" not in str(error.value)
