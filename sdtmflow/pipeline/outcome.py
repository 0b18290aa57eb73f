"""What a run came to: small, told in counts and names, never in subjects' values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sdtmflow.bundle import Claim, PublishedBundle
from sdtmflow.errors import GateError
from sdtmflow.finding import findings_text
from sdtmflow.pipeline.deliveries import Gap
from sdtmflow.pipeline.workspace import Artifact, Workspace
from sdtmflow.store import Store
from sdtmflow.wording import counted


@dataclass(frozen=True, slots=True)
class SiteCounts:
    """Subjects of a site, and its records as staged."""

    subjects: int
    records: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run's result; paths are absolute, counts are rows or findings."""

    study: str
    title: str
    run_id: str
    """The first 12 digits of the key of its data: the same data, the same run."""
    inputs_key: str
    delivered: Mapping[str, SiteCounts]
    """Sites whose records are in the datasets."""
    isolated: Mapping[str, str]
    """Site → why nothing of it is in the datasets."""
    gaps: tuple[Gap, ...] = ()
    limits: str = ""
    """``sites 01, 03``, ``domains AE``: what the run was limited to."""
    records: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Domain → what mapping made of its raw rows (the fields of ``mapping.Counts``)."""
    datasets: Mapping[str, int] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)
    """By severity, the worst first."""
    stopping: Mapping[str, int] = field(default_factory=dict)
    """Rule → findings that forbid a publication."""
    waived: Mapping[str, int] = field(default_factory=dict)
    """Rule → findings that would forbid it, were they not waived."""
    findings_table: str = ""
    staged: Mapping[str, str] = field(default_factory=dict)
    """Site → the key of its staged tables."""
    report: str = ""
    data_docs: str = ""
    package: str = ""
    assembled: str = ""
    """The datasets with their lineage."""
    deliveries: Mapping[str, str] = field(default_factory=dict)
    """Source → the key of its collected delivery."""
    specs: str = ""
    """The key of the mapping specs."""
    bundle: str = ""
    """``v0001``; empty where nothing was published."""
    bundle_place: str = ""
    new_bundle: bool = False
    signed_by: str = ""
    """The fingerprint of the key that signed the bundle."""

    def content(self) -> dict[str, Any]:
        """What decides a report on it: everything but where files lie on this machine."""
        return {name: value for name, value in asdict(self).items() if name not in _WHERE}

    @property
    def state_name(self) -> str:
        """The name of the final state on the run page."""
        if self.stopping:
            return "StoppedByGate"
        if self.limits:
            return "Rehearsed"
        return "CompletedWithGaps" if self.gaps or self.isolated else "Completed"

    @property
    def message(self) -> str:
        """One line for the run page."""
        parts = [self.publication, counted(len(self.delivered), "site")]
        if self.isolated:
            parts.append(f"left out: {', '.join(self.isolated)}")
        stale = [gap.source for gap in self.gaps if gap.used == "last good delivery"]
        if stale:
            parts.append(f"last good delivery of: {', '.join(stale)}")
        parts += [findings_text(self.findings)] if self.findings else []
        parts += [self.waivers] if self.waived else []
        return "; ".join(parts)

    @property
    def waivers(self) -> str:
        """What is waived and would forbid the publication; empty where nothing is."""
        if not self.waived:
            return ""
        count = sum(self.waived.values())
        does = "is waived and does" if count == 1 else "are waived and do"
        return f"{counted(count, 'finding')} {does} not count: {_rules(self.waived)}"

    @property
    def verdict(self) -> str:
        """What the gate says of the findings."""
        waived = f"; {self.waivers}" if self.waived else ""
        if not self.stopping:
            return f"the gate is open{waived}"
        count = sum(self.stopping.values())
        forbid = "forbids" if count == 1 else "forbid"
        told = f"{counted(count, 'finding')} {forbid} a publication: {_rules(self.stopping)}"
        return f"{told}{waived}"

    @property
    def publication(self) -> str:
        """What was published, or why nothing was."""
        if self.stopping:
            return self.verdict
        if self.limits:
            return f"nothing published: the run was limited to {self.limits}"
        if not self.bundle:
            return "nothing published"
        return f"published {self.bundle}" if self.new_bundle else f"nothing new since {self.bundle}"

    @property
    def publishes(self) -> bool:
        """Whether there is a bundle to publish: the gate is open and the run whole."""
        return not self.stopping and not self.limits

    def placed(
        self, workspace: Workspace, *, report: Artifact, data_docs: Artifact, package: Artifact
    ) -> Outcome:
        """The outcome with the places of what people open."""
        return replace(
            self,
            report=str(workspace.path(report) / "report.html"),
            data_docs=str(workspace.path(data_docs) / "index.html"),
            package=str(workspace.path(package)),
        )

    def with_bundle(self, store: Store, published: PublishedBundle) -> Outcome:
        """The outcome after the publication; report and data docs are the bundle's own."""
        place = bundle_place(store, published.claim)
        reports = Path(place) / "reports"
        local = reports.is_dir()
        return replace(
            self,
            bundle=published.name,
            bundle_place=place,
            new_bundle=published.new,
            signed_by=published.claim.signature.key if published.claim.signature else "",
            report=str(reports / "report.html") if local else self.report,
            data_docs=str(reports / "data-docs" / "index.html") if local else self.data_docs,
        )

    def keep(self, workspace: Workspace) -> None:
        """Note the outcome as the workspace's last, for ``sdtmflow findings``."""
        path = workspace.root / _LAST
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        draft.replace(path)


JUDGED = "GATE_"
"""How the rules of findings on the package begin; the criterion's id follows."""


class StoppedByGateError(GateError):
    """The run is done, and its findings forbid a publication."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.verdict, remedy=_remedy(outcome.stopping))
        self.outcome = outcome

    def __reduce__(self) -> tuple[object, ...]:
        return (StoppedByGateError, (self.outcome,))


def _rules(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{rule} {count:,}" for rule, count in counts.items())


def _remedy(stopping: Mapping[str, int]) -> str:
    """What to do; for a cut that goes to no agency, its criteria have a switch of their own."""
    if all(rule.startswith(JUDGED) for rule in stopping):
        return (
            "`sdtmflow findings` says what the agency would reject; mend it, or publish all the "
            "same with 'submission: {gate: report}' in study.yaml"
        )
    return (
        "mend the data or the mapping, waive what cannot be mended (`sdtmflow findings waive`), "
        "or change 'gates' in study.yaml"
    )


def last_outcome(workspace: Workspace) -> Outcome | None:
    """The outcome of the last run that got as far as its findings; None before the first."""
    try:
        known = json.loads((workspace.root / _LAST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    gaps = tuple(Gap(**gap) for gap in known.pop("gaps"))
    delivered = {site: SiteCounts(**counts) for site, counts in known.pop("delivered").items()}
    return Outcome(**known, gaps=gaps, delivered=delivered)


def bundle_place(store: Store, claim: Claim) -> str:
    """Where people find a bundle: a folder, or the store's address and the version."""
    manifest = store.local_path(store.bundle_prefix(claim.slot) + claim.manifest.path)
    return str(manifest.parent) if manifest else f"{store.url} {claim.name}"


_WHERE = {
    *("findings_table", "report", "data_docs", "package", "assembled", "bundle", "bundle_place"),
    "signed_by",
    *("deliveries", "specs", "staged"),
}
_LAST = Path("last_run.json")
