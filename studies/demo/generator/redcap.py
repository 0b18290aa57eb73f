"""Site 02: a REDCap project with events and repeating instruments, raw codes and a dictionary."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from generator.layout import Column, Form
from generator.record import Record, SiteData
from generator.redcap_forms import AT_VISIT, CHOICES, EVENTS, FORMS, LOG_EVENT, RACE, REPEATING

DATA_FILE = "DEMO01_DATA_2026-01-12.csv"
DICTIONARY_FILE = "DEMO01_DataDictionary_2026-01-12.csv"
KEYS = ("record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")


def imperial(record: Record) -> dict[str, str]:
    """This hospital measures in °F, inches and pounds."""
    converted = {}
    for test, digits, factor, offset in (
        ("TEMP", 1, 1.8, 32.0),
        ("HEIGHT", 1, 1 / 2.54, 0.0),
        ("WEIGHT", 1, 1 / 0.45359237, 0.0),
    ):
        if result := record[f"{test}_VSORRES"]:
            converted[f"{test}_VSORRES"] = f"{float(result) * factor + offset:.{digits}f}"
    return converted


def export(data: SiteData) -> tuple[bytes, bytes]:
    """The data and the dictionary; notes in each record where it stands."""
    fields = [name for form in FORMS.values() for name in _fields(form)]
    rows = [row for record in data["dm"] for row in _rows(record["SUBJID"], data)]
    for number, (_, records) in enumerate(rows, start=1):
        for record in records:
            record.written(f"site02/{DATA_FILE}", number)
    return _csv([*KEYS, *fields], [row for row, _ in rows]), _dictionary()


def _rows(subject: str, data: SiteData) -> Iterable[tuple[dict[str, str], list[Record]]]:
    """One row per event, then one per repeat of each repeating instrument."""
    yield from _visit_rows(subject, data)
    end = [record for record in data["ds"] if record["SUBJID"] == subject]
    yield _row(subject, LOG_EVENT, [("ds", record) for record in end])
    for table in REPEATING:
        own = [record for record in data[table] if record["SUBJID"] == subject]
        for number, record in enumerate(own, start=1):
            repeat = {KEYS[2]: FORMS[table].sent, KEYS[3]: str(number)}
            yield _row(subject, LOG_EVENT, [(table, record)], repeat)


def _visit_rows(subject: str, data: SiteData) -> Iterable[tuple[dict[str, str], list[Record]]]:
    unscheduled = 0
    for measured in data["vs"]:
        if measured["SUBJID"] != subject:
            continue
        visit, repeat = measured["VISIT"], {}
        if visit == "UNSCHEDULED":
            unscheduled += 1
            repeat = {KEYS[3]: str(unscheduled)}
        once = [
            (table, record)
            for table, at in AT_VISIT.items()
            if at == visit
            for record in data[table]
            if record["SUBJID"] == subject
        ]
        yield _row(subject, EVENTS[visit], [*once, ("vs", measured)], repeat)


def _row(
    subject: str,
    event: str,
    records: list[tuple[str, Record]],
    repeat: Mapping[str, str] | None = None,
) -> tuple[dict[str, str], list[Record]]:
    row = {KEYS[0]: subject, KEYS[1]: event, **(repeat or {})}
    for table, record in records:
        row |= _stored(FORMS[table], record)
    return row, [record for _, record in records]


def _stored(form: Form, record: Record) -> dict[str, str]:
    seen = Record(record.values | imperial(record)) if form.table == "vs" else record
    stored = {column.sent: column.value(seen) for column in form.columns if column.name != "RACE"}
    if form.table == "dm":
        races = {record["RACE"], record["RACE2"]}
        stored |= {f"race___{code}": str(int(race in races)) for race, code in RACE.codes.items()}
    return stored | {f"{form.sent}_complete": "2"}


def _fields(form: Form) -> list[str]:
    """The export's columns of an instrument."""
    names = [column.sent for column in form.columns if column.name != "RACE"]
    if form.table == "dm":
        names += [f"race___{code}" for code in RACE.codes.values()]
    return [*names, f"{form.sent}_complete"]


def _csv(header: list[str], rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


_DICTIONARY_HEADER = [
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note",
    "Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max",
    "Identifier?", "Branching Logic (Show field only if...)", "Required Field?",
    "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name",
    "Matrix Ranking?", "Field Annotation",
]  # fmt: skip


def _dictionary() -> bytes:
    first = {"Variable / Field Name": "record_id", "Form Name": FORMS["dm"].sent,
             "Field Type": "text", "Field Label": "Subject number"}  # fmt: skip
    rows = [_dictionary_row(form, column) for form in FORMS.values() for column in form.columns]
    return _csv(_DICTIONARY_HEADER, [first, *rows])


def _dictionary_row(form: Form, column: Column) -> dict[str, str]:
    choice = CHOICES.get(column.sent)
    kind = "checkbox" if column.name == "RACE" else "radio" if choice else "text"
    validation = {"date": "date_ymd", "number": "number"}.get(column.kind, "")
    return {
        "Variable / Field Name": column.sent,
        "Form Name": form.sent,
        "Field Type": kind,
        "Field Label": column.label,
        "Choices, Calculations, OR Slider Labels": choice.choices() if choice else "",
        "Text Validation Type OR Show Slider Number": validation,
        "Identifier?": "y" if column.name == "BRTHDAT" else "",
    }
