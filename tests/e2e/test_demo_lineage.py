"""The lineage of the demo is complete and exact: proven cell by cell, by mapping again.

Every cell is traced. Then a study is made in which every cell has a subject of its own, whose raw
tables hold the raw cells that the trace states and nothing else; the engine maps it, and must give
every cell its value again.
"""

import random
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.errors import DeliveryError
from sdtmflow.lineage import Readers
from sdtmflow.lineage.datasets import RunDatasets
from sdtmflow.mapping import map_partition
from sdtmflow.mapping.planning.plan import Plan
from sdtmflow.pipeline import site_jobs, study_jobs
from sdtmflow.pipeline.deliveries import take_in
from sdtmflow.pipeline.inputs import delivery_keys
from sdtmflow.pipeline.plan import plan_of
from sdtmflow.pipeline.run import Run
from tests.re_execution import KEY, by_record, remade

DEMO = Path(__file__).parents[2] / "studies" / "demo"


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


def subjects_of(demo, site):
    frame = demo.datasets.scan("DM").filter(pl.col("SITEID") == site).collect()
    return dict(
        frame.select("USUBJID", subject=pl.col("USUBJID").str.split("-").list.last()).rows()
    )


@pytest.mark.slow
@pytest.mark.parametrize("site", ["01", "02", "03", "04", "05"])
def test_every_cell_is_made_again_from_the_raw_cells_that_its_trace_states(demo, site, tmp_path):
    template = demo.plan.study.usubjid.format(study="DEMO01", site=site, subject="{}")
    subjects, tables = subjects_of(demo, site), demo.tables(site)
    cells, wrong = remade(
        demo.datasets, subjects, tables, lambda cut: demo.map(site, cut, tmp_path), template
    )
    assert not wrong
    assert cells > 10_000


def other_value(frame, column, old, chance):
    """Another text that the column holds; nothing at all where it holds no other."""
    others = frame[column].drop_nulls().unique().sort().to_list()
    return chance.choice([value for value in others if value != old] or [None])


@dataclass(frozen=True)
class Change:
    table: str
    column: str
    key: tuple
    new: str | None


def rounds(tables, subjects, chance):
    """Changes of one raw cell each, over all columns; in one round a subject has at most one."""
    waiting = [
        (name, column)
        for name, frame in tables.items()
        for column in frame.columns
        if not column.startswith("_") and frame[column].null_count() < frame.height
    ]
    chance.shuffle(waiting)
    while waiting:
        changes, free = {}, list(subjects)
        for name, column in waiting[: len(free)]:
            frame = tables[name].filter(
                pl.col(column).is_not_null(), pl.col("_subject").is_in(free)
            )
            if frame.is_empty():
                continue
            row = frame.row(chance.randrange(frame.height), named=True)
            new = other_value(tables[name], column, row[column], chance)
            free.remove(row["_subject"])
            changes[row["_subject"]] = Change(name, column, tuple(row[k] for k in KEY), new)
        waiting = waiting[len(subjects) :]
        yield changes


def changed_tables(tables, changes):
    result = dict(tables)
    for change in changes.values():
        frame = result[change.table]
        here = pl.all_horizontal(
            pl.col(name) == value for name, value in zip(KEY, change.key, strict=True)
        )
        new = pl.when(here).then(pl.lit(change.new)).otherwise(pl.col(change.column))
        result[change.table] = frame.with_columns(new.alias(change.column))
    return result


def changed_cells(before, after):
    """(dataset, USUBJID, record, variable) of every cell that is another, new or gone."""
    for key in before.keys() | after.keys():
        old, new = before.get(key, {}), after.get(key, {})
        if old != new:
            for name in old.keys() | new.keys():
                if not name.startswith("_") and old.get(name) != new.get(name):
                    yield (*key, name)


def may_change(readers, change, cell):
    """Whether the lineage predicts that the cell may change with the raw cell."""
    dataset, _, record, variable = cell
    parent = dataset.removeprefix("SUPP")
    columns = {variable}
    if dataset != parent:
        columns = {f"supp.{record[-1]}", f"{parent}SEQ"} if record[-1] else set()
    return any(
        reader.dataset == parent
        and reader.column in columns
        and (reader.read.whole or _same_row(reader, change, record))
        for reader in readers.of(change.table, change.column)
    )


def _same_row(reader, change, record):
    *key, record_set, part, _ = record
    of_part = reader.read.part is None or reader.read.part == part
    return tuple(key) == change.key and record_set == reader.record_set and of_part


@pytest.mark.slow
@pytest.mark.parametrize("site", ["01", "02", "03", "04", "05"])
def test_a_changed_raw_cell_changes_only_what_the_lineage_predicts(demo, site, tmp_path):
    chance = random.Random(int(site))
    readers = Readers(demo.datasets.rules)
    tables = demo.tables(site)
    subjects = {subject: usubjid for usubjid, subject in subjects_of(demo, site).items()}
    unforeseen, moved, copied, tried = Counter(), Counter(), 0, 0
    before = by_record(demo.map(site, tables, tmp_path / "before"))
    for number, changes in enumerate(rounds(tables, subjects, chance)):
        tried += len(changes)
        made = demo.map(site, changed_tables(tables, changes), tmp_path / f"round{number}")
        after = by_record(made)
        changed = set(changed_cells(before, after))
        for subject, change in changes.items():
            mine = {cell for cell in changed if cell[1] == subjects[subject]}
            changed -= mine
            for cell in mine:
                if not may_change(readers, change, cell):
                    unforeseen[change.table, change.column, cell[0], cell[3]] += 1
            moved[change.table, change.column] += len(mine)
            copied += takes_the_text(demo, readers, change, after)
        assert not changed, "the cells of another subject changed"
    assert not unforeseen
    assert tried > 80
    assert copied > 10
    assert sum(1 for count in moved.values() if count) > tried / 2


def takes_the_text(demo, readers, change, after):
    """How many cells that copy the raw cell there are; each must have its new text."""
    copies = {
        reader
        for reader in readers.of(change.table, change.column)
        if demo.datasets.rules.of(reader.dataset, reader.column, reader.record_set).line
        == f"assign: {change.column}"
    }
    found = 0
    for (dataset, _, record), row in after.items():
        for reader in copies if change.new and record[:4] == change.key else ():
            if reader.dataset == dataset and reader.record_set == record[4]:
                assert row[reader.column] == change.new.strip()
                found += 1
    return found


@pytest.mark.parametrize(
    ("dataset", "key"), [("TA", "ETCD"), ("TE", "ETCD"), ("TI", "IETESTCD"), ("TS", "TSPARMCD")]
)
def test_the_trial_design_says_on_which_line_it_is_written(demo, dataset, key):
    lines = (DEMO / "study.yaml").read_text(encoding="utf-8").splitlines()
    for row in demo.datasets.scan(dataset).collect().iter_rows(named=True):
        file, number, *_ = row["_place"].split(":")
        assert file == "study.yaml"
        assert row[key] in lines[int(number) - 1]
