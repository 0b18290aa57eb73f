"""The annotated CRF as a PDF, with the pages on which each variable is annotated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sdtmflow.documents.crf.colours import UNSENT, colours_of
from sdtmflow.documents.crf.contents import draw_contents
from sdtmflow.documents.crf.layout import (
    SOURCE_HEIGHT,
    TITLE_HEIGHT,
    WIDTH,
    FormPage,
    Head,
    form_key,
    layout_of,
)
from sdtmflow.documents.crf.model import (
    NOT_SUBMITTED,
    Annotation,
    Crf,
    Field,
    Form,
    NotSubmitted,
    Place,
)
from sdtmflow.documents.crf.outline import Entry, outline_of
from sdtmflow.documents.crf.rows import (
    ANSWER_LEFT,
    ANSWER_WIDTH,
    BOX_HEIGHT,
    NOTE_GAP,
    NOTE_LEFT,
    PADDING,
    SIZE,
    TICK,
    Note,
    Row,
)
from sdtmflow.documents.pdf.finishing import finished
from sdtmflow.documents.pdf.fonts import BOLD, ITALIC, REGULAR, fitted
from sdtmflow.documents.pdf.sheet import GREY, LEFT, TOP, Box, Colour, Sheet

TITLE = "Annotated Case Report Form"
_TITLE_FILL: Colour = (0.88, 0.9, 0.93)


@dataclass(frozen=True, slots=True)
class DrawnCrf:
    """The file, and where it annotates what."""

    pdf: bytes
    pages: Mapping[Place, tuple[int, ...]]
    """Pages from 1, by what define.xml describes."""
    not_submitted: tuple[NotSubmitted, ...] = ()


def draw_crf(crf: Crf) -> DrawnCrf:
    """Draw the forms. The same forms give the same bytes; the only clock is the cut-off."""
    layout = layout_of(crf, TITLE)
    sheet = Sheet(f"Study {crf.study}", TITLE, layout.total)
    domains = (name for form in crf.forms for name, _ in form.datasets)
    colours = colours_of(domains)
    outline = outline_of(crf)
    draw_contents(sheet, layout, colours, outline)
    drawer = _Drawer(sheet, colours, outline)
    for page in layout.pages:
        drawer.page(page)
    for entry in outline:
        sheet.bookmark(entry.title, entry.key, entry.level, closed=entry.closed)
    created = dt.datetime.combine(dt.date.fromisoformat(crf.cutoff), dt.time(), dt.UTC)
    pdf = finished(sheet.done(), title=f"{crf.study}: {TITLE}", created=created)
    return DrawnCrf(
        pdf,
        {place: tuple(sorted(at)) for place, at in drawer.pages.items()},
        tuple(drawer.not_submitted),
    )


@dataclass
class _Drawer:
    """Draws form pages and notes where annotations come to stand."""

    sheet: Sheet
    colours: Mapping[str, Colour]
    outline: Sequence[Entry]
    pages: dict[Place, set[int]] = field(default_factory=dict)
    not_submitted: list[NotSubmitted] = field(default_factory=list)

    def page(self, page: FormPage) -> None:
        """One page of a form."""
        self.sheet.begin()
        top = self._title(page)
        if page.head:
            top = self._head(page.form, page.head, top)
            if _says_not_submitted(page.form.notes):
                self._not_submitted(page.form)
        for row in page.rows:
            self._row(row, top)
            if _says_not_submitted(row.field.annotations):
                self._not_submitted(page.form, row.field)
            top -= row.height
            self.sheet.rule(top)

    def _not_submitted(self, form: Form, asked: Field | None = None) -> None:
        column, question = (asked.name, asked.question) if asked else ("", "")
        page = self.sheet.page
        self.not_submitted.append(NotSubmitted(form.table, form.title, column, question, page))

    def _title(self, page: FormPage) -> float:
        title = page.form.title if page.head else f"{page.form.title} (continued)"
        self.sheet.frame(Box(LEFT, TOP, WIDTH, TITLE_HEIGHT - 4), fill=_TITLE_FILL, stroke=None)
        shown = fitted(title, BOLD, 13, WIDTH - 12)
        self.sheet.text(shown, LEFT + 6, TOP - 16, size=13, font=BOLD)
        if page.head:
            keys = [entry.key for entry in self.outline if entry.table == page.form.table]
            for key in (form_key(page.form), *keys):
                self.sheet.mark(key, TOP + 14)
        return TOP - TITLE_HEIGHT

    def _head(self, form: Form, head: Head, top: float) -> float:
        source = fitted(f"Form of {form.drawn_from}", ITALIC, 8.5, WIDTH)
        self.sheet.text(source, LEFT, top - 8, size=8.5, font=ITALIC, colour=GREY)
        top = self._flow(head.datasets, top - SOURCE_HEIGHT)
        top = self._band(head, top)
        top = self._flow(head.notes, top) - 8
        self.sheet.rule(top)
        return top

    def _band(self, head: Head, top: float) -> float:
        """Site, subject and visit, which every form begins with."""
        third = WIDTH / len(head.heads)
        for at, (name, notes) in enumerate(head.heads):
            left = LEFT + at * third
            self.sheet.text(name, left, top - 15, size=SIZE)
            self.sheet.frame(Box(left + 42, top - 4, third - 52, BOX_HEIGHT))
            below = top - 4 - BOX_HEIGHT - NOTE_GAP
            for note in notes:
                self._note(note, left, below)
                below -= note.height + NOTE_GAP
        return top - head.band

    def _flow(self, found: tuple[tuple[Note, ...], ...], top: float) -> float:
        for line in found:
            left = LEFT
            for note in line:
                self._note(note, left, top)
                left += note.width + NOTE_GAP * 2
            top -= max(note.height for note in line) + NOTE_GAP
        return top

    def _row(self, row: Row, top: float) -> None:
        top -= PADDING
        asked = self.sheet.block(list(row.question), LEFT, top, size=SIZE)
        self.sheet.block(list(row.remark), LEFT, top - asked, size=8.5, font=ITALIC, colour=GREY)
        self._answer(row, top)
        below = top
        for note in row.notes:
            self._note(note, NOTE_LEFT, below)
            below -= note.height + NOTE_GAP

    def _answer(self, row: Row, top: float) -> None:
        if row.field.options:
            self._choices(row, top)
            return
        unit = row.field.unit
        width = ANSWER_WIDTH * (0.55 if unit or row.field.answer in {"number", "date"} else 1)
        box = Box(ANSWER_LEFT, top, width, BOX_HEIGHT)
        self.sheet.frame(box)
        if unit:
            shown = fitted(unit, REGULAR, SIZE, ANSWER_WIDTH - width)
            self.sheet.text(shown, ANSWER_LEFT + width + 5, top - 11, size=SIZE)
        hint = {"date": "date", "printed": "pre-printed"}.get(row.field.answer, "")
        if hint:
            self.sheet.text(hint, ANSWER_LEFT + 4, top - 10.5, size=8.5, font=ITALIC, colour=GREY)

    def _choices(self, row: Row, top: float) -> None:
        for choice in row.choices:
            self.sheet.frame(Box(ANSWER_LEFT, top - 1.5, TICK, TICK))
            self.sheet.block(list(choice.lines), ANSWER_LEFT + TICK + 6, top, size=SIZE)
            top -= choice.height

    def _note(self, note: Note, left: float, top: float) -> None:
        annotation = note.annotation
        fill = self.colours.get(annotation.domain, UNSENT)
        box = Box(left, top, note.width, note.height)
        self.sheet.note(box, list(note.lines), annotation.text, fill, bold=note.bold)
        for place in annotation.places:
            self.pages.setdefault(place, set()).add(self.sheet.page)


def _says_not_submitted(annotations: Sequence[Annotation]) -> bool:
    return any(each.text == NOT_SUBMITTED for each in annotations)
