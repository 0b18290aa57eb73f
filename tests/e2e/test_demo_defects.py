"""Every defect planted in the demo study is found, and nothing else is.

The steps run one after another without Prefect, on a copy of the study folder.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from ruamel.yaml import YAML

from sdtmflow.errors import DeliveryError
from sdtmflow.finding import Stage
from sdtmflow.mapping import assemble, load_plan, map_partition
from sdtmflow.pipeline import document_jobs, site_jobs, study_jobs
from sdtmflow.pipeline.deliveries import Deliveries, take_in
from sdtmflow.pipeline.guide_facts import Told
from sdtmflow.pipeline.inputs import delivery_keys
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.workspace import FINDINGS, Artifact
from sdtmflow.sources.report import read_stage_report
from sdtmflow.study import StudyFolder
from tasks.checking import STUDY, Check

DEMO = Path(__file__).parents[2] / "studies" / "demo"
IDENTITY = ("rule", "site", "subject", "dataset", "variable")


@dataclass(frozen=True)
class Ran:
    run: Run
    deliveries: Deliveries
    staged: dict[str, Artifact]
    findings: pl.DataFrame


@pytest.fixture(scope="module")
def defects():
    return YAML(typ="safe").load(DEMO / "defects.yaml")["defects"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The run, its deliveries and all its findings."""
    root = tmp_path_factory.mktemp("a folder with spaces") / "demo"
    shutil.copytree(DEMO, root, ignore=shutil.ignore_patterns("work", "store", "__pycache__"))
    run = Run.of(root)
    deliveries = _collected(run)
    found, mapped = [], {}
    staged = {}
    for site, used in deliveries.partitions(run).items():
        staged[site] = site_jobs.StageSite(run, site, used).perform()
        mapped[site] = site_jobs.MapSite(run, site, staged[site]).perform()
        found += [staged[site], Check(run, Stage.RAW, site, staged[site]).perform(), mapped[site]]
    assembled = study_jobs.Assemble(run, mapped).perform()
    crf = document_jobs.DrawCrf(run, deliveries.used, staged).perform()
    package = study_jobs.WritePackage(run, assembled, crf, Told()).perform()
    of_study = (
        study_jobs.CompareDeliveries(run, deliveries, staged).perform(),
        Check(run, Stage.SDTM, STUDY, assembled).perform(),
        study_jobs.ReadBack(run, assembled, package).perform(),
    )
    gathered = study_jobs.GatherFindings(run, tuple(found), of_study, deliveries.used).perform()
    findings = pl.read_parquet(run.workspace.path(gathered) / FINDINGS)
    return Ran(run, deliveries, staged, findings)


def _collected(run):
    collected, failed = {}, {}
    for source, key in delivery_keys(run).items():
        try:
            collected[source] = site_jobs.Collect(run, source, key).perform()
        except DeliveryError as error:
            failed[source] = str(error)
    return take_in(run, collected, failed)


def _expected(defects):
    return {
        tuple(finding[name] for name in IDENTITY)
        for defect in defects
        for finding in defect["findings"]
    }


def test_every_planted_defect_is_found_and_nothing_else(ran, defects):
    assert set(ran.findings.select(IDENTITY).unique().rows()) == _expected(defects)


def test_no_defect_stops_the_publication(ran):
    assert ran.run.study.gates.stopping() == ("critical",)
    assert "critical" not in ran.findings["severity"].to_list()


def test_the_cut_off_site_is_left_out_with_its_reason(ran, defects):
    assert list(ran.deliveries.isolated(ran.run.study)) == ["06"]
    cut_off = next(defect for defect in defects if defect["site"] == "06")
    assert Path(cut_off["file"]).name in ran.deliveries.gaps[0].reason


def test_raw_findings_name_the_record_that_was_damaged(ran, defects):
    named = set(ran.findings.select("rule", "file", "row").rows())
    missed = [
        (defect["id"], finding["rule"])
        for defect in defects
        for finding in defect["findings"]
        if defect["row"] and finding["dataset"] == defect["table"]
        if finding["variable"] in {"", defect["column"]}
        if (finding["rule"], Path(defect["file"]).name, defect["row"]) not in named
    ]
    assert missed == []


def test_every_column_that_study_yaml_names_is_delivered(ran):
    reports = [read_stage_report(ran.run.workspace.path(made)) for made in ran.staged.values()]
    lacking = [
        (report.site, table.table, column)
        for report in reports
        for table in report.tables
        for column in table.not_delivered
    ]
    assert lacking == []


def test_the_same_study_maps_to_the_older_guide(ran, tmp_path):
    shutil.copytree(ran.run.folder.root / "mappings", tmp_path / "mappings")
    shutil.copytree(ran.run.folder.root / "terms", tmp_path / "terms")
    text = (ran.run.folder.root / "study.yaml").read_text(encoding="utf-8")
    (tmp_path / "study.yaml").write_text(text.replace('sdtmig: "3.4"', 'sdtmig: "3.3"'))
    plan = load_plan(StudyFolder(tmp_path))
    for name in ("mapped", "assembled"):
        (tmp_path / name).mkdir()
    map_partition(plan, ran.run.workspace.path(ran.staged["01"]), "01", tmp_path / "mapped")
    datasets = {d.name: d for d in assemble(plan, [tmp_path / "mapped"], tmp_path / "assembled")}
    assert "SVPRESP" not in {variable.name for variable in datasets["SV"].variables}
    assert {"DM", "AE", "VS", "LB", "SE", "SV"} <= set(datasets)


def test_every_raw_table_has_a_suite():
    folder = StudyFolder(DEMO)
    tables = {name for source in folder.study.sources.values() for name in source.tables}
    assert tables <= {path.stem for path in folder.expectations.glob("*.yaml")}
