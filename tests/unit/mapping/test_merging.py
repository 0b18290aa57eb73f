"""A study's spec over a standard one with several record sets."""

import pytest

from sdtmflow.errors import StudyError
from sdtmflow.mapping import load_plan
from sdtmflow.study import StudyFolder

STUDY = """
version: 1
study: S1
title: A study
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources: {edc: {kind: delimited, path: raw, site: "01"}}
"""
STANDARD = """
version: 1
domain: CM
keys: [STUDYID, USUBJID, CMTRT]
records:
  - name: taken
    from: cm
    where: "CMTRT is not missing"
    variables:
      CMTRT: {assign: CMTRT}
      CMDOSE: {number: CMDOSE}
  - name: none
    from: cm
    where: "CMYN = 'N'"
    variables:
      CMTRT: {constant: ALL}
      CMSTAT: {constant: NOT DONE}
variables:
  CMSEQ: {sequence: {by: keys}}
  CMCAT: {assign: CMCAT}
"""


@pytest.fixture
def merged(tmp_path):
    """The planned CM of a study that extends the standard with these lines."""

    def plan(own, standard=STANDARD):
        for folder, spec in (("standard", standard), ("mappings", own)):
            (tmp_path / folder).mkdir()
            text = spec if folder == "standard" else f"version: 1\ndomain: CM\n{spec}"
            (tmp_path / folder / "cm.yaml").write_text(text)
        (tmp_path / "study.yaml").write_text(STUDY)
        return load_plan(StudyFolder(tmp_path), tmp_path / "standard").domains["CM"]

    return plan


def made(domain, at):
    """Variable → (verb, argument) of the lines that a record set has."""
    return {
        line.variable: (line.line.verb, getattr(line.line, line.line.verb), line.place)
        for line in reversed(domain.lines)
        if line.record_set in {None, at} and line.variable.startswith("CM")
    }


def test_a_named_set_changes_the_standards_set_of_that_name(merged):
    domain = merged(
        "extends: standard\nrecords:\n"
        "  - name: none\n    where: \"CMANY = '0'\"\n    variables:\n"
        "      CMTRT: {constant: NOTHING}\n      CMREASND: {assign: WHY}\n      CMSTAT: null\n"
        "      CMCAT: null\n"
    )
    taken, none = domain.record_sets
    assert (taken.where, none.where) == ("CMTRT is not missing", "CMANY = '0'")
    assert (taken.from_, none.from_) == ("cm", "cm")
    assert made(domain, 0)["CMTRT"][:2] == ("assign", "CMTRT")
    assert made(domain, 0)["CMCAT"][:2] == ("assign", "CMCAT")
    assert made(domain, 1)["CMTRT"] == ("constant", "NOTHING", "mappings/cm.yaml:8")
    assert set(made(domain, 1)) == {"CMSEQ", "CMTRT", "CMREASND"}


def test_a_named_set_with_another_name_is_added(merged):
    domain = merged(
        "extends: standard\nrecords:\n  - name: rescue\n    from: rescue\n"
        "    variables: {CMTRT: {assign: DRUG}}\n"
    )
    assert [records.name for records in domain.record_sets] == ["taken", "none", "rescue"]
    assert made(domain, 2)["CMTRT"][1] == "DRUG"


def test_sets_without_names_replace_all(merged):
    domain = merged(
        "extends: standard\nrecords:\n  - from: meds\n    variables: {CMTRT: {assign: DRUG}}\n"
    )
    assert [records.from_ for records in domain.record_sets] == ["meds"]
    assert set(made(domain, 0)) == {"CMSEQ", "CMTRT", "CMCAT"}


def test_a_common_line_takes_the_place_of_equal_lines_in_every_set_that_has_one(merged):
    standard = STANDARD.replace("{constant: ALL}", "{assign: CMTRT}")
    domain = merged("extends: standard\nvariables:\n  CMTRT: {assign: DRUG}\n", standard)
    assert [made(domain, at)["CMTRT"][1] for at in (0, 1)] == ["DRUG", "DRUG"]


def test_every_unclear_change_is_told_at_once(merged):
    with pytest.raises(StudyError) as caught:
        merged('extends: standard\nwhere: "A = 1"\nvariables:\n  CMTRT: {assign: DRUG}\n')
    first, second = str(caught.value).splitlines()
    assert first == (
        "mappings/cm.yaml:4: 'where' may mean any of the 2 record sets of the standard spec: "
        "taken, none; say which: records: [{name: …, where: …}], "
        "or write all sets anew, without names"
    )
    assert second == (
        "mappings/cm.yaml:6: CMTRT has different lines in the record sets taken, none of the "
        "standard spec; say which is meant: records: [{name: …, variables: {CMTRT: …}}]"
    )


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ("  - name: non\n", "has no record set 'non'; correct the name (the standard spec names: "),
        ("  - name: none\n  - from: cm\n", "with and without a name are mixed; name each"),
    ],
)
def test_a_set_that_is_neither_changed_nor_added_is_refused(merged, records, told):
    with pytest.raises(StudyError, match=r"^mappings/cm\.yaml:\d+: ") as caught:
        merged(f"extends: standard\nrecords:\n{records}")
    assert told in str(caught.value)
