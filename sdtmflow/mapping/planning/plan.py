"""The plan: every line of every spec checked against standards, terms and functions, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sdtmflow.mapping.design.places import Place
from sdtmflow.mapping.planning.derivations import Function
from sdtmflow.mapping.planning.merged import PlacedPart
from sdtmflow.mapping.planning.references import RAW, Reference
from sdtmflow.mapping.spec import Line, Link, RecordSet
from sdtmflow.mapping.values.conditions import names, parse
from sdtmflow.mapping.values.conversion import Conversions
from sdtmflow.mapping.values.terminology import Matcher, TermRow
from sdtmflow.standards.sdtmig import DatasetFacts, VariableFacts, sdtmig
from sdtmflow.standards.terminology import CodelistFacts, Terminology
from sdtmflow.study import Study

DESIGN_DATASETS = ("TA", "TE", "TI", "TS", "TV")
BUILTIN = "builtin."
SUPPLEMENTAL = "supp."
SUBJECT_VISITS = f"{BUILTIN}subject_visits"
VISIT_FORM = "sv"
"""The raw table in which sites say which visits took place (see ``visit_form.py``)."""
VISIT_FORM_DATES = ("VISIT", "VISDAT", "SVSTDAT", "SVSTTIM")
"""What says when a visit began."""
VISIT_FORM_COLUMNS = (
    *VISIT_FORM_DATES,
    "SVENDAT",
    "SVENTIM",
    "SVOCCUR",
    "SVREASOC",
    "SVCNTMOD",
    "SVEPCHGI",
    "SVUPDES",
)
COMMENT = "COVAL"
"""The raw column of any table that holds a comment on its row."""


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A checked line: what it makes, and what each name in it stands for."""

    domain: str
    variable: str
    line: Line
    place: str
    facts: VariableFacts
    supplemental: bool
    record_set: int | None
    references: Mapping[str, Reference]
    matcher: Matcher | None = None
    codelists: tuple[CodelistFacts, ...] = ()
    function: Function | None = None

    @property
    def column(self) -> str:
        """The column that the line makes in the frame of the domain's records."""
        return f"{SUPPLEMENTAL}{self.variable}" if self.supplemental else self.variable

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers; a supplemental qualifier is always text."""
        return self.facts.type == "Num" and not self.supplemental


@dataclass(frozen=True)
class PlannedDomain:
    """A domain: its record sets, its lines (in the specs' order), its natural key.

    What every partition asks of it is found once.
    """

    name: str
    facts: DatasetFacts
    place: str
    keys: tuple[str, ...]
    record_sets: tuple[RecordSet, ...]
    lines: tuple[PlannedLine, ...]
    label: str = ""
    structure: str = ""
    comment: str = ""
    links: tuple[Link, ...] = ()
    parts: tuple[PlacedPart, ...] = ()
    """The datasets that the records are split into, but for those of none."""
    carried: tuple[str, ...] = ()
    """Raw columns that other datasets read from these records, where they are delivered."""

    def lines_of(self, column: str, sets: frozenset[int] | None = None) -> tuple[PlannedLine, ...]:
        """The lines that make a column: one, or one a record set (of those in ``sets``)."""
        lines = self._lines_by_column.get(column, ())
        if sets is None:
            return lines
        return tuple(line for line in lines if line.record_set is None or line.record_set in sets)

    @cached_property
    def _lines_by_column(self) -> Mapping[str, tuple[PlannedLine, ...]]:
        found: dict[str, list[PlannedLine]] = {}
        for line in self.lines:
            found.setdefault(line.column, []).append(line)
        return {column: tuple(lines) for column, lines in found.items()}

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets that may hold its records: its parts, and the one with its own name."""
        return (*(part.name for part in self.parts), self.name)

    @property
    def sequence(self) -> str:
        """The variable that numbers the subject's records (AESEQ), "" where no line makes it."""
        name = f"{self.name}SEQ"
        return name if self.lines_of(name) else ""

    @property
    def natural_key(self) -> tuple[str, ...]:
        """The keys that records are numbered by: all but the number itself."""
        return tuple(key for key in self.keys if key != f"{self.name}SEQ")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the lines make, each once, in the IG's order; qualifiers last."""
        found = {line.column: line for line in self.lines}
        ordered = sorted(
            found.values(), key=lambda line: (line.supplemental, line.facts.order, line.variable)
        )
        return tuple(line.column for line in ordered)

    def raw_names(self, record_set: int) -> tuple[str, ...]:
        """The raw columns that one record set's lines read, after unpivoting.

        Names with an underscore are made with the records (``records.py``).
        """
        return self._raw_names[record_set]

    @cached_property
    def _raw_names(self) -> tuple[tuple[str, ...], ...]:
        return tuple(self._raw_names_of(at) for at in range(len(self.record_sets)))

    def _raw_names_of(self, record_set: int) -> tuple[str, ...]:
        mine = [line for line in self.lines if line.record_set in {None, record_set}]
        found = [ref.name for line in mine for ref in line.references.values() if ref.kind == RAW]
        condition = self.record_sets[record_set].where
        found += [plain(name) for name in names(parse(condition))] if condition else []
        return tuple(dict.fromkeys(name for name in found if not name.startswith("_")))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the plan: a column of a domain, its records (``*``), or the visit calendar."""

    domain: str
    column: str


RECORDS = "*"
CALENDAR = Step("", "visits")


@dataclass(frozen=True)
class Plan:
    """All that mapping needs besides the data."""

    study: Study
    folder: Path
    domains: Mapping[str, PlannedDomain]
    steps: tuple[Step, ...]
    terms: Mapping[str, tuple[TermRow, ...]]
    conversions: Mapping[str, Conversions]
    terminology: Terminology
    place: Place
    """Keys of study.yaml → where it, or its USDM file, says them."""
    unused_terms: tuple[str, ...] = ()
    """Files of the study's ``terms/`` that no line uses."""
    design_notes: tuple[str, ...] = ()
    """What the trial's design leaves open, with its place."""

    def domain_of(self, dataset: str) -> PlannedDomain | None:
        """The domain that a dataset holds records of (QSPH), or qualifies (SUPPQSPH).

        None where no spec makes it: those of the trial design.
        """
        parent = dataset.removeprefix("SUPP")
        return next((each for each in self.domains.values() if parent in each.datasets), None)

    def facts_of(self, dataset: str) -> DatasetFacts:
        """What the standards say of a dataset of this study."""
        ig = sdtmig(self.study.standards.sdtmig)
        domain = self.domain_of(dataset)
        if domain is None:
            return ig.dataset(dataset)
        return ig.supplemental(dataset) if dataset.startswith("SUPP") else domain.facts

    def raw_columns(self) -> Mapping[str, tuple[str, ...]]:
        """Raw table → the columns that the specs read from it, sorted.

        What a delivery has beyond these is not mapped; what it lacks of these stays missing.
        """
        return self._raw_columns

    @cached_property
    def _raw_columns(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for table, column in self._raw_reads():
            found.setdefault(table, set()).add(column)
        return {table: tuple(sorted(found[table])) for table in sorted(found)}

    def _raw_reads(self) -> Iterable[tuple[str, str]]:
        for domain in self.domains.values():
            for at, records in enumerate(domain.record_sets):
                if records.from_ == SUBJECT_VISITS:
                    yield from ((VISIT_FORM, column) for column in VISIT_FORM_COLUMNS)
                elif not records.from_.startswith(BUILTIN):
                    names = (*domain.raw_names(at), *domain.carried)
                    for column in sent_columns(records, names):
                        yield records.from_, column
            yield from _looked_up(domain)


def plain(name: str) -> str:
    """A raw column's name without the ``raw.`` prefix."""
    return name.removeprefix(f"{RAW}.")


def sent_columns(records: RecordSet, read: Iterable[str]) -> tuple[str, ...]:
    """The staged table's columns behind the raw names, which an unpivot may have made."""
    unpivot = records.unpivot
    made = set[str]()
    if unpivot:
        made = {unpivot.into, f"{unpivot.into}_LABEL", *unpivot.columns}
    sent = [name for name in read if name not in made] + list(row_columns(records))
    if unpivot:
        sent += unpivot.sent()
    return tuple(dict.fromkeys(sent))


def row_columns(records: RecordSet) -> Iterable[str]:
    """The columns by which rows are split, compared and brought together."""
    if records.split:
        yield records.split.column
    if records.duplicates:
        yield from records.duplicates.by
    if collapse := records.collapse:
        condition = names(parse(collapse.where)) if collapse.where else ()
        yield from (*collapse.by, *collapse.columns, *collapse.order, *map(plain, condition))


def _looked_up(domain: PlannedDomain) -> Iterable[tuple[str, str]]:
    for line in domain.lines:
        lookup = line.line.lookup
        if lookup and lookup.table:
            for column in lookup_columns(line.line):
                yield lookup.table, column


def lookup_columns(line: Line) -> tuple[str, ...]:
    """The columns that a lookup reads in the other place: values, matches, condition, order."""
    lookup = line.lookup
    if lookup is None:
        return ()
    condition = names(parse(lookup.where)) if lookup.where else ()
    return tuple(dict.fromkeys((*lookup.values(), *lookup.match, *condition, *lookup.by)))
