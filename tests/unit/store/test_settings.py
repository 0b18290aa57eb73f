from __future__ import annotations

import pytest

from sdtmflow.errors import StoreError
from sdtmflow.settings import S3Settings, Settings


def test_without_variables_boto3_decides():
    assert Settings.read({}).s3 == S3Settings()


def test_variables_are_read_as_their_types():
    s3 = Settings.read(
        {
            "SDTMFLOW_S3_ENDPOINT": "http://minio:9000",
            "SDTMFLOW_S3_PATH_STYLE": "false",
            "SDTMFLOW_S3_RETRIES": "3",
            "SDTMFLOW_S3_READ_TIMEOUT": "2.5",
        }
    ).s3
    assert (s3.endpoint, s3.path_style, s3.retries) == ("http://minio:9000", False, 3)
    assert s3.read_timeout == 2.5


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])
def test_the_endpoint_may_come_from_aws_own_variables(name):
    assert Settings.read({name: "http://ceph"}).s3.endpoint == "http://ceph"
    ours = {name: "http://ceph", "SDTMFLOW_S3_ENDPOINT": "http://minio"}
    assert Settings.read(ours).s3.endpoint == "http://minio"


def test_an_empty_variable_is_none():
    assert Settings.read({"SDTMFLOW_S3_RETRIES": "", "SDTMFLOW_S3_REGION": ""}).s3 == S3Settings()


def test_secrets_are_never_shown():
    settings = Settings.read(
        {"SDTMFLOW_S3_SECRET_ACCESS_KEY": "hunter2", "SDTMFLOW_S3_SESSION_TOKEN": "hunter3"}
    )
    assert "hunter" not in f"{settings!r} {settings} {settings.model_dump()}"


@pytest.mark.parametrize(
    ("name", "value"),
    [("RETRIES", "many"), ("RETRIES", "0"), ("PATH_STYLE", "maybe"), ("READ_TIMEOUT", "-1")],
)
def test_a_wrong_variable_is_named_without_its_value(name, value):
    with pytest.raises(StoreError) as caught:
        Settings.read({f"SDTMFLOW_S3_{name}": value})
    assert str(caught.value).startswith(f"SDTMFLOW_S3_{name}: ")
    assert caught.value.remedy == "correct this environment variable, or remove it"
