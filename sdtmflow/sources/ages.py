"""When an export was made, as far as the export itself says.

- ODM: ``AsOfDateTime``, else ``CreationDateTime`` of the ODM element (ODM 1.3.2, section 3.1.1).
- XPT and SAS7BDAT: the time of the last modification in the header.
- Excel: ``modified`` of the workbook's core properties (ECMA-376, part 2).
- Other files: a date in the name, ``lab_20260112.csv`` or ``2026-01-12 lab.csv``; names with more
  than one date tell nothing.

A file that says nothing, or cannot be asked, has no age: the deliveries are not compared by it.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from pathlib import Path, PurePath

_IN_NAME = re.compile(r"(?<!\d)(20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")


def made_at(name: str, path: Path, kind: str) -> str:
    """When the file was made (ISO 8601, UTC; a time without a zone counts as UTC); "" if unknown.

    ``name`` is as delivered, ``kind`` the source's.
    """
    ask = {"odm": _odm, "xpt": _xpt, "sas7bdat": _sas7bdat, "excel": _excel}.get(kind)
    made = None
    # An age is a bonus: whether the file can be read at all, its reader says.
    with suppress(Exception):
        made = ask(path) if ask else None
    made = made or in_name(name)
    return _utc(made).isoformat(timespec="seconds") if made else ""


def in_name(name: str) -> dt.datetime | None:
    """The one date in a file's name."""
    found = _IN_NAME.findall(PurePath(name).name)
    if len(found) != 1:
        return None
    year, _, month, day = found[0]
    try:
        return dt.datetime(int(year), int(month), int(day), tzinfo=dt.UTC)
    except ValueError:
        return None


def _odm(path: Path) -> dt.datetime | None:
    from lxml import etree

    for _, root in etree.iterparse(path, events=("start",), resolve_entities=False):
        said = root.get("AsOfDateTime") or root.get("CreationDateTime")
        return dt.datetime.fromisoformat(said) if said else None
    return None


def _xpt(path: Path) -> dt.datetime | None:
    import pyreadstat

    made: dt.datetime | None = pyreadstat.read_xport(path, metadataonly=True)[1].modification_time
    return made


def _sas7bdat(path: Path) -> dt.datetime | None:
    import pyreadstat

    facts = pyreadstat.read_sas7bdat(path, metadataonly=True)[1]
    made: dt.datetime | None = facts.modification_time
    return made


def _excel(path: Path) -> dt.datetime | None:
    import openpyxl

    with path.open("rb") as file:
        made: dt.datetime | None = openpyxl.load_workbook(file, read_only=True).properties.modified
    return made


def _utc(time: dt.datetime) -> dt.datetime:
    return time.astimezone(dt.UTC) if time.tzinfo else time.replace(tzinfo=dt.UTC)
