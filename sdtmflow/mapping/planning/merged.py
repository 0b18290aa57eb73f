"""A spec as planning reads it: record sets and lines, each with its place (``ae.yaml:14``)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from sdtmflow.mapping.planning.spec_files import SpecFile
from sdtmflow.mapping.spec import Line, Link, Part, RecordSet


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line of a spec and where it stands; ``record_set`` is None for a common line."""

    line: Line
    place: str
    supplemental: bool = False
    record_set: int | None = None
    unreadable: bool = False
    """It stands in the file, but with a mistake: ``line`` only keeps its place."""

    def alternatives(self) -> tuple[PlacedLine, ...]:
        """The line and those that it names to be asked ``otherwise``."""
        return tuple(replace(self, line=line) for line in self.line.alternatives())


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """A dataset that the domain is split into, and where the spec says so."""

    name: str
    part: Part
    place: str


@dataclass(frozen=True, slots=True)
class MergedSpec:
    """The standard spec of a domain with the study's lines over it."""

    domain: str
    place: str
    keys: tuple[str, ...]
    record_sets: tuple[RecordSet, ...]
    set_places: tuple[str, ...]
    """Where each record set stands."""
    lines: tuple[tuple[str, PlacedLine], ...]
    """Variable and line, in the order of the files; a variable may have a line per record set."""
    links: tuple[Link, ...] = ()
    own_links: tuple[Link, ...] = ()
    """Those of the study; the standard's count only where the study has what they name."""
    label: str = ""
    structure: str = ""
    comment: str = ""
    cls: str = ""
    """The class that the study gives a domain of its own."""
    parts: tuple[PlacedPart, ...] = ()


UNREADABLE = Line(constant="")
"""What stands for a line that could not be read, so that its variable stays known."""


def set_places(file: SpecFile) -> tuple[str, ...]:
    """Where the file's record sets stand."""
    if not file.spec.records:
        return (file.place("from"),)
    return tuple(
        file.place("records", str(position)) for position in range(1, len(file.spec.records) + 1)
    )


def parts_of(file: SpecFile) -> tuple[PlacedPart, ...]:
    """The datasets that the file splits its domain into."""
    return tuple(
        PlacedPart(name, part, file.place("datasets", name))
        for name, part in file.spec.datasets.items()
    )


def entries(file: SpecFile) -> Iterator[tuple[tuple[str, ...], str, Line | None]]:
    """Path, variable and line of everything that the file writes, record sets first."""
    for position, records in enumerate(file.spec.records, start=1):
        for name, line in records.variables.items():
            yield ("records", str(position), "variables", name), name, line
    for section in ("variables", "supplemental"):
        for name, line in getattr(file.spec, section).items():
            yield (section, name), name, line


def lines_of(file: SpecFile) -> Iterator[tuple[str, PlacedLine]]:
    """The file's lines, record sets first; those it sets to null are left out."""
    for path, name, line in entries(file):
        unreadable = path in file.unreadable
        if line is not None or unreadable:
            yield (
                name,
                PlacedLine(
                    line or UNREADABLE,
                    file.place(*path),
                    supplemental=path[0] == "supplemental",
                    record_set=int(path[1]) - 1 if path[0] == "records" else None,
                    unreadable=unreadable,
                ),
            )


def left_out(file: SpecFile) -> set[tuple[str, int]]:
    """The common lines (by name) that record sets (by position) of the file set to null."""
    return {
        (name, int(path[1]) - 1)
        for path, name, line in entries(file)
        if path[0] == "records" and line is None and path not in file.unreadable
    }


def without_left_out(
    lines: Collection[tuple[str, PlacedLine]], out: Collection[tuple[str, int]], sets: int
) -> Iterator[tuple[str, PlacedLine]]:
    """The lines; a common one that some sets leave out becomes a line of each of the others."""
    own = {(name, entry.record_set) for name, entry in lines}
    names = {name for name, _ in out}
    for name, entry in lines:
        if name not in names or entry.record_set is not None or entry.supplemental:
            yield name, entry
            continue
        for at in range(sets):
            if (name, at) not in out and (name, at) not in own:
                yield name, replace(entry, record_set=at)
