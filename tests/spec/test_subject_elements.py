"""SE of designs with several periods, branches and unplanned elements, worked out by hand."""

import pytest

STEPS = """
design:
  elements:
    SCR: {element: Screening, start_rule: Consent, starts: {earliest: DM.RFICDTC}}
    A: {element: Drug A, start_rule: First A, starts: {earliest: EX.EXSTDTC, where: "EXTRT = 'A'"}}
    B: {element: Drug B, start_rule: First B, starts: {earliest: EX.EXSTDTC, where: "EXTRT = 'B'"}}
    WASH: {element: Washout, start_rule: Day after the last dose of the period}
    FUP:
      element: Follow-up
      start_rule: Day after last dose
      starts: {latest: EX.EXENDTC, plus_days: 1}
  arms:
"""
CROSSOVER = (
    STEPS
    + """
    AB:
      arm: A then B
      elements:
        - {etcd: SCR, epoch: SCREENING, branch: Randomized to AB}
        - {etcd: A, epoch: TREATMENT 1}
        - etcd: WASH
          epoch: WASHOUT
          starts: {latest: EX.EXENDTC, where: "EXTRT = 'A'", plus_days: 1}
        - {etcd: B, epoch: TREATMENT 2}
        - {etcd: FUP, epoch: FOLLOW-UP}
    BA:
      arm: B then A
      elements:
        - {etcd: SCR, epoch: SCREENING, branch: Randomized to BA}
        - {etcd: B, epoch: TREATMENT 1}
        - etcd: WASH
          epoch: WASHOUT
          starts: {latest: EX.EXENDTC, where: "EXTRT = 'B'", plus_days: 1}
        - {etcd: A, epoch: TREATMENT 2}
        - {etcd: FUP, epoch: FOLLOW-UP}
"""
)
ABA = (
    STEPS
    + """
    ABA:
      arm: A then B then A
      elements:
        - {etcd: SCR, epoch: SCREENING}
        - {etcd: A, epoch: TREATMENT 1}
        - {etcd: B, epoch: TREATMENT 2}
        - {etcd: A, epoch: TREATMENT 3}
"""
)
EX = """
version: 1
domain: EX
from: ex
keys: [STUDYID, USUBJID, EXSTDTC]
variables:
  EXSEQ: {sequence: {by: keys}}
  EXTRT: {assign: EXTRT}
  EXSTDTC: {datetime: EXSTDAT, formats: [ISO]}
  EXENDTC: {datetime: EXENDAT, formats: [ISO]}
"""
SE = """
version: 1
domain: SE
from: builtin.subject_elements
keys: [STUDYID, USUBJID, SESTDTC]
variables:
  SESEQ: {sequence: {by: keys}}
  ETCD: {assign: ETCD}
  TAETORD: {number: TAETORD}
  EPOCH: {assign: EPOCH}
  SESTDTC: {assign: SESTDTC}
  SEENDTC: {assign: SEENDTC}
  SEUPDES: {assign: SEUPDES}
"""
CM = """
        | SUBJID | CMTRT |
        | 001    | X     |
"""
SHOWN = "USUBJID ETCD TAETORD EPOCH SESTDTC SEENDTC"


@pytest.fixture
def elements(bench):
    """Map SE from drawn DM and EX tables by a design."""

    def run(design, dm, ex, columns=SHOWN, cm=CM):
        bench.study += design
        bench.specs |= {"ex": EX, "se": SE}
        bench.lines(
            "ARMCD: {assign: ARMCD}",
            "ACTARMCD: {assign: ACTARMCD}",
            "RFICDTC: {datetime: RFICDTC, formats: [ISO]}",
            "RFPENDTC: {datetime: RFPENDTC, formats: [ISO]}",
            domain="dm",
        )
        return bench.map({"dm": dm, "ex": ex, "cm": cm}, columns=columns, dataset="SE")

    return run


