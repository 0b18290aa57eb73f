"""The demo study's own forms, collected from its real files, and its plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdtmflow.documents.crf.choices import CrfChoices
from sdtmflow.documents.crf.drawing import draw_crf
from sdtmflow.documents.crf.forms import crf_of
from sdtmflow.mapping import load_plan
from sdtmflow.sources.collect import collect
from sdtmflow.sources.conform import Delivered
from sdtmflow.sources.described import sent_tables
from sdtmflow.store import Snapshots, open_store
from sdtmflow.study import StudyFolder

DEMO = Path(__file__).parents[3] / "studies" / "demo"
SEEN = {"dm": ("SCREENING",), "vs": ("SCREENING", "BASELINE", "UNSCHEDULED")}


@pytest.fixture(scope="session")
def demo():
    return StudyFolder(DEMO)


@pytest.fixture(scope="session")
def plan(demo):
    return load_plan(demo)


@pytest.fixture(scope="session")
def delivered(demo, tmp_path_factory):
    """What three of the demo's systems sent: ODM, REDCap, and SAS files with labels only."""
    root = tmp_path_factory.mktemp("demo")
    snapshots = Snapshots(open_store("store", root), root / "snapshots")
    found = []
    for name in ("basel_odm", "boston_redcap", "leeds_xpt"):
        out = root / name
        out.mkdir()
        report = collect(demo, name, snapshots, out)
        found.append(Delivered(name, demo.study.sources[name], out, report))
    return found


@pytest.fixture(scope="session")
def sent(delivered):
    return [table for each in delivered for table in sent_tables(each)]


@pytest.fixture(scope="session")
def crf(plan, sent):
    return crf_of(plan, sent, SEEN, CrfChoices())


@pytest.fixture(scope="session")
def drawn(crf):
    return draw_crf(crf)
