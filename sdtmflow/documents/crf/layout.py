"""Which rows of each form stand on which page, known before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sdtmflow.documents.crf.front import Front, front_of
from sdtmflow.documents.crf.model import Annotation, Crf, Form
from sdtmflow.documents.crf.rows import NOTE_GAP, Note, Row, flow, flow_height, note_of, rows_of
from sdtmflow.documents.pdf.sheet import BOTTOM, LEFT, RIGHT, TOP

TITLE_HEIGHT = 26.0
SOURCE_HEIGHT = 15.0
BAND_HEIGHT = 30.0
WIDTH = RIGHT - LEFT
CONTENTS_ROW = 15.0
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
        if row.height > room and (rows or not pages):
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
    front: Front
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


def layout_of(crf: Crf, title: str) -> Layout:
    """Where everything stands; ``title`` is the document's."""
    pages = tuple(page for form in crf.forms for page in pages_of(form))
    front = front_of(crf, title)
    return Layout(crf, front, tuple(_contents(crf.forms, front.height)), pages)


def _contents(forms: Sequence[Form], front: float) -> Iterator[tuple[Form, ...]]:
    """As many forms a page as there is room for, below the front on the first."""
    first = max(0, _rows(TOP - BOTTOM - front))
    yield tuple(forms[:first])
    each = _rows(TOP - BOTTOM)
    for at in range(first, len(forms), each):
        yield tuple(forms[at : at + each])


def _rows(room: float) -> int:
    """The rows below the head of the list."""
    return int(room // CONTENTS_ROW) - 1
