"""Whose forms are on the CRF: those of the sites' systems, and of an EDC that exports all sites."""

from __future__ import annotations

from pathlib import Path

from pypdf import PdfReader

from sdtmflow.pipeline import document_jobs, site_jobs
from sdtmflow.pipeline.deliveries import take_in
from sdtmflow.pipeline.inputs import delivery_keys
from sdtmflow.pipeline.run import Run

STUDY = """
version: 1
study: S1
title: One export of all sites
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}, "02": {name: Two, country: FRA}}
sources:
  edc: {kind: delimited, path: edc/*.csv, site_column: SITE}
  laboratory: {kind: delimited, path: laboratory/*.csv, site_column: SITE}
"""
FILES = {
    "edc/dm.csv": "SITE,SUBJID,SEX\n01,001,F\n02,001,M\n",
    "edc/ae.csv": "SITE,SUBJID,AETERM,AESTDAT\n01,001,Headache,2025-03-01\n",
    "laboratory/lb.csv": "SITE,SUBJID,LBTESTCD,LBORRES\n01,001,GLUC,5.1\n",
}


def test_an_edc_of_all_sites_is_drawn_and_a_laboratory_is_not(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    run = Run.of(tmp_path)
    collected = {
        name: site_jobs.Collect(run, name, key).perform()
        for name, key in delivery_keys(run).items()
    }
    deliveries = take_in(run, collected, {})
    staged = {
        site: site_jobs.StageSite(run, site, used).perform()
        for site, used in deliveries.partitions(run).items()
    }
    drawn = document_jobs.DrawCrf(run, deliveries.used, staged).perform()
    (path,) = run.workspace.path(drawn).rglob("*.pdf")
    text = "\n".join(page.extract_text() for page in PdfReader(path).pages)
    assert "Adverse Events" in text
    assert "AETERM" in text
    assert "Laboratory" not in text
