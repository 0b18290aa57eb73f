"""The columns of a query list, as it goes out and as it comes back."""

from __future__ import annotations

from collections.abc import Callable

from sdtmflow.queries.asking import Query

ID, ANSWER, FINDING = "Query", "Answer", "Finding"
COLUMNS: tuple[tuple[str, int, Callable[[Query], str | int]], ...] = (
    (ID, 10, lambda q: q.id),
    ("Asked on", 11, lambda q: q.asked_on.isoformat()),
    ("Days", 6, lambda q: q.age),
    ("Severity", 9, lambda q: q.severity),
    ("Form", 9, lambda q: q.dataset),
    ("Subject", 15, lambda q: q.subject),
    ("Visit", 13, lambda q: q.visit),
    ("Record", 24, lambda q: q.record_key),
    ("Field", 12, lambda q: q.variable),
    ("Value", 22, lambda q: q.value),
    ("What we found", 38, lambda q: q.message),
    ("What we ask", 38, lambda q: q.text),
    (ANSWER, 36, lambda q: q.answer),
    (FINDING, 20, lambda q: q.fingerprint),
)
"""Head, width in characters, and what stands there."""
NEEDED = (ID, ANSWER, FINDING)
"""The columns that an answer needs; the others may come back in any form."""
