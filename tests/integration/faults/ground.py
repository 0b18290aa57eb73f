"""A study's bundles in a store of any kind: who publishes there, and what must hold at any time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sdtmflow.audit import events
from sdtmflow.bundle import Claim, bundles, read_manifest, verify, verify_audit
from sdtmflow.settings import Settings
from sdtmflow.store import Store, open_store
from sdtmflow.store.protocol import file_sha256
from tests.bundle_facts import facts_of
from tests.integration.faults.jobs import Done, Ending, Job, look_at
from tests.integration.faults.processes import Process, Warm

OF_THE_JOB = {"fatal", "file_limit", "probed", "waits"}
UNCHANGED, CHANGED = "m5/dm.xpt", "m5/ae.xpt"


@dataclass
class Ground:
    """An empty study to begin with; ``known`` grows with what was seen in it."""

    place: object
    warm: Warm
    folder: Path
    number: int
    known: tuple[Claim, ...] = field(default=())
    disk: Path | None = None
    """Where a local store is, if not in ``folder``."""

    @property
    def url(self) -> str:
        return (
            str((self.disk or self.folder) / "a store")
            if self.place.kind == "local"
            else self.place.url
        )

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
        """The job in a process of its own; ``OF_THE_JOB`` are the job's fields."""
        own = {name: options.pop(name) for name in OF_THE_JOB & options.keys()}
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

    def study_folder(self) -> Path:
        """A folder from which the command finds this study in this store."""
        folder = self.folder / "study"
        folder.mkdir(exist_ok=True)
        study = {
            "version": 1,
            "study": self.study,
            "title": "A study",
            "cutoff": "2026-01-01",
            "store": self.url,
            "standards": {"ct": "2025-03-28"},
            "sites": {"01": {"name": "One", "country": "CHE"}},
            "sources": {"edc": {"kind": "delimited", "path": "in", "site": "01"}},
        }
        (folder / "study.yaml").write_text(json.dumps(study))
        return folder

    def command(self, *arguments: str, **options) -> tuple[int, str]:
        """`sdtmflow bundles …` on this study: (exit code, what it printed)."""
        words = ["bundles", *arguments, "--study", str(self.study_folder())]
        ending = self.do("command", arguments=words, **options)
        assert isinstance(ending, Done), ending
        return ending.answer

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
            assert verify(store, self.study, claim.name).faults == ()
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

    def require_log(self) -> None:
        """After a run that nothing disturbed the log has each publication, once and in order."""
        faults = verify_audit(self.store, self.study).faults
        assert faults == (), faults
        logged = [event.bundle for event in events(self.store, self.study) if event.is_publication]
        assert logged == [claim.version for claim in self.known], logged

    def require_all_bytes(self) -> None:
        """Each version, verified once more at the end, holds the bytes of its own tree."""
        self.require_whole()
        self.require_log()
        look_at(self.store, self.study, "latest", self.folder / "looked at")
        for claim in self.known:
            assert verify(self.store, self.study, claim.name).faults == ()
            manifest = read_manifest(self.store, claim)
            tree = self.folder / "trees" / manifest.run
            published = {file.path: file.sha256 for file in manifest.files}
            for path in (UNCHANGED, CHANGED):
                assert published[path] == file_sha256(tree / path)
