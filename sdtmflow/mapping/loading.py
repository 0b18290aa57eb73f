"""Spec files → one merged spec per domain, every line with its place (``ae.yaml:14``)."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from sdtmflow.errors import StudyError
from sdtmflow.mapping.spec import DomainSpec, Line, RecordSet
from sdtmflow.typed_yaml import StudyErrors, load_yaml


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


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    spec: DomainSpec
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)

    def place(self, *path: str) -> str:
        return f"{self.name}:{self.lines.get(path, 1)}"


def standard_folder() -> Path:
    """Where the standard specs lie, in a checkout and in an installed package."""
    return Path(str(importlib.resources.files("sdtm_mappings")))


def load_specs(study: Path, standard: Path) -> tuple[MergedSpec, ...]:
    """Every domain's merged spec, in the order of the domains' names.

    Raises StudyErrors with every mistake of every file.
    """
    problems: list[StudyError] = []
    standards = {file.spec.domain: file for file in _files(standard, problems)}
    overrides = {file.spec.domain: file for file in _files(study, problems)}
    if problems:
        raise StudyErrors(problems)
    domains = sorted({*standards, *overrides})
    return tuple(_merged(standards.get(domain), overrides.get(domain)) for domain in domains)


def _files(folder: Path, problems: list[StudyError]) -> Iterator[_File]:
    for path in sorted(folder.glob("*.yaml")):
        try:
            spec = load_yaml(path, DomainSpec)
        except StudyErrors as errors:
            problems.extend(errors.problems)
        except StudyError as error:
            problems.append(error)
        else:
            yield _File(path.name, spec, _line_numbers(path))


def _line_numbers(path: Path) -> dict[tuple[str, ...], int]:
    """Path of keys (list positions from 1) → line (from 1), for the upper levels of the file."""
    root = YAML().compose(path.read_text(encoding="utf-8-sig"))
    return dict(_walk(root, ()))


_DEPTH = 4  # records / 1 / variables / NAME


def _walk(node: Node | None, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if len(path) == _DEPTH:
        return
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line + 1
            yield from _walk(value, (*path, key.value))
    elif isinstance(node, SequenceNode):
        for position, value in enumerate(node.value, start=1):
            yield (*path, str(position)), value.start_mark.line + 1
            yield from _walk(value, (*path, str(position)))


def _merged(standard: _File | None, override: _File | None) -> MergedSpec:
    if override is None:
        assert standard is not None  # noqa: S101 — a domain comes from one of the two
        return _alone(standard)
    if override.spec.extends is None:
        return _alone(override)
    if standard is None:
        raise StudyError(
            f"there is no standard spec of {override.spec.domain} to extend",
            place=override.place("extends"),
            remedy="remove 'extends' and write the whole spec",
        )
    return _extended(_alone(standard), override)


def _alone(file: _File) -> MergedSpec:
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


def _lines(file: _File) -> Iterator[tuple[str, PlacedLine]]:
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


def _extended(base: MergedSpec, override: _File) -> MergedSpec:
    """The study's lines take the place of the standard's lines of the same variable."""
    spec = override.spec
    named = {*spec.variables, *spec.supplemental}
    own = dict(_lines(override)) if not spec.records else None
    replaces_records = bool(spec.records or spec.from_)
    kept = [
        (name, line)
        for name, line in base.lines
        if name not in named and not (replaces_records and line.record_set is not None)
    ]
    lines = _in_place(base, kept, own) if own is not None else [*_lines(override), *kept]
    return replace(
        base,
        keys=tuple(spec.keys) or base.keys,
        record_sets=_sets(base, spec, replaces=replaces_records),
        lines=tuple(lines),
        label=spec.label or base.label,
        structure=spec.structure or base.structure,
        comment=spec.comment or base.comment,
    )


def _in_place(
    base: MergedSpec, kept: list[tuple[str, PlacedLine]], own: dict[str, PlacedLine]
) -> list[tuple[str, PlacedLine]]:
    """Overriding lines stand where the standard's stood; new ones follow at the end."""
    standing = dict.fromkeys(name for name, _ in base.lines)
    lines = []
    for name in standing:
        if name in own:
            lines.append((name, own[name]))
        else:
            lines += [(other, line) for other, line in kept if other == name]
    return lines + [(name, line) for name, line in own.items() if name not in standing]


def _sets(base: MergedSpec, spec: DomainSpec, *, replaces: bool) -> tuple[RecordSet, ...]:
    """The study's record sets; a lone ``where`` or ``unpivot`` changes the standard's only one."""
    if replaces:
        return spec.record_sets()
    changes = {name: getattr(spec, name) for name in ("where", "unpivot") if getattr(spec, name)}
    return tuple(records.model_copy(update=changes) for records in base.record_sets)
