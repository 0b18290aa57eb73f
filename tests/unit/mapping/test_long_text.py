"""Texts over 200 bytes go on: beside themselves in CO, in SUPP-- elsewhere."""

import polars as pl
import pytest

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
"""
CO = """
version: 1
domain: CO
from: notes
keys: [STUDYID, USUBJID, COVAL]
variables:
  COSEQ: {sequence: {by: keys}}
  COVAL: {assign: NOTE}
"""
CM = """
version: 1
domain: CM
from: notes
keys: [STUDYID, USUBJID, CMTRT]
variables:
  CMSEQ: {sequence: {by: keys}}
  CMTRT: {constant: X}
  CMDUR: {duration: {value: LASTED, unit: {constant: DAYS}}}
  CMINDC: {assign: NOTE}
"""
LONG = "été " + "word " * 90 + "end"


@pytest.fixture(scope="module")
def assembled(tmp_path_factory):
    """Two partitions, of which only the second has a long text."""
    root = tmp_path_factory.mktemp("study")
    for folder in ("standard", "mappings", "out"):
        (root / folder).mkdir()
    (root / "study.yaml").write_text(STUDY)
    for name, spec in (("co", CO), ("cm", CM)):
        (root / "standard" / f"{name}.yaml").write_text(spec)
    plan = load_plan(StudyFolder(root), root / "standard")
    notes = {"01": "short", "02": LONG}
    partitions = [mapped(root, plan, site, note) for site, note in notes.items()]
    assemble(plan, partitions, root / "out")
    return root / "out"


def mapped(root, plan, site, note):
    staged, out = root / f"staged{site}", root / f"mapped{site}"
    staged.mkdir()
    out.mkdir()
    row = {"_source": "edc", "_site": site, "_file": "f", "_row": 1, "_place": ""}
    frame = pl.DataFrame([row | {"_subject": site, "NOTE": note, "LASTED": "3"}])
    frame.write_parquet(staged / "notes.parquet")
    map_partition(plan, staged, site, out)
    return out


def test_a_long_comment_goes_on_in_variables_of_its_own(assembled):
    frame = pl.read_parquet(assembled / "CO.parquet")
    values = [name for name in frame.columns if name.startswith("COVAL")]
    assert values == ["COVAL", "COVAL1", "COVAL2"]
    assert frame.columns[-3:] == values
    short, long = frame.select(values).rows()
    assert short == ("short", None, None)
    assert " ".join(long) == LONG
    assert all(len(part.encode()) <= 200 for part in long)
    assert not (assembled / "SUPPCO.parquet").exists()


def test_the_variables_that_a_comment_goes_on_in_are_described(assembled):
    datasets = {dataset.name: dataset for dataset in read_datasets(assembled / "datasets.json")}
    labels = {v.name: (v.label, v.core) for v in datasets["CO"].variables}
    assert labels["COVAL1"] == ("Comment 1", "Perm")
    assert labels["COVAL2"] == ("Comment 2", "Perm")
    durations = {v.name: v.type for v in datasets["CM"].variables}
    assert durations["CMDUR"] == "durationDatetime"


def test_another_long_text_goes_on_in_supplemental_qualifiers(assembled):
    frame = pl.read_parquet(assembled / "SUPPCM.parquet")
    assert frame["QNAM"].to_list() == ["CMINDC1", "CMINDC2"]
    first = pl.read_parquet(assembled / "CM.parquet")["CMINDC"].to_list()[1]
    assert " ".join([first, *frame["QVAL"]]) == LONG
