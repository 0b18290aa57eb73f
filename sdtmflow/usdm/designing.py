"""The study's design: what its USDM file says, and study.yaml over it.

Of an element, an arm or a criterion that both have, each key that study.yaml gives takes the place
of the USDM's; a parameter of TS is replaced as a whole; a visit is the same where its ``encounter``
or its name is the encounter's id, name or label.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sdtmflow.design import Design, Visit
from sdtmflow.errors import StudyError
from sdtmflow.standards.terminology import Terminology
from sdtmflow.study import Study, StudyFolder
from sdtmflow.typed_yaml import Strict, StudyErrors
from sdtmflow.usdm.reading import Source, read_usdm
from sdtmflow.usdm.structure import Structure
from sdtmflow.usdm.summary import summary_of

Place = Callable[..., str]
Loc = tuple[str | int, ...]
M = TypeVar("M", bound=Strict)


@dataclass(frozen=True, slots=True)
class Designed:
    """The study with its whole design."""

    study: Study
    place: Place
    """Keys of the whole design → where they are written, in study.yaml or in the USDM file."""
    problems: tuple[StudyError, ...] = ()
    notes: tuple[str, ...] = field(default=())


def designed(folder: StudyFolder, terminology: Terminology) -> Designed:
    """The study as the folder writes it; with a USDM file, completed by it."""
    own = folder.study.design
    if own is None or not own.usdm:
        return Designed(folder.study, folder.place_of)
    try:
        source = read_usdm(folder.root, own.usdm, own.study_design)
    except StudyErrors as errors:
        return Designed(folder.study, folder.place_of, errors.problems)
    except StudyError as error:
        return Designed(folder.study, folder.place_of, (error,))
    return _completed(folder, own, source, terminology)


def _completed(
    folder: StudyFolder, own: Design, source: Source, terminology: Terminology
) -> Designed:
    structure = Structure(source, own.names, terminology)
    parameters, steps = summary_of(source, terminology)
    design = own.model_copy(
        update={
            "elements": _over(structure.elements(), own.elements),
            "arms": _over(structure.arms(), own.arms),
            "criteria": _over(structure.criteria(), own.criteria),
            "summary": {**parameters, **own.summary},
        }
    )
    visits, visit_places = _visits(folder, source, structure)
    structure.problems += _strangers(folder, structure)
    places: dict[Loc, str] = {**structure.places, **visit_places}
    places |= {("design", "summary", code): source.place(*at) for code, at in steps.items()}
    study = folder.study.model_copy(update={"design": design, "visits": visits})
    return Designed(
        study,
        _Places(folder, own, places),
        tuple(structure.problems),
        (*source.notes, *structure.notes),
    )


def _strangers(folder: StudyFolder, structure: Structure) -> Iterator[StudyError]:
    """Names in study.yaml that nothing in the USDM has."""
    for name in structure.unused_names():
        near = difflib.get_close_matches(name, sorted(structure.seen), n=1)
        yield StudyError(
            f"the USDM has no arm, element, epoch, criterion or encounter '{name}'",
            place=folder.place_of("design", "names", name),
            remedy=f"did you mean {near[0]}?" if near else "name it by its id or name",
        )


def _over(said: Mapping[str, M], own: Mapping[str, M]) -> dict[str, M]:
    """The USDM's parts, with the keys that study.yaml sets in their place."""
    merged = dict(said)
    for code, part in own.items():
        given = {key: getattr(part, key) for key in part.model_fields_set}
        merged[code] = said[code].model_copy(update=given) if code in said else part
    return merged


def _visits(
    folder: StudyFolder, source: Source, structure: Structure
) -> tuple[list[Visit], dict[Loc, str]]:
    """All visits by VISITNUM, and where each is written (by its position)."""
    found: list[tuple[Visit, str]] = []
    matched: set[str] = set()
    said = {visit.encounter: visit for visit in structure.visits()}
    for at, own in enumerate(folder.study.visits):
        here = folder.place_of("visits", at)
        encounter = _encounter(source, own)
        if own.encounter and not encounter:
            remedy = f"name one of {', '.join(each.name for each in source.design.encounters)}"
            message = f"the USDM has no encounter '{own.encounter}'"
            structure.problems.append(StudyError(message, place=here, remedy=remedy))
        given = {key: getattr(own, key) for key in own.model_fields_set - {"encounter"}}
        found.append((said[encounter].model_copy(update=given) if encounter else own, here))
        matched.add(encounter)
    found += [
        (visit, structure.places["visits", int(visit.visitnum or 0)])
        for encounter, visit in said.items()
        if encounter not in matched
    ]
    found.sort(key=lambda each: each[0].visitnum or 0.0)
    return [visit for visit, _ in found], {("visits", at): p for at, (_, p) in enumerate(found)}


def _encounter(source: Source, own: Visit) -> str:
    """The id of the encounter that the visit is; empty where it is none."""
    wanted = (own.encounter or own.visit).casefold()
    for each in source.design.encounters:
        if wanted in {each.id.casefold(), each.name.casefold(), each.label.casefold()}:
            return each.id
    return ""


@dataclass(frozen=True, slots=True)
class _Places:
    """What study.yaml writes itself stands there; the rest where the USDM has it."""

    folder: StudyFolder
    own: Design
    places: Mapping[Loc, str]

    def __call__(self, *loc: str | int) -> str:
        for known in _prefixes(loc):
            if known[0] == "design" and len(known) == len(("design", "arms", "A")):
                written = getattr(self.own, str(known[1]))
                if isinstance(written, dict) and known[2] in written:
                    break
            if known in self.places:
                return self.places[known]
        return self.folder.place_of(*loc)


def _prefixes(loc: Loc) -> Iterator[Loc]:
    return (loc[:length] for length in range(len(loc), 0, -1))
