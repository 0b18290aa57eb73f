"""Spec files → one merged spec per domain: the study's lines over the standard ones."""

from __future__ import annotations

import importlib.resources
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.merged import (
    MergedSpec,
    entries,
    left_out,
    lines_of,
    parts_of,
    set_places,
    without_left_out,
)
from sdtmflow.mapping.planning.merging import extended
from sdtmflow.mapping.planning.spec_files import LostSpecError, SpecFile, spec_files
from sdtmflow.mapping.planning.versions import not_carried
from sdtmflow.mapping.values.nearest import nearest
from sdtmflow.standards.sdtmig import SdtmIg


def standard_folder() -> Path:
    """Where the standard specs lie, in a checkout and in an installed package."""
    return Path(str(importlib.resources.files("sdtm_mappings")))


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
        return replace(base, own_links=())
    problems += _pointless(override, _common(override) | {name for name, _ in whole.lines})
    return extended(base, override, problems)


def _pointless(file: SpecFile, there: Collection[str] = ()) -> Iterator[StudyError]:
    """Lines set to null where there is no line of that name to leave out."""
    for path, name, line in entries(file):
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
        set_places=set_places(file),
        lines=tuple(
            without_left_out(tuple(lines_of(file)), left_out(file), len(spec.record_sets()))
        ),
        links=tuple(spec.links),
        own_links=tuple(spec.links),
        label=spec.label,
        structure=spec.structure,
        comment=spec.comment,
        cls=spec.cls or "",
        parts=parts_of(file),
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
