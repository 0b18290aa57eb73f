"""What a study's metadata say beyond names: keys, methods, origins, value level, codelists."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from sdtmflow.dataset import Check, Dataset, DocumentRef, Origin, Term
from sdtmflow.mapping import assemble, load_plan, map_partition
from sdtmflow.mapping.spec import ValueSpec
from sdtmflow.study import StudyFolder

STUDY = """
version: 1
study: S1
title: T
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources: {edc: {kind: delimited, path: raw, site: "01"}}
visits: [{visit: V1, visitnum: 1, day: 1, start_rule: Consent}]
design:
  elements:
    SCR: {element: Screening, start_rule: Consent}
    TRT: {element: Treatment, start_rule: First dose}
  arms:
    A: {arm: Arm A, elements: [{etcd: SCR, epoch: SCREENING}, {etcd: TRT, epoch: TREATMENT}]}
  summary:
    AGEMIN: {value: P18Y}
    RANDOM: {value: "Y"}
    PLANSUB: {value: "20"}
    TITLE: {value: A title}
    FCNTRY: {value: CHE}
"""
LB = """
version: 1
domain: LB
records:
  - from: lab
    variables:
      LBORRES: {assign: R, origin: {type: Collected, source: Vendor}}
  - from: local
    variables:
      LBORRES: {assign: R}
  - from: nowhere
    variables:
      LBORRES: {assign: R, origin: Derived, method: Never used}
keys: [STUDYID, USUBJID, LBTESTCD, VISITNUM]
variables:
  LBSEQ: {sequence: {by: keys}}
  LBTESTCD: {assign_ct: T}
  LBTEST: {assign_ct: T}
  LBORRESU: {assign_ct: U}
  LBSTRESC:
    assign: R
    when: "R matches '^[0-9]'"
    origin: Derived
    otherwise:
      case: [{when: "R = 'neg'", then: NEGATIVE}, {else: {assign: R}}]
      codelist: LBSTRESC
  LBSTRESN: {derive: as_number}
  LBSPEC: {coalesce: [S, {constant: BLOOD}], origin: Derived}
  LBNAM: {concat: {parts: [S, U], separator: "-"}}
  LBCAT:
    constant: CHEMISTRY
    role: Own Role
    mandatory: true
    permitted: {name: Own, terms: {CHEMISTRY: Chemistry, OTHER: Other}}
    origin: [{type: Collected, pages: [4, 5]}, {type: Assigned, description: Why}]
    values:
      - {where: "LBTESTCD in ('ALT', 'GLUC')", label: Both, length: 9, permitted: [CHEMISTRY]}
  VISITNUM: {number: V}
  VISIT: {constant: V1}
  LBREFID: {assign: BEREFID, origin: Predecessor}
supplemental:
  LBDAY: {label: Day, datetime: D}
  LBRANK: {label: Rank, number: N}
  LBCODE: {label: Code, assign: N}
"""
FUNCTIONS = """
def as_number(frame):
    '''The result as a number, where it is one.

    More words.
    '''
    return [float(text) if str(text)[:1].isdigit() else None for text in frame["R"]]
