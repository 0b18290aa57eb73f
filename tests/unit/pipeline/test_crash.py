"""Errors nobody foresaw are told without what they quote."""

from __future__ import annotations

import pickle

import pytest

from sdtmflow.errors import DeliveryError
from sdtmflow.pipeline.crash import UnforeseenError, plainly


def test_what_another_library_says_goes_to_a_file_only(tmp_path):
    with pytest.raises(UnforeseenError) as raised, plainly("map site 03", tmp_path):
        raise ValueError("could not convert 'Jane Doe'")
    (details,) = tmp_path.iterdir()
    assert "Jane Doe" in details.read_text()
    assert str(raised.value) == (
        f"map site 03: stopped at an unforeseen ValueError; the details are in "
        f"work/crashes/{details.name} (may hold subject data)"
    )
    assert raised.value.__cause__ is None
    assert "Jane Doe" not in repr(pickle.loads(pickle.dumps(raised.value)))


@pytest.mark.parametrize("error", [DeliveryError("cut off"), ConnectionError("refused")])
def test_our_own_errors_and_the_networks_go_through(tmp_path, error):
    with pytest.raises(type(error)), plainly("collect 03", tmp_path):
        raise error
    assert list(tmp_path.iterdir()) == []


def test_the_same_failure_has_the_same_name_wherever_the_code_lies(tmp_path):
    names = []
    for place in ("here", "there"):
        code = tmp_path / place / "derivations.py"
        code.parent.mkdir()
        code.write_text("def term():\n    raise RuntimeError\n")
        functions = {}
        exec(compile(code.read_text(), str(code), "exec"), functions)
        with pytest.raises(UnforeseenError) as raised, plainly("map site 03", tmp_path / "crashes"):
            functions["term"]()
        names.append(str(raised.value))
    assert names[0] == names[1]