def test_a_crossover_follows_the_arm_that_was_taken(elements, same):
    same(
        elements(
            CROSSOVER,
            dm="""
            | SUBJID | SEX | ARMCD | ACTARMCD | RFICDTC    | RFPENDTC   |
            | 001    | F   | AB    | AB       | 2025-03-01 | 2025-05-10 |
            | 002    | F   | AB    | BA       | 2025-03-01 | 2025-05-10 |
            """,
            ex="""
            | SUBJID | EXTRT | EXSTDAT          | EXENDAT    |
            | 001    | A     | 2025-03-10T08:00 | 2025-03-23 |
            | 001    | B     | 2025-04-07       | 2025-04-20 |
            | 002    | B     | 2025-03-11       | 2025-03-24 |
            | 002    | A     | 2025-04-08       | 2025-04-21 |
            """,
        ),
        """
        | USUBJID   | ETCD | TAETORD | EPOCH       | SESTDTC          | SEENDTC          |
        | S1-01-001 | SCR  | 1       | SCREENING   | 2025-03-01       | 2025-03-10T08:00 |
        | S1-01-001 | A    | 2       | TREATMENT 1 | 2025-03-10T08:00 | 2025-03-24       |
        | S1-01-001 | WASH | 3       | WASHOUT     | 2025-03-24       | 2025-04-07       |
        | S1-01-001 | B    | 4       | TREATMENT 2 | 2025-04-07       | 2025-04-21       |
        | S1-01-001 | FUP  | 5       | FOLLOW-UP   | 2025-04-21       | 2025-05-10       |
        | S1-01-002 | SCR  | 1       | SCREENING   | 2025-03-01       | 2025-03-11       |
        | S1-01-002 | B    | 2       | TREATMENT 1 | 2025-03-11       | 2025-03-25       |
        | S1-01-002 | WASH | 3       | WASHOUT     | 2025-03-25       | 2025-04-08       |
        | S1-01-002 | A    | 4       | TREATMENT 2 | 2025-04-08       | 2025-04-22       |
        | S1-01-002 | FUP  | 5       | FOLLOW-UP   | 2025-04-22       | 2025-05-10       |
        """,
    )


def test_screen_failures_and_early_terminations_have_what_they_began(elements, same):
    same(
        elements(
            CROSSOVER,
            dm="""
            | SUBJID | SEX | ARMCD | ACTARMCD | RFICDTC    | RFPENDTC   |
            | 001    | F   |       |          | 2025-03-01 | 2025-03-04 |
            | 002    | F   | AB    | AB       | 2025-03-01 | 2025-03-15 |
            | 003    | F   | AB    |          | 2025-03-01 |            |
            """,
            ex="""
            | SUBJID | EXTRT | EXSTDAT    | EXENDAT    |
            | 002    | A     | 2025-03-10 | 2025-03-15 |
            """,
        ),
        """
        | USUBJID   | ETCD | TAETORD | EPOCH       | SESTDTC    | SEENDTC    |
        | S1-01-001 | SCR  | 1       | SCREENING   | 2025-03-01 | 2025-03-04 |
        | S1-01-002 | SCR  | 1       | SCREENING   | 2025-03-01 | 2025-03-10 |
        | S1-01-002 | A    | 2       | TREATMENT 1 | 2025-03-10 | 2025-03-15 |
        | S1-01-003 | SCR  | 1       | SCREENING   | 2025-03-01 |            |
        """,
    )


def test_an_element_planned_again_takes_the_dates_since_the_one_before(elements, same):
    same(
        elements(
            ABA,
            dm="""
            | SUBJID | SEX | ARMCD | ACTARMCD | RFICDTC    | RFPENDTC   |
            | 001    | F   | ABA   | ABA      | 2025-03-01 | 2025-06-10 |
            """,
            ex="""
            | SUBJID | EXTRT | EXSTDAT    | EXENDAT    |
            | 001    | A     | 2025-03-10 | 2025-03-20 |
            | 001    | B     | 2025-04-10 | 2025-04-20 |
            | 001    | A     | 2025-05-10 | 2025-05-20 |
            """,
        ),
        """
        | USUBJID   | ETCD | TAETORD | EPOCH       | SESTDTC    | SEENDTC    |
        | S1-01-001 | SCR  | 1       | SCREENING   | 2025-03-01 | 2025-03-10 |
        | S1-01-001 | A    | 2       | TREATMENT 1 | 2025-03-10 | 2025-04-10 |
        | S1-01-001 | B    | 3       | TREATMENT 2 | 2025-04-10 | 2025-05-10 |
        | S1-01-001 | A    | 4       | TREATMENT 3 | 2025-05-10 | 2025-06-10 |
        """,
    )


def test_dates_that_contradict_the_plan_leave_the_element_out_and_tell(elements, bench, same):
    same(
        elements(
            ABA,
            dm="""
            | SUBJID | SEX | ARMCD | ACTARMCD | RFICDTC    | RFPENDTC   |
            | 001    | F   | ABA   |          | 2025-03-12 | 2025-06-10 |
            | 002    | F   | ABA   |          |            | 2025-06-10 |
            | 003    | F   | XYZ   |          | 2025-03-01 | 2025-02-01 |
            """,
            ex="""
            | SUBJID | EXTRT | EXSTDAT    | EXENDAT    |
            | 001    | A     | 2025-03-10 | 2025-03-20 |
            | 002    | A     | 2025-03-10 | 2025-03-20 |
            """,
        ),
        """
        | USUBJID   | ETCD | TAETORD | EPOCH       | SESTDTC    | SEENDTC    |
        | S1-01-001 | A    | 2       | TREATMENT 1 | 2025-03-10 | 2025-06-10 |
        | S1-01-002 | A    | 2       | TREATMENT 1 | 2025-03-10 | 2025-06-10 |
        | S1-01-003 | SCR  | 1       | SCREENING   | 2025-03-01 |            |
        """,
    )
    same(
        bench.findings(),
        """
        | rule            | subject | variable | value |
        | ARM_UNKNOWN     | 003     | ARMCD    | XYZ   |
        | ELEMENT_ORDER   | 001     | SESTDTC  | SCR   |
        | ELEMENT_UNDATED | 002     | SESTDTC  | SCR   |
        """,
    )


