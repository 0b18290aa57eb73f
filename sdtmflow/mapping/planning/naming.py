"""What each name in a line stands for (the rule is in ``spec/__init__.py``)."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.mapping.planning.merged import MergedSpec, PlacedLine
from sdtmflow.mapping.planning.plan import DESIGN_DATASETS
from sdtmflow.mapping.planning.planner import AUTOMATIC, AUTOMATIC_DM, Planner
from sdtmflow.mapping.planning.references import RAW, Read, Reference, reads
from sdtmflow.mapping.values.nearest import nearest


def references_of(
    planner: Planner, spec: MergedSpec, name: str, entry: PlacedLine
) -> dict[str, Reference]:
    """Name as written → what it stands for; names that lead nowhere are told."""
    line = entry.line
    found = {read.name: _reference(planner, spec, read, entry) for read in reads(line)}
    if line.verb == "baseline" and (status := f"{spec.domain}STAT") in _made(spec):
        found[status] = Reference("own", status)
    if line.verb == "derive" and not line.needs:
        found |= _lines_above(spec, name)
    return {read: reference for read, reference in found.items() if reference}


def _lines_above(spec: MergedSpec, name: str) -> dict[str, Reference]:
    """What a derivation without ``needs`` reads: the raw columns and the lines above its own."""
    found: dict[str, Reference] = {"USUBJID": Reference("own", "USUBJID")}
    raw: dict[str, Reference] = {}
    for other, entry in spec.lines:
        if other == name:
            break
        column = f"supp.{other}" if entry.supplemental else other
        found[other] = Reference("own", column)
    for read in _all_reads(spec):
        if _is_raw(spec, read):
            plain = read.name.removeprefix("raw.")
            raw[f"raw.{plain}" if plain in found else plain] = Reference(RAW, plain)
    return found | raw


def _reference(
    planner: Planner, spec: MergedSpec, read: Read, entry: PlacedLine
) -> Reference | None:
    place = entry.place
    prefix, _, rest = read.name.partition(".")
    if prefix == RAW and rest:
        return Reference(RAW, rest)
    if rest and (prefix in planner.specs or prefix in DESIGN_DATASETS):
        own = prefix == spec.domain
        return _variable(planner, planner.specs.get(prefix, spec), rest, place, own=own)
    if _is_raw(spec, read, entry.record_set):
        return Reference(RAW, read.name)
    return _variable(planner, spec, read.name, place, own=True)


def _is_raw(spec: MergedSpec, read: Read, record_set: int | None = None) -> bool:
    """Whether a name stands for a raw column: see the docstring of ``spec/__init__.py``."""
    if read.name.startswith("raw."):
        return True
    if read.name not in _made(spec):
        return read.raw_first or "." in read.name
    return read.raw_first and _is_copied(spec, read.name, record_set)


def _made(spec: MergedSpec) -> set[str]:
    return (
        {name for name, _ in spec.lines}
        | set(AUTOMATIC)
        | (set(AUTOMATIC_DM) if spec.domain == "DM" else set())
    )


def _is_copied(spec: MergedSpec, name: str, record_set: int | None) -> bool:
    """Whether a set (None: any set) makes the variable from a raw column of its own name."""
    read = Read(name, raw_first=True)
    return any(
        read in reads(entry.line)
        for other, entry in spec.lines
        if other == name and (record_set is None or entry.record_set in {None, record_set})
    )


def _all_reads(spec: MergedSpec) -> Iterator[Read]:
    """What the lines read, in their order."""
    for _, entry in spec.lines:
        for alternative in entry.alternatives():
            yield from reads(alternative.line)


def _variable(
    planner: Planner, spec: MergedSpec, name: str, place: str, *, own: bool
) -> Reference | None:
    made = _made(spec)
    if name not in made:
        remedy = nearest(name, made, f"add a line for it to {spec.domain}")
        planner.wrong(f"{spec.domain} has no line for {name}", place, remedy)
        return None
    supplemental = any(
        other == name and entry.supplemental for other, entry in spec.lines
    ) and not any(other == name and not entry.supplemental for other, entry in spec.lines)
    column = f"supp.{name}" if supplemental else name
    return Reference("own", column) if own else Reference("other", column, spec.domain)
