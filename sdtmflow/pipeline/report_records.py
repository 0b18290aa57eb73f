"""The tables of a run in which its report finds the findings' records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from sdtmflow.dataset import Dataset
from sdtmflow.finding import Stage
from sdtmflow.mapping.provenance.rules import RULES, read_rules
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.study_jobs import datasets_of, delivered_files
from sdtmflow.pipeline.workspace import FINDINGS, Artifact
from sdtmflow.report.records import RAW_TABLE, Table
from sdtmflow.sources.raw import FILE, PROVENANCE, ROW, SITE, SOURCE, SUBJECT

_OURS = {*PROVENANCE, SOURCE, SITE, SUBJECT}
_NOT_RAW = {Path(FINDINGS).stem, "quarantine"}
_SET = "_set"


def tables_of(
    run: Run,
    deliveries: Mapping[str, Artifact],
    staged: Mapping[str, Artifact],
    assembled: Artifact,
) -> list[Table]:
    """The SDTM datasets, then the raw tables of all sites.

    ``deliveries`` by source, ``staged`` by site.
    """
    names = _names(run, deliveries)
    datasets = datasets_of(run, assembled)
    of_sites = run.workspace.paths(staged)
    return [
        *_datasets(run.workspace.path(assembled), datasets, names),
        *_raw_tables(of_sites, names),
    ]


def _names(run: Run, deliveries: Mapping[str, Artifact]) -> pl.LazyFrame:
    """``_source``, ``_file`` (SHA-256) and ``name``, the file's name as sent."""
    rows = [
        (source, file.sha256, file.name)
        for source, artifact in deliveries.items()
        for file in delivered_files(run, {source: artifact})
    ]
    schema = dict.fromkeys((SOURCE, FILE, "name"), pl.String)
    names = pl.DataFrame(rows, schema, orient="row")
    return names.unique([SOURCE, FILE], keep="first", maintain_order=True).lazy()


def _named(rows: pl.LazyFrame, names: pl.LazyFrame) -> pl.LazyFrame:
    """The rows, in their order, with their files by name."""
    joined = rows.join(names, on=[SOURCE, FILE], how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("name", FILE).alias(FILE)).drop("name")


def _datasets(assembled: Path, datasets: Sequence[Dataset], names: pl.LazyFrame) -> Iterator[Table]:
    lineage = assembled / "lineage"
    sets = _record_sets(lineage / RULES)
    for dataset in datasets:
        traced = lineage / f"{dataset.name}.parquet"
        if not traced.is_file():
            continue
        of_set = sets.filter(dataset=dataset.name).select(_SET, RAW_TABLE).lazy()
        sources = _named(pl.scan_parquet(traced), names).with_columns(pl.col(_SET).cast(pl.Int64))
        sources = sources.join(of_set, on=_SET, how="left", maintain_order="left")
        rows = pl.scan_parquet(assembled / f"{dataset.name}.parquet")
        yield Table(
            stage=Stage.SDTM,
            name=dataset.name,
            title=f"{dataset.name} · {dataset.label}",
            rows=pl.concat([rows, sources.select(FILE, ROW, RAW_TABLE)], how="horizontal"),
            variables=tuple((variable.name, variable.label) for variable in dataset.variables),
        )


def _record_sets(rules: Path) -> pl.DataFrame:
    """``dataset``, ``_set`` and ``_raw_table``, the raw table whose rows the set is made from."""
    records = read_rules(rules).records
    sets = [(each.dataset, each.record_set, each.form or each.table) for each in records]
    schema = {"dataset": pl.String, _SET: pl.Int64, RAW_TABLE: pl.String}
    return pl.DataFrame(sets, schema, orient="row").unique(
        ["dataset", _SET], keep="first", maintain_order=True
    )


def _raw_tables(staged: Mapping[str, Path], names: pl.LazyFrame) -> Iterator[Table]:
    paths = sorted(path for folder in staged.values() for path in folder.glob("*.parquet"))
    for name in sorted({path.stem for path in paths} - _NOT_RAW):
        parts = [pl.scan_parquet(path) for path in paths if path.stem == name]
        rows = pl.concat(parts, how="diagonal_relaxed")
        columns = [column for column in rows.collect_schema() if column not in _OURS]
        yield Table(
            stage=Stage.RAW,
            name=name,
            title=f"{name} as sent",
            rows=_named(rows, names),
            variables=tuple((column, "") for column in columns),
        )
