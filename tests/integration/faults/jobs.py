"""What a process of the fault harness does: publish, read, watch; and the words it ends with."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sdtmflow.bundle import (
    bundles,
    download,
    find,
    publish,
    read_manifest,
    verify,
    verify_copy,
)
from sdtmflow.releasing import release
from sdtmflow.store import Store
from tests.bundle_facts import facts_of
from tests.integration.releases import RELEASER, RULES


@dataclass(frozen=True)
class Job:
    """What a process shall do in the store at ``url``; ``fatal`` is the boundary that kills it."""

    name: str
    url: str
    study: str
    environ: Mapping[str, str]
    options: Mapping[str, Any] = field(default_factory=dict)
    fatal: str | None = None
    probed: bool = True
    """Whether the store was probed before, so that only the publication itself is watched."""
    file_limit: int | None = None
    """Bytes that no file which it writes may exceed."""
    waits: bool = False
    """For a word, when it is ready to begin."""


@dataclass(frozen=True)
class Done:
    """The job's answer, and the boundaries that it passed."""

    answer: Any
    passed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """An error of ours, as the command tells it."""

    code: int
    line: str


@dataclass(frozen=True)
class Crashed:
    """What no user may ever see."""

    trace: str


@dataclass(frozen=True)
class Killed:
    """The process is gone without a word."""


Ending = Done | Refused | Crashed | Killed


def publish_tree(store: Store, study: str, talk: Connection, tree: str, name: str) -> Any:
    """(version, whether it is new, warnings)."""
    done = publish(store, study, Path(tree), facts_of(name))
    return done.claim.version, done.new, done.warnings


def download_latest(store: Store, study: str, talk: Connection, to: str) -> str:
    return download(store, study, "latest", Path(to)).name


def verify_latest(store: Store, study: str, talk: Connection) -> tuple[str, ...]:
    return tuple(str(fault) for fault in verify(store, study).faults)


def watch(store: Store, study: str, talk: Connection, to: str, every: float) -> tuple[int, int]:
    """Read as everybody does, until told to stop: (looks, versions).

    Raises for what is not whole.
    """
    looks, known = 0, ()
    while not talk.poll(every):
        claims = bundles(store, study)
        assert claims[: len(known)] == known, "a version was lost or changed"
        for claim in claims[len(known) :]:
            look_at(store, study, claim.name, Path(to))
        looks, known = looks + 1, claims
    talk.recv()
    return looks, len(known)


def look_at(store: Store, study: str, name: str, to: Path) -> None:
    """Find, list, verify and download one version. Raises where anything of it is not whole."""
    manifest = read_manifest(store, find(store, study, name))
    verification = verify(store, study, name)
    assert verification.faults == (), verification.faults
    assert verification.files == len(manifest.files)
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to) as copy:
        download(store, study, name, Path(copy))
        assert verify_copy(Path(copy)).faults == ()


def command(store: Store, study: str, talk: Connection, arguments: list[str]) -> tuple[int, str]:
    """The command itself: (exit code, everything that it printed)."""
    from cli.main import main

    printed, code = io.StringIO(), 0
    sys.argv = ["sdtmflow", *arguments]  # the process is this command's alone
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return code, printed.getvalue()


def release_version(store: Store, study: str, talk: Connection, version: str) -> bool:
    """Whether it was not released before."""
    return release(store, study, version, RULES, RELEASER, reason="submission").new


JOBS = {
    job.__name__: job
    for job in (
        publish_tree,
        download_latest,
        verify_latest,
        watch,
        command,
        release_version,
    )
}
