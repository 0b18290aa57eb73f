"""The only reader of the environment: who acts, an S3 store, a signing key, a database, channels.

==============================  =================================================================
``SDTMFLOW_ACTOR``              who acts, as the audit log names them; else the account's name
``SDTMFLOW_S3_ENDPOINT``        the server's address; else ``AWS_ENDPOINT_URL_S3``, then
                                ``AWS_ENDPOINT_URL``; else AWS itself
``SDTMFLOW_S3_REGION``          the region; else the profile's; else ``us-east-1``
``SDTMFLOW_S3_PROFILE``         a profile of ``~/.aws``
``SDTMFLOW_S3_ACCESS_KEY_ID``   with ``SDTMFLOW_S3_SECRET_ACCESS_KEY`` (and
                                ``SDTMFLOW_S3_SESSION_TOKEN``): credentials; else boto3's own
                                search (``AWS_…`` variables, profile, instance role)
``SDTMFLOW_S3_PATH_STYLE``      ``true``: ``host/bucket/key``, ``false``: ``bucket.host/key``;
                                else path style wherever an endpoint is named
``SDTMFLOW_S3_CLAIMS_BUCKET``   the unversioned bucket of the claims; else ``<bucket>-claims``
``SDTMFLOW_S3_CA_BUNDLE``       certificates that the server's is checked against
``SDTMFLOW_S3_RETRIES``         tries of one request (5)
``SDTMFLOW_S3_CONNECT_TIMEOUT`` seconds (10)
``SDTMFLOW_S3_READ_TIMEOUT``    seconds (60)
``SDTMFLOW_S3_THREADS``         transfers at a time (8)
``SDTMFLOW_S3_READ_BACK``       ``proven``: what was written is read back wherever the server was
                                not seen to check SHA-256 by itself; ``always``: everywhere
``SDTMFLOW_SIGNING_KEY``        the private key that signs what a run publishes; else study.yaml's
``SDTMFLOW_SIGNING_PASSPHRASE`` what opens a private key; else it is asked for
``SDTMFLOW_FINDINGS_DATABASE``  the database of findings, password included; else study.yaml's
``SDTMFLOW_NOTIFY_URLS``        Apprise addresses that are told what a run has found, with spaces
                                between them; besides study.yaml's blocks
==============================  =================================================================

Proxies come from ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY``, which boto3 reads.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError

from sdtmflow.errors import StoreError

_S3 = "SDTMFLOW_S3_"
SIGNING_KEY = "SDTMFLOW_SIGNING_KEY"
FINDINGS_DATABASE = "SDTMFLOW_FINDINGS_DATABASE"
NOTIFY_URLS = "SDTMFLOW_NOTIFY_URLS"
PASSPHRASE = "SDTMFLOW_SIGNING_PASSPHRASE"  # noqa: S105 — the variable's name
_ENDPOINTS = (f"{_S3}ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


def _without_secrets(endpoint: str) -> str:
    """An address is shown and logged; credentials have variables of their own."""
    if "@" in endpoint:
        raise PydanticCustomError("secrets", "an endpoint holds no user and no password")
    return endpoint


class S3Settings(BaseModel):
    """How to reach an S3 server; empty texts leave the choice to boto3."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: Annotated[str, AfterValidator(_without_secrets)] = ""
    region: str = ""
    profile: str = ""
    access_key_id: str = ""
    secret_access_key: SecretStr = SecretStr("")
    session_token: SecretStr = SecretStr("")
    path_style: bool | None = None
    claims_bucket: str = ""
    ca_bundle: str = ""
    retries: Annotated[int, Field(ge=1, le=50)] = 5
    connect_timeout: Annotated[float, Field(gt=0)] = 10
    read_timeout: Annotated[float, Field(gt=0)] = 60
    threads: Annotated[int, Field(ge=1, le=64)] = 8
    read_back: Literal["always", "proven"] = "proven"


class Settings(BaseModel):
    """Everything that is read from the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    s3: S3Settings = S3Settings()
    signing_key: str = ""
    signing_passphrase: SecretStr = SecretStr("")
    actor: str = ""
    findings_database: SecretStr = SecretStr("")
    notify_urls: tuple[SecretStr, ...] = ()

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """The settings that ``environ`` makes. Raises StoreError, one line for the first mistake.

        An empty variable is the same as none.
        """
        values = {name: environ.get(f"{_S3}{name.upper()}", "") for name in S3Settings.model_fields}
        values["endpoint"] = next((environ[name] for name in _ENDPOINTS if environ.get(name)), "")
        given = {name: value for name, value in values.items() if value}
        try:
            s3 = S3Settings.model_validate(given)
        except ValidationError as error:
            raise _explained(error) from None
        return cls(
            s3=s3,
            actor=environ.get("SDTMFLOW_ACTOR", ""),
            findings_database=SecretStr(environ.get(FINDINGS_DATABASE, "").strip()),
            notify_urls=tuple(SecretStr(url) for url in environ.get(NOTIFY_URLS, "").split()),
            signing_key=environ.get(SIGNING_KEY, ""),
            signing_passphrase=SecretStr(environ.get(PASSPHRASE, "")),
        )


def _explained(error: ValidationError) -> StoreError:
    first = error.errors(include_input=False)[0]
    return StoreError(
        first["msg"][:1].lower() + first["msg"][1:],
        place=f"{_S3}{str(first['loc'][0]).upper()}",
        remedy="correct this environment variable, or remove it",
    )