def test_an_unplanned_element_stands_where_it_began(elements, same):
    design = ABA + (
        "  unplanned:\n    - {description: Took the comparator, epoch: TREATMENT 1,\n"
        "       starts: {earliest: EX.EXSTDTC, where: \"EXTRT = 'COMPARATOR'\"}}\n"
    )
    same(
        elements(
            design,
            dm="""
            | SUBJID | SEX | ARMCD | ACTARMCD | RFICDTC    | RFPENDTC   |
            | 001    | F   | ABA   | ABA      | 2025-03-01 | 2025-06-10 |
            """,
            ex="""
            | SUBJID | EXTRT      | EXSTDAT    | EXENDAT    |
            | 001    | A          | 2025-03-10 | 2025-03-20 |
            | 001    | COMPARATOR | 2025-03-21 | 2025-03-22 |
            | 001    | B          | 2025-04-10 | 2025-04-20 |
            """,
            columns="ETCD TAETORD EPOCH SESTDTC SEENDTC SEUPDES",
        ),
        """
        | ETCD   | TAETORD | EPOCH       | SESTDTC    | SEENDTC    | SEUPDES             |
        | SCR    | 1       | SCREENING   | 2025-03-01 | 2025-03-10 |                     |
        | A      | 2       | TREATMENT 1 | 2025-03-10 | 2025-03-21 |                     |
        | UNPLAN |         | TREATMENT 1 | 2025-03-21 | 2025-04-10 | Took the comparator |
        | B      | 3       | TREATMENT 2 | 2025-04-10 | 2025-06-10 |                     |
        """,
    )


def test_no_day_is_counted_from_a_date_that_a_partial_one_may_follow(elements, same):
    same(
        elements(
            CROSSOVER,
            dm="""
            | SUBJID | SEX | ARMCD | ACTARMCD | RFICDTC    | RFPENDTC   |
            | 001    | F   | AB    | AB       | 2025-03-01 | 2025-05-10 |
            """,
            ex="""
            | SUBJID | EXTRT | EXSTDAT    | EXENDAT    |
            | 001    | A     | 2025-03-10 | 2025-03-23 |
            | 001    | B     | 2025-04    | 2025-04    |
            """,
        ),
        """
        | USUBJID   | ETCD | TAETORD | EPOCH       | SESTDTC    | SEENDTC    |
        | S1-01-001 | SCR  | 1       | SCREENING   | 2025-03-01 | 2025-03-10 |
        | S1-01-001 | A    | 2       | TREATMENT 1 | 2025-03-10 | 2025-03-24 |
        | S1-01-001 | WASH | 3       | WASHOUT     | 2025-03-24 | 2025-04    |
        | S1-01-001 | B    | 4       | TREATMENT 2 | 2025-04    | 2025-05-10 |
        """,
    )


def test_epoch_goes_by_the_minute_where_both_have_a_time_and_by_certainty_else(
    elements, bench, same
):
    bench.lines("CMSTDTC: {datetime: CMSTDAT, formats: [ISO]}", "EPOCH: {epoch: CMSTDTC}")
    elements(
        CROSSOVER,
        dm="""
            | SUBJID | SEX | ARMCD | ACTARMCD | RFICDTC          | RFPENDTC   |
            | 001    | F   | AB    | AB       | 2025-03-10T07:00 | 2025-05-10 |
        """,
        ex="""
            | SUBJID | EXTRT | EXSTDAT    | EXENDAT    |
            | 001    | A     | 2025-03-10 | 2025-03-23 |
            | 001    | B     | 2025-04    | 2025-04    |
        """,
        cm="""
            | SUBJID | CMTRT           | CMSTDAT          |
            | 001    | a day before    | 2025-03-09       |
            | 001    | b that day      | 2025-03-10       |
            | 001    | c washout       | 2025-03-24       |
            | 001    | d perhaps B     | 2025-04-07       |
            | 001    | e surely B      | 2025-05-01       |
            | 001    | f last day      | 2025-05-10       |
            | 001    | g later         | 2025-05-11       |
            | 001    | h partial       | 2025-03          |
        """,
    )
    same(
        bench.shown("CM", "CMTRT EPOCH"),
        """
        | CMTRT       | EPOCH       |
        | a day before |             |
        | b that day  | TREATMENT 1 |
        | c washout   | WASHOUT     |
        | d perhaps B |             |
        | e surely B  | TREATMENT 2 |
        | f last day  | TREATMENT 2 |
        | g later     |             |
        | h partial   |             |
        """,
    )
