"""Which delivery a source's is compared with, from bundle to bundle."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.bundle import Delivery
from sdtmflow.errors import SdtmflowError, StoreError
from sdtmflow.pipeline.deliveries import take_in
from sdtmflow.pipeline.drift_jobs import last_partitions
from sdtmflow.pipeline.earlier import (
    Earlier,
    as_compared,
    last_jobs,
    lasts_of,
    settled,
)
from sdtmflow.pipeline.inputs import delivery_keys
from sdtmflow.pipeline.keeping import keep
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.site_jobs import Collect
from sdtmflow.store.snapshots import snapshot_key

CLINIC = "first_clinic"
FILE = "raw/site01/ae.csv"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEMPLATE, tmp_path / "study"))


def delivered(root: Path, known: dict[str, Delivery]) -> tuple[Delivery, Earlier]:
    """What a bundle of the study as it is would say of its one source."""
    run = Run.of(root)
    keys = delivery_keys(run)
    collected = {name: Collect(run, name, key).perform() for name, key in keys.items()}
    deliveries = take_in(run, collected, {})
    lasts = lasts_of(run, known, deliveries.used)
    read, failed = {}, {}
    for source, job in last_jobs(run, lasts, deliveries.used).items():
        try:
            read[source] = job.perform()
        except SdtmflowError as error:
            failed[source] = error
    earlier = settled(known, deliveries.used, lasts, read, failed)
    deliveries = replace(deliveries, earlier=earlier)
    partitions = last_partitions(run, deliveries)
    assert set(partitions) == ({"01"} if earlier.sent else set())
    (said,) = keep(run, keys, deliveries).deliveries
    return said, earlier


def test_the_delivery_before_stays_until_the_next_one(root):
    first, earlier = delivered(root, {})
    assert (first.last, earlier) == (None, Earlier())
    (root / FILE).write_text((root / FILE).read_text().replace("Headache", "Rash"))
    second, _ = delivered(root, {CLINIC: first})
    assert second.last == first.used.model_copy(update={"settings": {}})
    again, earlier = delivered(root, {CLINIC: second})
    assert again.last == second.last
    assert earlier.changed({CLINIC: earlier.read[CLINIC]}) == ()
    (root / FILE).write_text((root / FILE).read_text().replace("Rash", "Cough"))
    third, _ = delivered(root, {CLINIC: again})
    assert third.last.files == second.used.files


def test_the_same_delivery_under_other_settings_is_the_same_delivery(root):
    first, _ = delivered(root, {})
    text = (root / "study.yaml").read_text()
    (root / "study.yaml").write_text(
        text.replace("    path: raw", "    missing: [NK]\n    path: raw")
    )
    again, earlier = delivered(root, {CLINIC: first})
    assert (again.key == first.key, again.last, again.not_compared) == (False, None, "")
    assert earlier.read.keys() == {CLINIC}


def test_a_lost_delivery_is_not_compared_and_the_bundle_says_why(root):
    first, _ = delivered(root, {})
    ae = first.used.files["ae.csv"]
    (root / FILE).write_text((root / FILE).read_text().replace("Headache", "Rash"))
    shutil.rmtree(root / "work")
    (root / "store" / snapshot_key(ae)).unlink()
    second, _ = delivered(root, {CLINIC: first})
    assert second.last is None
    assert second.not_compared == "its last delivery is no longer in the store as it was sent"
    again, _ = delivered(root, {CLINIC: second})
    assert again.not_compared == second.not_compared


def test_a_rebuild_compares_with_what_its_bundle_was_compared_with(root):
    first, _ = delivered(root, {})
    (root / FILE).write_text((root / FILE).read_text().replace("Headache", "Rash"))
    second, _ = delivered(root, {CLINIC: first})
    for said in (first, second):
        (root / FILE).write_bytes(
            Run.of(root).snapshots.path_of(said.used.files["ae.csv"]).read_bytes()
        )
        rebuilt, _ = delivered(root, as_compared([said]))
        assert (rebuilt.last, rebuilt.not_compared) == (said.last, said.not_compared)


def test_a_store_that_cannot_be_read_is_no_reason_not_to_compare():
    with pytest.raises(StoreError, match="gone fishing"):
        settled({}, {}, {}, {}, {CLINIC: StoreError("gone fishing")})
