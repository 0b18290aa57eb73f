"""How a store is reached: TLS, proxies, profiles and sessions, tries and time limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sdtmflow.errors import StoreError
from sdtmflow.store.protocol import read_object
from tests.integration.conftest import Place, make_place
from tests.integration.relays import listening, make_certificate, proxy, tls_before
from tests.integration.servers import Keys

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
LARGE = b"subject" * 2_500_000  # in three parts, where there is one thread


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)


def changed(place: Place, **settings: str) -> Place:
    given = {f"SDTMFLOW_S3_{name.upper()}": value for name, value in settings.items()}
    return replace(place, environ={**place.environ, **given})


@pytest.fixture
def certificate(tmp_path):
    return make_certificate(tmp_path / "authority.pem")


@pytest.fixture
def over_tls(guarded_place, certificate):
    with tls_before(guarded_place.server.endpoint, certificate) as endpoint:
        yield changed(guarded_place, endpoint=endpoint, threads="1")


def test_over_tls_with_an_authority_of_ones_own(over_tls, certificate, tmp_path):
    store = changed(over_tls, ca_bundle=str(certificate)).open()
    assert store.probe() == ()
    (tmp_path / "lb.xpt").write_bytes(LARGE)
    stored, _ = store.put_file("bundles/T/a/lb.xpt", tmp_path / "lb.xpt")
    assert read_object(store, stored) == LARGE


def test_a_certificate_that_nobody_vouches_for(over_tls):
    with pytest.raises(StoreError, match=r"certificate is not trusted; .*SDTMFLOW_S3_CA_BUNDLE"):
        changed(over_tls, retries="1").open().probe()


def test_authorities_that_are_not_there(over_tls, tmp_path):
    with pytest.raises(StoreError, match="SDTMFLOW_S3_CA_BUNDLE"):
        changed(over_tls, ca_bundle=str(tmp_path / "nowhere.pem")).open().probe()


def test_through_a_proxy(guarded_place, monkeypatch):
    seen: list[str] = []
    with proxy(seen) as address:
        monkeypatch.setenv("HTTP_PROXY", address)
        store = guarded_place.open()
        assert read_object(store, store.put_bytes("a/b", b"x")) == b"x"
    assert any(line.startswith(f"PUT {guarded_place.server.endpoint}/") for line in seen)


def test_through_a_proxy_over_tls(over_tls, certificate, monkeypatch):
    seen: list[str] = []
    with proxy(seen) as address:
        monkeypatch.setenv("HTTPS_PROXY", address)
        store = changed(over_tls, ca_bundle=str(certificate)).open()
        assert read_object(store, store.put_bytes("a/b", b"x")) == b"x"
    host = over_tls.environ["SDTMFLOW_S3_ENDPOINT"].removeprefix("https://")
    assert seen
    assert {line.split()[:2] == ["CONNECT", host] for line in seen} == {True}


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY"])
def test_a_proxy_that_wants_to_know_who_asks(over_tls, certificate, monkeypatch, variable):
    place = changed(over_tls, ca_bundle=str(certificate), retries="1")
    if variable == "HTTP_PROXY":
        place = changed(place, endpoint=over_tls.server.endpoint)
    with proxy([], "407 Proxy Authentication Required") as address:
        monkeypatch.setenv(variable, address.replace("://", "://somebody:hush@"))
        with pytest.raises(StoreError, match=r"the proxy .*HTTPS_PROXY") as refused:
            place.open().probe()
    assert "hush" not in str(refused.value)


def test_a_profile(guarded_place, tmp_path, monkeypatch):
    environ = dict(guarded_place.environ)
    names = ("SDTMFLOW_S3_ACCESS_KEY_ID", "SDTMFLOW_S3_SECRET_ACCESS_KEY")
    key, secret = (environ.pop(name) for name in names)
    (tmp_path / "credentials").write_text(
        f"[trial]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    place = changed(replace(guarded_place, environ=environ), profile="trial")
    assert place.open().probe() == ()


def test_a_session(request, tmp_path):
    place = make_place(request, "ministack", tmp_path)
    keys = Keys(
        place.environ["SDTMFLOW_S3_ACCESS_KEY_ID"], place.environ["SDTMFLOW_S3_SECRET_ACCESS_KEY"]
    )
    session = place.server.client("sts", keys).get_session_token()["Credentials"]
    opened = changed(
        place,
        access_key_id=session["AccessKeyId"],
        secret_access_key=session["SecretAccessKey"],
        session_token=session["SessionToken"],
    ).open()
    assert opened.probe() == ()


@pytest.mark.parametrize("tries", [1, 3])
def test_tries_and_time_limits_are_those_that_were_set(tries):
    asked: list[bytes] = []
    with listening(lambda connection: asked.append(connection.recv(1 << 16))) as port:
        place = changed(
            Place("s3", "s3://trials"),
            endpoint=f"http://127.0.0.1:{port}",
            access_key_id="a",
            secret_access_key="b",
            retries=str(tries),
            read_timeout="0.2",
        )
        with pytest.raises(StoreError, match="the store's answer broke off; check"):
            place.open().probe()
    assert len(asked) == tries


def test_a_server_that_never_answers_is_waited_for_as_long_as_was_set():
    with listening(lambda connection: connection.recv(1 << 16) and connection.recv(1)) as port:
        place = changed(
            Place("s3", "s3://trials"),
            endpoint=f"http://127.0.0.1:{port}",
            access_key_id="a",
            secret_access_key="b",
            retries="1",
            read_timeout="0.2",
        )
        with pytest.raises(StoreError, match="the store's answer broke off; check"):
            place.open().probe()
