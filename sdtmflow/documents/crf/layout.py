"""Which rows of each form stand on which page, known before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sdtmflow.documents.crf.model import Annotation, Crf, Form
from sdtmflow.documents.crf.rows import NOTE_GAP, Note, Row, flow, flow_height, note_of, rows_of
from sdtmflow.documents.pdf.sheet import BOTTOM, LEFT, RIGHT, TOP

TITLE_HEIGHT = 26.0
SOURCE_HEIGHT = 15.0
BAND_HEIGHT = 30.0
WIDTH = RIGHT - LEFT
FRONT_ROWS = 22
"""Forms listed on the first page, below title and conventions."""
CONTENTS_ROWS = 40
"""Forms listed on each further page of the contents."""
HEADS = ("Site", "Subject", "Visit")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the first row of a form."""

    datasets: tuple[tuple[Note, ...], ...]
    heads: tuple[tuple[str, tuple[Note, ...]], ...]
    notes: tuple[tuple[Note, ...], ...]

    @property
    def band(self) -> float:
        """The height of the band with site, subject and visit."""
        stacked = [sum(note.height + NOTE_GAP for note in notes) for _, notes in self.heads]
        return BAND_HEIGHT + max(stacked, default=0)

    @property
    def height(self) -> float:
        """All of it, the form's title included."""
        above = TITLE_HEIGHT + SOURCE_HEIGHT + flow_height(self.datasets)
        return above + self.band + flow_height(self.notes) + 8


@dataclass(frozen=True, slots=True)
class FormPage:
    """One page: the form's head (on its first page only) and some of its rows."""

    form: Form
    rows: tuple[Row, ...]
    head: Head | None


def pages_of(form: Form) -> tuple[FormPage, ...]:
    """The pages of a form; a row is never divided."""
    head = _head(form)
    pages: list[FormPage] = []
    rows: list[Row] = []
    room = TOP - BOTTOM - head.height
    for row in rows_of(form.fields):
        if rows and row.height > room:
            pages.append(FormPage(form, tuple(rows), None if pages else head))
            rows, room = [], TOP - BOTTOM - TITLE_HEIGHT - 8
        rows.append(row)
        room -= row.height
    pages.append(FormPage(form, tuple(rows), None if pages else head))
    return tuple(pages)


def _head(form: Form) -> Head:
    datasets = [
        note_of(Annotation(name, f"{name} ({label})"), WIDTH, bold=True)
        for name, label in form.datasets
    ]
    third = WIDTH / len(HEADS) - 8
    heads = {name: [note_of(a, third) for at, a in form.headed if at == name] for name in HEADS}
    notes = [note_of(note, WIDTH, bold=not note.domain) for note in form.notes]
    return Head(
        _lines(flow(datasets, WIDTH)),
        tuple((name, tuple(found)) for name, found in heads.items()),
        _lines(flow(notes, WIDTH)),
    )


def _lines(found: Sequence[Sequence[Note]]) -> tuple[tuple[Note, ...], ...]:
    return tuple(map(tuple, found))


def form_key(form: Form) -> str:
    """The mark of a form's first page."""
    return f"form.{form.table}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The document: pages of contents, then the forms."""

    crf: Crf
    contents: tuple[tuple[Form, ...], ...]
    """The forms that each page of contents lists."""
    pages: tuple[FormPage, ...]

    @property
    def total(self) -> int:
        """All pages."""
        return len(self.contents) + len(self.pages)

    def first_page(self, form: Form) -> int:
        """The page on which the form begins, from 1."""
        begins = (at for at, page in enumerate(self.pages) if page.form is form)
        return len(self.contents) + 1 + next(begins)


def layout_of(crf: Crf) -> Layout:
    """Where everything stands."""
    pages = tuple(page for form in crf.forms for page in pages_of(form))
    return Layout(crf, tuple(_contents(crf.forms)), pages)


def _contents(forms: Sequence[Form]) -> Iterator[tuple[Form, ...]]:
    yield tuple(forms[:FRONT_ROWS])
    for at in range(FRONT_ROWS, len(forms), CONTENTS_ROWS):
        yield tuple(forms[at : at + CONTENTS_ROWS])
