"""Whether the files of ``guide/`` speak of what the study has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from pathlib import Path

from sdtmflow.documents.crf.annotating import place_of
from sdtmflow.documents.crf.choices import NAME as ACRF
from sdtmflow.documents.crf.choices import CrfChoices, read_choices
from sdtmflow.documents.guide.texts import NAME as CSDRG
from sdtmflow.documents.guide.texts import read_texts
from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.plan import DESIGN_DATASETS, Plan
from sdtmflow.typed_yaml import StudyErrors
from sdtmflow.typed_yaml import place_of as placed


def require_sound_documents(guide: Path, plan: Plan) -> None:
    """Raises StudyErrors with every mistake of the files in the folder ``guide``."""
    problems: list[StudyError] = []
    for check in (_choices, _texts):
        try:
            problems += check(guide, plan)
        except StudyErrors as errors:
            problems += errors.problems
        except StudyError as error:
            problems.append(error)
    if problems:
        raise StudyErrors(problems)


def _texts(guide: Path, plan: Plan) -> Iterator[StudyError]:
    made = {name for domain in plan.domains.values() for name in domain.datasets}
    known = {*made, *(f"SUPP{name}" for name in made), *DESIGN_DATASETS}
    for name in read_texts(guide).datasets:
        if name not in known:
            yield _unknown("dataset", name, known, placed(guide / CSDRG, "datasets", name))


def _choices(guide: Path, plan: Plan) -> Iterator[StudyError]:
    choices, path = read_choices(guide), guide / ACRF
    sources = set(plan.study.sources)
    for at, name in enumerate(choices.sources):
        if name not in sources:
            yield _unknown("source", name, sources, placed(path, "sources", at))
    yield from _forms(choices, path, plan)
    known = {(place[0], place[1]) for place in _places(plan)}
    for name in choices.pages:
        dataset, variable, *_ = name.split(".")
        if (dataset, variable) not in known:
            names = {".".join(place) for place in known}
            wrong = f"{dataset}.{variable}"
            yield _unknown("variable", wrong, names, placed(path, "pages", name))


def _forms(choices: CrfChoices, path: Path, plan: Plan) -> Iterator[StudyError]:
    visits = {visit.visit for visit in plan.study.visits}
    for name, form in choices.forms.items():
        if form.source and form.source not in plan.study.sources:
            where = placed(path, "forms", name, "source")
            yield _unknown("source", form.source, set(plan.study.sources), where)
        for at, visit in enumerate(form.visits or ()):
            if visit not in visits:
                yield _unknown("visit", visit, visits, placed(path, "forms", name, "visits", at))


def _places(plan: Plan) -> Iterator[tuple[str, str, str]]:
    for domain in plan.domains.values():
        yield from (place_of(line) for line in domain.lines)


def _unknown(what: str, name: str, known: Collection[str], place: str) -> StudyError:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    remedy = f"did you mean {near[0]}?" if near else f"correct the {what}, or leave it out"
    return StudyError(f"the study has no {what} '{name}'", place=f"guide/{place}", remedy=remedy)
