"""What becomes of each value that a variable carries, maps to or writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sdtmflow.impact.effects import Effect, Kind, Weight
from sdtmflow.mapping.planning.term_uses import TermUse
from sdtmflow.mapping.values.terminology import Matcher
from sdtmflow.standards.terminology import CodelistFacts, TermFacts


@dataclass(frozen=True)
class Side:
    """The codelists of a variable under one version."""

    codelists: tuple[CodelistFacts, ...]

    @cached_property
    def terms(self) -> Mapping[str, TermFacts]:
        """Submission value → term."""
        return {term.submission_value: term for each in self.codelists for term in each.terms}

    @cached_property
    def by_code(self) -> Mapping[str, str]:
        """NCI code → submission value."""
        return {term.code: term.submission_value for term in self.terms.values()}

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher.of(self.codelists)

    @property
    def extensible(self) -> bool:
        """Whether a value outside the codelists may be kept."""
        return all(each.extensible for each in self.codelists)

    def match(self, value: str) -> str | None:
        """The submission value that a text would map to."""
        return self._matcher.match(value)


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one variable: how many records carry each, and which lines say it."""

    records: Mapping[str, int] | None
    """None where there are no data."""
    places: Mapping[str, tuple[str, ...]]

    def all(self) -> list[str]:
        """Every value, sorted."""
        return sorted({*(self.records or {}), *self.places})


def values_of(uses: Sequence[TermUse], records: Mapping[str, int] | None) -> Values:
    """What the data carry, the lines write, and their terms files map to."""
    said = [(value, use.place) for use in uses for value in use.literals]
    said += [(row.submission, row.place) for use in uses for row in use.rows if row.submission]
    places: dict[str, tuple[str, ...]] = {}
    for value, place in dict.fromkeys(said):
        places[value] = (*places.get(value, ()), place)
    return Values(records, places)


def term_effects(
    uses: Sequence[TermUse], before: Side, after: Side, values: Values, version: str
) -> Iterator[Effect]:
    """The effects on single values of a variable, which ``uses`` are the lines of.

    There are none where it has no codelist on a side: that is told of the codelist.
    """
    if not before.codelists or not after.codelists:
        return
    use = uses[0]
    for value in values.all():
        if value in use.beside:
            continue
        carried = None if values.records is None else values.records.get(value, 0)
        if carried == 0 and value in before.terms and value in after.terms:
            continue  # another code or name of a term matters only where the data have it
        for weight, message, becomes in _verdict(value, before, after, version):
            yield Effect(
                weight=weight,
                kind=Kind.TERM,
                message=message,
                codelist="/".join(each.submission_value for each in before.codelists),
                dataset=use.dataset,
                variable=use.variable,
                value=value,
                becomes=becomes,
                records=carried,
                places=values.places.get(value) or tuple(dict.fromkeys(use.place for use in uses)),
            )


_Verdict = tuple[Weight, str, str]


def _verdict(value: str, before: Side, after: Side, version: str) -> Iterator[_Verdict]:
    was, now = before.terms.get(value), after.terms.get(value)
    if was and now:
        yield from _still_a_term(was, now)
    elif was:
        yield _no_term_any_more(was, after, version)
    elif now:
        kind = "sponsor extension" if before.extensible else "value outside the codelist"
        yield Weight.HEALS, f"the {kind} is a term now ({now.code})", ""
    else:
        yield from _never_a_term(value, before, after)


def _still_a_term(was: TermFacts, now: TermFacts) -> Iterator[_Verdict]:
    if was.code != now.code:
        yield Weight.CHANGES, f"the term has the NCI code {now.code} now, was {was.code}", ""
    elif was.preferred_term != now.preferred_term:
        message = f"the preferred term is '{now.preferred_term}' now, was '{was.preferred_term}'"
        yield Weight.NOTE, message, ""


def _no_term_any_more(was: TermFacts, after: Side, version: str) -> _Verdict:
    renamed = after.by_code.get(was.code, "")
    what = f"the term ({was.code}) is renamed" if renamed else f"{version} has no such term"
    if after.extensible:
        return (
            Weight.CHANGES,
            f"{what}; the value would stand as a sponsor extension",
            renamed or "",
        )
    return Weight.BREAKS, f"{what}; the codelist permits no other value", renamed


def _never_a_term(value: str, before: Side, after: Side) -> Iterator[_Verdict]:
    if before.extensible and not after.extensible:
        yield Weight.BREAKS, "a sponsor extension of a codelist that may not be extended now", ""
    elif after.extensible and not before.extensible:
        yield Weight.HEALS, "the codelist may be extended now, so the value may stand", ""
    elif (found := after.match(value)) and found != before.match(value):
        yield Weight.CHANGES, "the value is a synonym or spelling of a term now", found
