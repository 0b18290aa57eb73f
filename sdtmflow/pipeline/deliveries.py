"""Which delivery of each source a run uses, and what is missing for want of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from sdtmflow.errors import DeliveryError
from sdtmflow.pipeline.earlier import Earlier
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.workspace import Artifact, Workspace
from sdtmflow.study import Source, Study

Used = Literal["last good delivery", "nothing"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a run could not take in, and what it used instead."""

    site: str
    """Empty for a study-wide source."""
    source: str
    reason: str
    used: Used


class DeliveryMemory:
    """The last good delivery of each source that the workspace has seen, one small file each."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._folder = workspace.root / "last_good"

    def remember(self, source: str, artifact: Artifact) -> None:
        """Note a good delivery."""
        if artifact == self.recall(source):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._file(source).with_suffix(".draft")
        draft.write_text(json.dumps({"current": asdict(artifact)}, indent=1))
        draft.replace(self._file(source))

    def recall(self, source: str) -> Artifact | None:
        """The last good delivery, where it is known and still sound on disk."""
        try:
            known = json.loads(self._file(source).read_text())["current"]
        except (OSError, ValueError):
            return None
        return self._workspace.find(known["step"], known["key"])

    def _file(self, source: str) -> Path:
        return self._folder / f"{source}.json"


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What the run goes on with."""

    used: Mapping[str, Artifact]
    gaps: tuple[Gap, ...] = ()
    earlier: Earlier = field(default_factory=Earlier)
    """What it is compared with."""

    def partitions(self, run: Run) -> dict[str, dict[str, Artifact]]:
        """Each site that is asked for and not isolated, with the deliveries it is made of."""
        isolated = self.isolated(run.study)
        sites = [site for site in run.asked_sites() if site not in isolated]
        return {site: self.of_site(run.study, site) for site in sites}

    def of_site(self, study: Study, site: str) -> dict[str, Artifact]:
        """What a site's partition is made of: its own sources and the study-wide ones."""
        return {
            name: artifact
            for name, artifact in self.used.items()
            if study.sources[name].site in {"", site}
        }

    def isolated(self, study: Study) -> dict[str, str]:
        """The sites of which nothing at all can be used, with the reason."""
        own = {site: _own_sources(study, site) for site in study.sites}
        reasons = {gap.source: gap.reason for gap in self.gaps}
        return {
            site: "; ".join(reasons[name] for name in names if name in reasons)
            for site, names in own.items()
            if reasons.keys() & set(names) and not self.used.keys() & set(names)
        }


def take_in(run: Run, collected: Mapping[str, Artifact], failed: Mapping[str, str]) -> Deliveries:
    """Remember what was collected, and settle what was not.

    Raises DeliveryError where a failed source says ``stop``, or where no source is left.
    """
    memory = DeliveryMemory(run.workspace)
    for name, artifact in collected.items():
        memory.remember(name, artifact)
    last_good = {name: known for name in failed if (known := memory.recall(name))}
    return settle(run.study.sources, collected, failed, last_good)


def settle(
    sources: Mapping[str, Source],
    collected: Mapping[str, Artifact],
    failed: Mapping[str, str],
    last_good: Mapping[str, Artifact],
) -> Deliveries:
    """Follow each failed source's ``on_failure``; ``failed`` gives the reason by source.

    Raises DeliveryError where a source says ``stop``, or where no source is left.
    """
    used, gaps = dict(collected), []
    for name, reason in sorted(failed.items()):
        source = sources[name]
        if source.on_failure == "stop":
            raise DeliveryError(f"{reason} (on_failure of '{name}' in study.yaml says: stop)")
        fallback = last_good.get(name) if source.on_failure == "last_good" else None
        if fallback:
            used[name] = fallback
        gaps.append(Gap(source.site, name, reason, "last good delivery" if fallback else "nothing"))
    if not used:
        raise DeliveryError(
            "no source could be collected: " + "; ".join(gap.reason for gap in gaps)
        )
    return Deliveries(dict(sorted(used.items())), tuple(gaps))


def _own_sources(study: Study, site: str) -> list[str]:
    return [name for name, source in study.sources.items() if source.site == site]
