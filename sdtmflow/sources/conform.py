"""From a source's own tables and columns to the study's, as ``tables`` in study.yaml says."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from sdtmflow.privacy import MASK, Privacy
from sdtmflow.sources.forms import form_table
from sdtmflow.sources.raw import MISSING, PROVENANCE, SOURCE, SUBJECT
from sdtmflow.sources.report import CollectReport, ColumnReport, TableReport
from sdtmflow.study import Source, SourceTable


@dataclass(frozen=True, slots=True)
class Delivered:
    """A source's collected delivery."""

    name: str
    source: Source
    folder: Path
    report: CollectReport
    privacy: Privacy = field(default_factory=Privacy)
    """What the study makes of columns that identify people."""

    def file_name(self, sha256: str) -> str:
        """The delivered name of a file."""
        return next((file.name for file in self.report.files if file.sha256 == sha256), sha256)

    @property
    def file_names(self) -> dict[str, str]:
        """SHA-256 → name as delivered."""
        return {file.sha256: file.name for file in self.report.files}


@dataclass(frozen=True, slots=True)
class Conformed:
    """One sent table in the study's words; ``rows``: text columns, provenance, ``_subject``."""

    table: str
    sent: str
    rows: pl.DataFrame
    not_delivered: tuple[str, ...] = ()
    has_subject: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    """Study column → the column as sent."""
    as_sent: pl.DataFrame = field(default_factory=pl.DataFrame)
    """The rows in the source's own words, row for row."""
    described: Mapping[str, ColumnReport] = field(default_factory=dict)
    """Study column → what the delivery says of the column as sent."""


def conformed(delivered: Delivered, only: Container[str] | None = None) -> Iterator[Conformed]:
    """Every table of the delivery, named tables first, in the order of study.yaml.

    ``only``: those that become one of these study tables.
    """
    for table, spec in delivered.source.tables.items():
        if only is not None and table not in only:
            continue
        for sent in spec.sent_names or (table,):
            matches = matching(delivered.report, sent)
            if matches:
                yield _conform(delivered, table, spec, sent, matches)
    for report in unnamed_tables(delivered):
        table = study_name(report.name)
        if not report.auxiliary and (only is None or table in only):
            yield _conform(delivered, table, SourceTable(), report.name, [report])


def unnamed_tables(delivered: Delivered) -> list[TableReport]:
    """Sent tables that ``tables`` does not name."""
    named = {
        report.name
        for table, spec in delivered.source.tables.items()
        for sent in spec.sent_names or (table,)
        for report in matching(delivered.report, sent)
    }
    return [report for report in delivered.report.tables if report.name not in named]


def lacking_tables(delivered: Delivered) -> Iterator[tuple[str, str]]:
    """(study table, sent name) of what ``tables`` names and the delivery does not have."""
    for table, spec in delivered.source.tables.items():
        for sent in spec.sent_names or (table,):
            if not matching(delivered.report, sent):
                yield table, sent


def study_name(sent: str) -> str:
    """A sent table's name as a study table's: lower case, letters, digits and ``_``."""
    return "".join(char if char.isalnum() else "_" for char in sent.strip().lower())


def matching(report: CollectReport, sent: str) -> list[TableReport]:
    """The table of that name; else every item group of the form of that name."""
    exact = [table for table in report.tables if is_called(table, sent)]
    return exact[:1] or [table for table in report.tables if table.forms_called(sent)]


def is_called(table: TableReport, name: str) -> bool:
    """Whether the table itself has that name, in any case."""
    return table.name.strip().casefold() == name.strip().casefold()


def _conform(
    delivered: Delivered, table: str, spec: SourceTable, sent: str, matches: list[TableReport]
) -> Conformed:
    frames = [pl.read_parquet(delivered.folder / match.path) for match in matches]
    rows = frames[0] if is_called(matches[0], sent) else form_table(sent, matches, frames)
    columns = {column.name: column for match in matches for column in match.columns}
    naming = naming_of(spec, _data(rows.columns), columns)
    names, rows = _private(delivered.privacy, table, dict(naming.pairs), rows)
    texts = [
        _text(study, sent_name, spec, columns.get(sent_name), delivered.source)
        for study, sent_name in names.items()
    ]
    staged = rows.select(
        *texts,
        *(pl.lit(None, pl.String).alias(name) for name in naming.lacking if name not in names),
        *(pl.col(name) for name in PROVENANCE if name != MISSING),
        _missing(names, rows, delivered.source),
        pl.lit(delivered.name).alias(SOURCE),
    ).with_columns(pl.lit(text).alias(name) for name, text in spec.constants.items())
    subject = _called(delivered.source.subject_column, staged)
    subjects = pl.col(subject).str.strip_chars() if subject else pl.lit(None, pl.String)
    return Conformed(
        table=table,
        sent=sent,
        rows=staged.with_columns(subjects.alias(SUBJECT)),
        not_delivered=naming.lacking,
        has_subject=bool(subject),
        names=names,
        as_sent=rows,
        described={study: columns[sent] for study, sent in names.items() if sent in columns},
    )


