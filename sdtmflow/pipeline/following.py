"""A run and the register of findings: what was waived before, and what stands afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from sdtmflow.audit import Actor, now
from sdtmflow.errors import RegisterError
from sdtmflow.pipeline.keys import key_of
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.workspace import FINDINGS, Artifact, Workspace
from sdtmflow.register import (
    Looked,
    Register,
    SeenBy,
    database_of,
    file_of,
    open_register,
    waivers_in_force,
)
from sdtmflow.standing import Standing
from sdtmflow.store.protocol import sha256_of
from sdtmflow.study import StudyFolder

STEP = "standing"
STANDING = "standing.parquet"
HISTORY = "history.parquet"
TREND = "trend.parquet"
FILES = (STANDING, HISTORY, TREND)
"""What a bundle holds of the register, in its ``reports`` folder."""


def register_of(folder: StudyFolder) -> Register:
    """The study's register. Raises RegisterError where its database cannot be used."""
    return open_register(database_of(folder), folder.study.study)


def known_register(folder: StudyFolder) -> Register | None:
    """The study's register; None where no run has made its file yet. Raises RegisterError."""
    file = file_of(database_of(folder))
    return None if file and not file.is_file() else register_of(folder)


def waivers_of(run: Run) -> dict[str, str]:
    """Fingerprint → rule of the waivers that decide the publication, as they are now.

    A study without a register has none, and none is made. Raises RegisterError.
    """
    register = None if run.limited else known_register(run.folder)
    if register is None:
        return {}
    return waivers_in_force(register.findings(), run.study.gates.stopping(), now().date())


def require_register(run: Run) -> None:
    """Raises RegisterError where the run could not be taken in; asked before any work."""
    register_of(run.folder)


def follow(run: Run, run_id: str, findings: Artifact, looked: Looked, limits: str) -> Artifact:
    """Take the run in and keep what stands then, as files of an artifact.

    Raises RegisterError, which says that the run's work is kept.
    """
    table = run.workspace.path(findings) / FINDINGS
    seen_by = SeenBy(
        run=run_id,
        cutoff=run.study.cutoff.isoformat(),
        looked=looked,
        actor=run.actor or Actor.of_account(),
        limits=limits,
    )
    try:
        standing = register_of(run.folder).take(seen_by, pl.read_parquet(table))
    except RegisterError as error:
        raise RegisterError(
            f"{error.message}; the run's findings were not taken in",
            place=error.place,
            remedy=f"{error.remedy}. They are in {table}",
        ) from error
    return _kept(run.workspace, lambda out: _write(standing, out))


def recalled(workspace: Workspace, files: dict[str, bytes]) -> Artifact:
    """What stood when a bundle was made, from the bundle's own files; none: before registers."""

    def write(out: Path) -> None:
        for name, data in files.items():
            (out / name).write_bytes(data)

    return _kept(workspace, write)


def read_standing(folder: Path) -> Standing:
    """What stands, from an artifact's folder."""
    if not (folder / STANDING).is_file():
        return Standing.nothing()
    return Standing(*(pl.read_parquet(folder / name) for name in FILES))


def _write(standing: Standing, out: Path) -> None:
    frames = (standing.findings, standing.history, standing.trend)
    for name, frame in zip(FILES, frames, strict=True):
        frame.write_parquet(out / name, compression="zstd")


def _kept(workspace: Workspace, write: Callable[[Path], None]) -> Artifact:
    """An artifact named by its own bytes: what stands is decided by people, too."""
    with workspace.draft() as draft:
        write(draft)
        hashes = {path.name: sha256_of([path.read_bytes()]) for path in sorted(draft.iterdir())}
        key = key_of(STEP, files=hashes)
        return workspace.artifact(STEP, key, lambda out: _move(draft, out))


def _move(draft: Path, out: Path) -> None:
    for path in draft.iterdir():
        path.rename(out / path.name)
