"""Spec files → one merged spec per domain, every line with its place (``ae.yaml:14``)."""

from __future__ import annotations

import importlib.resources
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sdtmflow.errors import StudyError
from sdtmflow.mapping.nearest import nearest
from sdtmflow.mapping.spec import Line, RecordSet
from sdtmflow.mapping.spec_files import LostSpecError, SpecFile, spec_files
from sdtmflow.mapping.versions import not_carried
from sdtmflow.standards.sdtmig import SdtmIg


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line of a spec and where it stands; ``record_set`` is None for a common line."""

    line: Line
    place: str
    supplemental: bool = False
    record_set: int | None = None
    unreadable: bool = False
    """It stands in the file, but with a mistake: ``line`` only keeps its place."""


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
    label: str = ""
    structure: str = ""
    comment: str = ""


def standard_folder() -> Path:
    """Where the standard specs lie, in a checkout and in an installed package."""
    return Path(str(importlib.resources.files("sdtm_mappings")))


UNREADABLE = Line(constant="")
"""What stands for a line that could not be read, so that its variable stays known."""


def load_specs(
    study: Path, standard: Path, ig: SdtmIg, problems: list[StudyError]
) -> tuple[MergedSpec, ...]:
    """Every domain's merged spec, in the order of the domains' names.

    A standard line whose variable only another version of the IG has is left out; a study's own
    line never is. Every mistake of every file is added to ``problems``.
    """
    standards = spec_files(standard, problems)
    overrides = spec_files(study, problems)
    domains = sorted({*standards, *overrides})
    merged = (_merged(standards.get(name), overrides.get(name), ig, problems) for name in domains)
    return tuple(spec for spec in merged if spec)


def _merged(
    standard: SpecFile | None, override: SpecFile | None, ig: SdtmIg, problems: list[StudyError]
) -> MergedSpec | None:
    if override is not None and override.spec.extends is None:
        return _alone(override, problems)
    if standard is None:
        assert override is not None  # noqa: S101 — a domain comes from one of the two
        problems.append(
            LostSpecError(
                f"there is no standard spec of {override.spec.domain} to extend",
                place=override.place("extends"),
                remedy="remove 'extends' and write the whole spec",
            )
        )
        return None
    whole = _alone(standard, problems)
    base = _without(whole, not_carried(ig, standard.spec.domain))
    if override is None:
        return base
    problems += _pointless(override, _common(override) | {name for name, _ in whole.lines})
    return _extended(base, override, problems)


def _pointless(file: SpecFile, there: Collection[str] = ()) -> Iterator[StudyError]:
    """Lines set to null where there is no line of that name to leave out."""
    for path, name, line in _entries(file):
        if line is None and path not in file.unreadable and name not in there:
            yield StudyError(
                f"there is no line of {name} to leave out",
                place=file.place(*path),
                remedy=nearest(name, there, "remove it"),
            )


def _alone(file: SpecFile, problems: list[StudyError]) -> MergedSpec:
    spec = file.spec
    problems += _pointless(file, _common(file))
    return MergedSpec(
        domain=spec.domain,
        place=file.place("domain"),
        keys=tuple(spec.keys),
        record_sets=spec.record_sets(),
        set_places=_set_places(file),
        lines=tuple(_lines(file)),
        label=spec.label,
        structure=spec.structure,
        comment=spec.comment,
    )


def _set_places(file: SpecFile) -> tuple[str, ...]:
    if not file.spec.records:
        return (file.place("from"),)
    return tuple(
        file.place("records", str(position)) for position in range(1, len(file.spec.records) + 1)
    )


def _without(spec: MergedSpec, variables: frozenset[str]) -> MergedSpec:
    """The spec without these variables; qualifiers of such a name are no variables."""
    return replace(
        spec,
        keys=tuple(key for key in spec.keys if key not in variables),
        lines=tuple(
            (name, entry)
            for name, entry in spec.lines
            if entry.supplemental or name not in variables
        ),
    )


def _common(file: SpecFile) -> set[str]:
    """The lines that a record set can leave out: the domain's common ones."""
    return {name for name, line in file.spec.variables.items() if line is not None}


