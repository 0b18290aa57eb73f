"""What the tests of orphans share: deliveries, trees, publishers that stop on the way."""

from __future__ import annotations

from pathlib import Path

from sdtmflow.bundle import BundleFacts, InputFile, publish
from sdtmflow.store import Snapshots, Store
from sdtmflow.store.protocol import sha256_of
from sdtmflow.store.snapshots import snapshot_key
from tests.bundle_facts import facts_of


class StoppedError(BaseException):
    """The publisher's machine went dark: no ``except`` of ours, no cleaning up."""


class Stopping:
    """A store whose user stops just before (or just after) it first does ``method``."""

    def __init__(self, store: Store, method: str, *, after: bool = False) -> None:
        self._store, self._method, self._after = store, method, after

    def __getattr__(self, name):
        if name == "abandon":  # who was killed cleans nothing up
            return lambda *_: None
        if name != self._method:
            return getattr(self._store, name)

        def stop(*asked, **options):
            if self._after:
                getattr(self._store, name)(*asked, **options)
            raise StoppedError

        return stop


def tree_of(folder: Path, text: str) -> Path:
    (folder / "m5").mkdir(parents=True, exist_ok=True)
    for name in ("m5/dm.xpt", "m5/ae.xpt"):
        (folder / name).write_text(name + text)
    return folder


def facts_from(name: str, *deliveries: str) -> BundleFacts:
    return facts_of(
        name,
        inputs=tuple(
            InputFile(site="01", source="edc", name=text, sha256=sha256_of([text.encode()]))
            for text in deliveries
        ),
    )


def keep(store: Store, folder: Path, text: str) -> str:
    """Keep a delivery; its SHA-256."""
    file = folder / f"delivery-{text}"
    file.write_bytes(text.encode())
    return Snapshots(store, folder / "cache").keep(file)


def kept(store: Store) -> set[str]:
    return {key.rpartition("/")[2] for key in store.keys("snapshots/")}


def is_kept(store: Store, text: str) -> bool:
    return store.current(snapshot_key(sha256_of([text.encode()]))) is not None


def publish_tree(store: Store, folder: Path, name: str, *deliveries: str, study: str = "TRIAL"):
    """A whole publication of two files that ``name`` is written in."""
    return publish(store, study, tree_of(folder / name, name), facts_from(name, *deliveries))


def stop_publishing(
    store: Store, folder: Path, name: str, method: str, *deliveries: str, after: bool = False
) -> None:
    """A publication that is killed before (after) it first does ``method``."""
    try:
        publish_tree(Stopping(store, method, after=after), folder, name, *deliveries)
    except StoppedError:
        return
    raise AssertionError("the publication was not stopped")
