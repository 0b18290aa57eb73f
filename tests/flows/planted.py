"""A study whose raw data hold a marker in every kind of place, and a search for them in bytes."""

from __future__ import annotations

import gzip
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Markers:
    """Values that occur nowhere else: whatever holds one holds a subject's data."""

    planted: dict[str, str] = field(default_factory=dict)
    """Marker → what it stands for."""
    _number: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def text(self, what: str) -> str:
        """A name, a term, a sentence."""
        return self._plant(f"Qzv{next(self._number):03d}kwj", what)

    def code(self, what: str) -> str:
        """A subject's number, a coded value."""
        return self._plant(f"QZC{next(self._number):03d}", what)

    def number(self, what: str) -> str:
        """A result that no clock and no hash shows."""
        return self._plant(f"77.{next(self._number):03d}618033", what)

    def date(self, what: str, year: int = 1917) -> str:
        """A day of a year in which nothing was written."""
        number = next(self._number)
        return self._plant(f"{year}-{1 + number % 12:02d}-{1 + number % 28:02d}", what)

    def _plant(self, marker: str, what: str) -> str:
        self.planted[marker] = what
        return marker

    def found_in(self, content: bytes) -> set[str]:
        """What the markers in it stand for, in any letter case."""
        folded = content.lower()
        return {f"{what} ({m})" for m, what in self.planted.items() if m.lower().encode() in folded}


def plant(study: Path, markers: Markers) -> None:
    """Markers for subjects, terms, dates, results, codes and free texts of three sites."""
    for site in ("1", "2", "3"):
        subjects = {
            f"{'0' if site == '1' else site}0{number}": markers.code("a subject")
            for number in (1, 2, 3)
        }
        for path in sorted((study / f"raw/site0{site}").glob("*.csv")):
            text = path.read_text(encoding="utf-8")
            for old, new in subjects.items():
                text = re.sub(rf"^{old},", f"{new},", text, flags=re.MULTILINE)
            path.write_text(_with_values(text, markers), encoding="utf-8")
    demographics = study / "raw/site01/dm.csv"
    header, *lines = demographics.read_text(encoding="utf-8").splitlines()
    named = [f"{line},{markers.text('an address')}@example.org" for line in lines]
    ragged = ",".join(markers.text("a ragged record") for _ in range(20))
    demographics.write_text("\n".join([f"{header},E-Mail", *named, ragged]) + "\n")


def _with_values(text: str, markers: Markers) -> str:
    new = {
        r"(?<=,)(Headache|Dizzy spells|Cold|Zebrafish bite)(?=,)": lambda: markers.text("a term"),
        r"(?<=,)(Dizziness|Nasopharyngitis)(?=,)": lambda: markers.text("a coded term"),
        r"1961-04-12|1974-11|1958-02-03": lambda: markers.date("a birth date"),
        r"\b71\.5\b|\b152\b|\b84\.0\b": lambda: markers.number("a result"),
        "ASIAN|MODERATE": lambda: markers.code("an unknown code"),
        "2025-02-20": lambda: markers.date("a day to come", 2597),
        "Blood pressure too low at screening": lambda: (
            f"{markers.text('a free text')} Mrs. Q{markers.text('a name').lower()}"
        ),
    }
    for old, made in new.items():
        text = re.sub(old, lambda _, made=made: made(), text)
    return text


def holding(markers: Markers, paths: Iterable[Path]) -> dict[str, set[str]]:
    """File → markers in its name or content, for the files that hold one; archives are opened."""
    found = {path: markers.found_in(_plain(path)) for path in paths if path.is_file()}
    return {str(path): held for path, held in found.items() if held}


def _plain(path: Path) -> bytes:
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            content += b"".join(archive.read(name) for name in archive.namelist())
    if content.startswith(b"\x1f\x8b"):
        content += gzip.decompress(content)
    return path.name.encode() + b"\n" + content
