"""What stands between a client and a server: TLS, a proxy, a server that never answers."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Handler = Callable[[socket.socket], None]
_HEAD = b"\r\n\r\n"


@contextmanager
def listening(handle: Handler) -> Iterator[int]:
    """A port of this machine where each connection is handled in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server, handle), daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, handle: Handler) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            threading.Thread(target=_guarded, args=(handle, connection), daemon=True).start()


def _guarded(handle: Handler, connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):  # the other side went away
        handle(connection)


def pump(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until either side ends."""
    back = threading.Thread(target=_carry, args=(other, one), daemon=True)
    back.start()
    _carry(one, other)
    back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def tls_before(endpoint: str, certificate: Path) -> Iterator[str]:
    """The same server at an ``https://`` address."""
    host, port = endpoint.removeprefix("http://").split(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def handle(connection: socket.socket) -> None:
        with (
            context.wrap_socket(connection, server_side=True) as plain,
            socket.create_connection((host, int(port))) as server,
        ):
            pump(plain, server)

    with listening(handle) as own:
        yield f"https://127.0.0.1:{own}"


@contextmanager
def proxy(seen: list[str], refusal: str = "") -> Iterator[str]:
    """An HTTP proxy that notes each request's first line; it answers ``refusal`` where given."""

    def handle(connection: socket.socket) -> None:
        head = b""
        while _HEAD not in head and (data := connection.recv(1 << 16)):
            head += data
        first, _, rest = head.partition(b"\r\n")
        seen.append(first.decode())
        if refusal:
            connection.sendall(f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        method, target, protocol = first.decode().split()
        found = re.fullmatch(r"(?:http://)?([^/:]+):(\d+)(.*)", target)
        assert found
        with socket.create_connection((found[1], int(found[2]))) as server:
            if method == "CONNECT":
                connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:  # one request a connection: the next may go elsewhere
                line = f"{method} {found[3]} {protocol}\r\nConnection: close\r\n"
                server.sendall(line.encode() + rest)
            pump(connection, server)

    with listening(handle) as port:
        yield f"http://127.0.0.1:{port}"


def make_certificate(path: Path) -> Path:
    """A certificate for 127.0.0.1 that is its own authority, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test's store")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path
