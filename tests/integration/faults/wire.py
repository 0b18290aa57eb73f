"""A proxy between boto3 and its server that does to chosen requests what networks and servers do.

It stands on a real socket and passes requests on as they are signed. A fault strikes one request,
which is chosen by its name (``boundaries.request_name``), or any, by dice.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.integration.faults.boundaries import request_name

_HOP = {"connection", "expect", "keep-alive", "transfer-encoding", "content-length"}
"""Headers that are each connection's own."""


@dataclass(frozen=True)
class Answer:
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    length: str
    """Content-Length, which of a HEAD is not that of its body."""

    def head(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {self.reason}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, f"Content-Length: {self.length}", "", ""]).encode("latin-1")


class Exchange(BaseHTTPRequestHandler):
    """One request on its way to the server, and its answer on the way back."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Wire

    def carry(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        name = request_name(self.command, self.path)
        try:
            self.server.fault_for(name)(self)
        except OSError:
            self.close_connection = True  # the publisher gave up, or was killed

    do_HEAD = do_GET = do_PUT = do_POST = do_DELETE = carry  # noqa: N815 — the base class's words

    def log_message(self, *arguments) -> None:
        """Nothing: a test tells what it needs."""

    def forward(self, body: bytes | None = None) -> Answer:
        """Have the server do it, with ``body`` for what was sent."""
        body = self.body if body is None else body
        with self._sent(body, len(body)) as upstream:
            answer = upstream.getresponse()
            data = answer.read()
            return Answer(
                answer.status,
                answer.reason,
                tuple((k, v) for k, v in answer.getheaders() if k.lower() not in _HOP),
                data,
                answer.getheader("Content-Length") or str(len(data)),
            )

    def forward_half(self) -> None:
        """Break off in the middle of what was sent."""
        with self._sent(self.body[: len(self.body) // 2], len(self.body)):
            pass

    @contextmanager
    def _sent(self, body: bytes, length: int) -> Iterator[HTTPConnection]:
        upstream = HTTPConnection(self.server.target, timeout=30)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _HOP:
                    upstream.putheader(name, value)
            if "Content-Length" in self.headers:
                upstream.putheader("Content-Length", str(length))
            upstream.endheaders(body or None)
            yield upstream
        finally:
            upstream.close()

    def back(self, answer: Answer) -> None:
        self.wfile.write(answer.head() + answer.body)

    def refuse(self, status: int, code: str) -> None:
        text = f"<Error><Code>{code}</Code><Message>as the test wants it</Message></Error>"
        body = b"" if self.command == "HEAD" else text.encode()
        kind = (("Content-Type", "application/xml"),)
        self.back(Answer(status, code, kind, body, str(len(body))))

    def reset(self) -> None:
        """RST instead of an answer."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

    def cut(self, data: bytes) -> None:
        """Half of the data, and the end."""
        self.wfile.write(data[: len(data) // 2])
        self.close_connection = True


Fault = Callable[[Exchange], None]


def passed_on(exchange: Exchange) -> None:
    exchange.back(exchange.forward())


def refused(status: int, code: str) -> Fault:
    return lambda exchange: exchange.refuse(status, code)


def done_but_refused(status: int, code: str) -> Fault:
    """The server did it, and says that it did not."""

    def fault(exchange: Exchange) -> None:
        exchange.forward()
        exchange.refuse(status, code)

    return fault


def reset_before(exchange: Exchange) -> None:
    exchange.reset()


def reset_after(exchange: Exchange) -> None:
    exchange.forward()
    exchange.reset()


def request_breaks_off(exchange: Exchange) -> None:
    exchange.forward_half()
    exchange.reset()


def request_shortened(exchange: Exchange) -> None:
    exchange.back(exchange.forward(exchange.body[: len(exchange.body) // 2]))


def request_damaged(exchange: Exchange) -> None:
    exchange.back(exchange.forward(damaged(exchange.body)))


def sent_twice(exchange: Exchange) -> None:
    exchange.forward()
    exchange.back(exchange.forward())


def sent_again_late(exchange: Exchange) -> None:
    """The answer is the first one's; the second comes after it."""
    answer = exchange.forward()
    exchange.forward()
    exchange.back(answer)


def head_breaks_off(exchange: Exchange) -> None:
    exchange.cut(exchange.forward().head())


def answer_breaks_off(exchange: Exchange) -> None:
    answer = exchange.forward()
    exchange.wfile.write(answer.head())
    exchange.cut(answer.body)


def answer_damaged(exchange: Exchange) -> None:
    answer = exchange.forward()
    exchange.wfile.write(answer.head() + damaged(answer.body))


def answer_slow(exchange: Exchange) -> None:
    answer = exchange.forward()
    exchange.wfile.write(answer.head())
    for begin in range(0, len(answer.body), 100):
        exchange.wfile.write(answer.body[begin : begin + 100])
        time.sleep(0.005)


def answer_stalls(exchange: Exchange) -> None:
    """Half of the answer, and then nothing until the other side gives up."""
    answer = exchange.forward()
    exchange.wfile.write(answer.head() + answer.body[: len(answer.body) // 2])
    exchange.connection.recv(1)
    exchange.close_connection = True


def damaged(data: bytes) -> bytes:
    """One bit in the middle is another."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :] if data else data


REFUSALS: dict[str, Fault] = {
    "500": refused(500, "InternalError"),
    "503": refused(503, "SlowDown"),
    "429": refused(429, "TooManyRequests"),
    "409": refused(409, "OperationAborted"),
    "reset before": reset_before,
}
LOSSES: dict[str, Fault] = {
    "done, but 500": done_but_refused(500, "InternalError"),
    "done, but 503": done_but_refused(503, "SlowDown"),
    "done, but reset": reset_after,
    "done, but its answer's head breaks off": head_breaks_off,
    "sent twice": sent_twice,
    "sent again late": sent_again_late,
}
SENDING: dict[str, Fault] = {
    "request breaks off": request_breaks_off,
    "request shortened": request_shortened,
    "request damaged": request_damaged,
}
ANSWERS: dict[str, Fault] = {
    "answer breaks off": answer_breaks_off,
    "answer damaged": answer_damaged,
    "answer slow": answer_slow,
    "answer stalls": answer_stalls,
}
FAULTS = REFUSALS | LOSSES | SENDING | ANSWERS
CLOCK = {"clock": refused(403, "RequestTimeTooSkewed")}
"""What a machine hears whose clock is wrong; no accident of the wire, so no dice choose it."""


class Wire(ThreadingHTTPServer):
    """The proxy; ``seen`` are the requests since faults were chosen, ``struck`` all faults."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.target = urlsplit(endpoint).netloc
        self.endpoint = f"http://127.0.0.1:{self.server_port}"
        self.seen: list[str] = []
        self.struck: list[str] = []
        self._lock = threading.Lock()
        self._choose: Callable[[str], str | None] = lambda name: None

    def hold(self) -> None:
        """No faults."""
        self._set(lambda name: None)

    def strike(self, fault: str, at: str) -> None:
        """``fault`` strikes the request ``at`` (its name and the number among those so named)."""
        self._set(lambda name: fault if name == at else None)

    def strike_always(self, fault: str, method: str) -> None:
        """``fault`` strikes every request of this method."""
        self._set(lambda name: fault if name.startswith(method) else None)

    def roll(self, dice: random.Random, share: float) -> None:
        """Any fault strikes any request, with this chance."""
        names = sorted(FAULTS)
        self._set(lambda name: dice.choice(names) if dice.random() < share else None)

    def fault_for(self, request: str) -> Fault:
        with self._lock:
            self.seen.append(request)
            fault = self._choose(f"{request} #{self.seen.count(request)}")
            if fault is None:
                return passed_on
            self.struck.append(f"{fault}: {request}")
            return (FAULTS | CLOCK)[fault]

    def numbered(self) -> list[str]:
        """The requests that were seen, each with its number among those of its name."""
        return [
            f"{name} #{self.seen[: place + 1].count(name)}" for place, name in enumerate(self.seen)
        ]

    def _set(self, choose: Callable[[str], str | None]) -> None:
        with self._lock:
            self.seen, self._choose = [], choose

    def handle_error(self, request, client_address) -> None:
        """A publisher that is gone is no error of the proxy's."""


@contextmanager
def wire_to(endpoint: str) -> Iterator[Wire]:
    with Wire(endpoint) as wire:
        server = threading.Thread(target=wire.serve_forever, kwargs={"poll_interval": 0.05})
        server.start()
        try:
            yield wire
        finally:
            wire.shutdown()
            server.join()
