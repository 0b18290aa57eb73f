"""The one typeface of our documents: Liberation Sans.

It has Arial's measures and a free licence. FDA's PDF specifications ask for embedded fonts, and
name Arial among those to prefer.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_FILES = Path(__file__).parent / "typefaces"
REGULAR = "LiberationSans"
BOLD = "LiberationSans-Bold"
ITALIC = "LiberationSans-Italic"
_FACES = {REGULAR: "Regular", BOLD: "Bold", ITALIC: "Italic"}
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for a character that the typeface does not have."""


@cache
def register() -> None:
    """Make the typeface known to reportlab; its own Helvetica cannot be embedded."""
    for font in _fonts().values():
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, ITALIC, BOLD)


@cache
def _fonts() -> dict[str, TTFont]:
    return {
        name: TTFont(name, str(_FILES / f"LiberationSans-{face}.ttf"))
        for name, face in _FACES.items()
    }


@cache
def _drawable() -> frozenset[int]:
    return frozenset(_fonts()[REGULAR].face.charToGlyph)


def drawn(text: str) -> str:
    """The text as it can be drawn: one line, ``UNKNOWN`` for what the typeface does not have."""
    plain = " ".join(text.split())
    return "".join(char if ord(char) in _drawable() else UNKNOWN for char in plain)


def lines(text: str, font: str, size: float, width: float) -> list[str]:
    """The text in lines of at most ``width`` points; a word that is longer is broken."""
    register()
    found = simpleSplit(drawn(text), font, size, width)
    return [part for line in found for part in _broken(line, font, size, width)]


def width_of(text: str, font: str, size: float) -> float:
    """The width of one line in points."""
    register()
    return float(pdfmetrics.stringWidth(drawn(text), font, size))


def fitted(text: str, font: str, size: float, width: float) -> str:
    """The text in one line: as much of it as there is room for."""
    if width_of(text, font, size) <= width:
        return drawn(text)
    return f"{lines(text, font, size, width - width_of(' …', font, size))[0]} …"


def _broken(line: str, font: str, size: float, width: float) -> Iterable[str]:
    """A line without a blank that is too long, cut where it must be."""
    while pdfmetrics.stringWidth(line, font, size) > width and len(line) > 1:
        fits = len(line) - 1
        while fits > 1 and pdfmetrics.stringWidth(line[:fits], font, size) > width:
            fits -= 1
        yield line[:fits]
        line = line[fits:]
    yield line
