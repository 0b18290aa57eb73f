"""The impact's counts against a loop over the texts, on upgrades that Hypothesis makes."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.scaffold import TEMPLATE
from sdtmflow.impact.effects import Kind
from sdtmflow.impact.remap import remapped
from sdtmflow.mapping import load_plan
from sdtmflow.mapping.planning.from_specs import draft_plan
from sdtmflow.mapping.values.terminology import Matcher
from sdtmflow.standards.nci_rows import Package
from sdtmflow.standards.terminology import Terminology, carried
from sdtmflow.study import StudyFolder

SEVERITY = "C66769"
NEW = dt.date(2025, 9, 26)
STUDY = StudyFolder(TEMPLATE)
PLAN = load_plan(STUDY)
TERMS = st.lists(
    st.tuples(
        st.sampled_from(["C41338", "C41339", "C41340", "C4"]),
        st.sampled_from(["MILD", "MODERATE", "LIGHT", "SEVERE"]),
        st.sampled_from(["", "Grade 1; 1", "Grade 2", "bad"]),
    ),
    max_size=4,
    unique_by=(lambda term: term[0], lambda term: term[1]),
)
TEXTS = st.lists(
    st.sampled_from(["MILD", "Mild", "Grade 1", "bad", "light", "Severe", "?"]),
    min_size=1,
    max_size=12,
)


def upgraded(terms: list[tuple[str, str, str]]) -> Terminology:
    package = carried(dt.date(2025, 3, 28))
    rows = [(SEVERITY, *term, "") for term in terms]
    own = pl.DataFrame(rows, package.terms.schema, orient="row")
    others = package.terms.filter(pl.col("codelist") != SEVERITY)
    return Terminology(NEW, Package(package.codelists, pl.concat([others, own])))


def stage(texts: list[str], folder: Path) -> Path:
    frame = pl.DataFrame({"AESEV": texts}).with_columns(
        SUBJID=pl.lit("101"),
        AETERM=pl.format("event {}", pl.int_range(pl.len())),
        _source=pl.lit("first_clinic"),
        _site=pl.lit("01"),
        _subject=pl.lit("101"),
        _file=pl.lit("ae"),
        _row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        _place=pl.lit(""),
    )
    frame.write_parquet(folder / "ae.parquet")
    return folder


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TERMS, TEXTS)
def test_cells_and_findings_are_those_of_a_loop_over_the_texts(terms, texts):
    after, _ = draft_plan(STUDY, upgraded(terms))
    with tempfile.TemporaryDirectory() as folder:
        staged = stage(texts, Path(folder))
        effects = list(remapped(PLAN, after, {"01": staged}, Path(folder) / "work"))
    old, new = (
        Matcher.of((ct.codelist(SEVERITY),)) for ct in (PLAN.terminology, after.terminology)
    )
    pairs = [(old.match(text), new.match(text), text) for text in texts]
    cells = Counter((was or text, now or text) for was, now, text in pairs)
    assert {
        (each.value, each.becomes): each.records for each in effects if each.kind is Kind.RECORDS
    } == {pair: count for pair, count in cells.items() if pair[0] != pair[1]}
    came = Counter(text for was, now, text in pairs if was is not None and now is None)
    went = Counter(text for was, now, text in pairs if was is None and now is not None)
    told = [each for each in effects if each.kind is Kind.FINDING]
    assert {e.value: e.records for e in told if e.weight == "breaks"} == came
    assert {e.value: e.records for e in told if e.weight == "heals"} == went
