"""The manual's examples do what the manual says, and no verb is without one."""

import pytest

from docs.mapping_examples import examples
from sdtmflow.mapping.spec import ROW_KEYS, VERBS
from sdtmflow.mapping.verbs import VERB_TABLE

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
RECORD_KEYS = (*ROW_KEYS, "supplemental", "class", "datasets")
"""Keys of a record set (and qualifiers), which are no verbs but change what records there are."""


def test_every_verb_and_every_way_to_make_records_has_an_example():
    assert set(EXAMPLES) == {*VERBS, *RECORD_KEYS}


def test_every_verb_of_the_grammar_is_made():
    assert set(VERB_TABLE) == set(VERBS)


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
    if example.visits:
        shared, _, _ = bench.study.partition("visits:")
        bench.study = f"{shared}visits:\n{example.visits}"
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
