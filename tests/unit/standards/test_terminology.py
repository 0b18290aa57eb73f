import datetime as dt
import shutil
from pathlib import Path

import polars as pl
import pytest

from cli.scaffold import TEMPLATE
from sdtmflow.errors import StudyError
from sdtmflow.standards import sdtmig, terminology
from sdtmflow.standards.sdtmig import VERSIONS
from sdtmflow.standards.terminology import study_terminology
from sdtmflow.study import StudyFolder

VERSION = dt.date(2025, 3, 28)
PACKAGE = Path(__file__).parents[4] / "shared" / "reference" / "SDTM Terminology.txt"

NOT_PUBLISHED = {"C85495"}
"""Named by the guides for MSRESCAT, and no longer in the package of this date."""
CARRIED = sorted(
    {
        code
        for version in VERSIONS
        for dataset in sdtmig(version).datasets.values()
        for variable in dataset.variables
        for code in variable.codelists
    }
    - NOT_PUBLISHED
)


def test_every_carried_term_equals_the_published_package():
    if not PACKAGE.is_file():
        pytest.skip(f"NOT COMPARED with NCI's package: {PACKAGE.name} is absent")
    rows = pl.read_csv(PACKAGE, separator="\t", quote_char=None, infer_schema=False).fill_null("")
    ct = terminology(VERSION)
    heads = rows.filter((pl.col("Codelist Code") == "") & pl.col("Code").is_in(CARRIED))
    assert heads.height == len(CARRIED)
    for code, _, extensible, name, submission, *_ in heads.rows():
        codelist = ct.codelist(code)
        assert (codelist.submission_value, codelist.name) == (submission, name)
        assert codelist.extensible == (extensible == "Yes")
        published = rows.filter(pl.col("Codelist Code") == code).select(
            *("Code", "CDISC Submission Value", "CDISC Synonym(s)", "NCI Preferred Term")
        )
        assert published.rows() == [
            (t.code, t.submission_value, "; ".join(t.synonyms), t.preferred_term)
            for t in codelist.terms
        ]


def test_every_codelist_that_the_guides_name_is_carried():
    ct = terminology(VERSION)
    assert [code for code in CARRIED if code not in ct] == []


def test_a_codelist_is_found_by_code_and_by_submission_value():
    ct = terminology(VERSION)
    severity = ct.codelist("AESEV")
    assert severity is ct.codelist("C66769")
    assert not severity.extensible
    assert [term.submission_value for term in severity.terms] == ["MILD", "MODERATE", "SEVERE"]
    assert ct.codelist("UNIT").extensible


def test_a_term_has_its_code_synonyms_and_preferred_term():
    yes = terminology(VERSION).codelist("NY").term("C49488")
    assert yes is not None
    assert (yes.submission_value, yes.synonyms, yes.preferred_term) == ("Y", ("Yes",), "Yes")


def test_test_codes_and_test_names_are_paired_by_code():
    ct = terminology(VERSION)
    code = next(t.code for t in ct.codelist("VSTESTCD").terms if t.submission_value == "SYSBP")
    name = ct.codelist("VSTEST").term(code)
    assert name is not None
    assert name.submission_value == "Systolic Blood Pressure"
    assert ct.codelist("VSTEST").term("C0") is None


def test_an_unknown_codelist_is_told_with_the_nearest_names():
    with pytest.raises(StudyError) as error:
        terminology(VERSION).codelist("AESVE")
    message = str(error.value)
    assert "CT 2025-03-28: there is no codelist 'AESVE'; did you mean AESEV" in message
    assert message.endswith("Else import the whole package: sdtmflow terms import FILE")


def test_an_unknown_codelist_of_a_whole_package_is_told_without_that_advice(imported):
    other = dt.date(2020, 1, 1)
    with pytest.raises(StudyError) as error:
        terminology(other, imported(other)).codelist("AESVE")
    assert "there is no codelist 'AESVE'; did you mean AESEV" in str(error.value)
    assert "import" not in str(error.value)


def test_a_version_that_is_not_carried_is_refused():
    with pytest.raises(StudyError, match="SDTM CT 2020-01-01 is neither carried nor imported"):
        terminology(dt.date(2020, 1, 1))


def test_an_imported_package_takes_the_place_of_what_is_carried(imported):
    folder = imported(VERSION)
    ct = terminology(VERSION, folder)
    terms = ct.codelist("AESEV").terms
    assert [(t.submission_value, t.synonyms) for t in terms] == [
        ('MILD "so so"', ("Grade 1", "1")),
    ]
    assert ct.codelist("OURS").extensible
    assert "NY" in ct


def test_an_imported_package_stands_alone_for_another_version(imported):
    other = dt.date(2020, 1, 1)
    ct = terminology(other, imported(other))
    assert "OURS" in ct
    assert "NY" not in ct


def test_a_missing_version_is_told_with_those_that_are_there(imported):
    folder = imported(dt.date(2020, 1, 1))
    with pytest.raises(StudyError, match="there is 2020-01-01, 2025-03-28; or import it: sdtmflow"):
        terminology(dt.date(2021, 1, 1), folder)


def test_a_study_that_pins_a_missing_version_is_told_the_line(tmp_path):
    root = shutil.copytree(TEMPLATE, tmp_path / "study")
    text = (root / "study.yaml").read_text()
    (root / "study.yaml").write_text(text.replace(str(VERSION), "2021-01-01"))
    with pytest.raises(StudyError, match=r"^study\.yaml:8: standards\.ct: SDTM CT 2021-01-01 is"):
        study_terminology(StudyFolder(root))
