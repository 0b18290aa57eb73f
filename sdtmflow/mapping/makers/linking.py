"""What datasets read from the records of other domains: comments, and the names of records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sdtmflow.mapping.planning.plan import BUILTIN, COMMENT, PlannedDomain
from sdtmflow.mapping.planning.planner import Planner
from sdtmflow.mapping.spec import Link
from sdtmflow.mapping.values.nearest import nearest

_ABOUT_OTHERS = ("CO", "RELREC")


def carrying(planner: Planner, domains: Mapping[str, PlannedDomain]) -> dict[str, PlannedDomain]:
    """The domains, each with its usable links, and with the raw columns that CO and RELREC read.

    A link of the study that leads nowhere is told; one of the standard is left out.
    """
    makers = {each.from_ for domain in domains.values() for each in domain.record_sets}
    commented = f"{BUILTIN}comments" in makers
    linked = {name: _usable(planner, domain, domains) for name, domain in domains.items()}
    links = [link for own in linked.values() for link in own]
    return {
        name: replace(domain, links=linked[name], carried=_carried(name, links, commented))
        for name, domain in domains.items()
    }


def _carried(name: str, links: list[Link], commented: bool) -> tuple[str, ...]:  # noqa: FBT001 — private
    comment = (COMMENT,) if commented and name not in _ABOUT_OTHERS else ()
    named = (column for dataset, column in (link.origin for link in links) if dataset == name)
    return tuple(dict.fromkeys((*comment, *named)))


def _usable(
    planner: Planner, domain: PlannedDomain, domains: Mapping[str, PlannedDomain]
) -> tuple[Link, ...]:
    own = planner.specs[domain.name].own_links
    usable = []
    for link in domain.links:
        problems = tuple(_wrong(link, domains))
        if not problems:
            usable.append(link)
        elif link in own:
            for message, remedy in problems:
                planner.wrong(message, domain.place, remedy)
    return tuple(usable)


def _wrong(link: Link, domains: Mapping[str, PlannedDomain]) -> Iterator[tuple[str, str]]:
    """What is wrong with a link, and what to do: both ends are numbered records with names."""
    (origin, _), (target, variable) = link.origin, link.target
    for name in (origin, target):
        if name not in domains or not domains[name].sequence:
            remedy = nearest(name, domains, "name a domain that has a spec")
            yield f"a link names {name}, which has no numbered records", remedy
    if target in domains and not domains[target].lines_of(variable):
        known = {line.variable for line in domains[target].lines}
        remedy = nearest(variable, known, f"add a line for it to {target}")
        yield f"a link names {link.to}, which no line makes", remedy
