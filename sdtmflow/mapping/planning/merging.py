"""A study's spec over the standard one (the rules stand at ``extends`` of ``DomainSpec``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.merged import (
    MergedSpec,
    PlacedLine,
    left_out,
    lines_of,
    parts_of,
    set_places,
    without_left_out,
)
from sdtmflow.mapping.planning.plan import BUILTIN
from sdtmflow.mapping.planning.spec_files import SpecFile
from sdtmflow.mapping.spec import ROW_KEYS, RecordSet

_Lines = list[tuple[str, PlacedLine]]


@dataclass(frozen=True, slots=True)
class _Sets:
    """The record sets after merging; ``positions`` tells where each of the study's stands."""

    sets: tuple[RecordSet, ...]
    places: tuple[str, ...]
    positions: tuple[int, ...] = ()


def extended(base: MergedSpec, override: SpecFile, problems: list[StudyError]) -> MergedSpec:
    """The standard's record sets and lines, changed by the study's."""
    spec = override.spec
    replaced = bool(spec.records) and not any(records.name for records in spec.records)
    own = list(lines_of(override))
    if replaced:
        merged = _Sets(spec.record_sets(), set_places(override), tuple(range(len(spec.records))))
        named = {*spec.variables, *spec.supplemental}
        lines = own + [
            (name, entry)
            for name, entry in base.lines
            if name not in named and entry.record_set is None
        ]
    else:
        merged = (
            _addressed(base, override, problems)
            if spec.records
            else _changed(base, override, problems)
        )
        common = [(name, entry) for name, entry in own if entry.record_set is None]
        lines = _in_place(base, override, dict(common), problems)
        lines = _in_sets(lines, override, merged, own)
    out = {(name, merged.positions[at]) for name, at in left_out(override)}
    return replace(
        base,
        keys=tuple(spec.keys) or base.keys,
        record_sets=merged.sets,
        set_places=merged.places,
        lines=tuple(without_left_out(lines, out, len(merged.sets))),
        links=(*base.links, *spec.links),
        own_links=tuple(spec.links),
        label=spec.label or base.label,
        structure=spec.structure or base.structure,
        comment=spec.comment or base.comment,
        cls=spec.cls or "",
        parts=parts_of(override) or base.parts,
    )


def _in_place(
    base: MergedSpec,
    override: SpecFile,
    own: dict[str, PlacedLine],
    problems: list[StudyError],
) -> _Lines:
    """The study's common lines where the standard's stood, in the same sets; new ones last."""
    named = {*override.spec.variables, *override.spec.supplemental}
    standing: dict[str, list[PlacedLine]] = {}
    aside = _aside(base.record_sets)
    for name, entry in base.lines:
        standing.setdefault(name, []).append(entry)
    lines: _Lines = []
    for name, entries in standing.items():
        if name not in named:
            lines += [(name, entry) for entry in entries]
        elif name in own:
            meant = _not_aside(entries, aside)
            if any(entry.line != meant[0].line for entry in meant):
                problems.append(_unclear(base, name, own[name]))
            lines += [
                (
                    name,
                    replace(own[name], record_set=e.record_set) if e.line == meant[0].line else e,
                )
                for e in entries
            ]
    return lines + [(name, line) for name, line in own.items() if name not in standing]


def _aside(sets: Sequence[RecordSet]) -> set[int]:
    """The record sets of the standard that stand beside the form that it is written for.

    They are made only where another form is delivered (``having``, ``unless``), or by the engine;
    or they unpivot a table that another set reads as it is. A study's line or key without the name
    of a set is not meant for them.
    """
    found = {
        at
        for at, each in enumerate(sets)
        if each.having or each.unless or each.from_.startswith(BUILTIN)
    }
    plain = {each.from_ for at, each in enumerate(sets) if at not in found and not each.unpivot}
    found |= {at for at, each in enumerate(sets) if each.unpivot and each.from_ in plain}
    return found if len(found) < len(sets) else set()


def _not_aside(entries: Sequence[PlacedLine], aside: set[int]) -> Sequence[PlacedLine]:
    return [entry for entry in entries if entry.record_set not in aside] or entries


