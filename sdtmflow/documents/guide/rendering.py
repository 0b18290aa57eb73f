"""The guide as a PDF: contents, numbered headings with bookmarks, tables with repeated heads."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from html import escape
from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    LongTable,
    PageBreak,
    PageTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Paragraph as Flowing
from reportlab.platypus.tableofcontents import TableOfContents

from sdtmflow.documents.guide.content import OPEN, OPEN_VERSION, Block, Guide, Paragraph, Table
from sdtmflow.documents.guide.markdown import numbered
from sdtmflow.documents.pdf.finishing import finished
from sdtmflow.documents.pdf.fonts import BOLD, REGULAR, drawn, register, width_of
from sdtmflow.documents.pdf.sheet import BOTTOM, GREY, HEIGHT, LEFT, LINK, RIGHT, RULE, TOP, WIDTH

TITLE = "Clinical Study Data Reviewer's Guide"
_GREY, _RULE, _LINK = Color(*GREY), Color(*RULE), Color(*LINK)
_SHADE = Color(0.88, 0.9, 0.93)
_OPEN = Color(0.7, 0, 0)
_TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=10, leading=13, spaceAfter=5)
_CELL = ParagraphStyle("cell", fontName=REGULAR, fontSize=9, leading=11, splitLongWords=True)
_HEAD = ParagraphStyle("head", parent=_CELL, fontName=BOLD)
_NUMBER_CELL = ParagraphStyle("number", parent=_CELL, alignment=TA_RIGHT, rightIndent=8)
_HEAD_NUMBER = ParagraphStyle("head number", parent=_HEAD, alignment=TA_RIGHT, rightIndent=8)
_COUNTS = {"Count", "Page", "Records", "Subjects"}
"""Columns whose numbers stand to the right."""
_COVER = ParagraphStyle("cover", fontName=BOLD, fontSize=20, leading=26, spaceAfter=8)
_ROOM = 90
"""Points that must be left on the page below a heading."""
_HEADINGS = tuple(
    ParagraphStyle(
        f"heading{level}",
        fontName=BOLD,
        fontSize=size,
        leading=size * 1.25,
        spaceBefore=14 - 2 * level,
        spaceAfter=5,
    )
    for level, size in enumerate((15, 12.5, 11))
)


def render_guide(guide: Guide) -> bytes:
    """The PDF. The same guide gives the same bytes; the only clock is the cut-off."""
    register()
    pages = _Document(guide, total=0).draw()[1]
    draft, _ = _Document(guide, total=pages).draw()
    created = dt.datetime.combine(dt.date.fromisoformat(guide.cutoff), dt.time(), dt.UTC)
    return finished(draft, title=f"{guide.study}: {TITLE}", created=created)


class _Document(BaseDocTemplate):
    """Pages with a heading, a number, and an outline made of the headings."""

    def __init__(self, guide: Guide, total: int) -> None:
        self._out = io.BytesIO()
        self._guide, self._total = guide, total
        super().__init__(self._out, pagesize=(WIDTH, HEIGHT), invariant=1, initialFontName=REGULAR)
        frame = Frame(
            LEFT, BOTTOM, RIGHT - LEFT, TOP - BOTTOM,
            leftPadding=0, rightPadding=0, topPadding=4, bottomPadding=4,
        )  # fmt: skip
        self.addPageTemplates(PageTemplate("page", [frame], onPage=self._frame_page))

    def draw(self) -> tuple[bytes, int]:
        """The draft, and its number of pages."""
        self.multiBuild(list(_story(self._guide)))
        return self._out.getvalue(), self.page

    def _frame_page(self, canvas: Canvas, _document: object) -> None:
        canvas.saveState()
        canvas.setFont(REGULAR, 8.5)
        canvas.setFillColor(_GREY)
        canvas.drawString(LEFT, TOP + 16, drawn(f"Study {self._guide.study}"))
        canvas.drawString(LEFT, BOTTOM - 14, TITLE)
        canvas.drawRightString(RIGHT, BOTTOM - 14, f"Page {self.page} of {self._total}")
        canvas.setStrokeColor(_RULE)
        canvas.setLineWidth(0.5)
        canvas.line(LEFT, TOP + 10, RIGHT, TOP + 10)
        canvas.line(LEFT, BOTTOM - 3, RIGHT, BOTTOM - 3)
        canvas.restoreState()

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 — reportlab's own name
        """Note a heading for the outline and the contents."""
        if isinstance(flowable, _Heading):
            self.canv.bookmarkPage(flowable.key)
            self.canv.addOutlineEntry(flowable.title, flowable.key, flowable.level, closed=False)
            entry = (flowable.level, escape(flowable.title), self.page, flowable.key)
            self.notify("TOCEntry", entry)


class _Heading(Flowing):
    """A heading that the outline and the contents lead to."""

    def __init__(self, title: str, level: int, key: str) -> None:
        self.title, self.level, self.key = drawn(title), level, key
        super().__init__(escape(self.title), _HEADINGS[min(level, len(_HEADINGS) - 1)])


def _story(guide: Guide) -> Iterator[Flowable]:
    yield Spacer(0, 60)
    yield Flowing(TITLE, _COVER)
    for text in (
        f"Study {guide.study}",
        guide.title,
        guide.sponsor,
        f"Data cut-off {guide.cutoff}",
    ):
        if text:
            yield Flowing(escape(drawn(text)), _TEXT)
    yield Spacer(0, 18)
    yield Flowing("Contents", _HEADINGS[1])
    yield _contents()
    yield PageBreak()
    for at, (level, title, section) in enumerate(numbered(guide)):
        yield CondPageBreak(_ROOM if section.blocks else _ROOM + 40)
        yield _Heading(title, level, f"section{at}")
        for block in section.blocks:
            yield from _block(block)


_ALL = (0, 0), (-1, -1)
_PADDINGS = ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")


def _style(*paddings: float) -> list[tuple[Any, ...]]:
    """What every table needs: cells at the top, the embedded font, padding on all four sides."""
    sides = [(name, *_ALL, points) for name, points in zip(_PADDINGS, paddings, strict=True)]
    return [("VALIGN", *_ALL, "TOP"), ("FONTNAME", *_ALL, REGULAR), *sides]


_LOOK = [
    *_style(4, 4, 3, 3),
    ("BACKGROUND", (0, 0), (-1, 0), _SHADE),
    ("LINEBELOW", *_ALL, 0.5, _RULE),
]


def _contents() -> TableOfContents:
    contents = TableOfContents()
    contents.levelStyles = [
        ParagraphStyle(
            f"contents{level}",
            fontName=REGULAR,
            fontSize=9.5,
            leading=13,
            leftIndent=14 * level,
            textColor=_LINK,
        )
        for level in range(len(_HEADINGS))
    ]
    contents.dotsMinLevel = 0
    contents.tableStyle = TableStyle(_style(0, 0, 0, 0))
    return contents


def _block(block: Block) -> Iterator[Flowable]:
    if isinstance(block, Paragraph):
        yield Flowing(_linked(block), _TEXT)
        return
    yield _table(block)
    yield Spacer(0, 8)


def _linked(paragraph: Paragraph) -> str:
    text = _marked(paragraph.text)
    if not paragraph.link:
        return text
    return f'<link href="pdf:{escape(paragraph.link)}" color="#0000cc">{text}</link>'


def _marked(text: str) -> str:
    """The text with what is still open in red."""
    shown = escape(drawn(text), quote=False)
    if text not in {OPEN, OPEN_VERSION}:
        return shown
    return f'<font name="{BOLD}" color="#{_OPEN.hexval()[2:]}">{shown}</font>'


def _table(table: Table) -> LongTable:
    width = RIGHT - LEFT
    widths = [width * share for share in table.shares]
    numeric = [name in _COUNTS for name in table.head]
    cells = [
        [
            Flowing(_marked(text), _HEAD_NUMBER if is_number else _HEAD)
            for text, is_number in zip(table.head, numeric, strict=True)
        ]
    ]
    cells += [
        [
            Flowing(_broken(text, room - 9), _NUMBER_CELL if is_number else _CELL)
            for text, room, is_number in zip(row, widths, numeric, strict=True)
        ]
        for row in table.rows
    ]
    return LongTable(cells, colWidths=widths, repeatRows=1, splitInRow=1, style=TableStyle(_LOOK))


def _broken(text: str, room: float) -> str:
    """A name too long for its column goes on in the next line after an underscore."""
    lines = [""]
    for part in text.replace("_", "_\0").split("\0"):
        if lines[-1] and " " not in text and width_of(lines[-1] + part, REGULAR, 9) > room:
            lines.append("")
        lines[-1] += part
    return "<br/>".join(map(_marked, lines))
