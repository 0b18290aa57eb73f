"""assign, constant, concat, coalesce, case, number."""


def test_assign_takes_the_text_as_sent_without_surrounding_blanks(bench, same):
    bench.lines("CMINDC: {assign: CMINDC}")
    given = """
        | SUBJID | CMTRT   | CMINDC |
        | 001    | Aspirin | 0496   |
        | 001    | Zinc    |        |
    """
    same(
        bench.map({"cm": given}, columns="USUBJID CMSEQ CMTRT CMINDC"),
        """
        | USUBJID   | CMSEQ | CMTRT   | CMINDC |
        | S1-01-001 | 1     | Aspirin | 0496   |
        | S1-01-001 | 2     | Zinc    |        |
        """,
    )


def test_assign_can_put_into_capitals_and_cut_out_a_part_where_the_spec_says_so(bench, same):
    bench.lines(
        "CMINDC: {assign: CMINDC, upper: true}",
        'CMSPID: {assign: REF, pattern: "-(.*)$"}',
    )
    given = """
        | SUBJID | CMTRT   | CMINDC | REF   |
        | 001    | Aspirin | pain   | A-17  |
        | 001    | Zinc    | Cold   | none  |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMINDC CMSPID"),
        """
        | CMTRT   | CMINDC | CMSPID |
        | Aspirin | PAIN   | 17     |
        | Zinc    | COLD   |        |
        """,
    )


def test_number_reads_the_decimal_mark_of_each_source_and_reports_what_is_none(bench, same):
    bench.lines("CMDOSE: {number: CMDOSE}")
    given = """
        | SUBJID | CMTRT | CMDOSE | _source |
        | 001    | A     | 1.5    | edc     |
        | 001    | B     | 1,5    | german  |
        | 001    | C     | 1,5    | edc     |
        | 001    | D     | two    | edc     |
        | 001    | E     |        | edc     |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMDOSE"),
        """
        | CMTRT | CMDOSE |
        | A     | 1.5    |
        | B     | 1.5    |
        | C     |        |
        | D     |        |
        | E     |        |
        """,
    )
    same(
        bench.findings(),
        """
        | rule              | subject | variable | value |
        | NUMBER_UNREADABLE | 001     | CMDOSE   | 1,5   |
        | NUMBER_UNREADABLE | 001     | CMDOSE   | two   |
        """,
    )


def test_concat_leaves_no_separator_behind_for_a_missing_part(bench, same):
    bench.lines('CMINDC: {concat: {parts: [A, {constant: in}, B], separator: " "}}')
    bench.lines('CMSPID: {concat: {parts: [A, B], separator: "-"}}')
    given = """
        | SUBJID | CMTRT | A    | B    |
        | 001    | X     | pain | knee |
        | 001    | Y     |      | knee |
        | 001    | Z     |      |      |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMINDC CMSPID"),
        """
        | CMTRT | CMINDC       | CMSPID    |
        | X     | pain in knee | pain-knee |
        | Y     | in knee      | knee      |
        | Z     | in           |           |
        """,
    )


def test_coalesce_takes_the_first_that_is_there(bench, same):
    bench.lines('CMINDC: {coalesce: [A, B, {constant: "not given"}]}')
    given = """
        | SUBJID | CMTRT | A    | B    |
        | 001    | X     | pain | knee |
        | 001    | Y     |      | knee |
        | 001    | Z     |      |      |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMINDC"),
        """
        | CMTRT | CMINDC    |
        | X     | pain      |
        | Y     | knee      |
        | Z     | not given |
        """,
    )


def test_case_takes_the_first_true_branch_and_unknown_is_not_true(bench, same):
    bench.lines(
        "CMINDC:",
        "  case:",
        '    - {when: "DOSE > 10", then: HIGH}',
        "    - {when: \"UNIT = 'mg'\", then: {assign: UNIT}}",
        "    - {else: OTHER}",
    )
    given = """
        | SUBJID | CMTRT | DOSE | UNIT |
        | 001    | A     | 100  | g    |
        | 001    | B     | 9    | mg   |
        | 001    | C     |      | g    |
        | 001    | D     | many |      |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMINDC"),
        """
        | CMTRT | CMINDC |
        | A     | HIGH   |
        | B     | mg     |
        | C     | OTHER  |
        | D     | OTHER  |
        """,
    )


def test_a_name_that_is_both_raw_and_variable_is_raw_unless_the_prefix_says_otherwise(bench, same):
    bench.lines(
        "CMOCCUR: {assign_ct: CMOCCUR}",
        "CMINDC: {case: [{when: \"CMOCCUR = 'Yes'\", then: raw}, {else: other}]}",
        "CMCAT: {case: [{when: \"CM.CMOCCUR = 'Y'\", then: variable}, {else: other}]}",
    )
    given = """
        | SUBJID | CMTRT | CMOCCUR |
        | 001    | A     | Yes     |
    """
    same(
        bench.map({"cm": given}, columns="CMOCCUR CMINDC CMCAT"),
        """
        | CMOCCUR | CMINDC | CMCAT    |
        | Y       | raw    | variable |
        """,
    )


def test_when_leaves_the_value_missing_and_raises_no_finding_elsewhere(bench, same):
    bench.lines("CMDOSE: {number: CMDOSE, when: \"CMTRT != 'B'\"}")
    given = """
        | SUBJID | CMTRT | CMDOSE |
        | 001    | A     | 1      |
        | 001    | B     | bad    |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMDOSE"),
        """
        | CMTRT | CMDOSE |
        | A     | 1      |
        | B     |        |
        """,
    )
    same(bench.findings(), "| rule | subject | variable | value |")


def test_coalesce_of_a_number_tells_of_a_text_that_is_none(bench, same):
    bench.lines("CMDOSE: {coalesce: [raw.DOSE, raw.DAILY]}")
    given = """
        | SUBJID | CMTRT | DOSE | DAILY |
        | 001    | A     | many | 2     |
        | 001    | B     |      | 2.5   |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMDOSE"),
        """
        | CMTRT | CMDOSE |
        | A     |        |
        | B     | 2.5    |
        """,
    )
    same(
        bench.findings(),
        """
        | rule              | subject | variable | value |
        | NUMBER_UNREADABLE | 001     | DOSE     | many  |
        """,
    )