"""
COLUMNS = ["_subject", "T", "R", "U", "S", "V", "D", "N", "BEREFID"]
LAB = [
    ("1", "ALT", "12", "U/L", None, "1", "2025-01-02", "7", "b1"),
    ("1", "ALT", "13", "U/L", None, "1", None, None, None),
    ("1", "HIV12AB", "neg", None, "SERUM", "1", None, "12", None),
]
LOCAL = [("2", "GLUC", "5.5", "mmol/L", None, "1", None, None, None)]


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    root = tmp_path_factory.mktemp("described")
    for folder in ("standard", "mappings", "staged", "mapped", "out"):
        (root / folder).mkdir()
    (root / "study.yaml").write_text(STUDY)
    (root / "standard" / "lb.yaml").write_text(LB)
    (root / "mappings" / "functions.py").write_text(FUNCTIONS)
    for name, rows in (("lab", LAB), ("local", LOCAL)):
        stage(root / "staged" / f"{name}.parquet", rows)
    plan = load_plan(StudyFolder(root), root / "standard")
    map_partition(plan, root / "staged", "01", root / "mapped")
    return {dataset.name: dataset for dataset in assemble(plan, [root / "mapped"], root / "out")}


def stage(path: Path, rows: list[tuple[str | None, ...]]) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    lineage = {"_source": "edc", "_site": "01", "_file": "f", "_place": ""}
    frame.with_columns(
        *(pl.lit(text).alias(name) for name, text in lineage.items()),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("_row"),
    ).write_parquet(path)


def test_keys_that_records_share_are_completed_and_it_is_said(datasets):
    lb = datasets["LB"]
    assert lb.keys == ("STUDYID", "USUBJID", "LBTESTCD", "VISITNUM", "LBSEQ")
    assert lb.comment == "Records that share LBTESTCD, VISITNUM are told apart by LBSEQ."


def test_keys_that_are_unique_stay(datasets):
    assert datasets["TV"].keys[:2] == ("STUDYID", "VISITNUM")
    assert datasets["TV"].comment == ""


def test_a_variable_has_the_origins_of_the_record_sets_that_gave_records(datasets):
    result = datasets["LB"].variable("LBORRES")
    assert (result.origin, *result.further_origins) == (
        Origin("Collected", "Vendor"),
        Origin("Collected", "Investigator"),
    )
    assert result.method == ""
    by_test = {level.value: (level.origin, level.further_origins) for level in result.value_level}
    assert by_test["ALT"] == (Origin("Collected", "Vendor"), ())
    assert by_test["GLUC"] == (Origin("Collected", "Investigator"), ())


def test_results_are_described_by_test(datasets):
    levels = {level.value: level for level in datasets["LB"].variable("LBSTRESC").value_level}
    assert {test: (level.type, level.length) for test, level in levels.items()} == {
        "ALT": ("integer", 2),
        "GLUC": ("float", 3),
        "HIV12AB": ("text", 8),
    }
    assert levels["GLUC"].significant_digits == 1
    assert levels["ALT"].codelist is None
    assert levels["HIV12AB"].codelist.terms == (Term("NEGATIVE", "C38757", "Negative Finding"),)
    assert datasets["LB"].variable("LBSTRESC").codelist is None, "told by test"


def test_units_are_restricted_by_test(datasets):
    units = datasets["LB"].variable("LBORRESU").value_level
    terms = {level.value: [term.value for term in level.codelist.terms] for level in units}
    assert terms == {"ALT": ["U/L"], "GLUC": ["mmol/L"]}


def test_qualifiers_are_of_the_kind_that_their_line_makes(datasets):
    levels = {level.value: level.type for level in datasets["SUPPLB"].variable("QVAL").value_level}
    assert levels == {"LBCODE": "text", "LBDAY": "date", "LBRANK": "integer"}
    names = datasets["SUPPLB"].variable("QNAM").codelist.terms
    assert names[0] == Term("LBCODE", decode="Code")
    assert datasets["SUPPLB"].variable("STUDYID").origin.type == "Protocol"


def test_trial_summary_values_are_described_by_parameter(datasets):
    levels = {level.value: level for level in datasets["TS"].variable("TSVAL").value_level}
    assert {parameter: level.type for parameter, level in levels.items()} == {
        "AGEMIN": "durationDatetime",
        "FCNTRY": "text",
        "PLANSUB": "integer",
        "RANDOM": "text",
        "TITLE": "text",
    }
    assert [term.value for term in levels["RANDOM"].codelist.terms] == ["Y"]
    assert levels["FCNTRY"].codelist.dictionary == "ISO 3166"


def test_what_a_line_says_takes_the_place_of_what_the_data_say(datasets):
    category = datasets["LB"].variable("LBCAT")
    assert (category.role, category.mandatory) == ("Own Role", True)
    assert category.codelist is not None
    assert category.codelist.terms == (
        Term("CHEMISTRY", decode="Chemistry"),
        Term("OTHER", decode="Other"),
    )
    assert category.origin is not None
    assert category.origin.documents == (DocumentRef("acrf", (4, 5)),)
    assert category.further_origins == (Origin("Assigned", "Sponsor", "Why"),)
    (level,) = category.value_level
    assert level.where == (Check("LBTESTCD", ("ALT", "GLUC"), "IN"),)
    assert (level.label, level.length) == ("Both", 9)


@pytest.mark.parametrize("where", ["LBTESTCD = LBTEST", "A = 'x' or B = 'y'", "A is missing"])
def test_a_condition_that_define_xml_cannot_say_is_refused(where):
    with pytest.raises(ValidationError, match="compares variables with texts or numbers"):
        ValueSpec(where=where)


def test_a_predecessor_is_named(datasets):
    assert datasets["LB"].variable("LBREFID").origin == Origin("Predecessor", None, "BE.BEREFID")


def test_methods_say_in_words_what_all_lines_do(datasets):
    lb = datasets["LB"]
    assert lb.variable("LBSTRESC").method.endswith(
        "NEGATIVE where R = 'neg'; otherwise the value of R"
    )
    assert lb.variable("LBSPEC").method == "The first of S, 'BLOOD' that is not missing"
    assert lb.variable("LBNAM").method == "S, U joined with '-' between them"
    assert lb.variable("LBSTRESN").method == "The result as a number, where it is one."


def test_the_expression_is_what_the_spec_says_and_the_code_is_the_function(datasets):
    lb = datasets["LB"]
    assert lb.variable("LBNAM").expression == 'concat: {parts: [S, U], separator: "-"}'
    assert lb.variable("LBSTRESC").expression.splitlines()[0].startswith("assign: R, when:")
    assert lb.variable("LBSTRESN").code.startswith("def as_number(frame):")


def test_domains_epochs_arms_and_visits_are_one_list_for_the_study(datasets):
    domains = datasets["LB"].variable("DOMAIN").codelist
    assert [term.value for term in domains.terms] == ["LB", "TA", "TE", "TS", "TV"]
    assert domains == datasets["TA"].variable("DOMAIN").codelist
    assert datasets["LB"].variable("VISIT").codelist.terms == (Term("V1"),)
    assert datasets["TA"].variable("ARMCD").codelist.terms == (Term("A", decode="Arm A"),)


def test_lengths_are_left_to_the_data_of_the_whole_study(datasets):
    assert {variable.length for variable in datasets["LB"].variables} == {0}
