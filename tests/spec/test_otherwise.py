"""``otherwise``: what is asked where a line has nothing to say."""


def test_the_next_line_fills_what_the_first_leaves_open(bench, same):
    bench.lines(
        "CMINDC: {assign: WHY, otherwise: {assign: BECAUSE, otherwise: {constant: UNKNOWN}}}"
    )
    made = bench.map(
        {
            "dm": DM,
            "cm": """
            | SUBJID | CMTRT | WHY  | BECAUSE |
            | 1      | A     | pain | fever   |
            | 1      | B     |      | fever   |
            | 1      | C     |      |         |
            """,
        },
        columns="CMTRT CMINDC",
    )
    same(
        made,
        """
        | CMTRT | CMINDC  |
        | A     | pain    |
        | B     | fever   |
        | C     | UNKNOWN |
        """,
    )


def test_a_condition_leaves_its_line_open(bench, same):
    bench.lines(
        "CMDOSE: {number: DOSE, when: \"DOSE matches '^[0-9]+$'\"}",
        "CMDOSTXT: {assign: DOSE, when: \"not DOSE matches '^[0-9]+$'\", "
        'otherwise: {constant: NONE, when: "DOSE is missing"}}',
    )
    made = bench.map(
        {
            "dm": DM,
            "cm": """
            | SUBJID | CMTRT | DOSE  |
            | 1      | A     | 20    |
            | 1      | B     | 10-20 |
            | 1      | C     |       |
            """,
        },
        columns="CMTRT CMDOSE CMDOSTXT",
    )
    same(
        made,
        """
        | CMTRT | CMDOSE | CMDOSTXT |
        | A     | 20     |          |
        | B     |        | 10-20    |
        | C     |        | NONE     |
        """,
    )


def test_a_value_that_cannot_be_read_is_told_and_not_replaced(bench, same):
    bench.lines("CMSTDTC: {datetime: STARTED, otherwise: {datetime: VISITED}}")
    made = bench.map(
        {
            "dm": DM,
            "cm": """
            | SUBJID | CMTRT | STARTED     | VISITED     |
            | 1      | A     | 31-FEB-2025 | 01-MAR-2025 |
            | 1      | B     |             | 01-MAR-2025 |
            | 1      | C     | 02-MAR-2025 | 31-FEB-2025 |
            """,
        },
        columns="CMTRT CMSTDTC",
    )
    same(
        made,
        """
        | CMTRT | CMSTDTC    |
        | A     |            |
        | B     | 2025-03-01 |
        | C     | 2025-03-02 |
        """,
    )
    same(
        bench.findings(),
        """
        | rule            | subject | variable | value       |
        | DATE_IMPOSSIBLE | 1       | STARTED  | 31-FEB-2025 |
        """,
    )


def test_records_of_one_set_have_their_own_chain(bench, same):
    bench.specs["cm"] = """
version: 1
domain: CM
keys: [STUDYID, USUBJID, CMTRT]
records:
  - from: cm
    variables:
      CMINDC: {assign: WHY, otherwise: {constant: NOT ASKED}}
  - from: more
variables:
  CMSEQ: {sequence: {by: keys}}
  CMTRT: {assign: CMTRT}
  CMINDC: {assign: REASON, otherwise: {assign: WHY}}
"""
    made = bench.map(
        {
            "dm": DM,
            "cm": """
            | SUBJID | CMTRT | WHY  |
            | 1      | A     | pain |
            | 1      | B     |      |
            """,
            "more": """
            | SUBJID | CMTRT | WHY  | REASON |
            | 1      | C     | pain |        |
            | 1      | D     | pain | fever  |
            """,
        },
        columns="CMTRT CMINDC",
    )
    same(
        made,
        """
        | CMTRT | CMINDC    |
        | A     | pain      |
        | B     | NOT ASKED |
        | C     | pain      |
        | D     | fever     |
        """,
    )


DM = """
| SUBJID | SEX |
| 1      | M   |
"""
