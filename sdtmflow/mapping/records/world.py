"""What mapping one partition knows: the staged tables, the subjects, the datasets made so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from sdtmflow.mapping.planning.plan import Plan
from sdtmflow.mapping.provenance.identity import IDENTITY
from sdtmflow.mapping.provenance.links import Links
from sdtmflow.mapping.records.columns import Records
from sdtmflow.mapping.records.problems import Problem
from sdtmflow.mapping.records.staged import Staged
from sdtmflow.mapping.spec import RecordSet
from sdtmflow.sources.raw import SUBJECT


@dataclass
class World:
    """The state of one ``map_partition``; records grow column by column and never move."""

    plan: Plan
    staged: Staged
    site: str
    numbers: Path | None = None
    """Folder of the numbers that earlier bundles gave (see ``numbering.py``)."""
    given: dict[str, pl.DataFrame] = field(default_factory=dict)
    """Dataset → the numbers of its records, for the next bundle."""
    records: dict[str, Records] = field(default_factory=dict)
    design: dict[str, pl.DataFrame] = field(default_factory=dict)
    unscheduled: pl.DataFrame = field(default_factory=pl.DataFrame)
    """Subject and day of unscheduled visits → ``number`` (see ``calendar.py``)."""
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    """(domain, problem): rows by position in the domain's frame."""
    orders: dict[tuple[str, tuple[str, ...]], pl.Series] = field(default_factory=dict)
    links: list[Links] = field(default_factory=list)
    """The other records that values were taken from, with positions in the domain's frame."""
    subjects: pl.DataFrame = field(init=False)
    """``subject`` and ``usubjid``, sorted by usubjid."""

    def __post_init__(self) -> None:
        self.subjects = _subjects(self.plan, self.staged, self.site)

    @property
    def country(self) -> str | None:
        """Of the partition's site, as study.yaml has it."""
        known = self.plan.study.sites.get(self.site)
        return known.country or None if known else None

    @cached_property
    def subject_type(self) -> pl.Enum:
        """Subjects as numbers in the order of USUBJID."""
        return pl.Enum(self.subjects["subject"])

    def dataset(self, name: str, columns: Iterable[str]) -> pl.DataFrame:
        """Columns of a dataset as far as it is made, with ``_subject`` and ``IDENTITY``.

        A trial design dataset has neither.
        """
        if name in self.records:
            return self.records[name].frame([SUBJECT, *IDENTITY, *columns])
        return self.design[name].select(*dict.fromkeys(columns))

    def order(self, domain: str, by: Sequence[str]) -> pl.Series:
        """Positions of the domain's records sorted by subject and these variables.

        Sorted once for --SEQ and the finished dataset, since rows never move.
        """
        columns = (SUBJECT, *(name for name in by if name not in {"STUDYID", "USUBJID"}))
        key = (domain, columns)
        if key not in self.orders:
            self.orders[key] = self.records[domain].order(columns)
        return self.orders[key]

    def asks_for(self, records: RecordSet) -> bool:
        """Whether a record set is to be made, by its ``having``, ``unless`` and ``unpivot``."""
        if records.unless and not self.staged.table(records.unless, ()).is_empty():
            return False
        if records.having and not self.staged.delivered(records.from_, records.having):
            return False
        unpivot = records.unpivot
        return unpivot is None or bool(self.staged.delivered(records.from_, unpivot.sent()))


def _subjects(plan: Plan, staged: Staged, site: str) -> pl.DataFrame:
    """Every subject of the partition's tables, with USUBJID by study.yaml's template."""
    subjects = staged.subjects(plan.raw_columns())
    template = plan.study.usubjid
    names = [
        template.format(study=plan.study.study, site=site, subject=subject) for subject in subjects
    ]
    frame = pl.DataFrame({"subject": subjects, "usubjid": pl.Series(names, dtype=pl.String)})
    return frame.sort("usubjid", "subject")
