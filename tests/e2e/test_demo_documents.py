"""The demo's documents, in the package that a run writes: what they say and what they must not."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polars as pl
import pytest
from lxml import etree
from pypdf import PdfReader

from expectations.table_plan import rule_messages
from sdtmflow.finding import Stage
from sdtmflow.package import PackageTree
from sdtmflow.pipeline import document_jobs, site_jobs, study_jobs
from sdtmflow.pipeline.deliveries import take_in
from sdtmflow.pipeline.guide_facts import SOURCE, Told
from sdtmflow.pipeline.inputs import delivery_keys
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.sites import SitesMade
from tasks.checking import STUDY, Check

DEMO = Path(__file__).parents[2] / "studies" / "demo"
NS = {
    "odm": "http://www.cdisc.org/ns/odm/v1.3",
    "def": "http://www.cdisc.org/ns/def/v2.1",
    "xlink": "http://www.w3.org/1999/xlink",
}
SITES = ("01", "03")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    root = tmp_path_factory.mktemp("demo") / "demo"
    shutil.copytree(DEMO, root, ignore=shutil.ignore_patterns("work", "store", "__pycache__"))
    return Run.of(root, sites=SITES)


@pytest.fixture(scope="module")
def mapped(run):
    keys = delivery_keys(run)
    collected = {name: site_jobs.Collect(run, name, key).perform() for name, key in keys.items()}
    deliveries = take_in(run, collected, {"lyon_odm": "the file is cut off"})
    made = SitesMade()
    for site, used in deliveries.partitions(run).items():
        made.staged[site] = site_jobs.StageSite(run, site, used).perform()
        made.mapped[site] = site_jobs.MapSite(run, site, made.staged[site]).perform()
    return deliveries, made


@pytest.fixture(scope="module")
def assembled(run, mapped):
    return study_jobs.Assemble(run, mapped[1].mapped).perform()


@pytest.fixture(scope="module")
def package(run, mapped, assembled):
    deliveries, made = mapped
    crf = document_jobs.DrawCrf(run, deliveries.used, made.staged).perform()
    found = (*made.mapped.values(), Check(run, Stage.SDTM, STUDY, assembled).perform())
    told = Told.of(deliveries, made, found, rule_messages(run.folder))
    return run.workspace.path(study_jobs.WritePackage(run, assembled, crf, told).perform())


@pytest.fixture(scope="module")
def define(package):
    return etree.parse(PackageTree.found(package).sdtm / "define.xml").getroot()


@pytest.fixture(scope="module")
def acrf(package):
    return PdfReader(PackageTree.found(package).sdtm / "acrf.pdf", strict=True)


def annotations(page):
    return [each.get_object().get("/Contents", "") for each in page.get("/Annots", ())]


def test_define_names_both_documents(define, package):
    leaves = {
        leaf.get("ID"): leaf.get(f"{{{NS['xlink']}}}href")
        for leaf in define.iterfind(".//odm:MetaDataVersion/def:leaf", NS)
    }
    for name, file in (("AnnotatedCRF", "acrf.pdf"), ("SupplementalDoc", "csdrg.pdf")):
        (reference,) = define.iterfind(f".//def:{name}/def:DocumentRef", NS)
        assert leaves[reference.get("leafID")] == file
        assert (PackageTree.found(package).sdtm / file).is_file()


def test_every_page_that_define_names_annotates_the_variable(define, acrf):
    named = 0
    for item in define.iterfind(".//odm:ItemDef", NS):
        for pages in item.iterfind("def:Origin/def:DocumentRef/def:PDFPageRef", NS):
            named += 1
            for page in map(int, pages.get("PageRefs").split()):
                said = " ".join(annotations(acrf.pages[page - 1]))
                qualifier = item.get("OID").rpartition(".")[2]
                assert {item.get("Name"), qualifier} & set(re.findall(r"[A-Z0-9]+", said))
    assert named > 60


def test_values_have_the_page_of_their_own_question(define, acrf):
    item = define.find(".//odm:ItemDef[@OID='IT.VS.VSORRES.VSTESTCD.SYSBP']", NS)
    pages = item.find("def:Origin/def:DocumentRef/def:PDFPageRef", NS).get("PageRefs")
    assert "VSORRES when VSTESTCD = SYSBP" in annotations(acrf.pages[int(pages) - 1])


def test_neither_document_names_a_subject_or_tells_a_value(run, assembled, package, acrf):
    folder = run.workspace.path(assembled)
    subjects = pl.read_parquet(folder / "DM.parquet")["USUBJID"].to_list()
    terms = pl.read_parquet(folder / "AE.parquet")["AETERM"].drop_nulls().unique().to_list()
    guide = PdfReader(PackageTree.found(package).sdtm / "csdrg.pdf", strict=True)
    text = "\n".join(page.extract_text() for reader in (acrf, guide) for page in reader.pages)
    text += "\n".join(said for page in acrf.pages for said in annotations(page))
    text += (package / SOURCE).read_text(encoding="utf-8")
    assert len(subjects) > 20
    assert not [subject for subject in subjects if subject in text]
    assert not [term for term in terms if term in text]


def test_the_guide_tells_what_the_run_knows_and_what_the_sponsor_says(run, assembled, package):
    text = (package / SOURCE).read_text(encoding="utf-8")
    subjects = pl.read_parquet(run.workspace.path(assembled) / "DM.parquet").height
    assert f"| How many subjects have a record in DM? | {subjects} |" in text
    assert "| Site 06 (lyon_odm) | the file is cut off | nothing |" in text
    assert "The visit was held when the subject could come; the protocol allows it." in text
    assert "| Randomisation | Randomisation number | 3 | Kept by the randomisation service" in text
