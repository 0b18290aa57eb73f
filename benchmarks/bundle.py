"""Publish, verify and download beside the plain copy of the same bytes, in a folder and in S3.

    python -m benchmarks.bundle [MB] [--rounds N] [--shape files|small|one] [--server]

Every round takes both ways, one after the other, and gives one ratio; shown are the medians, since
the machine may be busy. A folder's plain way is `shutil.copyfile` with `fsync`, S3's is boto3's
`upload_file` and `download_file`, file by file; a folder is verified beside `sha256sum`. Without
``--server`` a MiniStack is started, where `make s3-server` has installed it; with it the server and
the credentials are those of the environment (SDTMFLOW_S3_…), and two new buckets stay there.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import numpy as np
from botocore.config import Config

from benchmarks.xpt import Turn, timed
from sdtmflow.bundle import BundleFacts, Code, download, publish, verify
from sdtmflow.settings import Settings
from sdtmflow.store import open_store

MINISTACK = Path(__file__).parents[1] / ".venv-ministack" / "bin" / "ministack"
KEYS = {"ACCESS_KEY_ID": "bench", "SECRET_ACCESS_KEY": "the benchmark's secret"}
SHAPES: Mapping[str, Mapping[int, float]] = {
    "files": {4: 0.5, 16: 0.4, 40: 0.1},
    "small": {1_000: 0.05},
    "one": {1: 1.0},
}
"""Number of files → their share of all bytes: a study's datasets, many reports, a laboratory."""
FACTS = BundleFacts(
    inputs_key="0" * 64,
    run="bench",
    created="2026-03-31T00:00:00+00:00",
    inputs=(),
    specs={},
    suites={},
    standards={},
    code=Code(version="0", sha256="0" * 64),
    findings={},
)
Copy = Callable[[Path, Path], object]


@dataclass(frozen=True, slots=True)
class Place:
    """Where bundles go, and the plain ways (from, to): ``up``, ``down``, ``look`` at each byte."""

    name: str
    url: str
    up: Copy
    down: Copy
    look: Copy
    beside: tuple[str, str, str]
    """What the plain ways are called."""
    settings: Settings = field(default_factory=Settings)


def make_tree(root: Path, megabytes: float, shape: str) -> int:
    """Files of bytes that do not compress, always the same; their size in all."""
    random, size = np.random.default_rng(7), 0
    for group, (count, share) in enumerate(SHAPES[shape].items()):
        for number in range(count):
            path = root / f"m5/datasets/part{group}/ds{number:04}.xpt"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                for left in range(int(megabytes * 1e6 * share / count), 0, -(1 << 24)):
                    size += file.write(random.bytes(min(left, 1 << 24)))
    return size


def files_of(tree: Path) -> list[Path]:
    """Every file, sorted."""
    return sorted(path for path in tree.rglob("*") if path.is_file())


def measure(place: Place, tree: Path, size: int, rounds: int) -> None:
    """Take the turns, and print a line for each pair."""
    pairs: dict[str, list[tuple[Turn, Turn]]] = {}
    for number in range(rounds):
        with tempfile.TemporaryDirectory(dir=tree.parent) as work:
            for what, pair in _round(place, tree, number, Path(work)):
                pairs.setdefault(what, []).append(pair)
    for what, turns in pairs.items():
        show(f"{place.name}: {what}", size, turns)


def _round(
    place: Place, tree: Path, number: int, work: Path
) -> Iterator[tuple[str, tuple[Turn, Turn]]]:
    store = open_store(f"{place.url}/{number}", Path("/"), place.settings)
    changed = FACTS.model_copy(update={"inputs_key": hashlib.sha256(b"b").hexdigest()})
    up, down, look = place.beside
    plain = timed(lambda: place.up(tree, work / "copy"))
    yield f"publish / {up}", (plain, timed(lambda: publish(store, "S", tree, FACTS)))
    again = timed(lambda: publish(store, "S", tree, changed))
    yield f"publish unchanged / {up}", (plain, again)
    plain = timed(lambda: place.look(tree, work / "looked"))
    yield f"verify / {look}", (plain, timed(lambda: verify(store, "S", "1").require()))
    plain = timed(lambda: place.down(tree, work / "plain"))
    yield f"download / {down}", (plain, timed(lambda: download(store, "S", "1", work / "ours")))


