"""The study's own functions: what they get, and how their failures are told."""

import polars as pl
import pytest

from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.derivations import call, load_functions

RECORDS = pl.DataFrame({"TEXT": ["secret", None], "NUMBER": [1.5, None]})


def function(tmp_path, body):
    (tmp_path / "own.py").write_text(f"def own(records):\n{body}\n")
    return load_functions(tmp_path, [])["own"]


def test_a_function_gets_text_as_str_and_numbers_as_floats(tmp_path):
    body = "    return [str(records[c].dtype) for c in records]"
    assert call(function(tmp_path, body), RECORDS, tmp_path, numeric=False).to_list() == [
        "str",
        "float64",
    ]


def test_missing_in_any_form_is_missing_out(tmp_path):
    values = call(function(tmp_path, "    return ['', None]"), RECORDS, tmp_path, numeric=False)
    assert values.to_list() == [None, None]


def test_a_failure_names_function_and_line_and_no_value(tmp_path):
    own = function(tmp_path, "    x = 1\n    return int(records['TEXT'][0])")
    with pytest.raises(StudyError) as caught:
        call(own, RECORDS, tmp_path, numeric=False)
    assert str(caught.value).startswith("own.py:3: the derivation 'own' failed with ValueError")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_another_number_of_values_is_refused(tmp_path):
    with pytest.raises(StudyError, match="returned 1 values for 2 records"):
        call(function(tmp_path, "    return ['x']"), RECORDS, tmp_path, numeric=False)


def test_private_and_imported_functions_are_no_derivations(tmp_path):
    (tmp_path / "own.py").write_text("from os.path import join\n\ndef _help(): ...\n")
    assert load_functions(tmp_path, []) == {}


def test_two_functions_of_one_name_are_refused(tmp_path):
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("def own(records): return records\n")
    problems: list[StudyError] = []
    load_functions(tmp_path, problems)
    assert [str(each) for each in problems] == [
        "b.py:1: 'own' is also defined at a.py:1; rename one of the two"
    ]
