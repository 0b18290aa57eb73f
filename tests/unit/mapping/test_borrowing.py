"""Variables that the model allows where the IG does not list them."""

import pytest

from sdtmflow.mapping.planning.borrowing import ORDER_STEP, borrowed
from sdtmflow.standards.sdtmig import sdtmig

IG = sdtmig("3.4")


@pytest.mark.parametrize(
    ("domain", "name", "label", "after", "before"),
    [
        ("CM", "VISITNUM", "Visit Number", "CMDOSRGM", "EPOCH"),
        ("CM", "CMDTC", "Date/Time of Event Collection", "EPOCH", "CMSTDTC"),
        ("MH", "MHSEV", "Severity/Intensity", "MHTERM", "MHDTC"),
        ("VS", "VSFAST", "Fasting Status", "VSTEST", "VISITNUM"),
    ],
)
def test_a_variable_of_the_class_or_a_timing_variable_is_lent(domain, name, label, after, before):
    facts = IG.dataset(domain)
    found = borrowed(IG, facts, name)
    places = {v.name: v.order * ORDER_STEP for v in facts.variables}
    assert found is not None
    assert (found.name, found.label, found.core) == (name, label, "Perm")
    assert places.get(after, 0) < found.order < places[before]


@pytest.mark.parametrize(("domain", "name"), [("DM", "VISITNUM"), ("CM", "CMORRES"), ("VS", "FOO")])
def test_nothing_is_lent_to_other_classes_or_from_them(domain, name):
    assert borrowed(IG, IG.dataset(domain), name) is None
