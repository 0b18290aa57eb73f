"""Spec files → one merged spec per domain, every line with its place (``ae.yaml:14``)."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sdtmflow.errors import StudyError
from sdtmflow.mapping.spec import Line, RecordSet
from sdtmflow.mapping.spec_files import SpecFile, spec_files
from sdtmflow.mapping.versions import not_carried
from sdtmflow.standards.sdtmig import SdtmIg
from sdtmflow.typed_yaml import StudyErrors


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line of a spec and where it stands; ``record_set`` is None for a common line."""

    line: Line
    place: str
    supplemental: bool = False
    record_set: int | None = None


@dataclass(frozen=True, slots=True)
class MergedSpec:
    """The standard spec of a domain with the study's lines over it."""

    domain: str
    place: str
    keys: tuple[str, ...]
    record_sets: tuple[RecordSet, ...]
    lines: tuple[tuple[str, PlacedLine], ...]
    """Variable and line, in the order of the files; a variable may have a line per record set."""
    label: str = ""
    structure: str = ""
    comment: str = ""


def standard_folder() -> Path:
    """Where the standard specs lie, in a checkout and in an installed package."""
    return Path(str(importlib.resources.files("sdtm_mappings")))


def load_specs(study: Path, standard: Path, ig: SdtmIg) -> tuple[MergedSpec, ...]:
    """Every domain's merged spec, in the order of the domains' names.

    A standard line whose variable only another version of the IG has is left out; a study's own
    line never is. Raises StudyErrors with every mistake of every file.
    """
    problems: list[StudyError] = []
    standards = {file.spec.domain: file for file in spec_files(standard, problems)}
    overrides = {file.spec.domain: file for file in spec_files(study, problems)}
    if problems:
        raise StudyErrors(problems)
    domains = sorted({*standards, *overrides})
    merged = (_merged(standards.get(name), overrides.get(name), ig) for name in domains)
    return tuple(merged)


def _merged(standard: SpecFile | None, override: SpecFile | None, ig: SdtmIg) -> MergedSpec:
    if override is not None and override.spec.extends is None:
        return _alone(override)
    if standard is None:
        assert override is not None  # noqa: S101 — a domain comes from one of the two
        raise StudyError(
            f"there is no standard spec of {override.spec.domain} to extend",
            place=override.place("extends"),
            remedy="remove 'extends' and write the whole spec",
        )
    base = _without(_alone(standard), not_carried(ig, standard.spec.domain))
    return _extended(base, override) if override else base


def _alone(file: SpecFile) -> MergedSpec:
    spec = file.spec
    return MergedSpec(
        domain=spec.domain,
        place=file.place("domain"),
        keys=tuple(spec.keys),
        record_sets=spec.record_sets(),
        lines=tuple(_lines(file)),
        label=spec.label,
        structure=spec.structure,
        comment=spec.comment,
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


def _lines(file: SpecFile) -> Iterator[tuple[str, PlacedLine]]:
    """The file's lines; those it sets to null are left out."""
    for position, records in enumerate(file.spec.records, start=1):
        for name, line in records.variables.items():
            if line is not None:
                place = file.place("records", str(position), "variables", name)
                yield name, PlacedLine(line, place, record_set=position - 1)
    for section in ("variables", "supplemental"):
        for name, line in getattr(file.spec, section).items():
            if line is not None:
                supplemental = section == "supplemental"
                yield name, PlacedLine(line, file.place(section, name), supplemental)


def _extended(base: MergedSpec, override: SpecFile) -> MergedSpec:
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
    return replace(
        base,
        keys=tuple(spec.keys) or base.keys,
        record_sets=spec.record_sets() if spec.records else _changed_sets(base, override),
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


def _changed_sets(base: MergedSpec, override: SpecFile) -> tuple[RecordSet, ...]:
    """The standard's record sets with the study's ``from``, ``where`` or ``unpivot``."""
    sets = list(base.record_sets)
    for key, name in (("from", "from_"), ("where", "where"), ("unpivot", "unpivot")):
        value = getattr(override.spec, name)
        if value:
            for at in _meant(base, override, key):
                sets[at] = sets[at].model_copy(update={name: value})
    return tuple(sets)


def _meant(base: MergedSpec, override: SpecFile, key: str) -> Sequence[int]:
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
    raise StudyError(
        f"'{key}' may mean any of the {len(sets)} record sets of the standard spec ({names})",
        place=override.place(key),
        remedy="write 'records:' instead, each with its 'from', 'where' and 'variables'",
    )
