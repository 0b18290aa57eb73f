"""Appendices: the criteria in full, and what the sponsor adds."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.documents.guide.content import Section, paragraphs, table
from sdtmflow.documents.guide.facts import GuideFacts
from sdtmflow.documents.guide.texts import GuideTexts


def appendices(facts: GuideFacts, texts: GuideTexts) -> Iterator[Section]:
    """One section each."""
    if "TI" in facts.design:
        rows = [
            tuple(str(row.get(name) or "") for name in ("IETESTCD", "IECAT", "IETEST", "TIVERS"))
            for row in facts.design["TI"].sort("IECAT", "IETESTCD").iter_rows(named=True)
        ]
        head = ("Code", "Category", "Criterion", "Protocol version")
        shares = (0.13, 0.15, 0.57, 0.15)
        yield Section("Inclusion and Exclusion Criteria", table(head, rows, shares))
    for each in texts.appendices:
        yield Section(each.title, paragraphs(each.text))
