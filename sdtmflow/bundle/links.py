"""Links to files of a bundle, or to all of it as a zip, for people without access to the store.

A link is signed by whoever makes it, pinned to the published bytes, and ends. Before it is given
out the bytes are read and hashed, and the audit log says that it is made; the link itself, which is
a secret, is written nowhere.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sdtmflow.audit import Actor
from sdtmflow.bundle.logged import act_on, record_act
from sdtmflow.bundle.manifest import Claim, ManifestFile, stored_file
from sdtmflow.bundle.read import ReadBundle, bundles, other_bytes, pick, read_bundle, read_manifest
from sdtmflow.bundle.selection import selected
from sdtmflow.bundle.verifier import VERIFIER
from sdtmflow.bundle.zipped import holds, write_zip
from sdtmflow.errors import UsageError
from sdtmflow.store.link import Link
from sdtmflow.store.pieces import EXPORTS
from sdtmflow.store.protocol import Store, Stored, file_sha256, sha256_of

LONGEST = dt.timedelta(days=7)
"""S3 signs no link for longer."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What a link leads to; ``sha256`` is what its bytes hash to."""

    path: str
    """In the bundle; of a zip its name."""
    size: int
    sha256: str
    link: Link


def link_files(
    store: Store,
    study_id: str,
    version: str,
    only: Sequence[str],
    *,
    lasts: dt.timedelta,
    actor: Actor | None = None,
) -> tuple[Claim, tuple[Shared, ...]]:
    """A link to each file that ``only`` names, for ``lasts``; ``actor`` is the account by default.

    Raises StoreError where the store has no links or the log refuses, UsageError where ``lasts``
    is too long, and VerificationError where a file is not as it was published.
    """
    _require_span(lasts)
    claims = bundles(store, study_id)
    claim = pick(store, study_id, claims, version)
    prefix = store.bundle_prefix(claim.slot)
    shared = []
    for file in _asked(read_manifest(store, claim).files, only):
        stored = stored_file(prefix, file)
        link = store.link(stored, PurePosixPath(file.path).name, lasts)
        _require_intact(store, stored, file)
        shared.append(Shared(file.path, file.size, file.sha256, link))
    for each in shared:
        _record(store, claims, claim, each, actor)
    return claim, tuple(shared)


def link_zip(
    store: Store,
    study_id: str,
    version: str,
    only: Sequence[str],
    *,
    lasts: dt.timedelta,
    actor: Actor | None = None,
) -> tuple[Claim, Shared]:
    """A link to a zip of the bundle (or of what ``only`` names), as ``bundles download`` makes it.

    The zip is put into the store once, outside the bundle; a later link reads it, verifies what it
    holds and uses it again. Raises as ``link_files`` does, and StoreError where the zip may not be
    stored.
    """
    _require_span(lasts)
    claims = bundles(store, study_id)
    bundle = read_bundle(store, pick(store, study_id, claims, version))
    claim, name = bundle.claim, _zip_name(bundle, only)
    store.link(Stored(EXPORTS + name), name, lasts)  # a store without links says so at once
    with tempfile.TemporaryDirectory(prefix="sdtmflow-") as folder:
        path = Path(folder, name)
        stored = _stored_zip(store, bundle, only, path)
        link = store.link(stored, name, lasts)
        shared = Shared(name, path.stat().st_size, file_sha256(path), link)
    _record(store, claims, claim, shared, actor)
    return claim, shared


def _asked(files: Sequence[ManifestFile], only: Sequence[str]) -> list[ManifestFile]:
    """What ``only`` names, without the verifier that comes with every download: it is code."""
    return [file for file in selected(files, only) if file.path != VERIFIER or VERIFIER in only]


def _stored_zip(store: Store, bundle: ReadBundle, only: Sequence[str], path: Path) -> Stored:
    """The zip in the store, made where it is not there or not right; its bytes are at ``path``."""
    key = f"{EXPORTS}{bundle.claim.study}/{path.name}"
    found = store.current(key)
    if found is not None:
        with path.open("wb") as file:
            file.writelines(store.chunks(found))
        if holds(path, bundle.claim, only):
            return found
        path.unlink()
    write_zip(store, bundle, path, only)
    stored, _ = store.put_file(key, path, file_sha256(path))
    return stored


def _zip_name(bundle: ReadBundle, only: Sequence[str]) -> str:
    """Tells study and version; for some of the files also which, by a hash of their paths."""
    claim = bundle.claim
    if not only:
        return f"{claim.study}-{claim.name}.zip"
    paths = [file.path for file in selected(bundle.manifest.files, only)]
    return f"{claim.study}-{claim.name}-{sha256_of(['|'.join(paths).encode()])[:12]}.zip"


def _require_span(lasts: dt.timedelta) -> None:
    if not dt.timedelta(0) < lasts <= LONGEST:
        raise UsageError(
            "a link lasts at most 7 days", place="--expires", remedy="write 7d or less, such as 24h"
        )


def _require_intact(store: Store, stored: Stored, file: ManifestFile) -> None:
    if sha256_of(store.chunks(stored)) != file.sha256:
        raise other_bytes(store, stored.key)


def _record(
    store: Store, claims: Sequence[Claim], claim: Claim, shared: Shared, actor: Actor | None
) -> None:
    expires = shared.link.expires.isoformat(timespec="seconds")
    act = act_on(claim, "link", file=shared.path, sha256=shared.sha256, expires=expires)
    record_act(store, claims, act, actor)
