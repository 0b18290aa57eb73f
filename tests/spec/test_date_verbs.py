"""datetime, study_day, epoch: nothing is invented, nothing is lost."""


def test_dates_keep_the_precision_that_was_collected(bench, same):
    bench.lines("CMSTDTC: {datetime: [CMSTDAT, CMSTTIM]}")
    given = """
        | SUBJID | CMTRT | CMSTDAT     | CMSTTIM |
        | 001    | A     | 05-Feb-2019 | 10:30   |
        | 001    | B     | UN-UNK-2019 |         |
        | 001    | C     | UN-FEB-2019 |         |
        | 001    | D     | 20-UNK-2019 |         |
        | 001    | E     | UN-JAN-2019 | 10:30   |
        | 001    | F     |             | 10:30   |
        | 001    | G     |             |         |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMSTDTC"),
        """
        | CMTRT | CMSTDTC          |
        | A     | 2019-02-05T10:30 |
        | B     | 2019             |
        | C     | 2019-02          |
        | D     | 2019---20        |
        | E     | 2019-01--T10:30  |
        | F     | -----T10:30      |
        | G     |                  |
        """,
    )
    same(bench.findings(), "| rule | subject | variable | value |")


def test_a_text_that_says_unknown_as_a_whole_is_no_finding(bench, same):
    bench.lines(
        "CMSTDTC: {datetime: [CMSTDAT, CMSTTIM], formats: [DD-MON-YYYY, HH:MM], unknown: [NA]}"
    )
    given = """
        | SUBJID | CMTRT | CMSTDAT     | CMSTTIM |
        | 001    | A     | 05-FEB-2019 | UNK     |
        | 001    | B     | 05-FEB-2019 | na      |
        | 001    | C     | UNK         | 10:30   |
        | 001    | D     | UNK         | UNK     |
        | 001    | E     | 05-FEB-2019 | later   |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMSTDTC"),
        """
        | CMTRT | CMSTDTC     |
        | A     | 2019-02-05  |
        | B     | 2019-02-05  |
        | C     | -----T10:30 |
        | D     |             |
        | E     | 2019-02-05  |
        """,
    )
    same(
        bench.findings(),
        """
        | rule            | subject | variable | value |
        | DATE_UNREADABLE | 001     | CMSTTIM  | later |
        """,
    )


def test_impossible_and_unreadable_dates_are_findings_and_stay_empty(bench, same):
    bench.lines("CMSTDTC: {datetime: CMSTDAT}")
    given = """
        | SUBJID | CMTRT | CMSTDAT     |
        | 001    | A     | 31-FEB-2019 |
        | 001    | B     | 2019-02-03  |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMSTDTC"),
        """
        | CMTRT | CMSTDTC |
        | A     |         |
        | B     |         |
        """,
    )
    same(
        bench.findings(),
        """
        | rule            | subject | variable | value       |
        | DATE_IMPOSSIBLE | 001     | CMSTDAT  | 31-FEB-2019 |
        | DATE_UNREADABLE | 001     | CMSTDAT  | 2019-02-03  |
        """,
    )


def test_each_source_is_read_in_its_own_formats(bench, same):
    bench.lines("CMSTDTC: {datetime: CMSTDAT}")
    given = """
        | SUBJID | CMTRT | CMSTDAT     | _source |
        | 001    | A     | 03-FEB-2019 | edc     |
        | 001    | B     | 03.02.2019  | german  |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMSTDTC"),
        """
        | CMTRT | CMSTDTC    |
        | A     | 2019-02-03 |
        | B     | 2019-02-03 |
        """,
    )


def test_study_day_has_no_day_0_and_needs_whole_dates(bench, same):
    bench.lines("CMSTDTC: {datetime: CMSTDAT, formats: [ISO]}", "CMSTDY: {study_day: CMSTDTC}")
    given = {
        "dm": """
            | SUBJID | SEX | RFSTDTC    |
            | 001    | F   | 2025-03-10 |
            | 002    | M   |            |
        """,
        "cm": """
            | SUBJID | CMTRT | CMSTDAT          |
            | 001    | A     | 2025-03-10       |
            | 001    | B     | 2025-03-09T23:00 |
            | 001    | C     | 2025-03-11       |
            | 001    | D     | 2025-03          |
            | 002    | E     | 2025-03-11       |
        """,
    }
    same(
        bench.map(given, columns="CMTRT CMSTDTC CMSTDY"),
        """
        | CMTRT | CMSTDTC          | CMSTDY |
        | A     | 2025-03-10       | 1      |
        | B     | 2025-03-09T23:00 | -1     |
        | C     | 2025-03-11       | 2      |
        | D     | 2025-03          |        |
        | E     | 2025-03-11       |        |
        """,
    )


def test_age_counts_completed_years_and_keeps_silent_where_the_birth_leaves_a_doubt(bench, same):
    bench.lines(
        "BRTHDTC: {datetime: BRTHDAT, formats: [ISO]}",
        "AGE: {age: {birth: BRTHDTC, at: RFSTDTC}}",
        domain="dm",
    )
    given = """
        | SUBJID | BRTHDAT    | RFSTDTC    |
        | 001    | 1969-05-14 | 2024-03-01 |
        | 002    | 1969-05    | 2024-03-01 |
        | 003    | 1969-03    | 2024-03-01 |
        | 004    | 1969       | 2024-03-01 |
        | 005    | 1969-03-01 |            |
    """
    same(
        bench.map({"dm": given}, columns="BRTHDTC AGE", dataset="DM"),
        """
        | BRTHDTC    | AGE |
        | 1969-05-14 | 54  |
        | 1969-05    | 54  |
        | 1969-03    |     |
        | 1969       |     |
        | 1969-03-01 |     |
        """,
    )
