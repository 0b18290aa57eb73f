"""The impact of another CT version: computed on the study's specs, terms files and data."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from sdtmflow.errors import StudyError
from sdtmflow.impact.codelists import codelist_effects, codelist_rows
from sdtmflow.impact.data import StudyData
from sdtmflow.impact.effects import Effect, Impact, Kind, Weight, ordered
from sdtmflow.impact.remap import remapped
from sdtmflow.impact.terms import Side, term_effects, values_of
from sdtmflow.mapping.planning.from_specs import draft_plan, load_plan
from sdtmflow.mapping.planning.plan import Plan
from sdtmflow.mapping.planning.term_uses import TermUse, all_uses
from sdtmflow.standards.ct_changes import CtChanges, changes
from sdtmflow.standards.terminology import CodelistFacts, terminology
from sdtmflow.study import StudyFolder

_Lists = tuple[CodelistFacts, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    """One variable's line under both versions."""

    before: TermUse
    after: TermUse


def assess(folder: StudyFolder, version: dt.date, data: StudyData) -> Impact:
    """What pinning ``version`` would change in the study.

    Without data only specs and terms files are looked at. Raises MissingVersionError where the
    version is not here, StudyErrors where the study folder is not sound as it is.
    """
    before = load_plan(folder)
    after, mistakes = draft_plan(folder, terminology(version, folder.terminology))
    pairs = _pairs(before, after)
    uses = _by_codelist(pairs)
    found = changes(before.terminology.package, after.terminology.package, list(uses))
    effects = [
        *map(_refused, mistakes),
        *_left_behind(before, after),
        *codelist_effects(found, uses, data, f"CT {version}"),
        *_term_effects(pairs, data, f"CT {version}"),
        *(_placed(effect, pairs) for effect in _remapped(folder, before, after, found, data)),
    ]
    return Impact(
        study=folder.study.study,
        title=folder.study.title,
        before=before.terminology.version,
        after=version,
        data=data.said,
        mapped=bool(data.staged),
        codelists=codelist_rows(found, _heads(before, after), uses),
        effects=ordered(effects),
    )


def _pairs(before: Plan, after: Plan) -> tuple[_Pair, ...]:
    later = {(use.name, use.place): use for use in all_uses(after)}
    both = (_Pair(use, later.get((use.name, use.place), use)) for use in all_uses(before))
    return tuple(pair for pair in both if pair.before.codelists or pair.after.codelists)


def _by_codelist(pairs: Sequence[_Pair]) -> dict[str, list[TermUse]]:
    """NCI code → the lines that use the codelist under either version."""
    found: dict[str, list[TermUse]] = {}
    for pair in pairs:
        for code in dict.fromkeys((*pair.before.codes, *pair.after.codes)):
            found.setdefault(code, []).append(pair.before)
    return found


def _heads(before: Plan, after: Plan) -> pl.DataFrame:
    old, new = before.terminology.package.codelists, after.terminology.package.codelists
    return pl.concat([new, old.filter(~pl.col("code").is_in(new["code"].to_list()))])


def _refused(mistake: StudyError) -> Effect:
    """The mistake without its remedy, which knows nothing of the version before."""
    places = (mistake.place,) if mistake.place else ()
    return Effect(Weight.BREAKS, Kind.SPEC, mistake.message, places=places)


def _left_behind(before: Plan, after: Plan) -> Iterator[Effect]:
    """Terms files named like a codelist that has another name: no line finds them any more."""
    for name in after.unused_terms:
        if name not in before.unused_terms:
            message = "no line would use this terms file any more"
            yield Effect(Weight.BREAKS, Kind.SPEC, message, places=(f"terms/{name}.csv",))


def _term_effects(pairs: Sequence[_Pair], data: StudyData, version: str) -> Iterator[Effect]:
    """Variable by variable; the lines of several record sets for one variable together."""
    lines: dict[tuple[str, _Lists, _Lists], list[TermUse]] = {}
    for pair in pairs:
        before, after = pair.before.codelists, pair.after.codelists
        if before != after:
            lines.setdefault((pair.before.name, before, after), []).append(pair.before)
    sides = functools.cache(Side)
    for (_, before, after), uses in lines.items():
        values = values_of(uses, data.records(uses[0]))
        yield from term_effects(uses, sides(before), sides(after), values, version)


def _remapped(
    folder: StudyFolder, before: Plan, after: Plan, found: CtChanges, data: StudyData
) -> Iterator[Effect]:
    if found and data.staged:
        yield from remapped(before, after, data.staged, folder.work)


def _placed(effect: Effect, pairs: Sequence[_Pair]) -> Effect:
    """The effect with the codelist and the line of its variable, where it is coded."""
    uses = [pair.before for pair in pairs if pair.before.name == effect.where]
    if not uses:
        return effect
    names = "/".join(each.submission_value for each in uses[0].codelists)
    places = tuple(dict.fromkeys(use.place for use in uses))
    return replace(effect, codelist=names, places=places)
