"""Small CT packages with made-up terms, in the layouts that NCI EVS publishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pytest

from sdtmflow.standards import packages
from sdtmflow.standards.nci import read_package

HEADER = (
    *("Code", "Codelist Code", "Codelist Extensible (Yes/No)", "Codelist Name"),
    *("CDISC Submission Value", "CDISC Synonym(s)", "CDISC Definition", "NCI Preferred Term"),
)
ROWS = (
    ("C66769", "", "No", "Severity", "AESEV", "Severity", "How bad", "Severity"),
    ("C1", "C66769", "", "Severity", 'MILD "so so"', "Grade 1; 1", "Little", "Mild"),
    ("C9", "", "Yes", "Ours", "OURS", "", "What it is", "Ours"),
    ("C2", "C9", "", "Ours", "A & <B>", "", "A thing", "A"),
    ("C3", "C9", "", "Ours", "C", "See; Sea", "Another", "C"),
)

Row = tuple[str, ...]


def text_file(path: Path, rows: Iterable[Row] = ROWS, header: Row = HEADER) -> Path:
    lines = ["\t".join(row) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def odm_file(path: Path, rows: Iterable[Row] = ROWS, version: str = "2025-09-26") -> Path:
    oid = f"CDISC_CT.SDTM.{version}"
    root = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" '
        'xmlns:nciodm="http://ncicb.nci.nih.gov/xml/odm/EVS/CDISC" FileType="Snapshot" '
        f'FileOID="{oid}" ODMVersion="1.3.2" SourceSystemVersion="{version}">'
        f'<Study OID="{oid}"><MetaDataVersion OID="{oid}" Name="CT">'
    )
    parts = [root]
    closing = ""
    for row in rows:
        if row[1]:
            parts.append(_item(row))
        else:
            parts += [closing, _head(row)]
            closing = f"{_names(row, submission_value=True)}</CodeList>"
    parts += [closing, "</MetaDataVersion></Study></ODM>\n"]
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def _head(row: Row) -> str:
    return (
        f"<CodeList OID={quoteattr(f'CL.{row[0]}.{row[4]}')} Name={quoteattr(row[3])} "
        f'DataType="text" nciodm:ExtCodeID="{row[0]}" nciodm:CodeListExtensible="{row[2]}">'
        f"<Description><TranslatedText>{escape(row[6])}</TranslatedText></Description>"
    )


def _item(row: Row) -> str:
    return (
        f'<EnumeratedItem CodedValue={quoteattr(row[4])} nciodm:ExtCodeID="{row[0]}">'
        f"{_names(row)}</EnumeratedItem>"
    )


def _names(row: Row, *, submission_value: bool = False) -> str:
    said = [escape(part) for part in row[5].replace("; ", ";").split(";") if part]
    value = f"<nciodm:CDISCSubmissionValue>{escape(row[4])}</nciodm:CDISCSubmissionValue>"
    return (
        (value if submission_value else "")
        + "".join(f"<nciodm:CDISCSynonym>{part}</nciodm:CDISCSynonym>" for part in said)
        + f"<nciodm:CDISCDefinition>{escape(row[6])}</nciodm:CDISCDefinition>"
        + f"<nciodm:PreferredTerm>{escape(row[7])}</nciodm:PreferredTerm>"
    )


def excel_file(path: Path, rows: Iterable[Row] = ROWS, version: str = "2025-09-26") -> Path:
    book = openpyxl.Workbook()
    book.active.title = "ReadMe"
    book.active.append(["About this file"])
    sheet = book.create_sheet(f"SDTM Terminology {version}")
    for row in (HEADER, *rows):
        sheet.append([cell or None for cell in row])
    book.save(path)
    return path


@pytest.fixture
def imported(tmp_path: Path) -> Callable[[dt.date], Path]:
    """A folder of packages that holds ``ROWS`` under a version."""

    def put(version: dt.date) -> Path:
        file = text_file(tmp_path / "package.txt")
        packages.put(read_package(file), version, file, tmp_path / "terminology")
        return tmp_path / "terminology"

    return put


@pytest.fixture
def rows() -> tuple[Row, ...]:
    """The package's rows, in the order of the published columns."""
    return ROWS


@pytest.fixture
def header() -> Row:
    """The published columns."""
    return HEADER


@pytest.fixture
def as_text(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as tab-delimited text."""
    return partial(text_file, tmp_path / "package.txt")


@pytest.fixture
def as_odm(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as ODM-XML."""
    return partial(odm_file, tmp_path / "package.odm.xml")


@pytest.fixture
def as_excel(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as a workbook."""
    return partial(excel_file, tmp_path / "package.xlsx")
