"""Partitions become one study: sorted, described, repeatable."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.dataset import Origin, Term
from sdtmflow.mapping import assemble, load_plan, map_partition, read_datasets
from sdtmflow.study import StudyFolder

STUDY = """
version: 1
study: S1
title: T
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}, "02": {name: Two, country: CHE}}
sources: {edc: {kind: delimited, path: raw, site: "01"}}
visits: [{visit: V1, visitnum: 1, day: 1, start_rule: Consent}]
design:
  elements:
    SCR: {element: Screening, start_rule: Consent}
    TRT: {element: Treatment, start_rule: First dose}
  arms:
    A: {arm: Arm A, elements: [{etcd: SCR, epoch: SCREENING}, {etcd: TRT, epoch: TREATMENT}]}
  summary:
    TITLE: {value: "WORDS"}
""".replace("WORDS", "word " * 50)
VS = """
version: 1
domain: VS
from: vs
keys: [STUDYID, USUBJID, VSTESTCD, VSPOS]
variables:
  VSSEQ: {sequence: {by: keys}}
  VSTESTCD: {assign_ct: T}
  VSTEST: {assign_ct: T}
  VSORRES: {assign: R}
  VSSTRESN: {number: R}
  VSPOS: {assign_ct: P}
  VSLOC: {assign_ct: L}
  VSDTC: {datetime: D}
  VSDY: {number: DAY}
  VSENDY: {number: DAY}
supplemental:
  VSNOTE: {label: Note, assign: N}
