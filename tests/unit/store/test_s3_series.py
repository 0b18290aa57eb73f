"""Each answer to a claim (docs/explanation/versions.md), from a server that does as it is told."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from sdtmflow.errors import StoreError
from sdtmflow.settings import S3Settings
from sdtmflow.store.protocol import Created, Exists
from sdtmflow.store.s3_client import parse_address
from sdtmflow.store.s3_series import WAITS, S3Series

MINE, SERIES, KEY = b"mine", "claims/TRIAL/v", "p/claims/TRIAL/v0001"


def refusal(status: int, code: str = "Code") -> ClientError:
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutObject")


LOST = ReadTimeoutError(endpoint_url="http://x")


class Server:
    """A bucket with conditional creates; ``script`` holds what goes wrong, one entry a request.

    An error is raised before the request is done; ``after(error)`` does it and loses the answer.
    """

    def __init__(self, *script) -> None:
        self.objects: dict[str, bytes] = {}
        self.script = list(script)
        self.asked: list[tuple[str, bytes]] = []

    def put_object(self, Bucket, Key, Body, IfNoneMatch, **checksums):  # noqa: N803 — boto3's
        assert (Bucket, IfNoneMatch) == ("trials-claims", "*")
        self.asked.append((Key, Body))
        trouble = self.script.pop(0) if self.script else None
        if isinstance(trouble, Exception):
            raise trouble
        if Key in self.objects:
            raise refusal(412, "PreconditionFailed")
        self.objects[Key] = Body
        if trouble is not None:
            raise trouble()

    def get_object(self, Bucket, Key):  # noqa: N803 — boto3's
        if Key not in self.objects:
            raise refusal(404, "NoSuchKey")
        return {"Body": io.BytesIO(self.objects[Key])}


def after(error: Exception) -> Callable[[], Exception]:
    return lambda: error


def series_on(server: Server, waits: list[float] | None = None) -> S3Series:
    waits = [] if waits is None else waits
    return S3Series(server, parse_address("s3://trials/p", S3Settings()), waits.append)


def test_granted():
    server = Server()
    assert series_on(server).append(SERIES, 1, MINE) == Created()
    assert server.objects == {KEY: MINE}


def test_taken_by_another():
    server = Server()
    server.objects[KEY] = b"theirs"
    assert series_on(server).append(SERIES, 1, MINE) == Exists(b"theirs")
    assert server.objects == {KEY: b"theirs"}


def test_refused_for_our_own_claim():
    server = Server()
    server.objects[KEY] = MINE
    assert series_on(server).append(SERIES, 1, MINE) == Created()


@pytest.mark.parametrize(
    "trouble",
    [
        refusal(409, "ConditionalRequestConflict"),
        refusal(500),
        refusal(503, "SlowDown"),
        refusal(429),
        LOST,
        EndpointConnectionError(endpoint_url="http://x"),
    ],
)
def test_the_same_claim_is_asked_for_again(trouble):
    waits: list[float] = []
    server = Server(trouble, trouble)
    assert series_on(server, waits).append(SERIES, 1, MINE) == Created()
    assert server.asked == [(KEY, MINE)] * 3
    assert waits == list(WAITS[:2])


@pytest.mark.parametrize("trouble", [refusal(500), LOST])
def test_an_answer_that_was_lost_is_found_out(trouble):
    server = Server(after(trouble))
    assert series_on(server).append(SERIES, 1, MINE) == Created()
    assert server.asked == [(KEY, MINE)] * 2


def test_a_rival_that_wins_while_we_wait_has_won():
    server = Server(LOST)
    series = S3Series(
        server,
        parse_address("s3://trials/p", S3Settings()),
        lambda _: server.objects.setdefault(KEY, b"theirs"),
    )
    assert series.append(SERIES, 1, MINE) == Exists(b"theirs")


def test_a_server_that_stays_ill_is_given_up_on():
    waits: list[float] = []
    with pytest.raises(StoreError, match="neither granted nor refused") as caught:
        series_on(Server(*[refusal(503)] * 20), waits).append(SERIES, 1, MINE)
    assert waits == list(WAITS)
    assert "run again" in caught.value.remedy


def test_a_refusal_for_good_is_told_at_once():
    server = Server(refusal(403, "AccessDenied"))
    with pytest.raises(StoreError, match="the store forbids PutObject"):
        series_on(server).append(SERIES, 1, MINE)
    assert len(server.asked) == 1


def test_a_server_that_ignores_the_condition_is_found_out():
    """It says "granted" and holds another's claim: never Created."""
    server = Server()
    put = server.put_object

    def forgetful(**request):
        put(**request)
        server.objects[KEY] = b"theirs"

    server.put_object = forgetful
    assert series_on(server).append(SERIES, 1, MINE) == Exists(b"theirs")