def _private(
    privacy: Privacy, table: str, names: Mapping[str, str], rows: pl.DataFrame
) -> tuple[dict[str, str], pl.DataFrame]:
    """Without the columns that the study drops, and with those masked that it masks."""
    rules = {study: privacy.rule_for(table, study) for study in names}
    dropped = {study for study, rule in rules.items() if rule and rule.do == "drop"}
    masked = [names[study] for study, rule in rules.items() if rule and rule.do == "mask"]
    mask = [_masked(pl.col(sent)).alias(sent) for sent in masked]
    kept = {study: sent for study, sent in names.items() if study not in dropped}
    return kept, rows.with_columns(mask).drop(names[study] for study in dropped)


def _masked(value: pl.Expr) -> pl.Expr:
    return pl.when(_unless_blank(value).is_not_null()).then(pl.lit(MASK)).otherwise(None)


def _data(columns: Sequence[str]) -> list[str]:
    return [name for name in columns if name not in PROVENANCE]


@dataclass(frozen=True, slots=True)
class Naming:
    """Which sent column is which of the study's."""

    pairs: tuple[tuple[str, str], ...]
    """(study column, sent column)."""
    lacking: tuple[str, ...]
    """Study columns that the spec names and the delivery does not have."""


def naming_of(
    spec: SourceTable, data: Sequence[str], columns: Mapping[str, ColumnReport]
) -> Naming:
    """Named columns first; the others keep their name in upper case, where it is still free."""
    by_name = {columns[name].oid.casefold(): name for name in data if name in columns}
    by_name |= {name.strip().casefold(): name for name in reversed(data)}
    pairs: dict[str, str] = {}
    lacking = []
    for study, sent in spec.columns.items():
        found = by_name.get(sent.strip().casefold())
        if found is None:
            lacking.append(study)
        else:
            pairs[study] = found
    renamed = set(pairs.values())
    for name in data:
        if name not in renamed:
            upper = name.strip().upper()
            pairs[upper if upper not in pairs else f"{upper}__SENT"] = name
    return Naming(tuple(pairs.items()), tuple(lacking))


def _text(
    study: str, sent: str, spec: SourceTable, column: ColumnReport | None, source: Source
) -> pl.Expr:
    """Decoded, missing texts taken out, then ``values``: of the label or of the text as sent.

    A blank text is missing.
    """
    value = pl.col(sent)
    text = _unless_blank(value)
    if source.decode and column is not None and column.codes:
        text = _where_known(value, column.codes, text)
    if source.missing:
        text = pl.when(~value.is_in(source.missing)).then(text).otherwise(None)
    replaced = spec.values.get(study)
    if replaced:
        text = _where_known(text, replaced, text)
        text = _where_known(value, replaced, text)
    return text.alias(study)


def _unless_blank(value: pl.Expr) -> pl.Expr:
    return pl.when(value.str.strip_chars() != "").then(value).otherwise(None)


def _where_known(value: pl.Expr, texts: Mapping[str, str], otherwise: pl.Expr) -> pl.Expr:
    return pl.when(value.is_in(list(texts))).then(_mapped(value, texts)).otherwise(otherwise)


def _mapped(value: pl.Expr, texts: Mapping[str, str]) -> pl.Expr:
    return value.replace_strict(
        list(texts), list(texts.values()), default=None, return_dtype=pl.String
    )


def _missing(names: Mapping[str, str], rows: pl.DataFrame, source: Source) -> pl.Expr:
    """The kinds of missing, by study column: those that were sent, and the missing texts."""
    sent_kinds = rows[MISSING].drop_nulls().unique().to_list()
    renamed = {kinds: _renamed(kinds, names) for kinds in sent_kinds}
    kinds = [_mapped(pl.col(MISSING), renamed)] if renamed else []
    for study, sent in names.items() if source.missing else ():
        text = pl.col(sent)
        kinds.append(pl.when(text.is_in(source.missing)).then(pl.lit(f"{study}=") + text))
    if not kinds:
        return pl.lit(None, pl.String).alias(MISSING)
    joined = pl.concat_str(kinds, separator=";", ignore_nulls=True)
    return pl.when(joined != "").then(joined).alias(MISSING)


def _renamed(kinds: str, names: Mapping[str, str]) -> str:
    study = {sent: name for name, sent in names.items()}
    pairs = (kind.rpartition("=") for kind in kinds.split(";"))
    return ";".join(f"{study.get(sent, sent)}={kind}" for sent, _, kind in pairs)


def _called(name: str, rows: pl.DataFrame) -> str:
    wanted = name.casefold()
    return next((column for column in rows.columns if column.casefold() == wanted), "")
