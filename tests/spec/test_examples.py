"""The manual's examples do what the manual says, and no verb is without one."""

import polars as pl
import pytest

from docs.mapping_examples import examples
from sdtmflow.lineage.datasets import RunDatasets
from sdtmflow.mapping import assemble
from sdtmflow.mapping.spec import ROW_KEYS, VERBS
from tests.re_execution import remade

EXAMPLES = examples()
SE = """
version: 1
domain: SE
from: se
keys: [STUDYID, USUBJID, SESTDTC]
variables:
  SESEQ: {sequence: {by: keys}}
  ETCD: {assign: ETCD}
  ELEMENT: {assign: ELEMENT}
  SESTDTC: {datetime: START, formats: [ISO]}
  SEENDTC: {datetime: END, formats: [ISO]}
  EPOCH: {assign: EPOCH}
"""
RECORD_KEYS = (*ROW_KEYS, "supplemental")
"""Keys of a record set (and qualifiers), which are no verbs but change what records there are."""


def test_every_verb_and_every_way_to_make_records_has_an_example():
    assert set(EXAMPLES) == {*VERBS, *RECORD_KEYS}


each = pytest.mark.parametrize(
    ("topic", "at"),
    [(topic, at) for topic, listed in EXAMPLES.items() for at in range(len(listed))],
)


@each
def test_the_example_is_true(topic, at, bench, same):
    example = EXAMPLES[topic][at]
    set_up(bench, example)
    bench.run(example.raw)
    for name, expected in example.gives.items():
        columns = [cell.strip() for cell in expected.split("\n")[0].strip().strip("|").split("|")]
        same(bench.drawn(name, columns), expected)
    same(bench.findings(), example.findings or "| rule | subject | variable | value |")


def set_up(bench, example):
    """The example's study."""
    bench.study += example.study
    bench.terms |= example.terms
    bench.functions = example.functions
    if "se" in example.raw:
        bench.specs["se"] = SE
    if example.spec:
        bench.specs[next(iter(example.gives)).lower()] = example.spec
    bench.lines(*example.lines.splitlines())
    if example.supplemental:
        bench.specs["cm"] += "supplemental:\n"
        bench.lines(*example.supplemental.splitlines())


@each
def test_every_cell_of_the_example_is_made_again_from_the_raw_cells_of_its_trace(topic, at, bench):
    example = EXAMPLES[topic][at]
    set_up(bench, example)
    bench.run(example.raw)
    assembled, again = bench.root / "assembled", bench.root / "again"
    assembled.mkdir()
    assemble(bench.plan(), [bench.root / "mapped"], assembled)
    staged = {
        path.stem: pl.read_parquet(path) for path in (bench.root / "staged").glob("*.parquet")
    }
    named = {subject for frame in staged.values() for subject in frame["_subject"].drop_nulls()}
    subjects = {f"S1-01-{subject}": subject for subject in sorted(named)}
    cells, wrong = remade(
        RunDatasets(assembled),
        subjects,
        staged,
        lambda cut: bench.map_again(cut, again),
        "S1-01-{}",
    )
    assert cells
    assert not wrong
