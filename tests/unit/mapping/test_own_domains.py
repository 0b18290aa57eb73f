"""Domains of a study's own, and domains in several datasets: planned, assembled, described."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from sdtmflow.formats.define.document import define_document
from sdtmflow.formats.measure import measure
from sdtmflow.mapping import assemble, load_plan, map_partition
from sdtmflow.standards import sdtmig
from sdtmflow.standards.model import GENERAL_CLASSES
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import StudyErrors

ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
DEF = "{http://www.cdisc.org/ns/def/v2.1}"
CREATED = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
STUDY = """
version: 1
study: S1
title: T
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources: {edc: {kind: delimited, path: raw, site: "01"}}
"""
XA = """
version: 1
domain: XA
class: EVENTS
label: Sponsor Events
from: x
keys: [STUDYID, USUBJID, XATERM]
variables:
  XASEQ: {sequence: {by: keys}}
  XATERM: {assign: T}
  XASTDTC: {assign: D}
  XAENDTC: {assign: D}
  XASEV: {assign: S}
  XALOC: {assign: S}
supplemental:
  XAQ: {label: Qualifier, assign: D}
"""
FA = """
version: 1
domain: FA
from: x
keys: [STUDYID, USUBJID, FACAT, FAOBJ]
datasets:
  FAAE: {label: Findings About Adverse Events, where: "FACAT = 'AE'"}
  FACM: {label: Findings About Medications, where: "FACAT = 'CM'", structure: One record}
variables:
  FASEQ: {sequence: {by: keys}}
  FACAT: {assign: S}
  FAOBJ: {assign: T}
  FATESTCD: {constant: OCCUR}
  FATEST: {constant: Occurrence Indicator}
  FAORRES: {assign: D}
