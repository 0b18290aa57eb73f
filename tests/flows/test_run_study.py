"""The flow of a small study: what is published, what is done again, and what failures do."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

SECRET = "Zebrafish bite"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def task_runs(flow_run_id):
    """Name and state of the task runs below a flow run and its subflows."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterParentFlowRunId

    with get_client(sync_client=True) as client:
        below = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[flow_run_id])
            )
        )
        ids = [flow_run_id, *(each.id for each in below)]
        runs = [run for each in ids for run in _tasks_of(client, each)]
    return {run.name: run.state for run in runs}


def _tasks_of(client, flow_run_id):
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    return client.read_task_runs(
        flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
    )


def test_publishes_every_site(published):
    from sdtmflow.bundle import read_manifest, verify
    from sdtmflow.bundle.read import find
    from sdtmflow.pipeline.outcome import last_outcome
    from sdtmflow.pipeline.workspace import Workspace
    from sdtmflow.store import open_store

    store = open_store("store", published)
    assert verify(store, "MY01").faults == ()
    manifest = read_manifest(store, find(store, "MY01", "v0001"))
    paths = {file.path for file in manifest.files}
    tabulations = "m5/datasets/my01/tabulations/sdtm"
    assert {f"{tabulations}/dm.xpt", f"{tabulations}/define.xml", "dataset-json/dm.json"} <= paths
    assert {"reports/report.html", "reports/report.xlsx", "reports/findings.parquet"} <= paths
    assert {each.source for each in manifest.inputs} == {
        "first_clinic", "second_clinic", "third_clinic",
    }  # fmt: skip
    outcome = last_outcome(Workspace(published / "work"))
    assert list(outcome.delivered) == ["01", "02", "03"]
    assert outcome.datasets["DM"] == outcome.records["DM"]["records"] == 9
    for counts in outcome.records.values():
        out = ("records", "dropped", "merged", "quarantined")
        assert counts["made"] == sum(counts[name] for name in out)
    assert "Records made from raw rows" in Path(outcome.report).read_text(encoding="utf-8")
    assert Path(outcome.report).is_file()
    assert Path(outcome.data_docs).is_file()


def test_the_bundle_is_signed_by_the_key_that_was_named(published):
    from sdtmflow.bundle import verify
    from sdtmflow.signing import Trust
    from sdtmflow.store import open_store

    trust = Trust.of([published / "keys/release.pub.pem"])
    verification = verify(open_store("store", published), "MY01", trust=trust)
    assert verification.faults == ()
    assert verification.signer.trusted


def test_the_manifest_says_when_each_delivery_was_received(published):
    manifest = json.loads((published / "store/bundles/v0001/manifest.json").read_text())
    created = dt.datetime.fromisoformat(manifest["created"])
    received = [dt.datetime.fromisoformat(sent["received"]) for sent in manifest["inputs"]]
    assert received
    assert max(received) <= created


def test_nothing_new_is_published_once(run, study):
    state, ended = run(study)
    assert (state.name, state.message) == ("NothingNew", "nothing new since v0001")
    assert ended == []


def test_one_changed_site_recomputes_its_own_partition_only(run, study):
    with (study / "raw/site02/ae.csv").open("a") as events:
        events.write("203,1,Nausea,Nausea,Gastrointestinal disorders,2025-02-04,,N,MILD,N,,,\n")
    state, ended = run(study)
    assert state.result().bundle == "v0002"
    assert state.result().datasets["AE"] == 10
    done = {part for step, part, status in ended if status == "done" and part}
    assert done == {"02 (delimited)", "02", "raw 02", "sdtm study", "v0002"}
    names = task_runs(state.state_details.flow_run_id)
    assert {"collect 01 (delimited)", "map site 03", "check raw 02", "publish bundle"} <= set(names)
    assert names["map site 01"].name == "Cached"
    assert names["map site 02"].name == "Completed"


def test_a_failing_site_is_left_out_and_comes_back(run, fresh, published, tmp_path):
    study = Path(shutil.copytree(fresh, tmp_path / "my study"))
    (study / "raw/site03").rename(study / "kept")
    state, _ = run(study)
    outcome = state.result()
    assert state.name == "CompletedWithGaps"
    assert list(outcome.delivered) == ["01", "02"]
    assert list(outcome.isolated) == ["03"]
    failed = task_runs(state.state_details.flow_run_id)["collect 03 (delimited)"]
    assert failed.is_failed()
    assert outcome.isolated["03"] in failed.message
    manifest = json.loads((Path(outcome.bundle_place) / "manifest.json").read_text())
    assert [gap["site"] for gap in manifest["gaps"]] == ["03"]

    (study / "kept").rename(study / "raw/site03")
    shutil.copytree(published / "work", study / "work", dirs_exist_ok=True)  # to be quick
    state, _ = run(study)
    assert (state.name, state.result().bundle) == ("Completed", "v0002")
    assert list(state.result().delivered) == ["01", "02", "03"]


def test_a_broken_delivery_is_replaced_by_the_last_good_one(run, study):
    (study / "raw/site03/dm.csv").write_bytes(b"")
    state, _ = run(study)
    outcome = state.result()
    assert (state.name, outcome.bundle) == ("CompletedWithGaps", "v0002")
    assert outcome.datasets["DM"] == 9
    assert [(gap.source, gap.used) for gap in outcome.gaps] == [
        ("third_clinic", "last good delivery")
    ]
    assert run(study)[0].name == "NothingNew"


