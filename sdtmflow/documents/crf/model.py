"""The annotated CRF before it is drawn: forms, their fields, and what each became in SDTM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Place = tuple[str, str, str]
"""(dataset, variable, value of its value level or ""), as define.xml names what has a page."""

NOT_SUBMITTED = "[NOT SUBMITTED]"

Answer = Literal["text", "date", "number", "choice", "tick", "printed"]
"""How a field is answered: ``tick`` is one box alone, ``printed`` is filled in beforehand."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """What an answer became: ``VSORRES when VSTESTCD = SYSBP``."""

    domain: str
    """The domain whose colour it has; empty: not submitted."""
    text: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of several; ``code`` where the form records another text than it shows."""

    label: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A question, the room for its answer, and its annotations."""

    name: str
    """The study's column."""
    question: str
    """Empty where it goes on with the question before (one of several boxes to tick)."""
    answer: Answer = "text"
    options: tuple[Option, ...] = ()
    unit: str = ""
    annotations: tuple[Annotation, ...] = ()
    remark: str = ""
    """What stands small below the question: who alone asks it, what the system calls it."""


@dataclass(frozen=True, slots=True)
class Form:
    """One unique form. ``headed`` annotates what every form has at its head."""

    table: str
    title: str
    drawn_from: str
    datasets: tuple[tuple[str, str], ...]
    """(domain, label) of what the form feeds."""
    fields: tuple[Field, ...]
    headed: tuple[tuple[str, Annotation], ...] = ()
    """(``Site``, ``Subject`` or ``Visit``, annotation)."""
    notes: tuple[Annotation, ...] = ()
    """What the form itself sets: ``DSCAT = PROTOCOL MILESTONE``."""
    visits: tuple[str, ...] = ()
    """The planned visits at which it was collected, in order."""

    def annotations(self) -> Iterator[Annotation]:
        """All annotations."""
        yield from (annotation for _, annotation in self.headed)
        yield from self.notes
        for field in self.fields:
            yield from field.annotations


@dataclass(frozen=True, slots=True)
class Crf:
    """The forms of a study."""

    study: str
    title: str
    cutoff: str
    forms: tuple[Form, ...]
    visits: tuple[str, ...] = ()
    """The planned visits, in order."""


@dataclass(frozen=True, slots=True)
class NotSubmitted:
    """A question of the CRF that went nowhere; without a field the whole form."""

    table: str
    form: str
    column: str = ""
    question: str = ""
    page: int = 0

    @property
    def key(self) -> str:
        """How ``guide/csdrg.yaml`` names it."""
        return f"{self.table}.{self.column}" if self.column else self.table
