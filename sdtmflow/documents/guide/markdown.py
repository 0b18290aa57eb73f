"""The guide as Markdown: what a writer goes on from, in any editor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdtmflow.documents.guide.content import Block, Guide, Paragraph, Section


def as_markdown(guide: Guide) -> str:
    """The same words as the PDF."""
    return "\n".join(_lines(guide)).rstrip("\n") + "\n"


def numbered(guide: Guide) -> Iterator[tuple[int, str, Section]]:
    """(level from 0, number and title, section), in reading order."""
    yield from _numbered(guide.sections, "", 0)
    for at, section in enumerate(guide.appendices, start=1):
        yield 0, f"Appendix {at}: {section.title}", section


def _numbered(
    sections: Sequence[Section], above: str, level: int
) -> Iterator[tuple[int, str, Section]]:
    for at, section in enumerate(sections, start=1):
        number = f"{above}{at}"
        yield level, f"{number} {section.title}", section
        yield from _numbered(section.sections, f"{number}.", level + 1)


def _lines(guide: Guide) -> Iterator[str]:
    yield f"# Clinical Study Data Reviewer's Guide: {guide.study}"
    yield ""
    yield guide.title
    yield ""
    yield f"{guide.sponsor + ', ' if guide.sponsor else ''}data cut-off {guide.cutoff}"
    for level, title, section in numbered(guide):
        yield ""
        yield f"{'#' * (level + 2)} {title}"
        for block in section.blocks:
            yield ""
            yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield f"[{_plain(block.text)}]({block.link})" if block.link else _plain(block.text)
        return
    yield f"| {' | '.join(map(_cell, block.head))} |"
    yield f"|{'---|' * len(block.head)}"
    for row in block.rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _plain(text: str) -> str:
    return text.replace("<", "&lt;")


def _cell(text: str) -> str:
    return _plain(" ".join(text.split())).replace("|", "\\|")
