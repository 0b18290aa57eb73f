"""Drafts: a source's raw tables → proposed spec files, each of which `sdtmflow check` accepts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sdtmflow.drafting.choosing import choose, domains_of
from sdtmflow.drafting.knowledge import DomainKnowledge, Knowledge, knowledge_of
from sdtmflow.drafting.lines import lines_of
from sdtmflow.drafting.raw import RawTable, raw_tables
from sdtmflow.drafting.unmatched import unmatched_of
from sdtmflow.drafting.wide import tests_of
from sdtmflow.drafting.writing import Sheet, text_of
from sdtmflow.errors import StudyError
from sdtmflow.mapping import load_plan
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import StudyErrors

THRESHOLD = 0.6
"""A proposal that is less sure stays open."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was found in one source's tables."""

    sheets: tuple[Sheet, ...]
    without_domain: tuple[RawTable, ...]
    """Tables that no domain can be told for."""
    besides: tuple[tuple[RawTable, str], ...] = ()
    """Tables that seem to feed a domain whose draft comes from another table."""

    def hardly_read(self) -> Iterator[tuple[RawTable, int]]:
        """Tables most columns of which say nothing, with the number of those."""
        silent = {table.name: (table, len(table.columns)) for table in self.without_domain}
        for sheet in self.sheets:
            silent[sheet.choice.table.name] = (sheet.choice.table, len(sheet.open_columns))
        yield from (pair for pair in silent.values() if pair[1] > len(pair[0].columns) / 2)

    def texts(self) -> dict[str, str]:
        """File name → text of the drafted spec."""
        return {sheet.file: text_of(sheet) for sheet in self.sheets}


def draft_specs(
    folder: StudyFolder,
    source: str,
    *,
    tables: Sequence[str] = (),
    domains: Mapping[str, str] | None = None,
    threshold: float = THRESHOLD,
    standard: Path | None = None,
) -> Draft:
    """Propose specs for the raw tables of a source (or those named, by study name).

    ``domains`` says of some tables what they feed (table → domain); of the others it is found out.
    Raises StudyError for a table that is not delivered or a domain that cannot be drafted,
    DeliveryError where nothing can be read.
    """
    said = {table: domain.upper() for table, domain in (domains or {}).items()}
    found = _asked(raw_tables(folder, source), (*tables, *(said if tables else ())))
    knowledge = knowledge_of(folder, standard)
    _require_known(found, said, knowledge)
    sheets: dict[str, Sheet] = {}
    nowhere, besides = [], []
    for table in found:
        fed = _fed(table, said, knowledge)
        for domain in fed:
            sheet = _sheet(folder, source, table, domain, threshold)
            other = sheets.get(sheet.domain)
            if other is None or _weight(sheet) > _weight(other):
                sheets[sheet.domain] = sheet
                sheet = other or sheet
            if other is not None:
                besides.append((sheet.choice.table, sheet.domain))
        if not fed:
            nowhere.append(table)
    sound = _sound(folder, [sheet for _, sheet in sorted(sheets.items())], standard)
    return Draft(tuple(sound), tuple(nowhere), tuple(besides))


def _asked(found: list[RawTable], tables: Sequence[str]) -> list[RawTable]:
    names = {table.name for table in found}
    for name in tables:
        if name not in names:
            raise StudyError(
                f"the source delivers no table '{name}'",
                place="--table",
                remedy=f"it delivers {', '.join(sorted(names))}",
            )
    return [table for table in found if not tables or table.name in tables]


def _require_known(found: list[RawTable], said: Mapping[str, str], knowledge: Knowledge) -> None:
    names = {table.name for table in found}
    for table, domain in said.items():
        if table not in names:
            raise StudyError(
                f"the source delivers no table '{table}'",
                place="--domain",
                remedy=f"it delivers {', '.join(sorted(names))}",
            )
        if domain not in knowledge.domains:
            raise StudyError(
                f"no draft can be made of '{domain}'",
                place="--domain",
                remedy=f"write one of: {', '.join(sorted(knowledge.domains))}",
            )


