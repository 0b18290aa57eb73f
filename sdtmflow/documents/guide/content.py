"""What a guide is made of, before it becomes a PDF or Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

OPEN = "Explanation needed"
OPEN_VERSION = "Version needed"
"""Stand where only the sponsor can say something, and has not yet."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``link`` is a file beside the guide that it leads to."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; ``shares`` are the widths of its columns as parts of the whole."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]


Block = Paragraph | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it; sections are numbered by their place."""

    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Guide:
    """The document."""

    study: str
    title: str
    sponsor: str
    cutoff: str
    sections: tuple[Section, ...]
    appendices: tuple[Section, ...] = ()


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """A sponsor's text: a blank line begins a new paragraph."""
    parts = (" ".join(part.split()) for part in text.replace("\r", "").split("\n\n"))
    return tuple(Paragraph(part) for part in parts if part)


def table(
    head: Iterable[str], rows: Iterable[Iterable[str]], shares: Iterable[float]
) -> tuple[Block, ...]:
    """The table, or a word that there is nothing to list."""
    found = tuple(tuple(row) for row in rows)
    if not found:
        return (Paragraph("None."),)
    return (Table(tuple(head), found, tuple(shares)),)
