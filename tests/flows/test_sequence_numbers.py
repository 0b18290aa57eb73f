"""--SEQ from bundle to bundle: what survives keeps its number, and nothing is done twice."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

TABULATIONS = "m5/datasets/my01/tabulations/sdtm"


def rewrite(path: Path, change) -> None:
    """Change the rows of a CSV file: ``change`` gets and gives a list of dicts."""
    rows = change(list(csv.DictReader(io.StringIO(path.read_text()))))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue())


def events(study: Path, version: str) -> dict[tuple[str, str], float]:
    """(subject, term) → AESEQ as the published XPT has it."""
    path = study / "store/bundles" / version / TABULATIONS / "ae.xpt"
    frame, _ = pyreadstat.read_xport(str(path))
    return {
        (row["USUBJID"], row["AETERM"]): row["AESEQ"]
        for row in frame[["USUBJID", "AETERM", "AESEQ"]].to_dict("records")
    }


def with_an_early_event(rows):
    """The first subject's first event goes, one comes that is earlier than all others; and all
    have a qualifier now."""
    own = [row for row in rows if row["SUBJID"] == rows[0]["SUBJID"]]
    early = {**own[-1], "AETERM": "Fever", "AESTDAT": "2020-01-01", "AEENDAT": "", "AESPID": "9"}
    return [{**row, "AESI": "Y"} for row in (early, *rows[1:])]


@pytest.fixture(scope="module")
def delivered(run, published, tmp_path_factory):
    """The study after a second delivery of site 02, published as v0002; and what was done."""
    study = Path(shutil.copytree(published, tmp_path_factory.mktemp("second") / "my study"))
    rewrite(study / "raw/site02/ae.csv", with_an_early_event)
    state, ended = run(study)
    assert state.result().bundle == "v0002"
    return study, ended


@pytest.fixture
def second(delivered, tmp_path):
    """A copy of one's own."""
    return Path(shutil.copytree(delivered[0], tmp_path / "my study"))


def test_the_template_has_what_these_tests_change(fresh):
    rows = list(csv.DictReader((fresh / "raw/site02/ae.csv").open()))
    assert {"SUBJID", "AETERM", "AESTDAT", "AEENDAT", "AESPID"} <= set(rows[0])
    assert sum(row["SUBJID"] == rows[0]["SUBJID"] for row in rows) > 1


def test_surviving_events_keep_their_numbers(delivered):
    study, _ = delivered
    before, after = events(study, "v0001"), events(study, "v0002")
    surviving = before.keys() & after.keys()
    assert len(surviving) == len(before) - 1
    assert {key: after[key] for key in surviving} == {key: before[key] for key in surviving}
    (new,) = after.keys() - before.keys()
    assert after[new] == max(n for (who, _), n in before.items() if who == new[0]) + 1
    supplemental, _ = pyreadstat.read_xport(
        str(study / "store/bundles/v0002" / TABULATIONS / "suppae.xpt")
    )
    linked = set(zip(supplemental["USUBJID"], supplemental["IDVARVAL"].astype(float), strict=True))
    assert linked == {(who, number) for (who, _), number in after.items() if "-02-" in who}


def test_only_the_changed_site_is_mapped_again(delivered):
    _, ended = delivered
    mapped = {(part, status) for step, part, status in ended if step == "map site"}
    assert mapped == {("01", "unchanged"), ("02", "done"), ("03", "unchanged")}


def test_a_third_run_finds_nothing_new_here_and_on_a_fresh_machine(run, second, tmp_path):
    state, ended = run(second)
    assert (state.name, ended) == ("NothingNew", [])
    fresh = Path(shutil.copytree(second, tmp_path / "fresh", ignore=shutil.ignore_patterns("work")))
    state, ended = run(fresh)
    assert (state.name, ended) == ("NothingNew", [])


def test_a_fresh_machine_makes_the_same_bytes(run, second, tmp_path):
    """A gate that changes nothing but the key of the run; every step is done again elsewhere."""
    from sdtmflow.bundle import find, read_manifest
    from sdtmflow.store import open_store

    suite = second / "expectations/ae.yaml"
    suite.write_text(suite.read_text() + "\n# looked at again\n")
    fresh = Path(shutil.copytree(second, tmp_path / "fresh", ignore=shutil.ignore_patterns("work")))
    files = []
    for root in (second, fresh):
        assert run(root)[0].result().bundle == "v0003"
        store = open_store("store", root)
        manifest = read_manifest(store, find(store, "MY01", "v0003"))
        files.append({file.path: file.sha256 for file in manifest.files})
    assert files[0] == files[1]
    assert "lineage/sequence/AE.parquet" in files[0]
    store = open_store("store", second)
    before = read_manifest(store, find(store, "MY01", "v0002"))
    unchanged = {file.path: file.sha256 for file in before.files if "reports" not in file.path}
    assert unchanged.items() <= files[0].items(), "the same records, the same numbers"


def test_what_went_and_returns_has_its_old_number(run, second):
    shutil.copy(second.parent / "kept.csv", second / "raw/site02/ae.csv")
    state, _ = run(second)
    assert state.result().bundle == "v0003"
    assert events(second, "v0003") == events(second, "v0001")
    known = pl.read_parquet(second / "store/bundles/v0003/lineage/sequence/AE.parquet")
    retired = known.filter(~pl.col("current"))
    assert retired.height == 1, "the number of the event of v0002 is never given again"


@pytest.fixture(autouse=True)
def _keep_the_first_delivery(published, tmp_path):
    shutil.copy(published / "raw/site02/ae.csv", tmp_path / "kept.csv")


def test_a_rehearsal_gives_the_numbers_that_a_publication_would(run, second):
    rewrite(second / "raw/site03/ae.csv", with_an_early_event)
    assert run(second, sites=["03"])[0].name == "Rehearsed"
    state, ended = run(second)
    assert ("map site", "03", "unchanged") in ended, "the rehearsal has mapped it already"
    assert state.result().bundle == "v0003"
