"""A letter-size canvas: margins that print everywhere, page numbers, bookmarks, annotations."""

from __future__ import annotations

import io
from dataclasses import dataclass

from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFObjectReference,
    PDFString,
    xObjectName,
)
from reportlab.pdfgen.canvas import Canvas

from sdtmflow.documents.pdf.fonts import BOLD, ITALIC, REGULAR, drawn, register

WIDTH, HEIGHT = 612.0, 792.0
"""US letter, in points; it prints on A4 as well."""
LEFT, RIGHT, TOP, BOTTOM = 54.0, 576.0, 744.0, 48.0
"""The printed area. FDA's PDF specifications: 3/4 inch on the left, 3/8 elsewhere."""
Colour = tuple[float, float, float]
"""Red, green, blue from 0 to 1."""
BLACK: Colour = (0, 0, 0)
GREY: Colour = (0.35, 0.35, 0.35)
RULE: Colour = (0.72, 0.72, 0.72)
LINK: Colour = (0, 0, 0.8)
"""FDA's PDF specifications ask for blue links."""
LEADING = 1.2
"""Line height by font size."""
_PRINTED = 4
"""Annotation flag: shown on paper, too (ISO 32000-1, 12.5.3)."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its left, top edge and size, in points; ``top`` counts from the foot."""

    left: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top - self.height


class Sheet:
    """Draws page after page; ``total`` pages are known before, for the page numbers."""

    def __init__(self, heading: str, footing: str, total: int) -> None:
        register()
        self._bytes = io.BytesIO()
        self._canvas = Canvas(
            self._bytes,
            pagesize=(WIDTH, HEIGHT),
            invariant=True,
            initialFontName=REGULAR,  # type: ignore[arg-type] # the stubs mistake it for the size
            pageCompression=1,
        )
        self._heading, self._footing, self._total = heading, footing, total
        self._annotations = 0
        self.page = 0

    def begin(self) -> None:
        """Begin the next page."""
        if self.page:
            self._canvas.showPage()
        self.page += 1
        top, foot = TOP + 16, BOTTOM - 14
        self.text(self._heading, LEFT, top, size=8.5, colour=GREY)
        self.text(self._footing, LEFT, foot, size=8.5, colour=GREY)
        number = f"Page {self.page} of {self._total}"
        self._canvas.setFont(REGULAR, 8.5)
        self._canvas.drawRightString(RIGHT, foot, number)
        self.rule(TOP + 10)
        self.rule(BOTTOM - 3)

    def text(
        self,
        text: str,
        left: float,
        base: float,
        *,
        size: float = 9.5,
        font: str = REGULAR,
        colour: Colour = BLACK,
    ) -> None:
        """One line of text on the base line ``base``."""
        self._canvas.setFont(font, size)
        self._canvas.setFillColorRGB(*colour)
        self._canvas.drawString(left, base, drawn(text))
        self._canvas.setFillColorRGB(*BLACK)

    def block(
        self,
        found: list[str],
        left: float,
        top: float,
        *,
        size: float = 9.5,
        font: str = REGULAR,
        colour: Colour = BLACK,
    ) -> float:
        """Lines below each other; the height that they take."""
        for at, line in enumerate(found):
            base = top - size - at * size * LEADING
            self.text(line, left, base, size=size, font=font, colour=colour)
        return block_height(found, size)

    def rule(self, at: float, left: float = LEFT, right: float = RIGHT) -> None:
        """A thin line across."""
        self._canvas.setStrokeColorRGB(*RULE)
        self._canvas.setLineWidth(0.5)
        self._canvas.line(left, at, right, at)

    def frame(
        self,
        box: Box,
        *,
        fill: Colour | None = None,
        stroke: Colour | None = GREY,
        line: float = 0.6,
    ) -> None:
        """A rectangle."""
        if fill:
            self._canvas.setFillColorRGB(*fill)
        if stroke:
            self._canvas.setStrokeColorRGB(*stroke)
        self._canvas.setLineWidth(line)
        self._canvas.rect(
            box.left, box.bottom, box.width, box.height, stroke=bool(stroke), fill=bool(fill)
        )
        self._canvas.setFillColorRGB(*BLACK)

    def note(
        self, box: Box, found: list[str], said: str, fill: Colour, *, bold: bool = False
    ) -> None:
        """A FreeText annotation that says ``said``, drawn as the lines ``found``.

        Its look is a stream of its own with the embedded font, so that every viewer shows it alike.
        """
        self._annotations += 1
        name = f"note{self._annotations}"
        font = BOLD if bold else REGULAR
        canvas = self._canvas
        canvas.beginForm(name, 0, 0, box.width, box.height)
        self.frame(Box(0.4, box.height - 0.4, box.width - 0.8, box.height - 0.8), fill=fill)
        self.block(found, NOTE_PADDING, box.height - NOTE_PADDING + 1, size=NOTE_SIZE, font=font)
        canvas.endForm()
        canvas.freeTextAnnotation(
            said,
            PDFString(f"0 0 0 rg /{font} {NOTE_SIZE:g} Tf"),
            Rect=[box.left, box.bottom, box.left + box.width, box.top],
            C=PDFArray(list(fill)),
            F=_PRINTED,
            T=PDFString("SDTM"),
            AP=PDFDictionary({"N": PDFObjectReference(xObjectName(name))}),
        )

    def mark(self, key: str, top: float = HEIGHT) -> None:
        """A place on this page that bookmarks and links lead to."""
        self._canvas.bookmarkPage(key, fit="XYZ", left=0, top=top, zoom=0)

    def link(self, key: str, box: Box) -> None:
        """A rectangle that leads to a mark."""
        rectangle = (box.left, box.bottom, box.left + box.width, box.top)
        self._canvas.linkRect("", key, rectangle, relative=0, thickness=0)

    def bookmark(self, title: str, key: str, level: int, *, closed: bool = False) -> None:
        """The next entry of the outline."""
        self._canvas.addOutlineEntry(drawn(title), key, level, closed=closed)

    def done(self) -> bytes:
        """The PDF, unfinished."""
        self._canvas.showOutline()
        self._canvas.save()
        return self._bytes.getvalue()


NOTE_SIZE = 9.0
NOTE_PADDING = 2.5


def block_height(found: list[str], size: float = 9.5) -> float:
    """The height of lines below each other."""
    return len(found) * size * LEADING


__all__ = ["BOLD", "ITALIC", "REGULAR", "Box", "Colour", "Sheet", "block_height"]
