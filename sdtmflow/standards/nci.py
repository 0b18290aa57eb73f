"""A CT package in the forms that NCI EVS publishes: tab-delimited text, ODM-XML, Excel.

All three say the same, one codelist after the other with its terms; the same package gives the
same tables from each. The form is told by the file's first bytes, never by its name.
"""

from __future__ import annotations

from pathlib import Path

from sdtmflow.errors import StudyError
from sdtmflow.standards.nci_excel import excel_rows
from sdtmflow.standards.nci_odm import odm_rows
from sdtmflow.standards.nci_rows import Package, Sent, package_of
from sdtmflow.standards.nci_text import text_rows

__all__ = ["Package", "read_package"]

_FORMS = "the tab-delimited text, the ODM-XML or the .xlsx of NCI EVS"
_HEAD = 1024
_OTHER_KINDS = (
    (b"\xd0\xcf\x11\xe0", "an Excel file of the old kind (.xls)"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)


def read_package(path: Path) -> Package:
    """Read ``path``; nothing is repaired in silence, what is unusual is in the package's notes.

    Raises StudyError where the file is missing, of another kind, cut off, lacks a column, or
    contradicts itself.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise StudyError(
            "no CT package could be read", place=path.name, remedy=f"give {_FORMS}"
        ) from error
    return package_of(_sent(path, head), path.name)


def _sent(path: Path, head: bytes) -> Sent:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"<":
        return odm_rows(path)
    if head.startswith(b"PK"):
        return excel_rows(path)
    for magic, kind in _OTHER_KINDS:
        if text.startswith(magic):
            raise StudyError(f"this is {kind}", place=path.name, remedy=f"give {_FORMS}")
    if not text:
        raise StudyError("the file is empty", place=path.name, remedy=f"give {_FORMS}")
    return text_rows(path)
