"""Who is told: what study.yaml and the environment may say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.errors import StudyError
from sdtmflow.notify import Notify
from sdtmflow.settings import Settings
from sdtmflow.study import StudyFolder

URL = "slack://hush/hush/hush"


def folder(tmp_path: Path, notify: str) -> StudyFolder:
    made = Path(shutil.copytree(TEMPLATE, tmp_path / "study"))
    with (made / "study.yaml").open("a", encoding="utf-8") as text:
        text.write(f"\n# told\nnotify: {notify}\n")
    return StudyFolder(made)


def test_a_study_that_says_nothing_tells_critical_findings_and_sites():
    assert Notify() == Notify(blocks=[], severities=["critical"], sites=True)


def test_blocks_and_severities_are_read(tmp_path):
    said = "{blocks: [slack-webhook/ops, ms-teams-webhook/dm], severities: [critical, major]}"
    notify = folder(tmp_path, said).study.notify
    assert notify.blocks == ["slack-webhook/ops", "ms-teams-webhook/dm"]
    assert notify.severities == ["critical", "major"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("{block: [slack-webhook/ops]}", r"study\.yaml:\d+: notify\.block: .*'blocks'"),
        ("{blocks: [ops]}", r"study\.yaml:\d+: notify\.blocks.*such as slack-webhook/ops"),
        ("{severities: [grave]}", r"study\.yaml:\d+: notify\.severities.*'grave'"),
    ],
)
def test_mistakes_are_placed(tmp_path, said, told):
    with pytest.raises(StudyError, match=told):
        folder(tmp_path, said)


def test_addresses_stand_in_the_environment_and_are_never_shown():
    settings = Settings.read({"SDTMFLOW_NOTIFY_URLS": f"{URL}\n  json://host/x,y "})
    assert [url.get_secret_value() for url in settings.notify_urls] == [URL, "json://host/x,y"]
    assert "hush" not in repr(settings)
    assert Settings.read({}).notify_urls == ()
