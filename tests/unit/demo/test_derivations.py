"""The demo's own derivations: table in, values out."""

from pathlib import Path

import pandas as pd
import pytest

from sdtmflow.mapping.planning.derivations import load_functions

MAPPINGS = Path(__file__).parents[3] / "studies" / "demo" / "mappings"


@pytest.fixture(scope="module")
def functions():
    return {name: function.call for name, function in load_functions(MAPPINGS, []).items()}


@pytest.mark.parametrize(
    ("start", "first_dose", "flag"),
    [
        ("2025-03-14", "2025-03-14", "Y"),
        ("2025-03-13", "2025-03-14", "N"),
        ("2025-03", "2025-03-14", "Y"),
        ("2025-02", "2025-03-14", "N"),
        ("2025", "2025-03-14", "Y"),
        (None, "2025-03-14", ""),
        ("2025-03-14", None, ""),
    ],
)
def test_an_event_is_treatment_emergent_as_far_as_its_start_is_known(
    functions, start, first_dose, flag
):
    records = pd.DataFrame({"AE.AESTDTC": [start], "DM.RFSTDTC": [first_dose]}, dtype="str")
    assert functions["treatment_emergent"](records) == [flag]
