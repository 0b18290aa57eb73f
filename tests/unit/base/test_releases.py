"""``releases`` of study.yaml; each mistake is told with its place and what to write."""

from __future__ import annotations

import pytest

from sdtmflow.errors import StudyError
from sdtmflow.study import StudyFolder

STUDY = """version: 1
study: S1
title: T
cutoff: 2026-01-31
standards: {ct: 2025-03-28}
sites: {"01": {name: Basel, country: CHE}}
sources: {edc: {kind: odm, site: "01", path: raw}}
releases:
"""


def releases(tmp_path, text):
    (tmp_path / "study.yaml").write_text(STUDY + text)
    return StudyFolder(tmp_path).study.releases


def test_what_is_not_said(tmp_path):
    said = releases(tmp_path, "  approvals: [Biostatistics]\n  retention: 25 years\n")
    assert (said.mode, said.lock) == ("compliance", "wanted")
    (tmp_path / "study.yaml").write_text(STUDY.removesuffix("releases:\n"))
    assert StudyFolder(tmp_path).study.releases is None


def test_a_date_may_be_written_as_yaml_reads_it(tmp_path):
    for date in ("2051-12-31", '"2051-12-31"'):
        assert releases(tmp_path, f"  approvals: [A]\n  retention: {date}\n").retention == (
            "2051-12-31"
        )


def test_a_role_is_found_whatever_its_letter_case(tmp_path):
    said = releases(tmp_path, "  approvals: [Data Management, QA]\n  retention: 1 day\n")
    assert said.role(" data  management ") == "Data Management"
    assert said.role("Biostatistics") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("  retention: 1 day\n", "study.yaml:8: releases: 'approvals' is missing; add it"),
        ("  approvals: [A]\n", "study.yaml:8: releases: 'retention' is missing; add it"),
        (
            "  approvals: []\n  retention: 1 day\n",
            "study.yaml:9: releases.approvals: nothing is written here; write what is meant",
        ),
        (
            "  approvals: [QA, Qa]\n  retention: 1 day\n",
            "study.yaml:9: releases.approvals.2: 'Qa' stands here twice; name each role once",
        ),
        (
            "  approvals: [QA]\n  retention: 25\n",
            "study.yaml:10: releases.retention: '25' is no retention; write a period such as 25",
        ),
        (
            "  approvals: [QA]\n  retention: [25]\n",
            "releases.retention: a list cannot stand here; write a period such as 25 years, or a",
        ),
        (
            "  approvals: [QA]\n  retention: 250 years\n",
            "study.yaml:10: releases.retention: '250 years' is too long; write at most 100 years",
        ),
        (
            "  approvals: [QA]\n  retention: 1 day\n  mode: complience\n",
            "study.yaml:11: releases.mode: 'complience' is not known here; did you mean 'compl",
        ),
        (
            "  approvals: [QA]\n  retention: 1 day\n  lock: always\n",
            "study.yaml:11: releases.lock: 'always' is not known here; write one of: required, w",
        ),
        (
            "  approvals: QA\n  retention: 1 day\n",
            "study.yaml:9: releases.approvals: 'QA' cannot stand here; write a list (each: a role",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path, text, told):
    with pytest.raises(StudyError) as error:
        releases(tmp_path, text)
    assert told in str(error.value)
