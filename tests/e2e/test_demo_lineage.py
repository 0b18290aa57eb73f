"""The lineage of the demo is complete and exact: proven cell by cell, by mapping again.

Every cell is traced. Then a study is made in which every cell has a subject of its own, whose raw
tables hold the raw cells that the trace states and nothing else; the engine maps it, and must give
every cell its value again.
"""

import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.errors import DeliveryError
from sdtmflow.lineage import Records, Tracer, raw_cells
from sdtmflow.lineage.datasets import RunDatasets
from sdtmflow.mapping import map_partition
from sdtmflow.mapping.identity import FILE, IDENTITY, PLACE, ROW, SOURCE
from sdtmflow.mapping.plan import DESIGN_DATASETS, Plan
from sdtmflow.pipeline import site_jobs, study_jobs
from sdtmflow.pipeline.deliveries import take_in
from sdtmflow.pipeline.inputs import delivery_keys
from sdtmflow.pipeline.plan import plan_of
from sdtmflow.pipeline.run import Run

DEMO = Path(__file__).parents[2] / "studies" / "demo"
MARK = "~"
"""Parts the demo's subject from the number of the cell that it stands for."""
KEY = (SOURCE, FILE, ROW, PLACE)


@dataclass(frozen=True)
class Demo:
    plan: Plan
    datasets: RunDatasets
    staged: dict[str, Path]
    """Site → its staged tables."""

    def tables(self, site):
        """Staged table → its rows."""
        paths = self.staged[site].glob("*.parquet")
        frames = {path.stem: pl.read_parquet(path) for path in sorted(paths)}
        return {name: frame for name, frame in frames.items() if "_subject" in frame.columns}

    def map(self, site, tables, folder):
        """Dataset → the records that the engine makes of these tables."""
        staged, out = folder / "staged", folder / "mapped"
        staged.mkdir(parents=True)
        out.mkdir()
        for name, frame in tables.items():
            frame.write_parquet(staged / f"{name}.parquet")
        map_partition(self.plan, staged, site, out)
        return {p.stem: pl.read_parquet(p) for p in out.glob("*.parquet") if p.stem.isupper()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    root = tmp_path_factory.mktemp("lineage") / "demo"
    shutil.copytree(DEMO, root, ignore=shutil.ignore_patterns("work", "store", "__pycache__"))
    run = Run.of(root)
    collected, failed = {}, {}
    for source, key in delivery_keys(run).items():
        try:
            collected[source] = site_jobs.Collect(run, source, key).perform()
        except DeliveryError as error:
            failed[source] = str(error)
    deliveries = take_in(run, collected, failed)
    staged, mapped = {}, {}
    for site, used in deliveries.partitions(run).items():
        staged[site] = site_jobs.StageSite(run, site, used).perform()
        mapped[site] = site_jobs.MapSite(run, site, staged[site]).perform()
    assembled = study_jobs.Assemble(run, mapped).perform()
    path = run.workspace.path
    return Demo(plan_of(run), RunDatasets(path(assembled)), run.workspace.paths(staged))


def record_of(dataset, row):
    """What finds a record again: SV numbers the visits that it is given, so a visit's number."""
    own = (row["VISITNUM"],) if dataset == "SV" else tuple(row[name] for name in IDENTITY)
    return (*own, row.get("QNAM"))


@dataclass
class Again:
    """Synthetic subjects, each with the raw cells of some cells, and the values they must give."""

    numbers: dict[tuple, str] = field(default_factory=dict)
    """(subject, raw cells) → synthetic subject."""
    expected: list[tuple] = field(default_factory=list)
    """(dataset, synthetic subject, record, variable, value)."""

    def add(self, subject, stated, cell):
        name = self.numbers.setdefault((subject, stated), f"{subject}{MARK}{len(self.numbers)}")
        dataset, record, variable, value = cell
        self.expected.append((dataset, name, record, variable, value))

    def tables(self, staged):
        """The staged tables of the synthetic subjects: the stated cells, all others missing."""
        wanted = {}
        for (_, stated), name in self.numbers.items():
            for raw in stated:
                row = raw.row
                key = (row.source, row.file, row.row, row.place)
                columns = wanted.setdefault(row.table, {}).setdefault((name, key), set())
                columns.add(raw.column.upper())
        return {table: _cut(staged[table], rows) for table, rows in wanted.items()}


def _cut(frame, wanted):
    """Rows of the table for synthetic subjects, in the order of the table."""
    at = {tuple(row): n for n, row in enumerate(frame.select(KEY).iter_rows())}
    kept = sorted((at[key], name, columns) for (name, key), columns in wanted.items())
    positions = [position for position, _, _ in kept]
    cut = {"_subject": [name for _, name, _ in kept]}
    for column in frame.columns:
        if not column.startswith("_"):
            values = frame[column].gather(positions).to_list()
            cut[column] = [
                value if column.upper() in columns else None
                for value, (_, _, columns) in zip(values, kept, strict=True)
            ]
    types = {name: frame.schema[name] for name in cut}
    own = frame.select(name for name in frame.columns if name not in cut)[positions]
    return pl.concat([pl.DataFrame(cut, schema=types), own], how="horizontal")


def cells_of(demo, usubjid):
    """(dataset, row, cell) of every cell of a subject."""
    records = Records(demo.datasets, usubjid)
    tracer = Tracer(records)
    for dataset in sorted(records.names - set(DESIGN_DATASETS)):
        names = [name for name in records.columns(dataset) if name not in IDENTITY]
        for at, row in enumerate(records.of(dataset)):
            for name in names:
                yield dataset, row, tracer.cell(dataset, at, name)


def subjects_of(demo, site):
    frame = demo.datasets.scan("DM").filter(pl.col("SITEID") == site).collect()
    return dict(
        frame.select("USUBJID", subject=pl.col("USUBJID").str.split("-").list.last()).rows()
    )


def unmarked(value):
    return re.sub(rf"{MARK}\d+", "", value) if isinstance(value, str) else value


@pytest.mark.slow
@pytest.mark.parametrize("site", ["01", "02", "03", "04", "05"])
def test_every_cell_is_made_again_from_the_raw_cells_that_its_trace_states(demo, site, tmp_path):
    again = Again()
    for usubjid, subject in subjects_of(demo, site).items():
        for dataset, row, cell in cells_of(demo, usubjid):
            again.add(
                subject,
                raw_cells(cell),
                (dataset, record_of(dataset, row), cell.variable, cell.value),
            )
    made = demo.map(site, again.tables(demo.tables(site)), tmp_path)
    found = {
        (dataset, row["USUBJID"], record_of(dataset, row)): row
        for dataset, frame in made.items()
        for row in frame.iter_rows(named=True)
    }
    template = demo.plan.study.usubjid.format(study="DEMO01", site=site, subject="{}")
    wrong = Counter()
    for dataset, name, record, variable, value in again.expected:
        row = found.get((dataset, template.format(name), record))
        if row is None or unmarked(row.get(variable)) != value:
            wrong[dataset, variable] += 1
    assert not wrong
    assert len(again.expected) > 10_000
