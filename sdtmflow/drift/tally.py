"""What the comparison of a site's deliveries came to, in numbers: ``drift.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sdtmflow.typed_yaml import Strict

FILE = "drift.json"


class TableDrift(Strict):
    """One table of one source: records, and values of records that are on both sides."""

    table: str
    source: str
    status: Literal["both", "new", "gone"] = "both"
    """Which of the deliveries have the table."""
    paired_by: str = ""
    """What names its records; ``every value`` where nothing does."""
    before: int = 0
    after: int = 0
    gone: int = 0
    new: int = 0
    changed: int = 0
    """Records with a changed or removed value."""
    values_changed: int = 0
    """Values that were replaced or removed."""
    values_completed: int = 0
    """Values that were missing and are there now: no finding."""


class SiteDrift(Strict):
    """One site's deliveries against their last ones; only sources with another delivery are in."""

    site: str
    sources: list[str]
    subjects_before: int = 0
    subjects_after: int = 0
    subjects_gone: int = 0
    subjects_new: int = 0
    tables: list[TableDrift] = []

    def total(self, what: str) -> int:
        """A number of ``TableDrift`` over all tables."""
        return sum(getattr(table, what) for table in self.tables)

    def forms(self, status: str) -> tuple[str, ...]:
        """The tables that are ``new`` or ``gone``."""
        return tuple(table.table for table in self.tables if table.status == status)

    def write(self, out: Path) -> None:
        """Write ``drift.json`` into ``out``."""
        (out / FILE).write_text(self.model_dump_json(indent=1), encoding="utf-8")


def read_site_drift(folder: Path) -> SiteDrift:
    """What ``compare_site`` wrote into ``folder``."""
    return SiteDrift.model_validate_json((folder / FILE).read_bytes())