def _entries(file: SpecFile) -> Iterator[tuple[tuple[str, ...], str, Line | None]]:
    """Path, variable and line of everything that the file writes, record sets first."""
    for position, records in enumerate(file.spec.records, start=1):
        for name, line in records.variables.items():
            yield ("records", str(position), "variables", name), name, line
    for section in ("variables", "supplemental"):
        for name, line in getattr(file.spec, section).items():
            yield (section, name), name, line


def _lines(file: SpecFile) -> Iterator[tuple[str, PlacedLine]]:
    """The file's lines; those it sets to null are left out."""
    for path, name, line in _entries(file):
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


def _extended(base: MergedSpec, override: SpecFile, problems: list[StudyError]) -> MergedSpec:
    """The study's lines take the place of the standard's lines of the same variable."""
    spec = override.spec
    named = {*spec.variables, *spec.supplemental}
    own = dict(_lines(override)) if not spec.records else None
    kept = [
        (name, line)
        for name, line in base.lines
        if name not in named and not (spec.records and line.record_set is not None)
    ]
    lines = _in_place(base, kept, own) if own is not None else [*_lines(override), *kept]
    sets, places = (
        (spec.record_sets(), _set_places(override))
        if spec.records
        else _changed_sets(base, override, problems)
    )
    return replace(
        base,
        keys=tuple(spec.keys) or base.keys,
        record_sets=tuple(sets),
        set_places=tuple(places),
        lines=tuple(lines),
        label=spec.label or base.label,
        structure=spec.structure or base.structure,
        comment=spec.comment or base.comment,
    )


def _in_place(
    base: MergedSpec, kept: list[tuple[str, PlacedLine]], own: dict[str, PlacedLine]
) -> list[tuple[str, PlacedLine]]:
    """Overriding lines stand where the standard's stood; new ones follow at the end.

    A variable that the standard makes in one record set alone stays with that set.
    """
    standing: dict[str, set[int | None]] = {}
    for name, line in base.lines:
        standing.setdefault(name, set()).add(line.record_set)
    lines = []
    for name, sets in standing.items():
        if name in own:
            record_set = next(iter(sets)) if len(sets) == 1 else None
            lines.append((name, replace(own[name], record_set=record_set)))
        else:
            lines += [(other, line) for other, line in kept if other == name]
    return lines + [(name, line) for name, line in own.items() if name not in standing]


def _changed_sets(
    base: MergedSpec, override: SpecFile, problems: list[StudyError]
) -> tuple[Sequence[RecordSet], Sequence[str]]:
    """The standard's record sets with the study's ``from``, ``where`` or ``unpivot``; places."""
    sets, places = list(base.record_sets), list(base.set_places)
    for key, name in (("from", "from_"), ("where", "where"), ("unpivot", "unpivot")):
        value = getattr(override.spec, name)
        if value:
            for at in _meant(base, override, key, problems):
                sets[at] = sets[at].model_copy(update={name: value})
                places[at] = override.place(key)
    return sets, places


def _meant(
    base: MergedSpec, override: SpecFile, key: str, problems: list[StudyError]
) -> Sequence[int]:
    """Which of the standard's record sets the study's ``key`` changes.

    The only one; of several, those that it can only mean: all sets where they all read one
    table (``from``), the only set that unpivots (``unpivot``).
    """
    sets = base.record_sets
    tables = {records.from_ for records in sets}
    unpivoting = [at for at, records in enumerate(sets) if records.unpivot]
    if len(sets) == 1 or (key == "from" and len(tables) == 1):
        return range(len(sets))
    if key == "unpivot" and len(unpivoting) == 1:
        return unpivoting
    names = ", ".join(records.from_ for records in sets)
    problems.append(
        StudyError(
            f"'{key}' may mean any of the {len(sets)} record sets of the standard spec ({names})",
            place=override.place(key),
            remedy="write 'records:' instead, each with its 'from', 'where' and 'variables'",
        )
    )
    return ()