def _fed(table: RawTable, said: Mapping[str, str], knowledge: Knowledge) -> list[DomainKnowledge]:
    """The domain that is said, else those that the table's names and labels speak for."""
    if table.name in said:
        return [knowledge.domains[said[table.name]]]
    return domains_of(table, knowledge)


def _weight(sheet: Sheet) -> tuple[bool, int]:
    """The table that is called like the domain, else the one with more proposals."""
    named = sheet.choice.table.name.upper() == sheet.domain
    return named, len(sheet.lines) + len(sheet.wide.results if sheet.wide else ())


def _sheet(
    folder: StudyFolder, source: str, table: RawTable, domain: DomainKnowledge, threshold: float
) -> Sheet:
    wide = tests_of(table, domain)
    rest = table
    if wide:
        left = tuple(column for column in table.columns if column.name not in wide.columns)
        rest = replace(table, columns=left)
    choice = choose(rest, _without_results(domain) if wide else domain, threshold)
    lines = lines_of(choice, folder.study.sources[source].dates)
    targets = [(line, domain.targets[line.variable]) for line in lines if not line.doubt]
    return Sheet(
        choice=replace(choice, domain=domain, table=table),
        source=source,
        threshold=threshold,
        lines=tuple(line for line in lines if not line.doubt),
        doubtful=tuple(line for line in lines if line.doubt),
        wide=wide,
        unmatched=dict(unmatched_of(folder, source, table, targets)),
    )


def _without_results(domain: DomainKnowledge) -> DomainKnowledge:
    """The domain without what the tests of a wide table make."""
    made = {f"{domain.facts.name}{end}" for end in ("TESTCD", "TEST", "ORRES", "ORRESU")}
    kept = {name: target for name, target in domain.targets.items() if name not in made}
    return replace(domain, targets=kept)


def _sound(folder: StudyFolder, sheets: list[Sheet], standard: Path | None) -> list[Sheet]:
    """The sheets without the lines that `check` refuses; those are open, with its words."""
    refused = _refused(folder, sheets, standard)
    return [_without(sheet, refused.get(sheet.file, {})) for sheet in sheets]


def _without(sheet: Sheet, refused: dict[str, str]) -> Sheet:
    if not refused:
        return sheet
    kept = tuple(line for line in sheet.lines if line.variable not in refused)
    out = tuple(line for line in sheet.lines if line.variable in refused)
    return replace(sheet, lines=kept, doubtful=(*sheet.doubtful, *out), refused=refused)


def _refused(
    folder: StudyFolder, sheets: list[Sheet], standard: Path | None
) -> dict[str, dict[str, str]]:
    """File → variable → what is wrong with its drafted line, tried in a copy of the study."""
    texts = {sheet.file: text_of(sheet) for sheet in sheets}
    with tempfile.TemporaryDirectory(prefix="sdtmflow-") as temporary:
        copy = Path(temporary)
        shutil.copy(folder.root / "study.yaml", copy)
        for part in (folder.terms, folder.mappings):
            if part.is_dir():
                shutil.copytree(part, copy / part.name)
        (copy / "mappings").mkdir(exist_ok=True)
        for name, text in texts.items():
            (copy / "mappings" / name).write_text(text, encoding="utf-8")
        found: dict[str, dict[str, str]] = {}
        for name, variable, message in _mistakes(copy, texts, standard):
            found.setdefault(name, {})[variable] = message
        return found


def _mistakes(
    copy: Path, texts: dict[str, str], standard: Path | None
) -> Iterator[tuple[str, str, str]]:
    try:
        load_plan(StudyFolder(copy), standard)
    except StudyErrors as errors:
        for problem in errors.problems:
            file, _, rest = problem.place.partition(":")
            name, number = file.removeprefix("mappings/"), rest.partition(":")[0]
            if name in texts and number.isdigit():
                line = texts[name].splitlines()[int(number) - 1]
                yield name, line.strip().partition(":")[0], problem.message
