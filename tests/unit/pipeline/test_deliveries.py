"""What a run goes on with when deliveries fail."""

from __future__ import annotations

import pytest

from sdtmflow.errors import DeliveryError
from sdtmflow.pipeline.deliveries import Deliveries, DeliveryMemory, Gap, settle
from sdtmflow.pipeline.workspace import Artifact, Workspace
from sdtmflow.study import Study

OLD, NEW, LAB = (Artifact("collect", key, key) for key in ("old", "new", "lab"))


def study(**on_failure: str) -> Study:
    """Site 01 with two sources, site 02 with one, and a laboratory of all sites."""
    sources = {
        "edc": {"site": "01"},
        "diary": {"site": "01"},
        "other": {"site": "02"},
        "lab": {"site_column": "SITE"},
    }
    return Study.model_validate(
        {
            "version": 1,
            "study": "T1",
            "title": "T",
            "cutoff": "2025-01-01",
            "standards": {"ct": "2025-03-28"},
            "sites": {site: {"name": site, "country": "DEU"} for site in ("01", "02")},
            "sources": {
                name: {"kind": "delimited", "path": name, **source}
                | ({"on_failure": on_failure[name]} if name in on_failure else {})
                for name, source in sources.items()
            },
        }
    )


@pytest.mark.parametrize(
    ("on_failure", "last_good", "used", "told"),
    [
        ("last_good", {"other": OLD}, {"other": OLD, "lab": LAB}, "last good delivery"),
        ("last_good", {}, {"lab": LAB}, "nothing"),
        ("leave_out", {"other": OLD}, {"lab": LAB}, "nothing"),
    ],
)
def test_a_failed_source_follows_its_policy(on_failure, last_good, used, told):
    sources = study(other=on_failure).sources
    settled = settle(sources, {"lab": LAB}, {"other": "cut off"}, last_good)
    assert settled.used == used
    assert settled.gaps == (Gap("02", "other", "cut off", told),)


def test_a_source_that_says_stop_stops():
    with pytest.raises(DeliveryError, match=r"cut off .*'other'.* says: stop"):
        settle(study(other="stop").sources, {"lab": LAB}, {"other": "cut off"}, {})


def test_a_run_without_any_delivery_stops():
    with pytest.raises(DeliveryError, match="no source could be collected: cut off"):
        settle(study().sources, {}, {"other": "cut off"}, {})


def test_a_site_is_isolated_only_when_nothing_of_its_own_is_left():
    half = Deliveries({"edc": NEW, "lab": LAB}, (Gap("01", "diary", "empty", "nothing"),))
    assert half.isolated(study()) == {}
    none = Deliveries(
        {"lab": LAB},
        (Gap("01", "diary", "empty", "nothing"), Gap("01", "edc", "cut off", "nothing")),
    )
    assert none.isolated(study()) == {"01": "cut off; empty"}
    fallen_back = Deliveries({"other": OLD}, (Gap("02", "other", "cut off", "last good delivery"),))
    assert fallen_back.isolated(study()) == {}


def test_a_partition_is_made_of_the_sites_own_and_the_study_wide_sources():
    used = Deliveries({"edc": NEW, "lab": LAB, "other": OLD})
    assert used.of_site(study(), "01") == {"edc": NEW, "lab": LAB}
    assert used.of_site(study(), "02") == {"lab": LAB, "other": OLD}


def test_the_memory_keeps_the_last_good_delivery_while_it_is_sound(tmp_path):
    workspace = Workspace(tmp_path)
    first, second = (
        workspace.artifact("collect", key, lambda out, key=key: (out / "x").write_text(key))
        for key in ("a", "b")
    )
    memory = DeliveryMemory(workspace)
    assert memory.recall("edc") is None
    memory.remember("edc", first)
    for _ in range(2):  # the same delivery again changes nothing
        memory.remember("edc", second)
    assert DeliveryMemory(workspace).recall("edc") == second
    (workspace.path(second) / "x").write_text("damaged")
    assert memory.recall("edc") is None
