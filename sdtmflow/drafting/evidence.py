"""Which variable a raw column may be: every reason with the weight that it has alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sdtmflow.drafting.knowledge import DomainKnowledge, Target
from sdtmflow.drafting.raw import Column
from sdtmflow.drafting.shapes import terms
from sdtmflow.drafting.words import likeness, words

ANNOTATED, STANDARD, NAMED, ENDING, LABELLED, WORDED, TERMS = 0.98, 0.95, 0.93, 0.88, 0.8, 0.7, 0.4
"""How sure one kind of reason is by itself: the delivery's own SDTM annotation, the raw name of
the standard spec, the variable's name, a date's name with another ending, a label, a name's words,
the terms of a codelist (which alone are no reason)."""
CAP = 0.99
UNUSUAL = 0.85
"""What words alone are worth for a variable that the standard spec does not collect."""
_DATES = re.compile(r"_?(DTC|DATE|DAT|DTN|DT)$")
_TIMES = re.compile(r"_?(TIME|TIM|TM)$")
_EVERYONES = {"NY", "ND"}
"""Codelists of answers that suit any question."""
_CODE_TERMS = 2
"""Different terms of a codelist that say something; a yes or no suits any question."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A variable that a column may be; ``part`` is ``time`` for the time of a --DTC."""

    column: Column
    target: Target
    confidence: float
    reasons: tuple[str, ...]
    part: str = "value"


def candidates(column: Column, domain: DomainKnowledge, table: str) -> list[Candidate]:
    """The column's candidates in one domain, the surest first."""
    found = []
    for target in domain.targets.values() if not column.is_box else ():
        reasons = list(_reasons(column, target, domain, table))
        if reasons:
            part = "time" if any(text.startswith("time ") for _, text in reasons) else "value"
            found.append(_weighed(column, target, reasons, part))
    return sorted(found, key=lambda each: (-each.confidence, each.target.facts.order))


def _weighed(
    column: Column, target: Target, reasons: list[tuple[float, str]], part: str
) -> Candidate:
    """All reasons together; what the texts say raises or lowers them."""
    doubt = 1.0
    reasons = sorted(reasons, reverse=True)[:2]
    for weight, _ in reasons:
        doubt *= 1 - weight
    factor, said = _suits(column, target, part)
    texts = tuple(text for _, text in reasons)
    if target.line is None and reasons[0][0] < ENDING:
        factor *= UNUSUAL
    confidence = min(CAP, (1 - doubt) * factor)
    return Candidate(column, target, round(confidence, 2), (*texts, *said), part)


def _reasons(
    column: Column, target: Target, domain: DomainKnowledge, table: str
) -> Iterator[tuple[float, str]]:
    yield from _annotations(column, target)
    names = name_forms(column.name, domain.facts.name, table)
    yield from _by_name(names, target)
    known = next(_by_terms(column, target), None)
    alike = list(_by_words(column, target, domain, _bare(column.name, domain.facts.name, table)))
    yield from alike
    if known and alike:
        yield known


def _by_words(
    column: Column, target: Target, domain: DomainKnowledge, bare: str
) -> Iterator[tuple[float, str]]:
    own = words(column.label)
    if own and (alike := likeness(own - domain.words, target.words)):
        yield LABELLED * alike, f"its label is like '{target.facts.label}'"
    said = words(" ".join(_parts(bare, domain.facts.name))) - domain.words
    if said and (alike := likeness(said, target.words)):
        yield WORDED * alike, f"its name is like '{target.facts.label}'"


def _annotations(column: Column, target: Target) -> Iterator[tuple[float, str]]:
    for context, alias in column.aliases:
        if re.search("SDTM|SDS", context, re.IGNORECASE):
            for name in annotated(alias):
                if name in {target.name, f"{target.domain}.{target.name}"}:
                    yield ANNOTATED, f"annotated {context}: {name}"
        elif re.search("CDASH", context, re.IGNORECASE):
            for name in annotated(alias):
                yield from _by_name([name.rpartition(".")[2]], target, "its CDASH alias ")