"""


@pytest.fixture
def study(tmp_path: Path):
    for folder in ("standard", "mappings", "out", "again"):
        (tmp_path / folder).mkdir()
    (tmp_path / "study.yaml").write_text(STUDY)
    (tmp_path / "standard" / "vs.yaml").write_text(VS)
    return tmp_path


@pytest.fixture
def plan(study):
    return load_plan(StudyFolder(study), study / "standard")


def mapped(study, plan, site, rows):
    staged, out = study / f"staged{site}", study / f"mapped{site}"
    staged.mkdir()
    out.mkdir()
    names = ["_subject", "T", "R", "P", "D", "N"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    frame.with_columns(
        pl.lit("edc").alias("_source"),
        pl.lit(site).alias("_site"),
        pl.lit("f").alias("_file"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("_row"),
        pl.lit("").alias("_place"),
    ).write_parquet(staged / "vs.parquet")
    map_partition(plan, staged, site, out)
    return out


ROWS = [
    ("003", "WEIGHT", "70.5", None, "2025-01", None),
    ("003", "PULSE", "61", "SITTING", "2025-01-02", "calm"),
    ("001", "PULSE", "58", "STANDING", "2025-01-02", None),
]


def test_records_of_all_partitions_stand_in_key_order_with_their_lineage(study, plan):
    parts = [
        mapped(study, plan, "02", [("001", "PULSE", "70", None, None, None)]),
        mapped(study, plan, "01", ROWS),
    ]
    assemble(plan, parts, study / "out")
    vs = pl.read_parquet(study / "out" / "VS.parquet")
    assert vs.select("USUBJID", "VSTESTCD", "VSSEQ").rows() == [
        ("S1-01-001", "PULSE", 1.0),
        ("S1-01-003", "PULSE", 1.0),
        ("S1-01-003", "WEIGHT", 2.0),
        ("S1-02-001", "PULSE", 1.0),
    ]
    lineage = pl.read_parquet(study / "out" / "lineage" / "VS.parquet")
    assert lineage["_row"].to_list() == [3, 2, 1, 1]


def test_partitions_whose_subjects_interleave_are_sorted_again(study, plan):
    plan = replace(
        plan, study=plan.study.model_copy(update={"usubjid": "{study}-{subject}-{site}"})
    )
    parts = [
        mapped(study, plan, "01", ROWS),
        mapped(study, plan, "02", [("002", "PULSE", "70", None, None, None)]),
    ]
    assemble(plan, parts, study / "out")
    subjects = pl.read_parquet(study / "out" / "VS.parquet")["USUBJID"].to_list()
    assert subjects == ["S1-001-01", "S1-002-02", "S1-003-01", "S1-003-01"]


def test_metadata_say_what_the_data_hold(study, plan):
    datasets = assemble(plan, [mapped(study, plan, "01", ROWS)], study / "out")
    assert [dataset.name for dataset in datasets] == ["TA", "TE", "TS", "TV", "VS", "SUPPVS"]
    vs = next(dataset for dataset in datasets if dataset.name == "VS")
    assert vs.keys == ("STUDYID", "USUBJID", "VSTESTCD", "VSPOS")
    result = vs.variable("VSSTRESN")
    assert (result.numeric, result.type, result.significant_digits) == (True, "float", 1)
    assert result.length == 0, "left to the data of the whole study"
    assert [(v.value, v.type, v.label) for v in result.value_level] == [
        ("PULSE", "integer", "Pulse Rate"),
        ("WEIGHT", "float", "Weight"),
    ]
    assert vs.variable("VSDTC").type == "partialDate"
    assert vs.variable("VSPOS").codelist.terms == (
        Term("SITTING", "C62122", "Sitting"),
        Term("STANDING", "C62166", "Standing"),
    )
    assert vs.variable("VSORRES").origin == Origin("Collected", "Investigator")
    assert vs.variable("VSORRES").spec_place == "standard/vs.yaml:10"


def test_permissible_variables_without_values_are_left_out_expected_ones_stay(study, plan):
    datasets = assemble(plan, [mapped(study, plan, "01", ROWS)], study / "out")
    vs = next(dataset for dataset in datasets if dataset.name == "VS")
    names = {variable.name for variable in vs.variables}
    assert "VSLOC" not in names
    assert {"VSORRESU", "VISITNUM"} <= names
    assert vs.variable("VSORRESU").origin == Origin("Not Available")
    assert pl.read_parquet(study / "out" / "VS.parquet").columns == [v.name for v in vs.variables]


UNDATED = [("003", "PULSE", "61", "SITTING", None, None)]


@pytest.mark.parametrize("rows", [ROWS, UNDATED])
def test_a_study_day_stays_where_its_date_stays_though_no_day_is_known(study, plan, rows):
    """VSDTC is expected: it stays without a value, and VSDY with it; VSENDTC has no line."""
    datasets = assemble(plan, [mapped(study, plan, "01", rows)], study / "out")
    names = [v.name for dataset in datasets if dataset.name == "VS" for v in dataset.variables]
    assert "VSDTC" in names
    assert "VSDY" in names
    assert "VSENDY" not in names


def test_metadata_read_back_as_written(study, plan):
    datasets = assemble(plan, [mapped(study, plan, "01", ROWS)], study / "out")
    assert read_datasets(study / "out" / "datasets.json") == datasets


def test_a_long_parameter_value_goes_on_in_tsval1(study, plan):
    assemble(plan, [], study / "out")
    ts = pl.read_parquet(study / "out" / "TS.parquet")
    assert ts["TSVAL"].str.len_bytes().item() <= 200
    assert f"{ts['TSVAL'].item()} {ts['TSVAL1'].item()}" == ("word " * 50).strip()


def test_the_same_partitions_give_the_same_bytes(study, plan):
    part = mapped(study, plan, "01", ROWS)
    assemble(plan, [part], study / "out")
    assemble(load_plan(StudyFolder(study), study / "standard"), [part], study / "again")
    files = sorted(path.relative_to(study / "out") for path in (study / "out").rglob("*.*"))
    assert files
    for file in files:
        assert (study / "out" / file).read_bytes() == (study / "again" / file).read_bytes()


@pytest.mark.parametrize(
    ("line", "version"),
    [("{name: MedDRA}", "27.1"), ('{name: meddra, version: "26.0"}', "26.0"), ("{name: WHO}", "")],
)
def test_a_dictionary_has_the_version_of_its_line_or_of_study_yaml(study, line, version):
    standards = 'ct: 2025-03-28, dictionaries: {MedDRA: "27.1"}'
    (study / "study.yaml").write_text(STUDY.replace("ct: 2025-03-28", standards))
    spec = VS.replace("{assign: R}", f"{{assign: R, dictionary: {line}}}")
    (study / "standard" / "vs.yaml").write_text(spec)
    plan = load_plan(StudyFolder(study), study / "standard")
    folder = mapped(study, plan, "01", [("001", "TEMP", "37", None, "2025-01-01", None)])
    datasets = {each.name: each for each in assemble(plan, [folder], study / "out")}
    (result,) = (each for each in datasets["VS"].variables if each.name == "VSORRES")
    assert result.codelist.dictionary_version == version
