"""Variables that the model allows where the IG does not list them."""

import pytest

from sdtmflow.mapping.planning.borrowing import ORDER_STEP, borrowed
from sdtmflow.standards.sdtmig import sdtmig

IG = sdtmig("3.4")
LAST = 1_000_000


@pytest.mark.parametrize(
    ("domain", "name", "label", "after", "before"),
    [
        ("CM", "VISITNUM", "Visit Number", "CMDOSRGM", "EPOCH"),
        ("CM", "CMDTC", "Date/Time of Collection", "EPOCH", "CMSTDTC"),
        ("MH", "MHSEV", "Severity/Intensity", "MHTERM", "MHDTC"),
        ("VS", "VSFAST", "Fasting Status", "VSTEST", "VISITNUM"),
        ("FA", "FAREFID", "Reference ID", "FASEQ", "FATESTCD"),
        ("PR", "PRXDY", "Day of Obs Relative to Exposure", "PRENDY", "PRDUR"),
    ],
)
def test_a_variable_of_the_class_or_a_timing_variable_is_lent(domain, name, label, after, before):
    facts = IG.dataset(domain)
    found = borrowed(IG, facts, name)
    places = {v.name: v.order * ORDER_STEP for v in facts.variables}
    assert found is not None
    assert (found.name, found.label, found.core) == (name, label, "Perm")
    assert places.get(after, 0) < found.order < places.get(before, LAST)


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        *(("DM", "VISITNUM"), ("CM", "CMORRES"), ("VS", "FOO")),
        *(("AE", "AESTAT"), ("VS", "VSSTDTC"), ("LB", "LBINHERT"), ("CM", "CMNOMDY")),
    ],
)
def test_nothing_is_lent_that_the_model_keeps_from_the_class_or_the_domain(domain, name):
    assert borrowed(IG, IG.dataset(domain), name) is None


@pytest.mark.parametrize(
    ("domain", "name", "codelists"),
    [
        ("VS", "VSDRVFL", ("C66742",)),
        ("AE", "AELAT", ("C99073",)),
        ("QS", "QSORRESU", ("C71620",)),
        ("CM", "CMSPID", ()),
    ],
)
def test_the_codelist_is_that_of_most_domains(domain, name, codelists):
    found = borrowed(IG, IG.dataset(domain), name)
    assert found is not None
    assert found.codelists == codelists
