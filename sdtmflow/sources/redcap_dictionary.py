"""REDCap's data dictionary: 18 columns, one row a field, with REDCap's own or the API's headers."""

from __future__ import annotations

import csv
import html
import re
from dataclasses import dataclass

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.raw import DeliveredFile, RawColumn
from sdtmflow.sources.text import encoding_of, separator_of

_HEADERS = {
    "field": ("variable / field name", "field_name"),
    "form": ("form name", "form_name"),
    "type": ("field type", "field_type"),
    "label": ("field label", "field_label"),
    "choices": (
        "choices, calculations, or slider labels",
        "choices or calculations",
        "select_choices_or_calculations",
    ),
    "validation": (
        "text validation type or show slider number",
        "text_validation_type_or_show_slider_number",
    ),
    "identifier": ("identifier?", "identifier"),
}
_NAME = {header: name for name, headers in _HEADERS.items() for header in headers}
_FIXED_CODES = {
    "yesno": {"1": "Yes", "0": "No"},
    "truefalse": {"1": "True", "0": "False"},
}
_CHECKED = {"0": "Unchecked", "1": "Checked"}
_STATUS = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
_TAG = re.compile(r"<[^>]+>")

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Instruments in the dictionary's order, each with the columns that an export gives it."""

    record_id: str
    """The first field: the key of every record, whatever its name."""
    instruments: dict[str, dict[str, RawColumn]]
    checkboxes: frozenset[str]
    """Columns that are 0 where nobody answered."""

    @property
    def columns(self) -> set[str]:
        """Every column of every instrument."""
        return {name for columns in self.instruments.values() for name in columns}


def is_dictionary(file: DeliveredFile) -> bool:
    """Whether the first line is that of a data dictionary."""
    encoding = encoding_of(file.path, "", file.name).name
    with file.path.open(encoding=encoding, newline="") as stream:
        first = stream.readline().lower()
    return any(
        field in first and form in first
        for field, form in zip(_HEADERS["field"], _HEADERS["form"], strict=True)
    )


def read_dictionary(file: DeliveredFile) -> Dictionary:
    """The dictionary in ``file``. Raises DeliveryError where fields or forms are missing."""
    rows = _rows(file)
    if not rows or not all(row.get("field") and row.get("form") for row in rows):
        raise DeliveryError(
            "a row of the data dictionary names no field or no form",
            place=file.name,
            remedy="export the data dictionary from REDCap again",
        )
    instruments: dict[str, dict[str, RawColumn]] = {}
    checkboxes: set[str] = set()
    for row in rows:
        columns = instruments.setdefault(row["form"], {})
        found = _columns(row)
        columns |= found
        if row["type"] == "checkbox":
            checkboxes.update(found)
    for form, columns in instruments.items():
        status = f"{form}_complete"
        columns[status] = RawColumn(status, f"{form}: complete?", "status", _STATUS)
    return Dictionary(rows[0]["field"], instruments, frozenset(checkboxes))


def _rows(file: DeliveredFile) -> list[Row]:
    encoding = encoding_of(file.path, "", file.name).name
    separator = separator_of(file.path, encoding, 1)
    with file.path.open(encoding=encoding, newline="") as stream:
        records = csv.reader(stream, delimiter=separator)
        names = [_NAME.get(name.strip().strip("\ufeff").lower(), "") for name in next(records, [])]
        return [
            {name: cell.strip() for name, cell in zip(names, record, strict=False) if name}
            for record in records
            if any(record)
        ]


def _columns(row: Row) -> dict[str, RawColumn]:
    """The export's columns for one field: none for a text on the form, many for a checkbox."""
    kind, field, label = row["type"], row["field"], _plain(row.get("label", ""))
    identifier = row.get("identifier", "").lower() == "y"
    if kind == "descriptive":
        return {}
    codes = _FIXED_CODES.get(kind) or _choices(row.get("choices", ""), kind)
    if kind == "checkbox":
        return {
            name: RawColumn(name, f"{label} (choice={choice})", kind, _CHECKED, identifier)
            for code, choice in codes.items()
            for name in [checkbox_column(field, code)]
        }
    shown = row.get("validation", "") or kind
    return {field: RawColumn(field, label, shown, codes, identifier)}


def checkbox_column(field: str, code: str) -> str:
    """``race`` and ``-1`` → ``race____1``: REDCap lower-cases codes and writes ``_`` for signs."""
    return f"{field}___{re.sub('[^a-z0-9_]', '_', code.lower())}"


def _choices(text: str, kind: str) -> dict[str, str]:
    """``1, Female | 0, Male`` → codes; calculations and sliders have none."""
    if kind not in {"radio", "dropdown", "checkbox"}:
        return {}
    pairs = (choice.partition(",") for choice in text.replace("\n", "|").split("|"))
    return {code.strip(): _plain(label) for code, _, label in pairs if code.strip()}


def _plain(text: str) -> str:
    """A label without its HTML."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())
