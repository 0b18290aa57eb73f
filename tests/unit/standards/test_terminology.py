import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.errors import StudyError
from sdtmflow.standards import sdtmig, terminology
from sdtmflow.standards.sdtmig import VERSIONS

VERSION = dt.date(2025, 3, 28)
PACKAGE = Path(__file__).parents[4] / "shared" / "reference" / "SDTM Terminology.txt"

CARRIED = sorted(
    {
        code
        for version in VERSIONS
        for dataset in sdtmig(version).datasets.values()
        for variable in dataset.variables
        for code in variable.codelists
    }
)


HEADER = "\t".join(
    [
        *("Code", "Codelist Code", "Codelist Extensible (Yes/No)", "Codelist Name"),
        *("CDISC Submission Value", "CDISC Synonym(s)", "CDISC Definition", "NCI Preferred Term"),
    ]
)


def package(folder: Path, *rows: str) -> Path:
    path = folder / "package.txt"
    path.write_text("\n".join([HEADER, *(row.replace("|", "\t") for row in rows)]) + "\n")
    return path


@pytest.fixture
def own_package(tmp_path: Path) -> Path:
    return package(
        tmp_path,
        "C66769||No|Severity|AESEV|Severity||Severity",
        'C1|C66769||Severity|MILD "so so"|Grade 1; 1||Mild',
        "C9||Yes|Ours|OURS||What it is|Ours",
        "C2|C9||Ours|A|||A",
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
    assert "CT 2025-03-28: there is no codelist 'AESVE'; did you mean AESEV" in str(error.value)


def test_a_version_that_is_not_carried_is_refused():
    with pytest.raises(StudyError, match="SDTM CT 2020-01-01 is not carried"):
        terminology(dt.date(2020, 1, 1))


def test_a_studys_own_package_takes_the_place_of_what_is_carried(own_package):
    ct = terminology(VERSION, own_package)
    terms = ct.codelist("AESEV").terms
    assert [(t.submission_value, t.synonyms) for t in terms] == [
        ('MILD "so so"', ("Grade 1", "1")),
    ]
    assert ct.codelist("OURS").extensible
    assert "NY" in ct


def test_a_studys_own_package_stands_alone_for_another_version(own_package):
    ct = terminology(dt.date(2020, 1, 1), own_package)
    assert "OURS" in ct
    assert "NY" not in ct


def test_a_file_that_is_no_package_is_refused(tmp_path):
    wrong = tmp_path / "terms.csv"
    wrong.write_text("collected,submission\n")
    with pytest.raises(StudyError, match=r"terms\.csv: the CT package has no column 'Code'"):
        terminology(VERSION, wrong)
    with pytest.raises(StudyError, match=r"none\.txt: no CT package could be read"):
        terminology(VERSION, tmp_path / "none.txt")
