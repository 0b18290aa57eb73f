"""A study's bundles in a store of any kind: who publishes there, and what must hold at any time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sdtmflow.bundle import Claim, bundles, read_manifest, verify
from sdtmflow.settings import Settings
from sdtmflow.store import Store, open_store
from sdtmflow.store.protocol import file_sha256
from tests.integration.faults.jobs import Done, Ending, Job, facts_of, look_at
from tests.integration.faults.processes import Process, Warm

UNCHANGED, CHANGED = "m5/dm.xpt", "m5/ae.xpt"


@dataclass
class Ground:
    """An empty study to begin with; ``known`` grows with what was seen in it."""

    place: object
    warm: Warm
    folder: Path
    number: int
    known: tuple[Claim, ...] = field(default=())

    @property
    def url(self) -> str:
        return str(self.folder / "a store") if self.place.kind == "local" else self.place.url

    @property
    def study(self) -> str:
        return f"TRIAL-{self.number}"

    @cached_property
    def store(self) -> Store:
        """A reader's handle of its own."""
        return open_store(self.url, Path("/"), Settings.read(self.place.environ))

    def tree(self, name: str, size: int = 10) -> Path:
        """A file that is the same in every version, and one of ``size`` bytes that is not."""
        root = self.folder / "trees" / name
        if not root.exists():
            (root / "m5").mkdir(parents=True)
            (root / UNCHANGED).write_text("subjects")
            (root / CHANGED).write_text(f"events of {name}".ljust(size))
        return root

    def start(
        self, job: str, *, environ: Mapping[str, str] | None = None, size: int = 10, **options
    ) -> Process:
        """The job in a process of its own; ``fatal``, ``probed`` and ``waits`` are the job's."""
        own = {name: options.pop(name) for name in ("fatal", "probed", "waits") if name in options}
        if job == "publish_tree":
            options["tree"] = str(self.tree(options["name"], size))
        where = {**self.place.environ, **(environ or {})}
        return self.warm.start(Job(job, self.url, self.study, where, options, **own))

    def do(self, job: str, **options) -> Ending:
        return self.start(job, **options).ending()

    def publish(self, name: str, **options) -> Ending:
        return self.do("publish_tree", name=name, **options)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Meanwhile another process reads whatever it sees, and finds all of it whole."""
        every = 0.005 if self.place.kind == "local" else 0.2
        watcher = self.start("watch", to=str(self.folder / "watcher"), every=every)
        yield
        watcher.go()
        ending = watcher.ending()
        assert isinstance(ending, Done), ending
        looks, versions = ending.answer
        assert looks > 0
        assert versions > 0

    def require_published(self, name: str, **options) -> Done:
        """A new version, from a run that nothing disturbs."""
        ending = self.publish(name, **options)
        assert isinstance(ending, Done), ending
        assert ending.answer[1], "it was published before"
        return ending

    def require_whole(self) -> int:
        """All that was seen is still there, all that is new is whole; the number of versions."""
        store = self.store
        claims = bundles(store, self.study)
        assert claims[: len(self.known)] == self.known, "a version was lost or changed"
        for claim in claims[len(self.known) :]:
            look_at(store, self.study, claim.name, self.folder / "looked at")
        keys = [claim.inputs_key for claim in claims]
        assert len(set(keys)) == len(keys), "the same inputs were published twice"
        self.known = claims
        return len(claims)

    def require_next(self, name: str) -> None:
        """A run of these inputs, which may be published already, gets the next number."""
        before = self.require_whole()
        was_published = any(claim.inputs_key == facts_of(name).inputs_key for claim in self.known)
        ending = self.publish(name)
        assert isinstance(ending, Done), ending
        assert ending.answer == (before + (not was_published), not was_published, ()), ending
        assert self.require_whole() == ending.answer[0]

    def require_all_bytes(self) -> None:
        """Each version, verified once more at the end, holds the bytes of its own tree."""
        self.require_whole()
        for claim in self.known:
            assert verify(self.store, self.study, claim.name).faults == ()
            manifest = read_manifest(self.store, claim)
            tree = self.folder / "trees" / manifest.run
            assert {file.path: file.sha256 for file in manifest.files} == {
                path: file_sha256(tree / path) for path in (UNCHANGED, CHANGED)
            }
