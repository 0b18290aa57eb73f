"""The first pages of the annotated CRF: what it is, how to read it, and where each form stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sdtmflow.documents.crf.layout import WIDTH, Layout, form_key
from sdtmflow.documents.crf.model import NOT_SUBMITTED, Annotation, Form
from sdtmflow.documents.crf.outline import ANY_TIME, CONTENTS, Entry
from sdtmflow.documents.crf.rows import NOTE_GAP, flow, note_of
from sdtmflow.documents.pdf.fonts import BOLD, REGULAR, fitted, lines, width_of
from sdtmflow.documents.pdf.sheet import GREY, LEFT, LINK, RIGHT, TOP, Box, Colour, Sheet

_READING = (
    "Each dataset has one colour. Its name and label stand at the head of every form that feeds "
    "it; what an answer became stands beside the question: a variable, a variable under a "
    "condition (VSORRES when VSTESTCD = SYSBP), or a supplemental qualifier (RACEOTH in SUPPDM). A "
    "value that the form itself decides is written as DSCAT = PROTOCOL MILESTONE. "
    f"{NOT_SUBMITTED} marks what is collected and not submitted."
)
_UNIQUE = (
    "Every form is shown once, whatever the number of visits at which it is filled in; the "
    "bookmarks lead to it by visit and by form."
)
_ROW = 15.0


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
    crf = layout.crf
    top = TOP - 10
    top -= sheet.block(["Annotated Case Report Form"], LEFT, top, size=18, font=BOLD) + 4
    for text in (f"Study {crf.study}", crf.title, f"Data cut-off {crf.cutoff}"):
        top -= sheet.block(lines(text, REGULAR, 10.5, WIDTH), LEFT, top, size=10.5)
    top -= 10
    for text in (_READING, _UNIQUE):
        top -= sheet.block(lines(text, REGULAR, 9.5, WIDTH), LEFT, top, size=9.5) + 5
    return _legend(sheet, layout, colours, top - 4) - 10


def _legend(sheet: Sheet, layout: Layout, colours: Mapping[str, Colour], top: float) -> float:
    labels = {name: label for form in layout.crf.forms for name, label in form.datasets}
    notes = [
        note_of(Annotation(name, f"{name} ({label})"), WIDTH, bold=True)
        for name, label in labels.items()
    ]
    for line in flow(notes, WIDTH):
        left = LEFT
        for note in line:
            box = Box(left, top, note.width, note.height)
            sheet.frame(box, fill=colours[note.annotation.domain])
            sheet.block(list(note.lines), left + 3, top - 2, size=9, font=BOLD)
            left += note.width + NOTE_GAP * 2
        top -= line[0].height + NOTE_GAP
    return top


_COLUMNS = (("Form", LEFT, 190.0), ("Datasets", LEFT + 196, 90.0), ("Visits", LEFT + 292, 190.0))


def _table(sheet: Sheet, layout: Layout, forms: tuple[Form, ...], top: float) -> None:
    for name, left, _ in _COLUMNS:
        sheet.text(name, left, top - 10, size=9.5, font=BOLD)
    _right(sheet, "Page", top - 10, BOLD)
    sheet.rule(top - _ROW)
    top -= _ROW
    for form in forms:
        page = layout.first_page(form)
        datasets = ", ".join(name for name, _ in form.datasets) or NOT_SUBMITTED
        cells = (form.title, datasets, ", ".join(form.visits) or ANY_TIME)
        for at, (text, (_, left, width)) in enumerate(zip(cells, _COLUMNS, strict=True)):
            shown = fitted(text, REGULAR, 9.5, width)
            sheet.text(shown, left, top - 10.5, size=9.5, colour=GREY if at else LINK)
        _right(sheet, str(page), top - 10.5, REGULAR)
        sheet.link(form_key(form), Box(LEFT, top, WIDTH, _ROW))
        top -= _ROW


def _right(sheet: Sheet, text: str, base: float, font: str) -> None:
    sheet.text(text, RIGHT - width_of(text, font, 9.5), base, size=9.5, font=font)