def test_what_changed_since_the_last_delivery_is_found_until_the_next_one(run, study):
    import polars as pl

    replace(study / "raw/site02/dm.csv", "ETHNIC", "ETHNICITY")
    replace(study / "raw/site02/ae.csv", "Headache,Headache", "Toothache,Headache")
    outcome = run(study)[0].result()
    found = pl.read_parquet(outcome.findings_table)
    drift = found.filter(pl.col("rule").str.starts_with("DRIFT_"))
    assert drift.select("rule", "subject", "variable").rows() == [
        ("DRIFT_COLUMN_GONE", "", "ETHNIC"),
        ("DRIFT_COLUMN_NEW", "", "ETHNICITY"),
        ("DRIFT_VALUE_CHANGED", "MY01-02-201", "AETERM"),
    ]
    assert "What changed since the last delivery" in Path(outcome.report).read_text()

    replace(study / "study.yaml", "title: A Small", "title: A Very Small")  # the same deliveries
    outcome = run(study)[0].result()
    assert outcome.bundle == "v0003"
    again = pl.read_parquet(outcome.findings_table)
    assert set(drift["fingerprint"]) <= set(again["fingerprint"])


def test_the_gate_stops_the_publication(run, study):
    shutil.rmtree(study / "store")
    replace(study / "study.yaml", "major: publish", "major: stop")
    state, _ = run(study)
    assert state.is_failed()
    assert state.name == "StoppedByGate"
    assert "AE_END_BEFORE_START 3" in state.message
    assert not (study / "store/bundles").exists()
    stopped = state.result(raise_on_failure=False)
    assert stopped.exit_code == 5
    assert Path(stopped.outcome.report).is_file()


def test_a_source_that_must_not_fail_stops_the_run(run, study):
    from sdtmflow.errors import DeliveryError

    replace(
        study / "study.yaml", "    path: raw/site03", "    on_failure: stop\n    path: raw/none"
    )
    state, _ = run(study)
    assert state.is_failed()
    assert isinstance(state.result(raise_on_failure=False), DeliveryError)


@pytest.mark.parametrize("limits", [{"sites": ["01"]}, {"domains": ["AE", "DM"]}])
def test_a_limited_run_reports_and_publishes_nothing(run, study, limits):
    shutil.rmtree(study / "store")
    state, _ = run(study, **limits)
    outcome = state.result()
    assert state.name == "Rehearsed"
    assert Path(outcome.report).is_file()
    assert not (study / "store/bundles").exists()
    assert list(outcome.delivered) == limits.get("sites", ["01", "02", "03"])
    assert set(outcome.datasets) >= {"AE", "DM"}
    assert ("VS" in outcome.datasets) == ("sites" in limits)


def test_damaged_artifacts_are_recomputed(run, study):
    for damaged in [*(study / "work/map").rglob("AE.parquet"), *(study / "work").glob("package/*")]:
        shutil.rmtree(damaged) if damaged.is_dir() else damaged.write_bytes(b"damaged")
    shutil.rmtree(study / "store")
    state, ended = run(study)
    assert state.result().datasets["AE"] == 9
    assert ("map site", "02", "done") in ended
    assert ("write package", "", "done") in ended
    assert ("stage site", "02", "unchanged") in ended
    assert ("check", "sdtm study", "unchanged") in ended


def test_what_nobody_foresaw_isolates_the_site_and_shows_no_value(run, study):
    (study / "mappings/ae.yaml").write_text(
        "version: 1\ndomain: AE\nextends: standard\nvariables:\n"
        "  AEMODIFY: {derive: term, method: The term}\n"
    )
    (study / "mappings/derivations.py").write_text(
        "def term(rows):\n"
        f"    if rows['AETERM'].eq('{SECRET}').any():\n"
        "        raise RuntimeError(rows['AETERM'].iloc[-1])\n"
        "    return rows['AETERM']\n"
    )
    state, _ = run(study)
    outcome = state.result()
    assert list(outcome.isolated) == ["02"]
    assert SECRET not in outcome.isolated["02"]
    assert_nothing_told()


def test_no_subject_value_reaches_prefect(published):
    assert SECRET in (published / "raw/site02/ae.csv").read_text()
    secret = (published / "keys/release.pem").read_text().splitlines()[1]
    assert_nothing_told(secret)


def assert_nothing_told(*secrets: str) -> None:
    """Neither logs, artifacts, states nor persisted results hold what only the data may hold."""
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    with get_client(sync_client=True) as client:
        told = [log.message for log in client.read_logs(limit=200)]
        told += [str(artifact.data) for artifact in client.read_artifacts()]
        told += [str(task_run.state) for task_run in client.read_task_runs()]
    results = get_current_settings().results.local_storage_path
    told += [path.read_text(errors="replace") for path in results.rglob("*") if path.is_file()]
    assert any("AE_END_BEFORE_START" in text for text in told), "the counts are there"
    for value in (SECRET, "2025-02-18", "1961-04-12", *secrets):
        assert not [text for text in told if value in text]
