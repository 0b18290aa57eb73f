"""The measured parts of a form: what each field needs of the page before it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TypeVar

from sdtmflow.documents.crf.model import Annotation, Field, Option
from sdtmflow.documents.pdf.fonts import BOLD, REGULAR, fitted, lines, width_of
from sdtmflow.documents.pdf.sheet import (
    LEADING,
    LEFT,
    NOTE_PADDING,
    NOTE_SIZE,
    RIGHT,
    block_height,
)

QUESTION_WIDTH = 170.0
ANSWER_LEFT = LEFT + QUESTION_WIDTH + 10
ANSWER_WIDTH = 158.0
NOTE_LEFT = ANSWER_LEFT + ANSWER_WIDTH + 10
NOTE_WIDTH = RIGHT - NOTE_LEFT
SIZE = 9.5
BOX_HEIGHT = 15.0
TICK = 8.0
OPTION_GAP = 3.0
PADDING = 5.0
NOTE_GAP = 3.0
TALLEST = 540.0
"""A taller list of answers or annotations goes on in the next row: every row fits a page."""


@dataclass(frozen=True, slots=True)
class Note:
    """An annotation as it is drawn."""

    annotation: Annotation
    lines: tuple[str, ...]
    width: float
    bold: bool = False

    @property
    def height(self) -> float:
        """With its frame."""
        return block_height(list(self.lines), NOTE_SIZE) + 2 * NOTE_PADDING


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to tick, as it is drawn."""

    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """With the gap below it."""
        return block_height(list(self.lines), SIZE) + OPTION_GAP


@dataclass(frozen=True, slots=True)
class Row:
    """A field, or a part of a very long list of answers."""

    field: Field
    question: tuple[str, ...]
    remark: tuple[str, ...]
    choices: tuple[Choice, ...]
    notes: tuple[Note, ...]

    @property
    def height(self) -> float:
        """What the row takes of the page."""
        asked = block_height(list(self.question), SIZE) + block_height(list(self.remark), 8.5)
        boxed = 0.0 if self.field.options else BOX_HEIGHT
        answered = sum(choice.height for choice in self.choices) or boxed
        noted = sum(note.height + NOTE_GAP for note in self.notes) - NOTE_GAP
        return max(asked, answered, noted) + 2 * PADDING


MOST_LINES = 40
"""Lines of a question; a longer one goes on in the next row."""
_Tall = TypeVar("_Tall", Choice, Note)


def rows_of(fields: Iterable[Field]) -> Iterator[Row]:
    """The rows of a form; of several boxes of one question only the first has its text."""
    before = ""
    for field in fields:
        again = field.answer == "tick" and field.question == before
        before = field.question
        yield from _rows(replace(field, question="") if again else field)


def _rows(field: Field) -> Iterator[Row]:
    asked = lines(field.question, REGULAR, SIZE, QUESTION_WIDTH)
    questions = [asked[at : at + MOST_LINES] for at in range(0, len(asked), MOST_LINES)]
    choices = _divided([_choice(option) for option in field.options])
    notes = _divided([note_of(each, NOTE_WIDTH) for each in field.annotations], NOTE_GAP)
    parts = zip_longest(questions, choices, notes, fillvalue=None)
    for at, (question, part, noted) in enumerate(parts):
        yield Row(
            field=field,
            question=tuple(question if question is not None else _again(field) if at else ()),
            remark=() if at else tuple(lines(field.remark, REGULAR, 8.5, QUESTION_WIDTH)),
            choices=tuple(part or ()),
            notes=tuple(noted or ()),
        )


def _again(field: Field) -> list[str]:
    """What a row says whose question stands above."""
    shown = fitted(field.question, REGULAR, SIZE, QUESTION_WIDTH)
    return [shown, "(continued)"]


def _divided(things: Sequence[_Tall], gap: float = 0.0) -> list[list[_Tall]]:
    """What stands below each other, in parts of at most ``TALLEST``; one part at least."""
    parts: list[list[_Tall]] = [[]]
    used = 0.0
    for thing in things:
        if parts[-1] and used + thing.height > TALLEST:
            parts.append([])
            used = 0.0
        parts[-1].append(thing)
        used += thing.height + gap
    return parts


def _choice(option: Option) -> Choice:
    text = f"{option.label} ({option.code})" if option.code else option.label
    return Choice(tuple(lines(text, REGULAR, SIZE, ANSWER_WIDTH - TICK - 6)))


def note_of(annotation: Annotation, width: float, *, bold: bool = False) -> Note:
    """The annotation in a frame as wide as it needs, at most ``width``."""
    font = BOLD if bold else REGULAR
    room = width - 2 * NOTE_PADDING - 1
    found = lines(annotation.text, font, NOTE_SIZE, room)
    needed = max((width_of(line, font, NOTE_SIZE) for line in found), default=0)
    return Note(annotation, tuple(found), min(width, needed + 2 * NOTE_PADDING + 1), bold)


def flow(notes: Sequence[Note], width: float) -> list[list[Note]]:
    """Notes side by side, in as many lines as they need."""
    found: list[list[Note]] = []
    used = width + 1
    for note in notes:
        if used + note.width > width or not found:
            found.append([])
            used = 0.0
        found[-1].append(note)
        used += note.width + NOTE_GAP * 2
    return found


def flow_height(found: Sequence[Sequence[Note]]) -> float:
    """The height of notes that stand side by side in lines."""
    return sum(max(note.height for note in line) + NOTE_GAP for line in found)


__all__ = ["LEADING", "Choice", "Note", "Row", "flow", "flow_height", "note_of", "rows_of"]
