"""A bundle with a dataset in parts: those who read bundles read the whole, and it once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.bundle import Claim, latest, publish
from sdtmflow.diff.side import Side
from sdtmflow.formats.blocks import frame_blocks
from sdtmflow.formats.xpt import Column, Member, write_part, write_xpt
from sdtmflow.pipeline.last_data import last_data
from sdtmflow.store import Store, open_store
from sdtmflow.study import StudyFolder
from tests.bundle_facts import facts_of

CREATED = dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
FACTS = facts_of("a")
STUDY = """
version: 1
study: TRIAL
title: A Study
cutoff: 2026-03-31
standards: {ct: 2025-03-28}
sites: {"01": {name: One, country: DEU}}
sources: {edc: {kind: odm, path: raw, site: "01"}}
"""


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    (tmp_path / "study.yaml").write_text(STUDY)
    return StudyFolder(tmp_path)


@pytest.fixture
def published(study: StudyFolder) -> tuple[Store, Claim]:
    """A bundle of LB, which is there in two parts too."""
    sdtm = study.root / "tree/m5/datasets/trial/tabulations/sdtm"
    (sdtm / "split").mkdir(parents=True)
    columns = (Column("STUDYID", length=5), Column("LBSEQ", numeric=True))
    rows = pl.DataFrame({"STUDYID": ["TRIAL"] * 4, "LBSEQ": [1.0, 2.0, 3.0, 4.0]})
    whole = sdtm / "lb.xpt"
    write_xpt(whole, Member("LB", columns=columns), frame_blocks(rows), created=CREATED)
    for number in (1, 2):
        part = Member(f"LB{number}", columns=columns)
        path = sdtm / f"split/lb{number}.xpt"
        write_part(path, part, whole, 2 * number - 2, 2, created=CREATED)
    store = open_store("store", study.root)
    publish(store, "TRIAL", study.root / "tree", FACTS)
    claim = latest(store, "TRIAL")
    assert claim is not None
    return store, claim


def test_the_last_data_are_the_wholes(study: StudyFolder, published: tuple[Store, Claim]) -> None:
    tables = last_data(study).tables
    assert {name: rows.collect().height for name, rows in tables.items()} == {"LB": 4}


def test_bundles_are_compared_by_the_wholes(published: tuple[Store, Claim], tmp_path: Path) -> None:
    assert list(Side(*published, tmp_path / "work").datasets) == ["LB"]
