"""Bookmarks: by visit, then by form; both lead to the one page that a form has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sdtmflow.documents.crf.model import Crf, Form
from sdtmflow.documents.crf.schedule import UNSCHEDULED

CONTENTS = "contents"
ANY_TIME = "At any time"
"""Forms that belong to no planned visit: logs such as adverse events."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A bookmark; ``key`` is the mark that it leads to, on the first page of the form ``table``."""

    title: str
    level: int
    table: str
    key: str

    @property
    def closed(self) -> bool:
        """Whether what is below it is folded at first."""
        return self.level == 1


def by_visit(crf: Crf) -> list[tuple[str, list[Form]]]:
    """The planned visits in order, each with its forms; visits without a form are left out."""
    names = [*crf.visits, UNSCHEDULED]
    found = [(name, [form for form in crf.forms if name in form.visits]) for name in names]
    found.append((ANY_TIME, [form for form in crf.forms if not form.visits]))
    return [(name, forms) for name, forms in found if forms]


def outline_of(crf: Crf) -> tuple[Entry, ...]:
    """The bookmarks in order; each has a mark of its own."""
    found = enumerate(_outline(crf))
    return tuple(Entry(title, level, table, f"mark{at}") for at, (title, level, table) in found)


def _outline(crf: Crf) -> Iterator[tuple[str, int, str]]:
    """(title, level, table)."""
    yield "Contents", 0, CONTENTS
    if not crf.forms:
        return
    groups = by_visit(crf)
    yield "Visits", 0, groups[0][1][0].table
    for name, forms in groups:
        yield name, 1, forms[0].table
        yield from ((form.title, 2, form.table) for form in forms)
    yield "Forms", 0, crf.forms[0].table
    for form in sorted(crf.forms, key=lambda form: form.title.casefold()):
        yield form.title, 1, form.table
