"""The guide from the run's facts and the sponsor's texts."""

from __future__ import annotations

from sdtmflow.documents.guide.content import Guide
from sdtmflow.documents.guide.facts import GuideFacts
from sdtmflow.documents.guide.sections.appendices import appendices
from sdtmflow.documents.guide.sections.conformance import conformance
from sdtmflow.documents.guide.sections.introduction import introduction
from sdtmflow.documents.guide.sections.protocol import protocol
from sdtmflow.documents.guide.sections.subjects import subject_data
from sdtmflow.documents.guide.texts import GuideTexts


def drafted(facts: GuideFacts, texts: GuideTexts) -> Guide:
    """The guide; what only the sponsor can say and has not said stands in it as open."""
    study = facts.study
    return Guide(
        study=study.study,
        title=study.title,
        sponsor=texts.sponsor or _sponsor(facts),
        cutoff=study.cutoff.isoformat(),
        sections=(
            introduction(facts, texts),
            protocol(facts, texts),
            subject_data(facts, texts),
            conformance(facts, texts),
        ),
        appendices=tuple(appendices(facts, texts)),
    )


def _sponsor(facts: GuideFacts) -> str:
    if "TS" not in facts.design:
        return ""
    rows = facts.design["TS"].iter_rows(named=True)
    return next((row["TSVAL"] or "" for row in rows if row["TSPARMCD"] == "SPONSOR"), "")
