from __future__ import annotations

import pytest
from botocore import exceptions as boto

from sdtmflow.errors import StoreError
from sdtmflow.settings import S3Settings
from sdtmflow.store.s3_client import connect, explained, in_plain_words


def refusal(status: int, code: str) -> boto.ClientError:
    answer = {
        "Error": {"Code": code, "Message": "subject 001 is secret"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return boto.ClientError(answer, "PutObject")


@pytest.mark.parametrize(
    ("error", "message", "remedy"),
    [
        (boto.NoCredentialsError(), "no credentials", "AWS_ACCESS_KEY_ID"),
        (boto.EndpointConnectionError(endpoint_url="u"), "cannot be reached", "endpoint"),
        (boto.ConnectTimeoutError(endpoint_url="u"), "cannot be reached", "endpoint"),
        (boto.ReadTimeoutError(endpoint_url="u"), "broke off", "network"),
        (boto.SSLError(endpoint_url="u", error="e"), "certificate", "SDTMFLOW_S3_CA_BUNDLE"),
        (boto.ProxyConnectionError(proxy_url="u"), "proxy", "HTTPS_PROXY"),
        (refusal(404, "NoSuchBucket"), "bucket does not exist", "create it"),
        (refusal(403, "SignatureDoesNotMatch"), "secret key is wrong", "credentials"),
        (refusal(403, "InvalidAccessKeyId"), "access key", "credentials"),
        (refusal(400, "ExpiredToken"), "expired", "new session"),
        (refusal(403, "AccessDenied"), "forbids PutObject", "right"),
        (refusal(503, "SlowDown"), "answered 503", "run again"),
        (refusal(400, "Odd"), r"refused PutObject \(Odd\)", "right"),
        (boto.ParamValidationError(report="r"), "request failed", "settings"),
    ],
)
def test_each_trouble_has_a_message_and_a_remedy(error, message, remedy):
    found = explained(error, "s3://trials")
    assert found.place == "s3://trials"
    with pytest.raises(StoreError, match=message):
        raise found
    assert remedy in found.remedy
    assert "secret" not in str(found).replace("secret key is wrong", "")
    assert "\n" not in str(found)


def test_an_unknown_profile_is_explained():
    with pytest.raises(StoreError, match="no such profile; correct SDTMFLOW_S3_PROFILE"):
        connect(S3Settings(profile="nobody-has-this-profile"), "s3://trials")


def test_other_errors_pass():
    with pytest.raises(KeyError), in_plain_words("s3://trials"):
        raise KeyError
