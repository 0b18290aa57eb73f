"""One site: its staged tables against those of the deliveries before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sdtmflow.drift.columns import tell_columns
from sdtmflow.drift.entry import tell_entry
from sdtmflow.drift.pairing import Known, pairing_of, said_key
from sdtmflow.drift.record_findings import record_key, tell_records
from sdtmflow.drift.records import Sides, columns_on_both, compare_records
from sdtmflow.drift.tally import SiteDrift, TableDrift
from sdtmflow.drift.telling import Telling
from sdtmflow.drift_rules import DriftRule
from sdtmflow.finding import findings_frame
from sdtmflow.sources.raw import SOURCE, SUBJECT
from sdtmflow.sources.report import read_stage_report
from sdtmflow.sources.stage import staged_tables
from sdtmflow.study import Study
from sdtmflow.wording import counted

FINDINGS = "findings.parquet"
_NOTHING = pl.LazyFrame(schema=dict.fromkeys((SOURCE, SUBJECT), pl.String))


@dataclass(frozen=True, slots=True)
class _Staged:
    """A staged partition: its tables by name, and which source sent which table."""

    tables: Mapping[str, Path]
    sent: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, folder: Path) -> _Staged:
        sent = {(table.table, table.source) for table in read_stage_report(folder).tables}
        return cls(dict(staged_tables(folder)), frozenset(sent))

    def rows(self, table: str, source: str) -> pl.LazyFrame:
        path = self.tables.get(table)
        scanned = pl.scan_parquet(path) if path else _NOTHING
        return scanned.filter(pl.col(SOURCE) == source)

    def subjects(self, sources: Sequence[str] | None = None) -> set[str]:
        """The subjects that have a record; ``sources`` limits whose."""
        wanted = pl.lit(value=True) if sources is None else pl.col(SOURCE).is_in(list(sources))
        frames = [
            pl.scan_parquet(path).filter(wanted).select(SUBJECT) for path in self.tables.values()
        ]
        known = pl.concat([_NOTHING.select(SUBJECT), *frames]).drop_nulls().unique()
        return set(known.collect(engine="streaming")[SUBJECT])


def compare_site(
    study: Study,
    site: str,
    sources: Sequence[str],
    staged: tuple[Path, Path],
    keys: Mapping[str, Sequence[str]],
    *,
    out: Path,
) -> SiteDrift:
    """Compare the partition of ``site`` with the last one; ``staged`` is (last, now).

    ``sources`` are those of which there is another delivery than last time, ``keys`` the keys of
    the raw suites. Writes ``findings.parquet`` and ``drift.json``.
    """
    last, now = (_Staged.of(folder) for folder in staged)
    comparison = _Comparison(study, site, last, now, keys)
    drift = comparison.compare(sources)
    findings_frame(comparison.telling).write_parquet(out / FINDINGS)
    drift.write(out)
    return drift


class _Comparison:
    def __init__(
        self,
        study: Study,
        site: str,
        last: _Staged,
        now: _Staged,
        keys: Mapping[str, Sequence[str]],
    ) -> None:
        self.telling = Telling(study.drift, site)
        self._study, self._last, self._now, self._keys = study, last, now, keys

    def compare(self, sources: Sequence[str]) -> SiteDrift:
        """Everything about the site; each source's tables for themselves."""
        here = [source for source in sources if not self._tell_empty(source)]
        before, after = self._last.subjects(sources), self._now.subjects()
        gone = self._last.subjects(here) - after
        self._tell_subjects(gone)
        return SiteDrift(
            site=self.telling.site,
            sources=list(sources),
            subjects_before=len(before),
            subjects_after=len(self._now.subjects(sources)),
            subjects_gone=len(before - after),
            subjects_new=len(self._now.subjects(sources) - self._last.subjects()),
            tables=[table for source in sources for table in self._tables(source, gone, here)],
        )

    def _tell_empty(self, source: str) -> bool:
        """Whether the source had records of the site, and has none any more."""
        had = sum(_height(self._last.rows(t, source)) for t in self._last.tables)
        has = sum(_height(self._now.rows(t, source)) for t in self._now.tables)
        if not had or has:
            return False
        self.telling.tell(
            DriftRule.DELIVERY_EMPTY,
            f"the delivery of source {source} holds no record of the site; the last one held "
            f"{had:,}",
            record_key=f"SOURCE={source}",
            query="Please send a complete export.",
        )
        return True

    def _tell_subjects(self, gone: set[str]) -> None:
        if len(gone) > self._study.drift.one_by_one:
            self.telling.tell(
                DriftRule.SUBJECT_GONE,
                f"{counted(len(gone), 'subject')} of the last delivery have no record in this one",
                record_key="SUBJECTS",
                value=f"{len(gone)}",
                query="Please send a complete export.",
            )
            return
        for subject in sorted(gone):
            self.telling.tell(
                DriftRule.SUBJECT_GONE,
                "the subject had records in the last delivery, and has none in this one",
                subject=subject,
                record_key=record_key(subject, ""),
                value=subject,
                query="Please confirm that the subject was removed on purpose, or send it again.",
            )

    def _tables(self, source: str, gone: set[str], here: Sequence[str]) -> Iterator[TableDrift]:
        sent = {table for table, name in self._last.sent | self._now.sent if name == source}
        for table in sorted(sent):
            if self._study.drift.compares(table):
                yield self._table(table, source, gone, told=source not in here)

    def _table(self, table: str, source: str, gone: set[str], *, told: bool) -> TableDrift:
        """One table; of what is ``told`` as a whole, and of a table that is gone, numbers alone."""
        before, after = self._last.rows(table, source), self._now.rows(table, source)
        was, there = ((table, source) in side.sent for side in (self._last, self._now))
        if not told and was and there:
            return self._compared(table, source, before, after, gone)
        had, has = _height(before), _height(after)
        return TableDrift(
            table=table,
            source=source,
            status="gone" if not there else "both" if was else "new",
            before=had,
            after=has,
            gone=had,
            new=has,
        )

    def _compared(
        self, table: str, source: str, before: pl.LazyFrame, after: pl.LazyFrame, gone: set[str]
    ) -> TableDrift:
        drift, settings = self._study.drift, self._study.sources[source]
        there = columns_on_both(*(rows.collect_schema().names() for rows in (before, after)))
        entered = tuple(
            name for name in there if name.upper() in {n.upper() for n in drift.entered}
        )
        columns = [name for name in there if drift.compares(table, name) and name not in entered]
        said = said_key(drift.keys, self._keys, table)
        pairing = pairing_of(before, after, columns, Known(table, settings, said))
        stayed = before.filter(~pl.col(SUBJECT).is_in(sorted(gone)).fill_null(value=False))
        sides = Sides(table, source, stayed, after, tuple(columns), pairing)
        compared = compare_records(sides, drift.locked, drift.one_by_one)
        tell_records(self.telling, sides, compared)
        tell_entry(self.telling, sides, settings, entered)
        tell_columns(self.telling, sides, compared.new, settings.decimal)
        went = _height(before) - compared.tally.before
        tally = compared.tally
        return tally.model_copy(update={"before": tally.before + went, "gone": tally.gone + went})


def _height(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())