def show(what: str, size: int, turns: list[tuple[Turn, Turn]]) -> None:
    """One line: rates, ratio of the pairs, CPU seconds of both, memory above the start."""
    ratios = [plain.wall / ours.wall for plain, ours in turns]
    walls, cpus = (
        [statistics.median(getattr(turn, name) for turn in way) for way in zip(*turns, strict=True)]
        for name in ("wall", "cpu")
    )
    rates = [f"{size / 1e6 / wall:8,.0f}" for wall in walls]
    print(
        f"{what:54}{rates[0]}{rates[1]} MB/s {statistics.median(ratios):6.2f} "
        f"({min(ratios):.2f}-{max(ratios):.2f}) {cpus[0]:6.2f}{cpus[1]:6.2f} CPU s "
        f"{max(ours.memory for _, ours in turns):+5.0f} MB",
        flush=True,
    )


def sha256sum(tree: Path, _to: Path) -> None:
    """The plain way to look at every byte."""
    subprocess.run(["sha256sum", *files_of(tree)], check=True, stdout=subprocess.DEVNULL)


def copied(tree: Path, to: Path) -> None:
    """The plain copy, safe on the disk."""
    for path in files_of(tree):
        target = to / path.relative_to(tree)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        with target.open("rb") as file:
            os.fsync(file.fileno())


def copied_and_checked(tree: Path, to: Path) -> None:
    """What somebody does who fetches files from a folder and wants to be sure of them."""
    copied(tree, to)
    sha256sum(to, to)


def folder_place(work: Path) -> Place:
    """A store that is a folder."""
    beside = ("copyfile + fsync", "copyfile + fsync + sha256sum", "sha256sum")
    return Place("folder", str(work / "store"), copied, copied_and_checked, sha256sum, beside)


def s3_place(settings: Settings) -> Place:
    """New buckets on a server."""
    given = settings.s3
    client: Any = boto3.client(
        "s3",
        endpoint_url=given.endpoint or None,
        region_name=given.region or "us-east-1",
        aws_access_key_id=given.access_key_id or None,
        aws_secret_access_key=given.secret_access_key.get_secret_value() or None,
        config=Config(s3={"addressing_style": "path" if given.endpoint else "auto"}),
    )
    bucket = f"bench-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client.create_bucket(Bucket=f"{bucket}-claims")

    def up(tree: Path, _to: Path) -> None:
        for path in files_of(tree):
            client.upload_file(str(path), bucket, f"plain/{path.relative_to(tree)}")

    def down(tree: Path, to: Path) -> None:
        for path in files_of(tree):
            target = to / path.relative_to(tree)
            target.parent.mkdir(parents=True, exist_ok=True)
            client.download_file(bucket, f"plain/{path.relative_to(tree)}", str(target))

    beside = ("upload_file", "download_file", "download_file")
    return Place("S3", f"s3://{bucket}", up, down, down, beside, settings)


@contextmanager
def ministack() -> Iterator[Settings]:
    """A server of our own on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SERVICES": "s3,iam,sts"}
    keys = {f"AWS_{name}": value for name, value in KEYS.items()}
    environ = {**os.environ, **given, **keys, "AUTH": "true", "LOG_LEVEL": "WARNING"}
    server = subprocess.Popen(
        [MINISTACK], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    endpoint = {"ENDPOINT": f"http://127.0.0.1:{port}", **KEYS}
    try:
        _wait_for(port)
        yield Settings.read({f"SDTMFLOW_S3_{name}": value for name, value in endpoint.items()})
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(150):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("megabytes", nargs="?", type=float, default=300)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--shape", choices=SHAPES, action="append")
    asked.add_argument("--server", action="store_true")
    asked.add_argument("--only", choices=["folder", "s3"])
    given = asked.parse_args()
    for shape in given.shape or ["files", "small"]:
        with tempfile.TemporaryDirectory() as name:
            tree = Path(name, "tree")
            size = make_tree(tree, given.megabytes, shape)
            print(f"{len(files_of(tree))} files, {size / 1e6:,.0f} MB; beside it, then ours")
            if given.only != "s3":
                measure(folder_place(Path(name)), tree, size, given.rounds)
            if given.only != "folder":
                _measure_s3(tree, size, given)


def _measure_s3(tree: Path, size: int, given: argparse.Namespace) -> None:
    if given.server:
        measure(s3_place(Settings.read()), tree, size, given.rounds)
    elif MINISTACK.is_file():
        with ministack() as settings:
            measure(s3_place(settings), tree, size, given.rounds)
    else:
        print("S3: not measured; run `make s3-server`, or name a server")


if __name__ == "__main__":
    main()
