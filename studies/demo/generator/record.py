"""A record of the trial before any site system has put it into its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TABLES = ("dm", "rand", "ex", "ae", "cm", "mh", "ds", "vs")
"""The forms of the case report form, in the order in which systems export them."""


@dataclass(eq=False)
class Record:
    """One record with CDASH names and submission values; dates are ISO 8601 text.

    ``file`` and ``row`` say where a site system wrote it (1-based record of the file, sheet or
    member); defects need them.
    """

    values: dict[str, str]
    file: str = field(default="")
    row: int = field(default=0)

    def __getitem__(self, name: str) -> str:
        """The value, "" where the form has none."""
        return self.values.get(name, "")

    def __setitem__(self, name: str, value: str) -> None:
        """Overwrite a value (planting a defect)."""
        self.values[name] = value

    def copy(self) -> Record:
        """The same record once more."""
        return Record(dict(self.values))

    def written(self, file: str, row: int) -> None:
        """Note where it was written."""
        self.file, self.row = file, row


SiteData = dict[str, list[Record]]
"""Form → its records."""


@dataclass(frozen=True)
class Trial:
    """All that the sites and the central laboratory know."""

    sites: Mapping[str, SiteData]
    laboratory: list[Record]

    def find(self, site: str, table: str, **key: str) -> Record:
        """The first record of a form with these values; LookupError where there is none."""
        rows = self.laboratory if table == "lb" else self.sites[site][table]
        wanted = key | ({"SITEID": site} if table == "lb" else {})
        for record in rows:
            if all(record[name] == value for name, value in wanted.items()):
                return record
        raise LookupError(f"site {site}, {table}: no record with {key}")
