"""The first page's words and colours, measured before they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from sdtmflow.documents.crf.model import NOT_SUBMITTED, Annotation, Crf
from sdtmflow.documents.crf.rows import Note, flow, flow_height, note_of
from sdtmflow.documents.pdf.fonts import BOLD, REGULAR, lines
from sdtmflow.documents.pdf.sheet import LEFT, RIGHT, block_height

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


@dataclass(frozen=True, slots=True)
class Words:
    """Lines of one size, with the room below them."""

    lines: tuple[str, ...]
    size: float
    below: float = 0.0
    font: str = REGULAR

    @property
    def height(self) -> float:
        """With the room below."""
        return block_height(list(self.lines), self.size) + self.below


@dataclass(frozen=True, slots=True)
class Front:
    """What stands above the list of forms."""

    words: tuple[Words, ...]
    legend: tuple[tuple[Note, ...], ...]

    @property
    def height(self) -> float:
        """All of it."""
        return sum(each.height for each in self.words) + flow_height(self.legend) + 10


def front_of(crf: Crf, title: str) -> Front:
    """The title, the study, how to read the document, and the colour of each dataset."""
    width = RIGHT - LEFT
    study = (f"Study {crf.study}", crf.title, f"Data cut-off {crf.cutoff}")
    words = [Words((title,), 18, 4, BOLD)]
    words += [Words(tuple(lines(text, REGULAR, 10.5, width)), 10.5) for text in study]
    words.append(Words((), 9.5, 10))
    words += [
        Words(tuple(lines(text, REGULAR, 9.5, width)), 9.5, 5) for text in (_READING, _UNIQUE)
    ]
    labels = {name: label for form in crf.forms for name, label in form.datasets}
    notes = [
        note_of(Annotation(name, f"{name} ({label})"), width, bold=True)
        for name, label in labels.items()
    ]
    return Front(tuple(words), tuple(map(tuple, flow(notes, width))))
