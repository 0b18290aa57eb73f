"""Which forms there are, what they ask, and what the plan makes of each answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sdtmflow.documents.crf.choices import CrfChoices, FormChoices, read_choices
from sdtmflow.documents.crf.forms import crf_of
from sdtmflow.documents.crf.schedule import visits_seen
from sdtmflow.errors import StudyError
from sdtmflow.sources.described import SentTable
from sdtmflow.sources.report import ColumnReport
from sdtmflow.sources.stage import stage
from tests.unit.documents.conftest import SEEN


def form(crf, table):
    return next(form for form in crf.forms if form.table == table)


def said(crf, table):
    """Study column → its annotations."""
    return {
        field.name: [each.text for each in field.annotations] for field in form(crf, table).fields
    }


def test_a_form_that_several_systems_send_is_drawn_once_from_its_best_description(crf):
    assert [each.table for each in crf.forms] == ["dm", "rand", "ex", "ae", "cm", "mh", "ds", "vs"]
    assert form(crf, "ae").drawn_from == "basel_odm (odm), F.ADVERSE"
    assert form(crf, "ae").title == "Adverse events"


def test_questions_and_answers_are_the_forms_own(crf):
    severity = next(field for field in form(crf, "ae").fields if field.name == "AESEV")
    assert severity.question == "Severity"
    assert [(each.label, each.code) for each in severity.options] == [
        ("Mild", "1"), ("Moderate", "2"), ("Severe", "3"),
    ]  # fmt: skip


def test_boxes_of_one_question_are_one_field(crf):
    race = next(field for field in form(crf, "dm").fields if field.name == "RACE_WHITE")
    assert race.question == "Race (check all that apply)"
    assert [each.label for each in race.options] == [
        "White", "Black or African American", "Asian", "Other",
    ]  # fmt: skip
    assert race.remark == "Asked by boston_redcap only"


def test_a_plain_answer_is_its_variable(crf):
    assert said(crf, "ae")["AETERM"] == ["AETERM"]
    assert said(crf, "ae")["AESTDAT"] == ["AESTDTC"]


def test_a_qualifier_names_its_dataset(crf):
    assert said(crf, "ae")["AESI"] == ["AESI in SUPPAE"]


def test_a_column_of_a_wide_form_is_a_variable_under_a_condition(crf):
    assert said(crf, "vs")["SYSBP_VSORRES"] == [
        "VSORRES when VSTESTCD = SYSBP",
        "VSORRESU when VSTESTCD = SYSBP",
    ]


def test_a_unit_that_is_not_asked_stands_beside_its_result(crf):
    systolic = next(field for field in form(crf, "vs").fields if field.name == "SYSBP_VSORRES")
    assert systolic.unit == "mmHg"


def test_what_was_not_done_is_a_constant_under_a_condition(crf):
    assert said(crf, "vs")["VSPERF"] == ["VSSTAT = NOT DONE when VSTESTCD = VSALL"]


def test_one_form_feeds_several_domains(crf):
    assert form(crf, "dm").datasets == (("DM", "Demographics"), ("DS", "Disposition"))
    assert said(crf, "dm")["RFICDAT"] == [
        "RFICDTC",
        "DSSTDTC when DSDECOD = INFORMED CONSENT OBTAINED",
    ]
    assert "DSCAT = PROTOCOL MILESTONE" in [each.text for each in form(crf, "dm").notes]


def test_what_another_form_looks_up_is_annotated_where_it_was_asked(crf):
    assert said(crf, "rand")["ARMCD"] == ["ARMCD"]
    assert "DTHDTC" in said(crf, "ds")["DTHDAT"]


def test_what_no_line_reads_is_not_submitted(crf):
    assert said(crf, "rand")["RANDNO"] == ["[NOT SUBMITTED]"]


def test_what_the_source_sets_on_every_row_stands_at_the_head(crf):
    assert "VSPOS = SITTING" in [each.text for each in form(crf, "vs").notes]


def test_the_visit_stands_at_the_head_of_the_form(crf):
    heads = [(name, each.text) for name, each in form(crf, "vs").headed]
    assert heads == [("Visit", "VISITNUM"), ("Visit", "VISIT")]
    assert "VISIT" not in said(crf, "vs")


def test_keys_of_the_system_are_no_questions(crf):
    for each in crf.forms:
        names = {field.name.casefold() for field in each.fields}
        assert not names & {"studyoid", "siteoid", "formoid", "redcap_event_name", "subjid"}


def test_several_answers_are_one_annotation(crf):
    assert said(crf, "dm")["RACE_WHITE"] == ["RACE", "RACE1 to RACE2 in SUPPDM"]


def test_a_technical_name_asks_by_the_label_of_what_it_became(plan):
    column = ColumnReport(name="AETERM")
    only = SentTable("cologne_csv", "delimited", "ae", "ae", "", {"AETERM": column})
    (drawn,) = crf_of(plan, [only], {}, CrfChoices()).forms
    assert drawn.title == "Adverse Events"
    assert drawn.fields[0].question == "Reported Term for the Adverse Event"
    assert drawn.fields[0].remark == "AETERM"


def test_a_form_that_feeds_nothing_says_so_once(plan, sent):
    orphan = [_renamed(table) for table in sent if table.table == "rand"][:1]
    (only,) = crf_of(plan, orphan, {}, CrfChoices()).forms
    assert [each.text for each in only.notes] == ["[NOT SUBMITTED]"]
    assert not any(field.annotations for field in only.fields)


def _renamed(table):
    columns = {f"X{at}": column for at, column in enumerate(table.columns.values())}
    return replace(table, table="pharmacogenetics", columns=columns)


def test_a_sponsor_may_choose_titles_sources_questions_and_visits(plan, sent):
    choices = CrfChoices(
        forms={
            "ae": FormChoices(title="Unwanted effects", questions={"AETERM": "What happened?"}),
            "vs": FormChoices(source="leeds_xpt", visits=["WEEK 8"]),
            "rand": FormChoices(leave_out=True),
        }
    )
    crf = crf_of(plan, sent, SEEN, choices)
    assert form(crf, "ae").title == "Unwanted effects"
    assert form(crf, "ae").fields[1].question == "What happened?"
    assert form(crf, "vs").drawn_from.startswith("leeds_xpt")
    assert form(crf, "vs").visits == ("WEEK 8",)
    assert "rand" not in [each.table for each in crf.forms]


def test_a_mistake_in_the_choices_is_told_with_its_line(tmp_path):
    (tmp_path / "acrf.yaml").write_text("version: 1\nforms:\n  ae: {titel: Events}\n")
    with pytest.raises(StudyError, match=r"guide/acrf\.yaml:3: .*titel"):
        read_choices(tmp_path)


def test_without_the_file_nothing_is_chosen(tmp_path):
    assert read_choices(tmp_path) == CrfChoices()


def test_visits_are_those_at_which_the_form_was_filled_in(plan, delivered, tmp_path):
    folder = tmp_path / "01"
    folder.mkdir()
    stage(plan.study, "01", {delivered[0].name: delivered[0].folder}, folder)
    seen = visits_seen(plan, [folder])
    assert seen["vs"][:3] == ("SCREENING", "BASELINE", "WEEK 2")
    assert seen["dm"] == ("SCREENING",)
    assert seen["ae"] == ()


def test_of_two_tables_from_one_form_neither_calls_unsubmitted_what_the_other_reads(plan):
    names = ("SUBJID", "BRTHDAT", "RANDDAT", "MOOD")
    columns = {name: ColumnReport(name=name) for name in names}
    sent = [
        SentTable("basel_odm", "odm", table, "patients", "", columns) for table in ("dm", "rand")
    ]
    crf = crf_of(plan, sent, {}, CrfChoices())
    assert said(crf, "dm")["BRTHDAT"] == ["BRTHDTC"]
    assert "RANDDAT" not in said(crf, "dm")
    assert "RANDDAT" in said(crf, "rand")
    assert "BRTHDAT" not in said(crf, "rand")
    assert said(crf, "dm")["MOOD"] == ["[NOT SUBMITTED]"]
