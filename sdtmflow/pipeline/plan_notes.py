"""What a sound study folder leaves open: datasets without a table, dictionaries without version."""

from __future__ import annotations

from collections.abc import Container, Iterator

from sdtmflow.errors import DeliveryError
from sdtmflow.mapping.planning.plan import BUILTIN, Plan, PlannedDomain
from sdtmflow.pipeline.deliveries import DeliveryMemory
from sdtmflow.pipeline.unmapped import conformed_columns
from sdtmflow.pipeline.workspace import Workspace
from sdtmflow.sources.conform import study_name
from sdtmflow.sources.delivery import named_by_file
from sdtmflow.sources.report import read_collect_report
from sdtmflow.study import Source, StudyFolder

_VERSIONS = {"WHODrug": "GLOBAL B3 2025-03-01"}
"""How a dictionary writes its version, where not as MedDRA does."""


def plan_notes(folder: StudyFolder, plan: Plan, workspace: Workspace) -> Iterator[str]:
    """One line for all datasets that no source has a table for, one for each dictionary."""
    tables = _tables(folder, workspace)
    lacking = [
        domain.name for domain in plan.domains.values() if tables and not _has_table(domain, tables)
    ]
    if lacking:
        yield f"no source has a table for these domains, so they are not made: {_listed(lacking)}"
    for name, place in sorted(_dictionaries(plan, lacking).items()):
        if not plan.study.standards.dictionary_version(name):
            version = _VERSIONS.get(name, "27.1")
            yield (
                f"{folder.place_of('standards')}: the version of {name}, which {place} names, is "
                f"not known; add it, as 'dictionaries: {{{name}: \"{version}\"}}'"
            )


def _listed(domains: list[str]) -> str:
    return ", ".join(sorted(domains))


def _dictionaries(plan: Plan, lacking: Container[str]) -> dict[str, str]:
    """Dictionary → the first line that names it without a version, of domains that are made."""
    named: dict[str, str] = {}
    for domain in plan.domains.values():
        for line in domain.lines if domain.name not in lacking else ():
            dictionary = line.line.dictionary
            if dictionary and not dictionary.version:
                named.setdefault(dictionary.name, line.place)
    return named


def _has_table(domain: PlannedDomain, tables: set[str]) -> bool:
    """Whether a record set has its table, or is made of other datasets."""
    return any(
        records.from_ in tables or records.from_.startswith(BUILTIN)
        for records in domain.record_sets
    )


def _tables(folder: StudyFolder, workspace: Workspace) -> set[str]:
    """The study tables that some source has; empty where that is not known of every source.

    A source's tables are known by what it delivered last, by study.yaml, or by its files' names.
    """
    found: set[str] = set()
    for name, source in folder.study.sources.items():
        own = _tables_of(folder, workspace, name, source)
        if not own:
            return set()
        found |= own
    return found


def _tables_of(folder: StudyFolder, workspace: Workspace, name: str, source: Source) -> set[str]:
    known = DeliveryMemory(workspace).recall(name)
    if known:
        tables = read_collect_report(workspace.path(known)).tables
        return {conformed_columns(source, table)[0] for table in tables} | set(source.tables)
    if source.tables:
        return set(source.tables)
    try:
        return {study_name(table) for table in named_by_file(folder, name)}
    except DeliveryError:
        return set()
