"""Ceph's object gateway (RGW) with one monitor and one storage daemon that keeps all in memory.

Everything listens on 127.0.0.1 on free ports, and all state is in one folder. No systemd, no root,
no manager daemon; authentication between the daemons is off, that of S3's users is on.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("monmaptool", "ceph-mon", "ceph", "ceph-osd", "radosgw", "radosgw-admin")
PACKAGES = "ceph-mon ceph-osd ceph-common radosgw"
_GATEWAY = "client.rgw"
_PATIENCE = 60
"""Seconds for one step of the start."""
_CONFIGURATION = """\
[global]
mon_host = v2:127.0.0.1:{monitor}
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
# The gateway asks for `secure` by itself, which needs keys.
ms_mon_client_mode = crc
run_dir = {folder}
crash_dir = {folder}
admin_socket =
log_file =
log_to_stderr = true
# An agreement of one monitor need not wait for others: seconds, not a minute, to start.
paxos_propose_interval = 0.01
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true

[mon]
mon_data = {folder}/mon
mon_cluster_log_file = {folder}/cluster.log
# A full disk elsewhere on this machine is no reason to stop.
mon_data_avail_crit = 1

[osd]
osd_data = {folder}/osd
osd_objectstore = memstore
memstore_device_bytes = 8589934592

[client.rgw]
rgw_data = {folder}/rgw
rgw_frontends = beast endpoint=127.0.0.1:{gateway}
rgw_enable_apis = s3, iam
# Nothing is cleaned up in the background while the tests run.
rgw_enable_gc_threads = false
rgw_enable_lc_threads = false
"""


class CephError(Exception):
    """Ceph did not start, with the end of what it said."""


@dataclass(frozen=True)
class Ceph:
    """A running gateway."""

    endpoint: str
    configuration: Path

    def add_user(self, name: str, key: str, secret: str, *options: str) -> None:
        """Make an S3 user. ``options`` are radosgw-admin's (``--caps``, …)."""
        keys = ("--access-key", key, "--secret-key", secret)
        named = ("user", "create", "--uid", name, "--display-name", name)
        _run(self.configuration, "radosgw-admin", "-n", _GATEWAY, *named, *keys, *options)


def missing_programs() -> list[str]:
    """What is not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


@contextmanager
def running_ceph(folder: Path) -> Iterator[Ceph]:
    """Ceph, in an empty ``folder``, until the block ends. Raises CephError."""
    gateway, monitor = free_port(), free_port()
    configuration = _configure(folder, monitor, gateway)
    daemons: list[subprocess.Popen[bytes]] = []
    try:
        daemons.append(_start_monitor(configuration, monitor))
        daemons.append(_start_storage(configuration))
        daemons.append(_start(configuration, "radosgw", "-n", _GATEWAY))
        _wait_for(gateway, daemons, folder)
        yield Ceph(f"http://127.0.0.1:{gateway}", configuration)
    finally:
        for daemon in reversed(daemons):  # they keep nothing, so there is nothing to wait for
            daemon.kill()
            daemon.wait()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _configure(folder: Path, monitor: int, gateway: int) -> Path:
    for name in ("mon", "osd", "rgw"):
        (folder / name).mkdir()
    path = folder / "ceph.conf"
    text = _CONFIGURATION.format(folder=folder, monitor=monitor, gateway=gateway)
    path.write_text(text, encoding="utf-8")
    return path


def _start_monitor(configuration: Path, port: int) -> subprocess.Popen[bytes]:
    members = str(configuration.with_name("monmap"))
    address = f"[v2:127.0.0.1:{port}]"
    cluster = ("--fsid", str(uuid.uuid4()))
    _run(configuration, "monmaptool", "--create", *cluster, "--addv", "a", address, members)
    _run(configuration, "ceph-mon", "--mkfs", "-i", "a", "--monmap", members)
    return _start(configuration, "ceph-mon", "-i", "a")


def _start_storage(configuration: Path) -> subprocess.Popen[bytes]:
    identity = str(uuid.uuid4())
    _run(configuration, "ceph", "osd", "new", identity)
    _run(configuration, "ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", identity)
    return _start(configuration, "ceph-osd", "-i", "0")


def _start(configuration: Path, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A daemon in the foreground; what it says goes to ``<program>.txt`` beside the settings."""
    command = [program, "-c", str(configuration), "-f", *arguments]
    with configuration.with_name(f"{program}.txt").open("wb") as said:
        return subprocess.Popen(command, stdout=said, stderr=said)


def _run(configuration: Path, program: str, *arguments: str) -> None:
    command = [program, "-c", str(configuration), *arguments]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE)
    except subprocess.CalledProcessError as error:
        raise CephError(f"{program} failed: {error.stderr[-2000:]!r}") from error
    except subprocess.TimeoutExpired as error:
        raise CephError(f"{program} did not answer in {_PATIENCE} s") from error


def _wait_for(port: int, daemons: list[subprocess.Popen[bytes]], folder: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and all(daemon.poll() is None for daemon in daemons):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    said = [path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("*.txt")]
    raise CephError("Ceph did not start:\n" + "\n".join(text[-1500:] for text in said))
