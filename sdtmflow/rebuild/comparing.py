"""Whether the bundle made again is the same, byte for byte; which files are not, and why."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.bundle import BundleFacts, Manifest, lay_beside, read_bundle, verifier
from sdtmflow.diff.between import changed_libraries, steps
from sdtmflow.errors import RebuildError
from sdtmflow.rebuild.assembling import Rebuild
from sdtmflow.store.protocol import file_sha256, relative_files
from sdtmflow.wording import counted, size_text

_READERS = 8
"""Files at a time."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not the same again; ``path`` is relative to the bundle."""

    path: str
    how: str

    def __str__(self) -> str:
        return f"{self.path}: {self.how}"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A bundle made again, and what came of it."""

    study: str
    name: str
    """``v0006``."""
    folder: str
    files: int
    """How many the bundle has."""
    size: int
    """Bytes of all of them."""
    differences: tuple[Difference, ...]
    otherwise: tuple[str, ...]
    """What was otherwise in the making, though the bundle's own inputs were the same."""

    @property
    def message(self) -> str:
        """One line."""
        what = f"{counted(self.files, 'file')} ({size_text(self.size)})"
        if not self.differences:
            return f"{self.study} {self.name} made again: all {what} are the same, byte for byte"
        return (
            f"{self.study} {self.name} made again: {len(self.differences)} of {what} "
            f"{'differs' if len(self.differences) == 1 else 'differ'}"
        )

    @property
    def cause(self) -> str:
        """Why files differ, as far as it is known; one line."""
        return "; ".join(self.otherwise) or (
            "everything that is known to decide them was the same: check the bundle with "
            "`sdtmflow bundles verify`, and report it"
        )

    def require(self) -> None:
        """Raises RebuildError where a file differs."""
        if self.differences:
            raise RebuildError(
                f"{self.message}: {self.cause}",
                remedy=f"what was made now is in {self.folder}",
            )


def finish(rebuild: Rebuild, facts: BundleFacts, tree: Path, to: Path) -> Rebuilt:
    """Compare what was made in ``tree`` with the bundle, and give it its place ``to``.

    ``facts`` is what the manifest would say of it. Where every file is the same, the bundle's
    manifest, its signature and claim are laid beside them: the folder is then the bundle itself.
    """
    manifest = rebuild.manifest
    if any(file.path == verifier.VERIFIER for file in manifest.files):  # publishing lays it there
        shutil.copyfile(verifier.__file__, tree / verifier.VERIFIER)
    differences = tuple(_differences(manifest, tree))
    if to.is_dir():
        to.rmdir()
    tree.rename(to)
    if not differences:
        lay_beside(rebuild.run.store, read_bundle(rebuild.run.store, rebuild.claim), to)
    return Rebuilt(
        study=manifest.study,
        name=rebuild.claim.name,
        folder=str(to),
        files=len(manifest.files),
        size=sum(file.size for file in manifest.files),
        differences=differences,
        otherwise=tuple(_otherwise(manifest, facts)),
    )


def _differences(manifest: Manifest, tree: Path) -> Iterator[Difference]:
    """By path: SHA-256 against the manifest, which the claim holds fast."""
    paths = [str(path) for path in relative_files(tree)]
    with ThreadPoolExecutor(_READERS) as pool:
        made = dict(zip(paths, pool.map(lambda path: file_sha256(tree / path), paths), strict=True))
    then = {file.path: file.sha256 for file in manifest.files}
    for path in sorted(then.keys() | made.keys()):
        if path not in made:
            yield Difference(path, "was not made again")
        elif path not in then:
            yield Difference(path, "is not in the bundle")
        elif then[path] != made[path]:
            yield Difference(path, "holds other bytes")


def _otherwise(manifest: Manifest, facts: BundleFacts) -> Iterator[str]:
    """What the manifest would say otherwise; its time and run are the bundle's own."""
    again = Manifest(
        **dict(facts), study=manifest.study, parent=manifest.parent, files=manifest.files
    )
    for step in steps(manifest, again):
        yield _told(manifest, again) if step.kind == "code" else f"{step.what} ({step.how})"
    if manifest.findings != again.findings:
        yield "other findings were made"


def _told(then: Manifest, now: Manifest) -> str:
    made, running = then.code, now.code
    ours = (
        f"sdtmflow {made.version} (code {made.sha256[:12]}) made the bundle, "
        f"{running.version} (code {running.sha256[:12]}) is running"
    )
    return ", ".join([ours, *changed_libraries(made, running)])
