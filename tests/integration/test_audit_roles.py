"""Who may write the log, with the very policies of infra/policies."""

from __future__ import annotations

import pytest

from sdtmflow.audit import events
from sdtmflow.bundle import download, publish, verify_and_log, verify_audit
from sdtmflow.errors import StoreError
from tests.bundle_facts import facts_of
from tests.integration.test_logged import ANA, BOB, tree

__all__ = ["tree"]  # a fixture


@pytest.fixture
def published(guarded_place, tree):
    publish(guarded_place.open(), "TRIAL", tree, facts_of("one"), actor=ANA)
    return guarded_place


def test_a_reader_logs_a_download_and_the_next_writer_mirrors_it(published, tree, tmp_path):
    download(published.as_role("reader").open(), "TRIAL", "latest", tmp_path / "c", actor=BOB)
    store = published.open()
    assert [(e.who, e.action) for e in events(store, "TRIAL")] == [
        ("Ana", "publish"),
        ("Bob", "download"),
    ]
    assert verify_audit(store, "TRIAL").unmirrored == 1
    publish(store, "TRIAL", tree, facts_of("two"), actor=ANA)
    verification = verify_audit(store, "TRIAL")
    assert (verification.faults, verification.unmirrored) == ((), 0)


def test_an_auditor_verifies_bundle_and_log_and_downloads_nothing(published, tmp_path):
    auditor = published.as_role("auditor").open()
    verification, note = verify_and_log(auditor, "TRIAL", actor=BOB)
    assert verification.faults == ()
    assert note == "this verification is not in the audit log: the store forbids PutObject"
    assert verify_audit(auditor, "TRIAL").faults == ()
    with pytest.raises(StoreError, match="the store forbids PutObject"):
        download(auditor, "TRIAL", "latest", tmp_path / "copy", actor=BOB)
    assert not (tmp_path / "copy").exists()
    assert len(events(published.open(), "TRIAL")) == 1
