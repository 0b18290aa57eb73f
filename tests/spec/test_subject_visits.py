"""SV from the dates of all datasets and from the form that says which visits took place."""

import pytest

SV = """
version: 1
domain: SV
from: builtin.subject_visits
keys: [STUDYID, USUBJID, VISITNUM]
variables:
  VISITNUM: {number: VISITNUM}
  VISIT: {assign: VISIT}
  SVPRESP: {assign: SVPRESP}
  SVOCCUR: {assign_ct: SVOCCUR, codelist: NY}
  SVREASOC: {assign: SVREASOC}
  SVUPDES: {assign: SVUPDES}
  SVSTDTC: {assign: SVSTDTC}
  SVENDTC: {assign: SVENDTC}
"""


@pytest.fixture
def visits(bench):
    """Map SV from a drawn CM table with visits and a drawn visit form."""

    def run(cm, form, columns="SUBJID VISITNUM VISIT SVPRESP SVOCCUR SVSTDTC SVENDTC"):
        bench.specs |= {"sv": SV}
        bench.lines("CMSTDTC: {datetime: D, formats: [ISO]}")
        for give in ("VISIT", "VISITNUM"):
            bench.lines(f"{give}: {{visit: {{collected: VISIT, date: CMSTDTC, give: {give}}}}}")
        dm = """
            | SUBJID | SEX |
            | 001    | F   |
            | 002    | M   |
        """
        shown = columns.replace("SUBJID", "USUBJID")
        return bench.map({"dm": dm, "cm": cm, "sv": form}, columns=shown, dataset="SV")

    return run


def test_a_missed_visit_is_there_where_the_form_says_so_and_only_there(visits, same):
    same(
        visits(
            cm="""
                | SUBJID | CMTRT | VISIT     | D          |
                | 001    | A     | SCREENING | 2025-03-01 |
                | 002    | A     | SCREENING | 2025-03-02 |
            """,
            form="""
                | SUBJID | VISIT    | SVOCCUR | SVREASOC     |
                | 001    | baseline | No      | Hospitalized |
            """,
            columns="SUBJID VISITNUM VISIT SVPRESP SVOCCUR SVREASOC SVSTDTC",
        ),
        """
        | USUBJID   | VISITNUM | VISIT     | SVPRESP | SVOCCUR | SVREASOC     | SVSTDTC    |
        | S1-01-001 | 1        | SCREENING | Y       | Y       |              | 2025-03-01 |
        | S1-01-001 | 2        | BASELINE  | Y       | N       | Hospitalized |            |
        | S1-01-002 | 1        | SCREENING | Y       | Y       |              | 2025-03-02 |
        """,
    )


def test_the_dates_of_the_form_and_of_the_datasets_make_one_visit(visits, same):
    same(
        visits(
            cm="""
                | SUBJID | CMTRT | VISIT    | D                |
                | 001    | A     | BASELINE | 2025-03-10T14:00 |
                | 001    | B     | WEEK 2   | 2025-03-24       |
            """,
            form="""
                | SUBJID | VISIT    | SVSTDAT     | SVSTTIM | SVENDAT     | VISDAT      |
                | 001    | BASELINE | 10-MAR-2025 | 08:30   | 11-MAR-2025 |             |
                | 001    | WEEK 2   |             |         |             | 23-MAR-2025 |
            """,
            columns="VISITNUM VISIT SVOCCUR SVSTDTC SVENDTC",
        ),
        """
        | VISITNUM | VISIT    | SVOCCUR | SVSTDTC          | SVENDTC    |
        | 2        | BASELINE | Y       | 2025-03-10T08:30 | 2025-03-11 |
        | 3        | WEEK 2   | Y       | 2025-03-23       | 2025-03-24 |
        """,
    )


def test_unscheduled_visits_have_one_number_wherever_they_are_seen(visits, same):
    same(
        visits(
            cm="""
                | SUBJID | CMTRT | VISIT           | D          |
                | 001    | A     | SCREENING       | 2025-03-01 |
                | 001    | B     | Unscheduled     | 2025-03-05 |
                | 001    | C     | UNSCHED LAB 1.5 | 2025-03-07 |
                | 001    | D     | Unplanned 1.5   | 2025-03-08 |
            """,
            form="""
                | SUBJID | VISIT       | VISDAT      | SVUPDES   |
                | 001    | Unscheduled | 05-MAR-2025 | Rash      |
                | 001    | Unscheduled | 06-MAR-2025 | Dizziness |
            """,
            columns="VISITNUM VISIT SVPRESP SVOCCUR SVSTDTC SVENDTC SVUPDES",
        ),
        """
        | VISITNUM | VISIT            | SVPRESP | SVOCCUR | SVSTDTC    | SVENDTC    | SVUPDES   |
        | 1        | SCREENING        | Y       | Y       | 2025-03-01 | 2025-03-01 |           |
        | 1.01     | UNSCHEDULED 1.01 |         |         | 2025-03-05 | 2025-03-05 | Rash      |
        | 1.02     | UNSCHEDULED 1.02 |         |         | 2025-03-06 | 2025-03-06 | Dizziness |
        | 1.5      | UNSCHEDULED 1.5  |         |         | 2025-03-07 | 2025-03-08 |           |
        """,
    )


def test_what_the_form_cannot_mean_is_told(visits, bench, same):
    visits(
        cm="""
            | SUBJID | CMTRT | VISIT     | D          |
            | 001    | A     | SCREENING | 2025-03-01 |
        """,
        form="""
            | SUBJID | VISIT     | VISDAT      | SVOCCUR |
            | 001    | SCREENING |             | N       |
            | 002    | WEEK 99   | 05-MAR-2025 |         |
            | 002    | BASELINE  | next week   | Y       |
        """,
    )
    same(
        bench.findings(),
        """
        | rule               | subject | variable | value     |
        | VISIT_UNKNOWN      | 002     | VISIT    | WEEK 99   |
        | DATE_UNREADABLE    | 002     | SVSTDTC  | next week |
        | VISIT_CONTRADICTED | 001     | SVOCCUR  | SCREENING |
        """,
    )
