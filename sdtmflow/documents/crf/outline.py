"""Bookmarks: by visit, then by form; both lead to the one page that a form has."""

from __future__ import annotations

from sdtmflow.documents.crf.model import Crf, Form
from sdtmflow.documents.crf.schedule import UNSCHEDULED
from sdtmflow.documents.pdf.sheet import Sheet

CONTENTS = "contents"
ANY_TIME = "At any time"
"""Forms that belong to no planned visit: logs such as adverse events."""


def by_visit(crf: Crf) -> list[tuple[str, list[Form]]]:
    """The planned visits in order, each with its forms; visits without a form are left out."""
    names = [*crf.visits, UNSCHEDULED]
    found = [(name, [form for form in crf.forms if name in form.visits]) for name in names]
    found.append((ANY_TIME, [form for form in crf.forms if not form.visits]))
    return [(name, forms) for name, forms in found if forms]


def add_outline(sheet: Sheet, crf: Crf) -> None:
    """The bookmarks of the document."""
    sheet.bookmark("Contents", CONTENTS, 0)
    groups = by_visit(crf)
    if groups:
        sheet.bookmark("Visits", f"form.{groups[0][1][0].table}", 0)
    for name, forms in groups:
        sheet.bookmark(name, f"form.{forms[0].table}", 1, closed=True)
        for form in forms:
            sheet.bookmark(form.title, f"form.{form.table}", 2)
    if crf.forms:
        sheet.bookmark("Forms", f"form.{crf.forms[0].table}", 0)
    for form in sorted(crf.forms, key=lambda form: form.title.casefold()):
        sheet.bookmark(form.title, f"form.{form.table}", 1)
