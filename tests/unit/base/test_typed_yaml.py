import pickle

import pytest

from sdtmflow.errors import StudyError
from sdtmflow.study import Study
from sdtmflow.typed_yaml import StudyErrors, load_yaml

STUDY = """\
version: 1
study: DEMO01
title: A study
cutoff: 2026-01-31
standards: {ct: 2025-03-28}
sites:
  "01": {name: Basel, country: CHE}
sources:
  edc:
    kind: odm
    site: "01"
    path: raw/*.xml
"""


def lines_of(tmp_path, text):
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        load_yaml(path, Study)
    return str(caught.value).splitlines()


def test_a_right_file_is_a_frozen_model(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(STUDY)
    assert load_yaml(path, Study).sources["edc"].kind == "odm"


def test_an_unknown_key_is_named_with_line_and_nearest_key(tmp_path):
    assert lines_of(tmp_path, STUDY.replace("    path:", "    paht:")) == [
        "study.yaml:9: sources.edc: 'path' is missing; add it",
        "study.yaml:12: sources.edc.paht: unknown key 'paht'; did you mean 'path'?",
    ]


def test_every_mistake_is_told_at_once(tmp_path):
    text = STUDY.replace("kind: odm", "kind: ODM").replace("country: CHE", "country: Swiss")
    lines = lines_of(tmp_path, text)
    assert [line.split(" ")[0] for line in lines] == ["study.yaml:7:", "study.yaml:10:"]


def test_a_rule_between_two_keys_says_what_to_do(tmp_path):
    (line,) = lines_of(tmp_path, STUDY.replace('    site: "01"\n', '    site: "09"\n'))
    assert line == (
        "study.yaml:11: sources.edc.site: 'sites' has no site '09'; "
        "add the site or correct the source"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: odm", "kind: delimted", ("10: sources.edc.kind: 'delimted' is not known here; "
            "did you mean 'delimited'?")),
        ('site: "01"', "site: 1", ("11: sources.edc.site: a number stands where text is meant; "
            "put it in quotes")),
        ("CHE", "Swiss", ("7: sites.01.country: 'Swiss' is no country code; "
            "write three capitals, such as CHE")),
        ("2026-01-31", "soon", ("4: cutoff: 'soon' cannot stand here; "
            "write a date such as 2026-01-31")),
    ],
)  # fmt: skip
def test_a_wrong_value_is_answered_with_what_to_write(tmp_path, old, new, said):
    (line,) = lines_of(tmp_path, STUDY.replace(old, new))
    assert line == f"study.yaml:{said}"


def test_broken_yaml_is_placed(tmp_path):
    (line,) = lines_of(tmp_path, "version: 1\nstudy: [A\ntitle: B\n")
    assert line.startswith("study.yaml:")
    assert line.endswith("; correct the YAML syntax")


def test_a_key_given_twice_is_refused(tmp_path):
    (line,) = lines_of(tmp_path, STUDY + "title: Another\n")
    assert line == "study.yaml:13: 'title' stands already at line 3; keep one of the two"


def test_a_missing_file_and_a_file_in_another_encoding_are_told_plainly(tmp_path):
    with pytest.raises(StudyError, match=r"study\.yaml: the file is missing"):
        load_yaml(tmp_path / "study.yaml", Study)
    (tmp_path / "study.yaml").write_bytes(STUDY.replace("A study", "Étude").encode("cp1252"))
    with pytest.raises(StudyError, match="not UTF-8"):
        load_yaml(tmp_path / "study.yaml", Study)


def test_an_empty_file_lacks_everything(tmp_path):
    assert len(lines_of(tmp_path, "")) > 4


def test_yes_and_no_stay_text(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(STUDY.replace("title: A study", "title: NO"))
    assert load_yaml(path, Study).title == "NO"


def test_a_list_of_mistakes_crosses_a_process_border():
    errors = StudyErrors([StudyError("a", place="x:1"), StudyError("b", place="x:2")])
    again = pickle.loads(pickle.dumps(errors))
    assert str(again) == "x:1: a\nx:2: b"
