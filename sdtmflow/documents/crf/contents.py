"""The first pages of the annotated CRF: what it is, how to read it, and where each form stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdtmflow.documents.crf.layout import CONTENTS_ROW, WIDTH, Layout, form_key
from sdtmflow.documents.crf.model import NOT_SUBMITTED, Crf, Form
from sdtmflow.documents.crf.outline import ANY_TIME, CONTENTS, Entry
from sdtmflow.documents.crf.rows import NOTE_GAP
from sdtmflow.documents.pdf.fonts import BOLD, REGULAR, fitted, width_of
from sdtmflow.documents.pdf.sheet import GREY, LEFT, LINK, RIGHT, TOP, Box, Colour, Sheet

_COLUMNS = (("Form", LEFT, 174.0), ("Datasets", LEFT + 180, 86.0), ("Visits", LEFT + 270, 226.0))


def draw_contents(
    sheet: Sheet, layout: Layout, colours: Mapping[str, Colour], outline: Sequence[Entry]
) -> None:
    """The title, the conventions, the colours, and the list of forms."""
    for at, forms in enumerate(layout.contents):
        sheet.begin()
        for key in [entry.key for entry in outline if entry.table == CONTENTS and not at]:
            sheet.mark(key)
        top = TOP if at else _front(sheet, layout, colours)
        _table(sheet, layout, forms, top)


def _front(sheet: Sheet, layout: Layout, colours: Mapping[str, Colour]) -> float:
    top = TOP
    for words in layout.front.words:
        sheet.block(list(words.lines), LEFT, top, size=words.size, font=words.font)
        top -= words.height
    for line in layout.front.legend:
        left = LEFT
        for note in line:
            box = Box(left, top, note.width, note.height)
            sheet.frame(box, fill=colours[note.annotation.domain])
            sheet.block(list(note.lines), left + 3, top - 2, size=9, font=BOLD)
            left += note.width + NOTE_GAP * 2
        top -= max(note.height for note in line) + NOTE_GAP
    return top - 10


def _table(sheet: Sheet, layout: Layout, forms: tuple[Form, ...], top: float) -> None:
    for name, left, _ in _COLUMNS:
        sheet.text(name, left, top - 10, size=9.5, font=BOLD)
    _right(sheet, "Page", top - 10, BOLD)
    sheet.rule(top - CONTENTS_ROW)
    top -= CONTENTS_ROW
    for form in forms:
        page = layout.first_page(form)
        datasets = ", ".join(name for name, _ in form.datasets) or NOT_SUBMITTED
        cells = (form.title, datasets, visits_in_words(layout.crf, form))
        for at, (text, (_, left, width)) in enumerate(zip(cells, _COLUMNS, strict=True)):
            shown = fitted(text, REGULAR, 9.5, width)
            sheet.text(shown, left, top - 10.5, size=9.5, colour=GREY if at else LINK)
        _right(sheet, str(page), top - 10.5, REGULAR)
        sheet.link(form_key(form), Box(LEFT, top, WIDTH, CONTENTS_ROW))
        top -= CONTENTS_ROW


def visits_in_words(crf: Crf, form: Form) -> str:
    """The visits of a form; more than two that follow each other as ``WEEK 2 to WEEK 12``."""
    runs: list[list[str]] = []
    for visit in form.visits:
        planned = visit in crf.visits
        follows = planned and runs and runs[-1][-1] in crf.visits
        if follows and crf.visits.index(visit) == crf.visits.index(runs[-1][-1]) + 1:
            runs[-1].append(visit)
        else:
            runs.append([visit])
    parts = (f"{run[0]} to {run[-1]}" if run[2:] else ", ".join(run) for run in runs)
    return ", ".join(parts) or ANY_TIME


def _right(sheet: Sheet, text: str, base: float, font: str) -> None:
    sheet.text(text, RIGHT - width_of(text, font, 9.5), base, size=9.5, font=font)
