"""The reviewer's guide: what it says of a run, and as a reviewer's program reads it."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from sdtmflow.dataset import Codelist, Dataset, Origin, ValueLevel, Variable, equal
from sdtmflow.documents.crf.model import NotSubmitted
from sdtmflow.documents.guide.content import OPEN, OPEN_VERSION
from sdtmflow.documents.guide.drafting import drafted
from sdtmflow.documents.guide.facts import (
    GuideFacts,
    LeftOut,
    SizePart,
    arms_of,
    design_of,
    issues_of,
    records_of,
)
from sdtmflow.documents.guide.markdown import as_markdown
from sdtmflow.documents.guide.rendering import render_guide
from sdtmflow.documents.guide.rules import rule_text
from sdtmflow.documents.guide.texts import GuideTexts, read_texts
from sdtmflow.errors import StudyError
from sdtmflow.finding import Finding, Severity, Stage, findings_frame
from sdtmflow.study import Study
from tests.unit.documents.reading import bookmarks, fonts, read

ROOT = Path(__file__).parents[3]
STUDY = Study.model_validate(
    {
        "version": 1,
        "study": "S1",
        "title": "A Study of Something & Nothing",
        "protocol": "P-1",
        "cutoff": "2026-03-31",
        "standards": {"sdtmig": "3.4", "ct": "2025-03-28"},
        "sites": {"01": {"name": "One", "country": "DEU"}},
        "sources": {"edc": {"kind": "odm", "path": "raw", "site": "01"}},
    }
)
MEDDRA = Codelist("CL.MEDDRA", "MedDRA", dictionary="MedDRA", dictionary_version="27.1")
LOINC = Codelist("CL.LOINC", "LOINC", dictionary="LOINC")


def dataset(name, label, cls="EVENTS", domain="", variables=(), *, comment=""):
    return Dataset(
        name, label, cls, "One record per something", ("STUDYID",), variables,
        domain=domain or name, comment=comment,
    )  # fmt: skip


AE = dataset(
    "AE",
    "Adverse Events",
    variables=(Variable("AEDECOD", "Dictionary-Derived Term", codelist=MEDDRA),),
    comment="One record an episode.",
)
SUPPAE = dataset(
    "SUPPAE",
    "Supplemental Qualifiers for AE",
    "RELATIONSHIP",
    "AE",
    (
        Variable(
            "QVAL",
            "Data Value",
            value_level=(
                ValueLevel(
                    equal("QNAM", "AESI"), "text", 1, label="Special Interest",
                    origin=Origin("Collected"),
                ),
            ),
        ),
    ),
)  # fmt: skip
DM = dataset("DM", "Demographics", "SPECIAL PURPOSE", variables=(Variable("ARM", "Planned Arm"),))
LBCH = dataset("LBCH", "Chemistry", "FINDINGS", "LB", (Variable("LBLOINC", "", codelist=LOINC),))
XX = dataset("XX", "Own Domain", "FINDINGS")

FINDINGS = findings_frame(
    [
        Finding("SDTM011", Severity.MAJOR, Stage.SDTM, "AESTDTC (2025-02-05) is late", subject="7",
                dataset="AE", variable="AESTDTC", value="2025-02-05", record_key="1"),
        Finding("SDTM011", Severity.MAJOR, Stage.SDTM, "AESTDTC (2025-03-05) is late", subject="8",
                dataset="AE", variable="AESTDTC", value="2025-03-05", record_key="2"),
        Finding("OWN_RULE", Severity.MINOR, Stage.RAW, "Age -44 is odd", subject="9", dataset="dm",
                variable="AGE", value="-44"),
        Finding("BOUGHT_RULE", Severity.CRITICAL, Stage.PACKAGE, "bad", dataset="XX"),
    ]
)  # fmt: skip


def facts(**more):
    given = {
        "study": STUDY,
        "datasets": (DM, AE, SUPPAE, LBCH, XX),
        "records": {"DM": 1234, "AE": 8, "SUPPAE": 3, "LBCH": 0, "XX": 2},
        "design": {},
        "arms": (("", "SCREEN FAILURE", 34), ("Placebo", "", 600), ("Active", "", 600)),
        "sites": (("01", "DEU", "odm"),),
        "left_out": (LeftOut("Site 02 (edc)", "the file is cut off", "nothing"),),
        "issues": issues_of([FINDINGS]),
        "rules": {"OWN_RULE": ("Age {AGE} is odd",)},
        "not_submitted": (NotSubmitted("rand", "Randomisation", "RANDNO", "Number", 3),),
        "version": "1.2.3",
    }
    return GuideFacts(**given | more)


def text_of(texts=None, **more):
    return as_markdown(drafted(facts(**more), texts or GuideTexts()))


def row(text, *cells):
    return f"| {' | '.join(cells)} |" in text


def test_it_has_the_sections_of_the_template_in_order():
    headings = re.findall(r"^#+ (\d.*)$", text_of(), re.MULTILINE)
    assert headings[:4] == [
        "1 Introduction",
        "1.1 Purpose",
        "1.2 Acronyms",
        "1.3 Study Data Standards and Dictionary Inventory",
    ]
    chapters = [each for each in headings if re.match(r"\d ", each)]
    assert chapters == [
        "1 Introduction",
        "2 Protocol Description",
        "3 Subject Data Description",
        "4 Data Conformance Summary",
    ]


def test_dictionaries_come_from_the_datasets_and_a_missing_version_is_open():
    text = text_of()
    assert row(text, "MedDRA", "27.1", "AE")
    assert row(text, "LOINC", OPEN_VERSION, "LBCH")


def test_findings_are_counted_by_dataset_and_rule_and_no_value_is_told():
    text = text_of()
    assert row(text, "AE", "SDTM011", "A start after its end (AESTDTC)", "Major", "2", OPEN)
    assert row(text, "dm", "OWN_RULE", "Age [AGE] is odd (AGE)", "Minor", "1", OPEN)
    assert row(text, "XX", "BOUGHT_RULE", "Bought rule", "Critical", "1", OPEN)
    assert "2025-02-05" not in text
    assert "-44" not in text


def test_issues_of_collected_data_stand_apart():
    text = text_of()
    submitted, raw = text.index("4.2 Issues Summary"), text.index("4.3 Issues in Collected Data")
    assert submitted < text.index("SDTM011") < raw < text.index("OWN_RULE")


def test_an_explanation_may_differ_by_dataset():
    texts = GuideTexts(explanations={"SDTM011": {"AE": "As collected."}, "OWN_RULE": "Queried."})
    text = text_of(texts)
    assert "As collected." in text
    assert "Queried." in text
    assert texts.explanation("SDTM011", "CM") == ""


def test_what_only_the_sponsor_can_say_is_open_until_it_is_said():
    assert row(text_of(), "Randomisation", "Number", "3", OPEN)
    said = text_of(GuideTexts(not_submitted={"rand": "Kept by the randomisation service."}))
    assert row(said, "Randomisation", "Number", "3", "Kept by the randomisation service.")


def test_subjects_are_counted_by_arm():
    text = text_of()
    assert row(text, "How many subjects have a record in DM?", "1,234")
    assert row(text, "Are screening failures in the datasets?", "Yes, 34")
    assert row(text, "No planned arm", "SCREEN FAILURE", "34")


def test_datasets_are_told_with_their_supplemental_parts_and_empty_ones():
    text = text_of(GuideTexts(datasets={"AE": {"used_for": ["safety"], "text": "Read with care."}}))
    assert row(text, "AE", "Adverse Events", "Events", "Safety", "SUPPAE", "8", "")
    assert row(text, "XX", "Own Domain", "Findings", "", "", "2", "Sponsor's own domain")
    assert "Read with care." in text
    assert "One record an episode." in text
    assert row(text, "AESI", "Special Interest", "Collected")


def test_split_datasets_and_gaps_are_told():
    text = text_of()
    assert row(text, "LB", "LBCH", "Chemistry", "0")
    assert row(text, "Site 02 (edc)", "the file is cut off", "nothing")


def test_parts_that_are_cut_for_their_size_are_told() -> None:
    parts = (
        SizePart("AE", "AE1", "split/ae1.xpt", "records 1 to 5", 5),
        SizePart("AE", "AE2", "split/ae2.xpt", "records 6 to 8", 3),
    )
    text = text_of(parts=parts)
    assert row(text, "AE", "AE2", "split/ae2.xpt: records 6 to 8", "3")
    assert "are submitted whole, and besides in parts" in text
    assert "are submitted whole" not in text_of()


def test_the_design_is_told_from_the_trial_design_datasets(tmp_path):
    rows = {"TSPARMCD": ["SPONSOR", "TPHASE"], "TSPARM": ["Sponsor", "Trial Phase"]}
    ts = pl.DataFrame({**rows, "TSVAL": ["Fictional", None], "TSVALNF": [None, "NA"]})
    text = text_of(design={"TS": ts})
    assert row(text, "Trial Phase", "(NA)")
    assert "Fictional, data cut-off 2026-03-31" in text


def test_counts_are_taken_from_the_data(tmp_path):
    pl.DataFrame({"ARM": ["A", None, "A"], "ARMNRS": [None, "SCREEN FAILURE", None]}).write_parquet(
        tmp_path / "DM.parquet"
    )
    dm = dataset("DM", "", variables=(Variable("ARM", ""), Variable("ARMNRS", "")))
    assert arms_of([dm], tmp_path) == (("", "SCREEN FAILURE", 1), ("A", "", 2))
    assert records_of([dm], tmp_path) == {"DM": 3}
    assert design_of([dm], tmp_path) == {}


def test_messages_of_one_rule_that_differ_keep_what_they_share():
    rules = {"R": ("WEEK 4 between 26 and 32", "WEEK 8 between 54 and 60")}
    assert rule_text("R", rules) == "WEEK … between … and …"
    assert rule_text("R", {"R": ("on day 1", "on day 1 or 2")}) == "on day 1 …"
    assert rule_text("R", {"R": ("on {DAY}", "before {DAY} or so")}) == "R"


def test_a_rule_without_words_is_called_by_its_name():
    assert (
        rule_text("DATE_IMPOSSIBLE", {})
        == "A date or time that does not exist, such as 31 February"
    )
    assert rule_text("A_RULE_OF_TOMORROW", {}) == "A rule of tomorrow"


def test_a_mistake_in_the_texts_is_told_with_its_line(tmp_path):
    folder = tmp_path / "guide"
    folder.mkdir()
    (folder / "csdrg.yaml").write_text("version: 1\ndatasets:\n  AE: {used_for: [fun]}\n")
    with pytest.raises(StudyError, match=r"guide/csdrg\.yaml:3: .*used_for"):
        read_texts(folder)


@pytest.fixture(scope="module")
def pdf():
    long = "Every word of this explanation matters to the reviewer. " * 200
    many = findings_frame(
        Finding(f"RULE_NUMBER_{at}_OF_THE_SPONSOR", Severity.MINOR, Stage.SDTM, "x", dataset="AE")
        for at in range(120)
    )
    texts = GuideTexts(explanations={"RULE_NUMBER_7_OF_THE_SPONSOR": long})
    return render_guide(drafted(facts(issues=issues_of([many])), texts))


def test_it_is_a_pdf_as_agencies_ask_for(pdf):
    reader = read(pdf)
    assert pdf.startswith(b"%PDF-1.4")
    assert b"/Linearized" in pdf[:1024]
    assert reader.page_mode == "/UseOutlines"
    found = fonts(reader)
    assert found
    assert all(found.values()), found


def test_bookmarks_lead_to_the_page_of_each_heading(pdf):
    reader = read(pdf)
    found = bookmarks(reader)
    assert [title for level, title, _ in found if level == 0][:2] == [
        "1 Introduction",
        "2 Protocol Description",
    ]
    for _, title, page in found:
        assert title in reader.pages[page - 1].extract_text()


def test_the_contents_lead_to_the_page_of_each_heading(pdf):
    reader = read(pdf)
    links = [each.get_object() for each in reader.pages[0]["/Annots"]]
    pages = [reader.get_page_number(link["/Dest"][0].get_object()) + 1 for link in links]
    assert sorted(set(pages)) == sorted({page for _, _, page in bookmarks(reader)})
    for _, title, _ in bookmarks(reader):
        assert title in reader.pages[0].extract_text()


def test_a_table_repeats_its_head_and_a_long_cell_goes_on(pdf):
    pages = [page.extract_text() for page in read(pdf).pages]
    listed = [text for text in pages if "_OF_THE_SPONSOR" in text.replace("\n", "")]
    assert len(listed) > 3
    assert all("What was found" in text for text in listed)
    assert sum(text.count("matters to the") for text in pages) > 150


def test_every_page_has_its_number(pdf):
    pages = read(pdf).pages
    for at, page in enumerate(pages, start=1):
        assert f"Page {at} of {len(pages)}" in page.extract_text()


def test_the_annotated_crf_is_a_link(pdf):
    links = [
        each.get_object()["/A"]["/F"]
        for page in read(pdf).pages
        for each in page.get("/Annots", ())
        if "/A" in each.get_object()
    ]
    assert links == ["acrf.pdf"]


_AGAIN = """
import hashlib
from tests.unit.documents.test_guide import drafted, facts, render_guide, GuideTexts
print(hashlib.sha256(render_guide(drafted(facts(), GuideTexts()))).hexdigest())
"""


@pytest.mark.parametrize(
    "surroundings",
    [
        {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LC_ALL": "C"},
        {"TZ": "America/St_Johns", "PYTHONHASHSEED": "99", "SOURCE_DATE_EPOCH": "123456789"},
    ],
)
def test_the_same_facts_give_the_same_bytes_anywhere(surroundings):
    here = hashlib.sha256(render_guide(drafted(facts(), GuideTexts()))).hexdigest()
    done = subprocess.run(
        [sys.executable, "-c", _AGAIN],
        env={**os.environ, **surroundings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == here
