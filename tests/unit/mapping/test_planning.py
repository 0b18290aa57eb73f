"""Every mistake of the specs is told at once, with file, line and what to do."""

from pathlib import Path

import pytest

from sdtmflow.errors import StudyError
from sdtmflow.mapping import load_plan
from sdtmflow.study import StudyFolder

STUDY = """
version: 1
study: S1
title: T
cutoff: 2025-12-31
standards: {sdtmig: "3.4", ct: 2025-03-28}
sites: {"01": {name: One, country: CHE}}
sources: {edc: {kind: delimited, path: raw, site: "01"}}
"""
CM = """version: 1
domain: CM
from: cm
keys: [STUDYID, USUBJID, CMTRT]
variables:
  CMSEQ: {sequence: {by: keys}}
  CMTRT: {assign: CMTRT}
"""


@pytest.fixture
def study(tmp_path: Path):
    """A function of standard specs and study specs (name → text) that loads the plan."""

    def load(standard=None, own=None, terms=None, python="", ig="3.4"):
        for folder in ("standard", "mappings", "terms"):
            (tmp_path / folder).mkdir()
        (tmp_path / "study.yaml").write_text(STUDY.replace("3.4", ig))
        for name, text in (standard or {"cm": CM}).items():
            (tmp_path / "standard" / f"{name}.yaml").write_text(text)
        for name, text in (own or {}).items():
            (tmp_path / "mappings" / f"{name}.yaml").write_text(text)
        for name, text in (terms or {}).items():
            (tmp_path / "terms" / f"{name}.csv").write_text(text)
        if python:
            (tmp_path / "mappings" / "own.py").write_text(python)
        return load_plan(StudyFolder(tmp_path), tmp_path / "standard")

    return load


