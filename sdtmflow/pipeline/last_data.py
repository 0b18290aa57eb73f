"""The newest data of a study: of its last run, else of its last bundle."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from sdtmflow.bundle import fetch, latest, read_bundle
from sdtmflow.formats.xpt import read_xpt
from sdtmflow.impact.data import StudyData
from sdtmflow.pipeline.outcome import last_outcome
from sdtmflow.pipeline.workspace import Workspace
from sdtmflow.store import open_store
from sdtmflow.study import StudyFolder

_TABULATIONS = "*/tabulations/sdtm/*.xpt"
_WHOLES = "m5/datasets/*/tabulations/sdtm/*.xpt"
"""Without the parts of large datasets, in the folder ``split``."""


def last_data(folder: StudyFolder, store: str = "") -> StudyData:
    """The datasets that the last run left in work/, with what they were made from.

    Where work/ has none, the datasets of the last bundle in ``store`` (default: study.yaml's);
    without a bundle there are no data. Raises StoreError where the store cannot be read.
    """
    of_run = run_data(folder)
    if of_run.said:
        return of_run
    opened = open_store(store or folder.study.store, folder.root)
    claim = latest(opened, folder.study.study)
    if claim is None:
        return StudyData()
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=folder.root) as copy:
        to = Path(copy) / "bundle"
        fetch(opened, read_bundle(opened, claim), to, [_TABULATIONS])
        wholes = sorted(to.glob(_WHOLES))
        frames = {path.stem.upper(): read_xpt(path)[1] for path in wholes}
    return StudyData(f"bundle {claim.name}", {name: f.lazy() for name, f in frames.items()})


def run_data(folder: StudyFolder) -> StudyData:
    """The datasets that the last run left in work/; without any, no data."""
    workspace = Workspace(folder.work)
    outcome = last_outcome(workspace)
    if outcome is None or not outcome.assembled or not Path(outcome.assembled).is_dir():
        return StudyData()
    tables = sorted(Path(outcome.assembled).glob("*.parquet"))
    staged = {site: workspace.find("stage", key) for site, key in outcome.staged.items()}
    return StudyData(
        said=f"the last run, {outcome.run_id}",
        tables={path.stem: pl.scan_parquet(path) for path in tables},
        staged={site: workspace.path(found) for site, found in staged.items() if found},
    )