def _in_sets(lines: _Lines, override: SpecFile, merged: _Sets, own: _Lines) -> _Lines:
    """The lines with those of the study's record sets in the place of the standard's."""
    mine = {
        (name, merged.positions[entry.record_set]): entry
        for name, entry in own
        if entry.record_set is not None
    }
    gone = {(name, merged.positions[at]) for name, at in left_out(override)}
    placed = {key: replace(entry, record_set=key[1]) for key, entry in mine.items()}
    kept: _Lines = []
    for name, entry in lines:
        key = (name, entry.record_set if entry.record_set is not None else -1)
        if key in placed and not entry.supplemental:
            kept.append((name, placed.pop(key)))
        elif key not in gone or entry.supplemental:
            kept.append((name, entry))
    return [*((name, entry) for (name, _), entry in placed.items()), *kept]


def _unclear(base: MergedSpec, name: str, line: PlacedLine) -> StudyError:
    sets = [entry.record_set for other, entry in base.lines if other == name]
    names = [_called(base.record_sets, at) for at in sets if at is not None]
    return StudyError(
        f"{name} has different lines in the record sets {', '.join(names)} of the standard spec",
        place=line.place,
        remedy=f"say which is meant: records: [{{name: …, variables: {{{name}: …}}}}]",
    )


def _called(sets: Sequence[RecordSet], at: int) -> str:
    return sets[at].name or f"{at + 1} (from {sets[at].from_})"


def _addressed(base: MergedSpec, override: SpecFile, problems: list[StudyError]) -> _Sets:
    """The standard's sets, changed by the study's sets of the same name; others are added."""
    sets, places, positions = list(base.record_sets), list(base.set_places), []
    for at, records in enumerate(override.spec.records):
        place = override.place("records", str(at + 1))
        found = [k for k, standard in enumerate(sets) if standard.name == records.name]
        if records.name and found:
            position = found[0]
            sets[position] = _over(sets[position], records)
            places[position] = place
        else:
            position = len(sets)
            sets.append(records)
            places.append(place)
            problems += _no_addition(base, records, place)
        positions.append(position)
    return _Sets(tuple(sets), tuple(places), tuple(positions))


def _over(standard: RecordSet, own: RecordSet) -> RecordSet:
    said = {key: value for key in ("from_", *ROW_KEYS) if (value := getattr(own, key))}
    if own.from_ or own.where:  # the standard's own columns and tables are no condition then
        said |= {"having": own.having, "unless": own.unless}
    return standard.model_copy(update=said)


def _no_addition(base: MergedSpec, records: RecordSet, place: str) -> Iterator[StudyError]:
    """A set that is neither one of the standard's nor one to be added."""
    names = ", ".join(standard.name for standard in base.record_sets if standard.name)
    known = f"the standard spec names: {names}" if names else "the standard spec names none"
    if not records.name:
        yield StudyError(
            "record sets with and without a name are mixed",
            place=place,
            remedy=f"name each ({known}), or none, to replace all of the standard's",
        )
    elif not records.from_:
        yield StudyError(
            f"the standard spec has no record set '{records.name}'",
            place=place,
            remedy=f"correct the name ({known}), or add 'from: <raw table>'",
        )


def _changed(base: MergedSpec, override: SpecFile, problems: list[StudyError]) -> _Sets:
    """The standard's record sets with what the study says beside ``from``."""
    sets, places = list(base.record_sets), list(base.set_places)
    for key, name in (("from", "from_"), *((key, key) for key in ROW_KEYS)):
        value = getattr(override.spec, name)
        if value:
            for at in _meant(base, override, key, problems):
                sets[at] = sets[at].model_copy(update={name: value})
                places[at] = override.place(key)
    return _Sets(tuple(sets), tuple(places))


def _meant(
    base: MergedSpec, override: SpecFile, key: str, problems: list[StudyError]
) -> Sequence[int]:
    """Which of the standard's record sets the study's ``key`` changes.

    ``from`` all of the raw table that it stands for; ``unpivot`` the only one that unpivots; else
    the only one that does not stand aside.
    """
    sets = base.record_sets
    first = [at for at in range(len(sets)) if at not in _aside(sets)]
    unpivoting = [at for at, records in enumerate(sets) if records.unpivot]
    if key == "from" and len({sets[at].from_ for at in first}) == 1:
        return [at for at, records in enumerate(sets) if records.from_ == sets[first[0]].from_]
    if key == "unpivot" and len(unpivoting) == 1:
        return unpivoting
    if len(first) == 1:
        return first
    names = ", ".join(_called(sets, at) for at in range(len(sets)))
    problems.append(
        StudyError(
            f"'{key}' may mean any of the {len(sets)} record sets of the standard spec: {names}",
            place=override.place(key),
            remedy=f"say which: records: [{{name: …, {key}: …}}], "
            "or write all sets anew, without names",
        )
    )
    return ()
