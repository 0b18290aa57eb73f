"""What people read beside the datasets, and the job that draws the annotated CRF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from sdtmflow.dataset import Document
from sdtmflow.pipeline.plan import plan_of
from sdtmflow.pipeline.run import Job, Run
from sdtmflow.pipeline.workspace import Artifact, digests

if TYPE_CHECKING:
    from sdtmflow.mapping import Plan
    from sdtmflow.sources.described import SentTable

ACRF = Document("acrf", "acrf.pdf", "Annotated Case Report Form", annotated_crf=True)
GUIDE = Document("csdrg", "csdrg.pdf", "Clinical Study Data Reviewer's Guide")


@dataclass(frozen=True, slots=True)
class DrawCrf(Job):
    """The annotated CRF, drawn or the sponsor's own, and the pages on which it annotates what."""

    step: ClassVar[str] = "crf"
    title: ClassVar[str] = "draw annotated CRF"
    run: Run
    deliveries: Mapping[str, Artifact]
    staged: Mapping[str, Artifact]

    @property
    def key(self) -> str:
        keys = self.run.keys
        return keys.step(
            "crf",
            deliveries=digests(self.deliveries),
            staged=digests(self.staged),
            specs=keys.specs,
            standards=keys.standards,
            guide=keys.guide,
        )

    def build(self, out: Path) -> None:
        from sdtmflow.documents import crf

        plan, guide = plan_of(self.run), self.run.folder.guide
        seen = crf.visits_seen(plan, self.run.workspace.paths(self.staged).values())
        choices = crf.read_choices(guide)
        forms = crf.crf_of(plan, list(self._sent(plan)), seen, choices)
        own = guide / crf.OWN
        made = crf.own_crf(own, plan, forms, choices) if own.is_file() else crf.draw_crf(forms)
        crf.write_crf(made, out)

    def _sent(self, plan: Plan) -> Iterator[SentTable]:
        """The forms of the sites' systems, and of a study-wide one that tells who the subjects are.

        What other study-wide systems send is a vendor's, and on no CRF.
        """
        from sdtmflow.sources.conform import Delivered
        from sdtmflow.sources.described import sent_tables
        from sdtmflow.sources.report import read_collect_report

        folders = self.run.workspace.paths(self.deliveries)
        for name, source in self.run.study.sources.items():
            if name in folders:
                report = read_collect_report(folders[name])
                sent = list(sent_tables(Delivered(name, source, folders[name], report)))
                if source.site or any(table.table in _of_subjects(plan) for table in sent):
                    yield from sent


def _of_subjects(plan: Plan) -> set[str]:
    """The raw tables that DM is made from."""
    demographics = plan.domains.get("DM")
    return {each.from_ for each in demographics.record_sets} if demographics else set()
