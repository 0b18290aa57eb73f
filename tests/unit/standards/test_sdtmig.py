from pathlib import Path

import polars as pl
import pytest

from sdtmflow.errors import StudyError
from sdtmflow.standards import DatasetFacts, sdtmig
from sdtmflow.standards.extract import CLASSES

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"


def reference(version: str, what: str) -> pl.DataFrame:
    path = REFERENCE / f"sdtmig_{version.replace('.', '-')}_{what}.csv"
    if not path.is_file():
        pytest.skip(f"NOT COMPARED with CDISC's own table: {path.name} is absent")
    return pl.read_csv(path, infer_schema=False)


def carried(version: str) -> list[DatasetFacts]:
    return list(sdtmig(version).datasets.values())


@pytest.mark.parametrize("version", ["3.3", "3.4"])
def test_every_carried_variable_equals_the_published_table(version):
    published = reference(version, "variables").fill_null("")
    assert set(published["dataset"]) == {dataset.name for dataset in carried(version)}
    expected = published.select(
        *("dataset", "variable", "label", "type", "role", "core", "order"),
        *("codelist_codes", "described_value_domain"),
    ).rows()
    assert sorted(expected) == sorted(
        (
            *(dataset.name, v.name, v.label, v.type, v.role, v.core),
            *(str(v.order), ";".join(v.codelists), v.described),
        )
        for dataset in carried(version)
        for v in dataset.variables
    )


@pytest.mark.parametrize("version", ["3.3", "3.4"])
def test_every_carried_dataset_equals_the_published_table(version):
    published = reference(version, "datasets")
    expected = published.select("dataset", "dataset_label", "class", "structure").rows()
    words = {word: cls for cls, word in CLASSES.items()}
    assert expected == [(d.name, d.label, words[d.cls], d.structure) for d in carried(version)]


@pytest.mark.parametrize("version", ["3.3", "3.4"])
def test_variables_are_in_the_guides_order_and_begin_with_the_study(version):
    for dataset in carried(version):
        orders = [variable.order for variable in dataset.variables]
        assert orders == sorted(set(orders)), dataset.name
        assert dataset.variables[0].name == "STUDYID"


def test_a_dataset_of_supplemental_qualifiers_is_named_by_its_parent():
    supp = sdtmig("3.4").dataset("SUPPAE")
    assert (supp.name, supp.label) == ("SUPPAE", "Supplemental Qualifiers for AE")
    assert supp.cls == "RELATIONSHIP"
    assert [v.name for v in supp.variables] == [
        *("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL"),
        *("QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL"),
    ]


@pytest.mark.parametrize(
    ("name", "repeating", "reference_data"),
    [("DM", False, False), ("AE", True, False), ("SV", True, False), ("TA", False, True)],
)
def test_what_define_xml_says_of_the_records(name, repeating, reference_data):
    facts = sdtmig("3.4").dataset(name)
    assert (facts.repeating, facts.reference) == (repeating, reference_data)


def test_a_variable_knows_its_codelists():
    assert sdtmig("3.4").dataset("AE").variable("AESEV").codelists == ("C66769",)
    assert sdtmig("3.4").dataset("DS").variable("DSDECOD").codelists == (
        *("C66727", "C114118", "C150811"),
    )
    assert sdtmig("3.3").dataset("AE").variable("AETERM").codelists == ()


def test_the_versions_differ_where_the_guide_changed():
    assert sdtmig("3.4").dataset("SV").variable("SVPRESP").core == "Exp"
    with pytest.raises(StudyError, match="there is no variable 'SVPRESP'"):
        sdtmig("3.3").dataset("SV").variable("SVPRESP")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("AEE", "SDTMIG 3.4: there is no dataset 'AEE'; did you mean AE?"),
        ("SUPPAEE", "there is no dataset 'SUPPAEE'; did you mean SUPPAE"),
        ("SUPPZZ", "there is no dataset 'SUPPZZ'"),
        ("SUPPQUAL", "there is no dataset 'SUPPQUAL'"),
        ("QQQQ", "there is no dataset 'QQQQ'; correct the name"),
    ],
)
def test_an_unknown_dataset_is_told_with_the_nearest_names(name, message):
    with pytest.raises(StudyError) as error:
        sdtmig("3.4").dataset(name)
    assert message in str(error.value)


def test_an_unknown_variable_is_told_with_the_nearest_names():
    with pytest.raises(StudyError) as error:
        sdtmig("3.4").dataset("AE").variable("AETEMR")
    assert str(error.value).startswith("AE: there is no variable 'AETEMR'; did you mean AETERM")


def test_a_version_that_is_not_carried_is_refused():
    with pytest.raises(StudyError, match=r"SDTMIG 3.5 is not carried; name one of 3.3, 3.4"):
        sdtmig("3.5")


def test_a_version_is_read_once():
    assert sdtmig("3.4") is sdtmig("3.4")
    assert sdtmig("3.4").dataset("SUPPAE") is sdtmig("3.4").dataset("SUPPAE")
