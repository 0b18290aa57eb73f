"""What was made of each site between its deliveries and the study's datasets."""

from __future__ import annotations

from dataclasses import dataclass, field

from sdtmflow.pipeline.workspace import Artifact


@dataclass(frozen=True, slots=True)
class SitesMade:
    """The artifacts of each site by its name; ``failed`` gives the reason by site."""

    staged: dict[str, Artifact] = field(default_factory=dict)
    checked: dict[str, Artifact] = field(default_factory=dict)
    mapped: dict[str, Artifact] = field(default_factory=dict)
    drifted: dict[str, Artifact] = field(default_factory=dict)
    """Of sites whose deliveries were compared with their last ones."""
    failed: dict[str, str] = field(default_factory=dict)

    def whole(self) -> SitesMade:
        """Whole sites only: one whose check or mapping failed is not in the study at all."""
        staged, checked, mapped, drifted = (
            {site: made[site] for site in sorted(made) if site not in self.failed}
            for made in (self.staged, self.checked, self.mapped, self.drifted)
        )
        return SitesMade(staged, checked, mapped, drifted, dict(sorted(self.failed.items())))

    def with_findings(self) -> tuple[Artifact, ...]:
        """Every artifact that holds findings."""
        made = (self.staged, self.checked, self.mapped, self.drifted)
        return tuple(artifact for each in made for artifact in each.values())
