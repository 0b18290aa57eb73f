"""Raw columns that the study's own lines read and the last collected deliveries do not have."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.plan import BUILTIN, Plan, PlannedDomain, PlannedLine, lookup_columns
from sdtmflow.mapping.planning.plan import sent_columns as behind
from sdtmflow.mapping.planning.references import RAW
from sdtmflow.pipeline.deliveries import DeliveryMemory
from sdtmflow.pipeline.unmapped import conformed_columns
from sdtmflow.pipeline.workspace import Workspace
from sdtmflow.sources.report import read_collect_report

_STUDY = "mappings/"
"""How places of the study's own lines begin; what the standard reads beyond a delivery is usual."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A raw column that no source delivers; ``misspelt``: one of nearly that name is unread."""

    told: StudyError
    misspelt: bool


def undelivered(plan: Plan, workspace: Workspace) -> Iterator[Undelivered]:
    """Each once, in the order of the specs; nothing before every source was collected here."""
    delivered = _delivered(plan, workspace)
    if delivered is None:
        return
    read = plan.raw_columns()
    told: set[tuple[str, str, str]] = set()
    for place, table, column in _reads(plan):
        there = delivered.get(table, set())
        key = (place, table, column)
        if column.upper() not in there and not column.startswith("_") and key not in told:
            told.add(key)
            unread = there - {name.upper() for name in read.get(table, ())}
            yield _undelivered(place, table, column, unread, is_table=table in delivered)


def _undelivered(
    place: str, table: str, column: str, unread: set[str], *, is_table: bool
) -> Undelivered:
    near = difflib.get_close_matches(column.upper(), sorted(unread), n=1, cutoff=0.8)
    message = f"no source delivers {column} in {table}"
    if not is_table:
        message = f"no source delivers the table {table}"
    remedy = f"did you mean {near[0]}?" if near else "correct it, or see `tables` in study.yaml"
    return Undelivered(StudyError(message, place=place, remedy=remedy), bool(near))


def _delivered(plan: Plan, workspace: Workspace) -> dict[str, set[str]] | None:
    """Study table → its columns in any source; None while a source was never collected."""
    memory, found = DeliveryMemory(workspace), dict[str, set[str]]()
    for name, source in plan.study.sources.items():
        known = memory.recall(name)
        if known is None:
            return None
        for table in read_collect_report(workspace.path(known)).tables:
            own, columns = conformed_columns(source, table)
            found.setdefault(own, set()).update(column.upper() for column in columns)
        for own, spec in source.tables.items():
            found.setdefault(own, set()).update(map(str.upper, (*spec.constants, *spec.columns)))
    return found


def _reads(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Place, table and column of everything raw that the study's own lines read."""
    for domain in plan.domains.values():
        for line in domain.lines:
            if line.place.startswith(_STUDY):
                yield from ((line.place, *pair) for pair in _of_line(domain, line))


def _of_line(domain: PlannedDomain, line: PlannedLine) -> Iterator[tuple[str, str]]:
    names = [ref.name for ref in line.references.values() if ref.kind == RAW]
    for at, records in enumerate(domain.record_sets):
        mine = line.record_set in {None, at} and not records.from_.startswith(BUILTIN)
        form = set(behind(records, ())) if mine else set()
        for column in behind(records, names) if mine else ():
            if column not in form:
                yield records.from_, column
    lookup = line.line.lookup
    if lookup and lookup.table:
        yield from ((lookup.table, column) for column in lookup_columns(line.line))