def error_of(load, *lines, **more):
    spec = CM + "".join(f"  {line}\n" for line in lines)
    with pytest.raises(StudyError) as caught:
        load({"cm": spec}, **more)
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("CMDOSSE: {number: X}", "cm.yaml:8: CM has no variable CMDOSSE; did you mean CMDOSE?"),
        (
            "CMDOSU: {asign_ct: X}",
            "cm.yaml:8: variables.CMDOSU.asign_ct: unknown key 'asign_ct'; did you mean 'assign_ct",
        ),
        (
            "CMDOSU: {assign_ct: X, codelist: UNITT}",
            "cm.yaml:8: there is no codelist 'UNITT'; did you mean UNIT",
        ),
        ("CMSTDY: {study_day: CMSTDTC}", "cm.yaml:8: CM has no line for CMSTDTC"),
        ("CMINDC: {derive: foo}", "cm.yaml:8: no function 'foo' in mappings/*.py"),
        ("CMSTDTC: {datetime: D, formats: [DD-MM-YY]}", "cm.yaml:8: 'DD-MM-YY' has a year without"),
        ("CMOCCUR: {constant: YES}", "cm.yaml:8: 'YES' is no term of NY"),
        ("CMCAT: {assign_ct: X, terms: NOPE}", "cm.yaml:8: there is no terms/NOPE.csv"),
        ("CMCAT: {assign_ct: X}", "cm.yaml:8: CMCAT has no codelist and no terms"),
        ("CMSTDTC: {earliest: CM.CMSTDT}", "cm.yaml:8: no line makes CM.CMSTDT"),
        (
            "CMCAT: {case: [{when: \"A == 'x'\", then: Y}]}",
            "the condition 'A == 'x'' breaks at column 4",
        ),
        ("CMDOSE: {convert: {value: A, unit: B, test: C}}", "no conversion table 'units'"),
        ("CMDUR: {duration: {start: CMSTDTC}}", "a duration has 'start' and 'end', or 'value' and"),
        ("CMDOSE: {duration: {value: A, unit: B}}", "is a number, and duration makes text"),
        ("CMLOC: {multiple: {answers: A}}", "several answers only with a separator; add"),
        ("CMSTDTC: {datetime: {time: T}}", "the parts name no date; give at least 'year'"),
        ("CMSTDTC: {datetime: {year: Y, time: T, hour: H}}", "'time' is the whole time of day"),
        ("VISITNUM: {visit: {date: CMDTC, give: VISITNUM}}", "or write 'window: always'"),
        ("VISITNUM: {visit: {window: always, give: VISITNUM}}", "a window needs 'date'"),
        ("CMOCCUR: {lookup: {table: t, value: {constant: YES}}}", "'YES' is no term of NY"),
        ("CMCAT: {assign: A, year_cutoff: 1950}", "'year_cutoff' has no effect on assign"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(study, line, message):
    assert message in error_of(study, line)


def test_all_mistakes_are_told_at_once(study):
    text = error_of(study, "CMDOSSE: {number: X}", "CMINDC: {derive: foo}")
    assert [line.split(": ")[0] for line in text.splitlines()] == [
        "standard/cm.yaml:8",
        "standard/cm.yaml:9",
    ]


def test_required_variables_and_keys_need_lines(study):
    with pytest.raises(StudyError) as caught:
        study({"cm": CM.replace("  CMTRT: {assign: CMTRT}\n", "")})
    assert "cm.yaml:2: CM lacks the required variable CMTRT" in str(caught.value)
    assert "cm.yaml:2: the key CMTRT has no line" in str(caught.value)


def test_variables_that_need_each_other_are_a_cycle(study):
    text = error_of(
        study,
        'CMSTDTC: {case: [{when: "CMENDTC is missing", then: x}]}',
        'CMENDTC: {case: [{when: "CMSTDTC is missing", then: x}]}',
    )
    assert "these variables need each other: CM." in text


def test_terms_of_a_closed_codelist_submit_its_values(study):
    terms = {"NY": "collected,submission\nja,J\n"}
    text = error_of(study, "CMOCCUR: {assign_ct: CMOCCUR}", terms=terms)
    assert text == "terms/NY.csv:2: 'J' is no term of NY; use a submission value"


def test_terms_that_contradict_each_other_are_refused(study):
    terms = {"NY": "collected,submission\nja,Y\nja,N\n"}
    text = error_of(study, "CMOCCUR: {assign_ct: CMOCCUR}", terms=terms)
    assert text.startswith("terms/NY.csv:3: 'ja' has another submission value at terms/NY.csv:2")


DM = """version: 1
domain: DM
from: dm
keys: [STUDYID, USUBJID]
variables:
  SEX: {assign_ct: SEX}
  COUNTRY: {constant: CHE}
  RACE:
    case: [{when: "SECOND is not missing", then: MULTIPLE}, {else: {assign: RACE}}]
    codelist: RACE
"""


def test_what_the_guide_itself_asks_for_beside_a_closed_codelist_is_a_term(study):
    plan = study({"dm": DM}, terms={"RACE": "collected,submission\nmixed,MULTIPLE\n"})
    matcher = next(line.matcher for line in plan.domains["DM"].lines if line.variable == "RACE")
    answers = [matcher.match(text) for text in ("mixed", "Multiple", "MULTIPLE", "asian", "Mixed")]
    assert answers == ["MULTIPLE", "MULTIPLE", "MULTIPLE", "ASIAN", None]


def test_a_study_overrides_adds_and_removes_lines_of_the_standard_spec(study):
    standard = CM + "  CMINDC: {assign: CMINDC}\n  CMCAT: {assign: CMCAT}\n"
    own = (
        'version: 1\ndomain: CM\nextends: standard\nwhere: "CMTRT is not missing"\n'
        "variables:\n  CMINDC: {assign: REASON}\n  CMCAT: null\n  CMDOSE: {number: DOSE}\n"
    )
    plan = study({"cm": standard}, {"cm": own})
    lines = {line.variable: line for line in plan.domains["CM"].lines}
    assert lines["CMINDC"].line.assign == "REASON"
    assert lines["CMINDC"].place == "mappings/cm.yaml:6"
    assert "CMCAT" not in lines
    assert plan.domains["CM"].record_sets[0].where == "CMTRT is not missing"
    assert plan.raw_columns() == {"cm": ("CMTRT", "DOSE", "REASON")}


SV = """version: 1
domain: SV
from: builtin.subject_visits
keys: [STUDYID, USUBJID, VISITNUM, SVPRESP]
variables:
  VISITNUM: {number: VISITNUM}
  VISIT: {assign: VISIT}
  SVPRESP: {assign: SVPRESP}
  SVSTDTC: {assign: SVSTDTC}
"""


def test_a_standard_line_that_only_another_ig_knows_is_left_out(study):
    plan = study({"sv": SV}, ig="3.3")
    assert "SVPRESP" not in plan.domains["SV"].columns
    assert plan.domains["SV"].keys == ("STUDYID", "USUBJID", "VISITNUM")


def test_a_standard_line_that_no_ig_knows_is_a_mistake(study):
    with pytest.raises(StudyError, match=r"sv.yaml:8: SV has no variable SVPRESC"):
        study({"sv": SV.replace("SVPRESP", "SVPRESC")}, ig="3.3")


def test_a_line_of_the_study_for_another_ig_is_a_mistake(study):
    own = "version: 1\ndomain: SV\nextends: standard\nvariables:\n  SVOCCUR: {constant: Y}\n"
    with pytest.raises(StudyError, match=r"sv.yaml:5: SV has no variable SVOCCUR"):
        study({"sv": SV}, {"sv": own}, ig="3.3")


SEVERAL = """version: 1
domain: CM
keys: [STUDYID, USUBJID, CMTRT]
records:
  - from: cm
    where: "CMTRT is not missing"
    unpivot: {into: CODE, values: [A], columns: {DOSE: "{}_DOSE"}}
    variables:
      CMTRT: {assign: CODE}
      CMDOSE: {number: DOSE}
  - from: rescue
    variables:
      CMTRT: {assign: DRUG}
variables:
  CMSEQ: {sequence: {by: keys}}
"""


def extending(line):
    return f"version: 1\ndomain: CM\nextends: standard\n{line}\n"


@pytest.mark.parametrize("line", ['where: "A = 1"', "from: meds"])
def test_a_change_that_may_mean_any_record_set_is_refused(study, line):
    key = line.partition(":")[0]
    with pytest.raises(StudyError) as caught:
        study({"cm": SEVERAL}, {"cm": extending(line)})
    assert str(caught.value) == (
        f"mappings/cm.yaml:4: '{key}' may mean any of the 2 record sets of the standard spec: "
        f"1 (from cm), 2 (from rescue); say which: records: [{{name: …, {key}: …}}], "
        "or write all sets anew, without names"
    )


def test_another_unpivot_is_the_one_of_the_set_that_unpivots(study):
    line = 'unpivot: {into: CODE, values: [A, B], columns: {DOSE: "{}_D"}}'
    first, second = study({"cm": SEVERAL}, {"cm": extending(line)}).domains["CM"].record_sets
    assert first.unpivot.values == ["A", "B"]
    assert first.where == "CMTRT is not missing"
    assert second.unpivot is None


def test_another_table_of_sets_that_read_one_table_is_the_table_of_them_all(study):
    standard = SEVERAL.replace("rescue", "cm")
    plan = study({"cm": standard}, {"cm": extending("from: meds")})
    assert [records.from_ for records in plan.domains["CM"].record_sets] == ["meds", "meds"]


def test_a_line_over_the_only_set_that_makes_the_variable_stays_with_that_set(study):
    own = extending("variables:\n  CMDOSE: {constant: 1}")
    lines = {
        line.variable: line for line in study({"cm": SEVERAL}, {"cm": own}).domains["CM"].lines
    }
    assert lines["CMDOSE"].record_set == 0


def test_without_extends_the_study_spec_replaces_the_standard_one(study):
    plan = study({"cm": CM + "  CMCAT: {assign: CMCAT}\n"}, {"cm": CM})
    assert "CMCAT" not in {line.variable for line in plan.domains["CM"].lines}


def test_every_column_is_made_after_what_it_needs(study):
    spec = CM + "  CMSTDY: {study_day: {date: CMSTDTC, reference: CM.CMENDTC}}\n"
    spec += "  CMENDTC: {datetime: B}\n  CMSTDTC: {datetime: A}\n"
    steps = [step.column for step in study({"cm": spec}).steps]
    assert steps.index("CMSTDY") > max(steps.index("CMSTDTC"), steps.index("CMENDTC"))
    assert steps.index("CMSEQ") > steps.index("CMTRT") > steps.index("*")


def test_unused_terms_are_named(study):
    plan = study(terms={"FOO": "collected,submission\na,b\n"})
    assert plan.unused_terms == ("FOO",)


def test_a_derivation_file_that_does_not_import_is_told_with_its_line(study):
    text = error_of(study, python="import math\n\nmath.nothing\n")
    assert text.startswith("own.py:3: the file does not import: AttributeError")
