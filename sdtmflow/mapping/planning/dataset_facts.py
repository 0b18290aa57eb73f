"""What a spec makes: a dataset of the study's guide, or a domain of the study's own."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sdtmflow.mapping.planning.line_checks import Mistake, label_mistakes
from sdtmflow.mapping.planning.merged import MergedSpec, PlacedPart
from sdtmflow.mapping.planning.planner import Planner
from sdtmflow.mapping.planning.spec_files import LostSpecError
from sdtmflow.mapping.values.conditions import names, parse
from sdtmflow.mapping.values.nearest import nearest
from sdtmflow.standards.model import GENERAL_CLASSES
from sdtmflow.standards.own_domains import own_domain
from sdtmflow.standards.sdtmig import VERSIONS, DatasetFacts, SdtmIg, sdtmig

_CODE = 2
"""Letters and digits of a domain's code."""


def dataset_facts(planner: Planner, spec: MergedSpec) -> DatasetFacts:
    """The facts that the spec's lines are planned by.

    Raises LostSpecError where the guide has no such dataset and the spec gives no class.
    """
    for message, remedy in _class_mistakes(planner.ig, spec):
        planner.wrong(message, spec.place, remedy)
    if facts := planner.ig.datasets.get(spec.domain):
        if facts.reference or spec.domain == "SUPPQUAL":
            raise _not_from_data(facts, spec)
        return facts
    if not spec.cls:
        raise _unknown(planner.ig, spec)
    return own_domain(planner.ig.version, spec.domain, spec.cls, spec.label)


def part_mistakes(ig: SdtmIg, spec: MergedSpec, made: Collection[str]) -> Iterator[tuple[str, ...]]:
    """What is wrong with the datasets that the domain is split into: message, place, remedy.

    ``made`` are the domain's variables.
    """
    for each in spec.parts:
        for message, remedy in _part_mistakes(ig, spec, each, made):
            yield message, each.place, remedy


def _part_mistakes(
    ig: SdtmIg, spec: MergedSpec, each: PlacedPart, made: Collection[str]
) -> Iterator[Mistake]:
    if not each.name.startswith(spec.domain):
        yield (
            f"the dataset {each.name} does not begin with the domain's code",
            f"call it {spec.domain} and one or two letters or digits",
        )
    facts = ig.datasets.get(spec.domain)
    if facts and facts.cls not in GENERAL_CLASSES:
        yield f"{spec.domain} is {facts.cls}, and is not split", "remove 'datasets'"
    yield from label_mistakes(each.part.label)
    for name in names(parse(each.part.where)):
        if name not in made:
            yield (
                f"'where' reads {name}, which is no variable of {spec.domain}",
                nearest(name, made, "name a variable that a line makes"),
            )


def _class_mistakes(ig: SdtmIg, spec: MergedSpec) -> Iterator[Mistake]:
    if not spec.cls:
        return
    if facts := ig.datasets.get(spec.domain):
        yield f"{spec.domain} is {facts.cls} in SDTMIG {ig.version}", "remove 'class'"
    elif len(spec.domain) != _CODE:
        yield f"'{spec.domain}' is no domain's code", "write two letters, or a letter and a digit"
    elif not spec.label:
        yield f"{spec.domain} is the study's own, and has no label", "add 'label: …'"


def _not_from_data(facts: DatasetFacts, spec: MergedSpec) -> LostSpecError:
    if facts.name == "SUPPQUAL":
        remedy = "write qualifiers under 'supplemental' in the spec of their parent domain"
        return LostSpecError("SUPP-- is no dataset of its own", place=spec.place, remedy=remedy)
    return LostSpecError(
        f"{facts.name} ({facts.label}) holds no subjects' data, which specs map",
        place=spec.place,
        remedy="remove this file; 'design' of study.yaml makes TA, TE, TI, TS and TV",
    )


def _unknown(ig: SdtmIg, spec: MergedSpec) -> LostSpecError:
    there = [version for version in VERSIONS if spec.domain in sdtmig(version).datasets]
    if there:
        message = f"{spec.domain} is a dataset of SDTMIG {there[0]}, and not of {ig.version}"
        remedy = "change 'standards' in study.yaml, or declare it the study's own"
    else:
        message = f"SDTMIG {ig.version} has no dataset '{spec.domain}'"
        known = (name for name, facts in ig.datasets.items() if not facts.reference)
        remedy = f"it has {', '.join(known)}; a domain of the study's own says"
    classes = ", ".join(GENERAL_CLASSES)
    return LostSpecError(
        message,
        place=spec.place,
        remedy=f"{remedy} 'class:' ({classes}) and 'label:' (docs/how-to/add-a-domain.md)",
    )
