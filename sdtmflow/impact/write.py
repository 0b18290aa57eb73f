"""An impact as a page, a workbook, or CSV; the same impact gives the same bytes."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from sdtmflow.formats.workbook import OPTIONS, Row, sheet
from sdtmflow.impact.effects import CodelistRow, Effect, Impact, Kind, Weight
from sdtmflow.report.page import inline, template

_EFFECTS = (
    ("Effect", 10),
    ("About", 10),
    ("Codelist", 14),
    ("Where", 16),
    ("Value", 30),
    ("Becomes", 30),
    ("Records", 9),
    ("What", 64),
    ("Lines", 44),
)
_CODELISTS = (
    ("Codelist", 14),
    ("Code", 10),
    ("Name", 44),
    ("Extensible", 12),
    ("Removed", 9),
    ("Added", 9),
    ("Renamed", 9),
    ("Recoded", 9),
    ("Wording", 9),
    ("Used by", 60),
)
_TITLES = {
    Kind.SPEC: ("Spec lines", "Lines that would be refused"),
    Kind.CODELIST: ("Codelists", "Codelists that differ as such"),
    Kind.TERM: ("Values", "Values that the study carries, maps to or writes"),
    Kind.RECORDS: ("Cells", "Cells that the same deliveries would give otherwise"),
    Kind.FINDING: ("Findings", "Findings of mapping that would come or go"),
}
"""What the page calls each kind, short and in full."""
_MEANINGS = {
    Weight.BREAKS: "a spec is refused, or a value becomes a finding",
    Weight.CHANGES: "datasets or define.xml say something else",
    Weight.HEALS: "a finding or sponsor extension is no more",
    Weight.NOTE: "good to know",
}


def write_html(impact: Impact, path: Path) -> None:
    """One page that loads nothing from anywhere; every value is escaped."""
    sections = [
        (kind, *titles, [each for each in impact.effects if each.kind is kind])
        for kind, titles in _TITLES.items()
    ]
    text = template("impact.html.j2").render(
        impact=impact,
        sections=[section for section in sections if section[-1]],
        meanings=_MEANINGS,
        differing=[row for row in impact.codelists if row.differs or "→" in row.extensible],
        style=inline("report.css"),
        own_style=inline("impact.css"),
    )
    path.write_text(text, encoding="utf-8")


def write_xlsx(impact: Impact, path: Path) -> None:
    """Sheets: what was compared, effects, codelists. Its only date is the new version's."""
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        book.set_properties(
            {
                "title": f"{impact.study}: SDTM CT {impact.before} to {impact.after}",
                "created": dt.datetime.combine(impact.after, dt.time()),
            }
        )
        sheet(book, "Upgrade", (("Item", 28), ("Value", 90)), _summary(impact))
        sheet(book, "Effects", _EFFECTS, map(_effect, impact.effects))
        sheet(book, "Codelists", _CODELISTS, map(_codelist, impact.codelists))


def write_csv(impact: Impact, path: Path) -> None:
    """The effects, one a row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(head.lower() for head, _ in _EFFECTS)
        rows.writerows(map(_effect, impact.effects))


def _summary(impact: Impact) -> Iterator[Row]:
    yield ("Study", impact.study)
    yield ("Title", impact.title)
    yield ("Pinned version", str(impact.before))
    yield ("New version", str(impact.after))
    yield ("Data", impact.data or "none: only specs and terms files were looked at")
    yield ("Mapped under both versions", "yes" if impact.mapped else "no")
    for weight, meaning in _MEANINGS.items():
        yield (f"Effects: {weight}", f"{impact.count(weight):,} ({meaning})")


def _effect(effect: Effect) -> Row:
    return (
        *(effect.weight.value, effect.kind.value, effect.codelist, effect.where),
        *(effect.value, effect.becomes),
        "" if effect.records is None else effect.records,
        *(effect.message, ", ".join(effect.places)),
    )


def _codelist(row: CodelistRow) -> Row:
    return (
        *(row.submission_value, row.code, row.name, row.extensible),
        *(row.removed, row.added, row.renamed, row.recoded, row.wording),
        ", ".join(row.used_by),
    )
