"""The words of an impact report: one effect a row, the gravest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """What an effect means for the study, the gravest first."""

    BREAKS = "breaks"
    """A spec is refused, or a value becomes a finding."""
    CHANGES = "changes"
    """The datasets or define.xml say something else."""
    HEALS = "heals"
    """A finding or a sponsor extension is no more."""
    NOTE = "note"


class Kind(StrEnum):
    """What the effect is about."""

    SPEC = "spec"
    """A line of a spec or of a terms file that would be refused."""
    CODELIST = "codelist"
    TERM = "term"
    """A value that the study carries, maps to or writes."""
    RECORDS = "records"
    """Cells that the same deliveries would give otherwise."""
    FINDING = "finding"
    """Findings that the same deliveries would give more, or no more."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that would be otherwise."""

    weight: Weight
    kind: Kind
    message: str
    codelist: str = ""
    """Its submission value."""
    dataset: str = ""
    """The SDTM dataset; of a finding on raw data, the raw table."""
    variable: str = ""
    value: str = ""
    becomes: str = ""
    records: int | None = None
    """How many records it touches; None where no data were looked at."""
    places: tuple[str, ...] = ()
    """Lines of specs and terms files: ``mappings/ae.yaml:14``, ``terms/AEREL.csv:3``."""

    @property
    def where(self) -> str:
        """``AE.AESEV``; empty for what belongs to no dataset."""
        return f"{self.dataset}.{self.variable}" if self.variable else self.dataset


@dataclass(frozen=True, slots=True)
class CodelistRow:
    """A codelist that the study uses: how many of its terms differ between the versions."""

    code: str
    submission_value: str
    name: str
    used_by: tuple[str, ...]
    extensible: str
    """``yes``, ``no``, ``yes → no``."""
    removed: int = 0
    added: int = 0
    renamed: int = 0
    recoded: int = 0
    wording: int = 0

    @property
    def differs(self) -> int:
        """Terms that differ."""
        return self.removed + self.added + self.renamed + self.recoded + self.wording


@dataclass(frozen=True, slots=True)
class Impact:
    """The whole report; same study folder, same data, same report."""

    study: str
    title: str
    before: dt.date
    after: dt.date
    data: str
    """The data that were looked at: ``the last run 4b2c4c374f1b``, ``bundle v0003``, or nothing."""
    mapped: bool
    """Whether the staged deliveries were mapped under both versions."""
    codelists: tuple[CodelistRow, ...]
    effects: tuple[Effect, ...]

    def count(self, weight: Weight) -> int:
        """How many effects have this weight."""
        return sum(effect.weight == weight for effect in self.effects)


def ordered(effects: list[Effect]) -> tuple[Effect, ...]:
    """The gravest first; then what touches most records, then by name."""
    weights, kinds = list(Weight), list(Kind)
    return tuple(
        sorted(
            effects,
            key=lambda each: (
                weights.index(each.weight),
                kinds.index(each.kind),
                -(each.records or 0),
                each.dataset,
                each.variable,
                each.codelist,
                each.value,
                each.becomes,
                each.message,
            ),
        )
    )
