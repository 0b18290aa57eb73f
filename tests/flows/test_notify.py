"""Messages on runs to a real listener, through Apprise and a Prefect block, and failing ones."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr

SECRET = "Zebrafish bite"
TOKEN = "hush-hush-token"
"""A part of every address, which nobody may see."""


class Listener(ThreadingHTTPServer):
    """Keeps what is posted to it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.heard: list[dict[str, str]] = []
        self.slow = threading.Event()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        posted = self.rfile.read(int(self.headers["Content-Length"]))
        if "/slow" in self.path:
            self.server.slow.wait(20)
        refused = "/refusing" in self.path
        if not refused:
            self.server.heard.append({"path": self.path, **json.loads(posted)})
        self.send_response(403 if refused else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.slow.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def block(listener: Listener) -> str:
    """A custom webhook that is saved on the tests' server."""
    from prefect.blocks.notifications import CustomWebhookNotificationBlock

    webhook = CustomWebhookNotificationBlock(
        name="ops",
        url=f"http://{listener.place}/{TOKEN}/block",
        json_data={"title": "{{subject}}", "message": "{{body}}"},
    )
    webhook.save("ops", overwrite=True)
    return "custom-webhook/ops"


def unused_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def test_each_channel_gets_it_whatever_becomes_of_the_others(listener, block, log):
    from prefect.blocks.system import Secret

    from flows.notifying import channels_of, send
    from sdtmflow.pipeline.notice import Notice

    Secret(value="x").save("ops", overwrite=True)
    urls = [
        f"json://{listener.place}/{TOKEN}/url",
        f"json://{listener.place}/{TOKEN}/refusing",
        f"json://{listener.place}/{TOKEN}/slow",
        f"json://127.0.0.1:{unused_port()}/{TOKEN}",
        f"nothing://{TOKEN}",
        TOKEN,
    ]
    blocks = [block, "slack-webhook/gone", "no-such-kind/ops", "secret/ops", block]
    channels = channels_of(blocks, [SecretStr(url) for url in urls])
    refused = send(Notice("T1: run", "one\ntwo"), channels, patience=3)

    heard = {each["path"]: (each["title"], each["message"]) for each in listener.heard}
    told = ("T1: run", "one\ntwo")
    assert heard == {f"/{TOKEN}/block": told, f"/{TOKEN}/url": told}
    address = "address {} of SDTMFLOW_NOTIFY_URLS"
    assert dict(refused) == {
        "slack-webhook/gone": "the Prefect server has no such block, or a damaged one",
        "no-such-kind/ops": "the Prefect server has no such block, or a damaged one",
        "secret/ops": "this is no notification block",
        address.format(2): "the message was not taken",
        address.format(3): "no answer within 3 seconds",
        address.format(4): "the message was not taken",
        address.format(5): "this is no address that Apprise knows",
        address.format(6): "this is no address that Apprise knows",
    }
    assert TOKEN not in log.text


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that any library logs."""
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def told_study(study: Path, listener: Listener, block: str, monkeypatch: pytest.MonkeyPatch):
    """The published study with a block, an address that works and one that does not."""
    with (study / "study.yaml").open("a", encoding="utf-8") as text:
        text.write(f"\nnotify: {{blocks: [{block}]}}\n")
    dead = f"json://127.0.0.1:{unused_port()}/{TOKEN}"
    monkeypatch.setenv("SDTMFLOW_NOTIFY_URLS", f"{dead} json://{listener.place}/{TOKEN}/url")
    return study


def test_a_run_tells_once_what_it_found(run, told_study, listener, log):
    study = told_study
    assert run(study)[0].name == "NothingNew"  # whom a study tells decides nothing in a bundle
    (study / "raw/site03/dm.csv").write_bytes(b"")
    for path in (study / "raw/site02").glob("*.csv"):
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith("201,")]
        path.write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")

    state, ended = run(study)
    assert state.name == "StoppedByGate"
    assert [each for each in ended if each[0] == "notify"] == [
        ("notify", "custom-webhook/ops", "done"),
        ("notify", "address 1 of SDTMFLOW_NOTIFY_URLS", "failed"),
        ("notify", "address 2 of SDTMFLOW_NOTIFY_URLS", "done"),
    ]
    first, second = listener.heard
    assert {first["path"], second["path"]} == {f"/{TOKEN}/block", f"/{TOKEN}/url"}
    assert (first["title"], first["message"]) == (second["title"], second["message"])
    assert first["title"] == (
        "MY01: run: publication stopped, 1 critical finding new or reopened, "
        "last good delivery: site 03"
    )
    assert "- site 02: DRIFT_SUBJECT_GONE 1" in first["message"]
    assert not any(value in json.dumps(listener.heard) for value in (SECRET, "201", str(study)))
    assert TOKEN not in log.text

    state, ended = run(study)
    assert state.name == "StoppedByGate"
    assert len(listener.heard) == 2
    assert "notify" not in {step for step, _, _ in ended}