"""
ROWS = [("001", "b", "AE", "2025-01-02"), ("001", "a", "CM", None), ("002", "c", "AE", "2025")]


@pytest.fixture
def study(tmp_path: Path):
    for folder in ("standard", "mappings", "out", "staged", "mapped"):
        (tmp_path / folder).mkdir()
    (tmp_path / "study.yaml").write_text(STUDY)
    return tmp_path


def planned(study, **specs):
    for name, text in specs.items():
        (study / "mappings" / f"{name}.yaml").write_text(text)
    return load_plan(StudyFolder(study), study / "standard")


def assembled(study, plan):
    frame = pl.DataFrame(ROWS, schema=["_subject", "T", "S", "D"], orient="row")
    frame.with_columns(
        *(pl.lit(text).alias(f"_{name}") for name, text in LINEAGE.items()),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("_row"),
    ).write_parquet(study / "staged" / "x.parquet")
    map_partition(plan, study / "staged", "01", study / "mapped")
    datasets = assemble(plan, [study / "mapped"], study / "out")
    return SimpleNamespace(**{dataset.name: dataset for dataset in datasets}, all=datasets)


LINEAGE = {"source": "edc", "site": "01", "file": "f", "place": ""}


def problems(study, text, name="x"):
    with pytest.raises(StudyErrors) as error:
        planned(study, **{name: text})
    return str(error.value).splitlines()


def test_an_own_domain_has_its_classes_variables_in_the_models_order(study):
    made = assembled(study, planned(study, xa=XA))
    assert [dataset.name for dataset in made.all] == ["XA", "SUPPXA"]
    assert (made.XA.label, made.XA.cls, made.XA.domain) == ("Sponsor Events", "EVENTS", "XA")
    assert made.XA.structure == "One record per event per subject"
    names = ["STUDYID", "DOMAIN", "USUBJID", "XASEQ", "XATERM", "XALOC", "XASEV"]
    assert [v.name for v in made.XA.variables] == [*names, "XASTDTC", "XAENDTC"]
    labels = {v.name: v.label for v in made.XA.variables}
    assert labels["XASTDTC"] == "Start Date/Time of Observation"
    assert made.SUPPXA.label == "Supplemental Qualifiers for XA"


def test_the_parts_of_a_domain_are_described_as_such(study):
    made = assembled(study, planned(study, fa=FA))
    assert [dataset.name for dataset in made.all] == ["FAAE", "FACM"]
    assert (made.FAAE.label, made.FAAE.domain) == ("Findings About Adverse Events", "FA")
    assert made.FACM.structure == "One record"
    assert made.FAAE.domain_label == "Findings About Events or Interventions"
    assert pl.read_parquet(study / "out" / "FAAE.parquet")["FASEQ"].to_list() == [1, 1]
    assert pl.read_parquet(study / "out" / "FACM.parquet")["FASEQ"].to_list() == [2]


def test_define_xml_tells_a_part_from_its_domain_and_an_own_domain_from_the_standard(study):
    plan = planned(study, fa=FA, xa=XA)
    made = assembled(study, plan)
    rows = {d.name: pl.read_parquet(study / "out" / f"{d.name}.parquet") for d in made.all}
    found = {d.name: measure(d, [rows[d.name]]) for d in made.all}
    root = define_document(plan.study, made.all, found, created=CREATED)
    groups = {node.get("Name"): node for node in root.iter(f"{ODM}ItemGroupDef")}
    alias = groups["FAAE"].find(f"{ODM}Alias")
    assert dict(alias.attrib) == {
        "Context": "DomainDescription",
        "Name": "Findings About Events or Interventions",
    }
    assert groups["FAAE"].get("Domain") == "FA"
    assert groups["FAAE"].get("SASDatasetName") == "FAAE"
    assert groups["XA"].find(f"{ODM}Alias") is None
    standards = {name: node.get(f"{DEF}StandardOID") for name, node in groups.items()}
    assert [name for name, standard in standards.items() if standard is None] == ["XA"]
    assert groups["XA"].get(f"{DEF}IsNonStandard") == "Yes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (XA.replace("class: EVENTS\n", ""), "SDTMIG 3.4 has no dataset 'XA'; it has AE, AG, BE"),
        (XA.replace("label: Sponsor Events\n", ""), "XA is the study's own, and has no label"),
        (XA.replace("XATERM: {", "XATESTCD: {"), "XA has no variable XATESTCD"),
        (XA.replace("  XATERM: {assign: T}\n", ""), "XA lacks the required variable XATERM"),
        (FA.replace("domain: FA", "domain: FA\nclass: FINDINGS"), "FA is FINDINGS ABOUT in SDTM"),
        (FA.replace("FACM:", "CMFA:"), "CMFA does not begin with the domain's code"),
        (FA.replace("FACAT = 'CM'", "FACTA = 'CM'"), "reads FACTA, which is no variable of FA"),
        ("version: 1\ndomain: TD\nfrom: x\n", "TD (Trial Disease Assessments) holds no subjects'"),
        ("version: 1\ndomain: SUPPAE\nfrom: x\n", "SDTMIG 3.4 has no dataset 'SUPPAE'"),
        ("version: 1\ndomain: MO\nfrom: x\n", "MO is a dataset of SDTMIG 3.3, and not of 3.4"),
    ],
)
def test_what_is_wrong_is_told(study, text, message):
    assert any(message in problem for problem in problems(study, text))


def test_a_dataset_of_the_guide_alone_may_be_declared_as_the_studys_own(study):
    spec = XA.replace("XA", "MO").replace("EVENTS", "FINDINGS").replace("MOTERM", "MOTESTCD")
    spec = spec.replace("MOSTDTC: {assign: D}", "MOTEST: {assign: T}")
    assert planned(study, mo=spec).domains["MO"].facts.cls == "FINDINGS"


@pytest.mark.parametrize("version", ["3.3", "3.4"])
def test_every_general_dataset_of_the_guide_can_be_mapped_from_a_study_spec(study, version):
    text = (study / "study.yaml").read_text().replace('"3.4"', f'"{version}"')
    (study / "study.yaml").write_text(text)
    guide = sdtmig(version).datasets
    general = {name: facts for name, facts in guide.items() if facts.cls in GENERAL_CLASSES}
    plan = planned(study, **{name.lower(): spec_of(facts) for name, facts in general.items()})
    assert set(plan.domains) == set(general)
    made = assembled(study, plan)
    assert {d.name: (d.label, d.cls) for d in made.all} == {
        name: (facts.label, facts.cls) for name, facts in general.items()
    }
    for dataset in made.all:
        orders = {v.name: v.order for v in general[dataset.name].variables}
        there = [orders[v.name] for v in dataset.variables]
        assert there == sorted(there)


def spec_of(facts):
    """Its required variables alone, each from a raw column."""
    automatic = {"STUDYID", "DOMAIN", "USUBJID", f"{facts.name}SEQ"}
    needed = [v.name for v in facts.variables if v.core == "Req" and v.name not in automatic]
    lines = "".join(f"  {name}: {{assign: T}}\n" for name in needed)
    head = f"version: 1\ndomain: {facts.name}\nfrom: x\nkeys: [STUDYID, USUBJID]\nvariables:\n"
    return f"{head}  {facts.name}SEQ: {{sequence: {{by: [{needed[0]}]}}}}\n{lines}"