def annotated(alias: str) -> list[str]:
    """The variables that an annotation names: ``AE.AETERM``, ``VSORRES where VSTESTCD = …``."""
    named = re.split(r"\b(?:where|when|if)\b", alias, flags=re.IGNORECASE)[0]
    found = re.findall(r"(?<![\w'\".])((?:[A-Z]{2,6}\.)?[A-Z][A-Z0-9]{1,7})(?![\w'\".])", named)
    return [name for name in found if f"{name}=" not in named.replace(" ", "")]


def name_forms(name: str, domain: str, table: str) -> list[str]:
    """The name, and what is left of it without what systems put before it; the barest last."""
    bare = _bare(name, domain, table)
    forms = [name.upper(), bare, bare.replace("_", "")]
    if not bare.startswith(domain) and bare != forms[0]:
        forms.append(f"{domain}{bare.replace('_', '')}")
    return list(dict.fromkeys(forms))


def _bare(name: str, domain: str, table: str) -> str:
    """The name without what systems put before it."""
    bare = name.upper().rpartition(".")[2]
    for prefix in (f"{table.upper()}_", "IT_", "I_"):
        bare = bare.removeprefix(prefix)
    doubled = f"{domain}_{domain}"
    return domain + bare.removeprefix(doubled) if bare.startswith(doubled) else bare


def _parts(name: str, domain: str) -> list[str]:
    """The words of a name without the domain's letters before them."""
    bare = name.rpartition(".")[2]
    return re.split(r"_|(?<=[a-z])(?=[A-Z])", bare.removeprefix(f"{domain}_").removeprefix(domain))


def _by_name(
    names: list[str], target: Target, what: str = "its name "
) -> Iterator[tuple[float, str]]:
    for name in names:
        if name in target.raw:
            if target.line and target.line.verb == "datetime" and target.raw[1:] == (name,):
                yield STANDARD, f"time of {target.name} in the standard spec ({name})"
            else:
                yield STANDARD, f"{what}is what the standard spec reads ({name})"
            return
        if name == target.name:
            yield NAMED, f"{what}is the variable's"
            return
        if target.name.endswith("DTC"):
            stem = target.name.removesuffix("DTC")
            if _DATES.sub("", name) == stem and _DATES.search(name):
                yield ENDING, f"{what}is {target.name} with another ending"
                return
            if _TIMES.sub("", name) == stem and _TIMES.search(name):
                yield ENDING, f"time of {target.name} by its ending"
                return


def _suits(column: Column, target: Target, part: str) -> tuple[float, tuple[str, ...]]:
    """How the texts change the confidence, and what is said of them."""
    values = column.values
    if target.name.endswith("DTC"):
        share = column.times if part == "time" else column.dates
        return _by_share(share, len(values), "are times" if part == "time" else "are dates", 0.3)
    if target.facts.type == "Num":
        return _by_share(column.numbers, len(values), "are numbers", 0.5)
    texts = column.said
    if texts and target.name.endswith("TXT") and column.numbers >= _SUITING:
        return 0.5, ("its texts are numbers",)
    if target.codelists and texts:
        share = terms(texts, target.codelists)
        closed = not any(codelist.extensible for codelist in target.codelists)
        told = f"{share * len(texts):.0f} of {len(texts)} texts are terms of its codelist"
        return (0.95 if closed and not share else 1.0), (told,)
    return 1.0, ()


def _by_terms(column: Column, target: Target) -> Iterator[tuple[float, str]]:
    """The texts are terms of a codelist that is not everyone's."""
    texts = column.said
    own = [each for each in target.codelists if each.submission_value not in _EVERYONES]
    if len(own) == len(target.codelists) and len(texts) >= _CODE_TERMS:
        share = terms(texts, target.codelists)
        if share >= _SUITING:
            yield TERMS * share, "its texts are terms of the codelist"


_SUITING = 0.8


def _by_share(
    share: float, count: int, words: str, otherwise: float
) -> tuple[float, tuple[str, ...]]:
    if not count:
        return 1.0, ()
    told = f"{share * count:.0f} of {count} texts {words}"
    return (1.02 if share >= _SUITING else otherwise + (1 - otherwise) * share), (told,)
