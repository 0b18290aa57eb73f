"""assign_ct: collected text → submission value; what does not match is kept and told."""


def test_terms_then_exact_then_letter_case_then_synonym(bench, same):
    bench.terms["CMOCCUR"] = """
        collected,submission,source
        ja,Y,
        1,Y,edc
        1,N,german
    """
    bench.lines("CMOCCUR: {assign_ct: CMOCCUR}")
    given = """
        | SUBJID | CMTRT | CMOCCUR | _source |
        | 001    | A     | ja      | edc     |
        | 001    | B     | 1       | edc     |
        | 001    | C     | 1       | german  |
        | 001    | D     | y       | edc     |
        | 001    | E     | No      | edc     |
        | 001    | F     |         | edc     |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMOCCUR"),
        """
        | CMTRT | CMOCCUR |
        | A     | Y       |
        | B     | Y       |
        | C     | N       |
        | D     | Y       |
        | E     | N       |
        | F     |         |
        """,
    )


def test_a_text_outside_a_closed_codelist_is_kept_as_collected_with_a_finding(bench, same):
    bench.lines("CMOCCUR: {assign_ct: CMOCCUR}")
    given = """
        | SUBJID | CMTRT | CMOCCUR |
        | 001    | A     | perhaps |
    """
    same(
        bench.map({"cm": given}, columns="CMOCCUR"),
        """
        | CMOCCUR |
        | perhaps |
        """,
    )
    same(
        bench.findings(),
        """
        | rule          | subject | variable | value   |
        | TERM_UNMAPPED | 001     | CMOCCUR  | perhaps |
        """,
    )


def test_an_extension_needs_no_finding_where_the_terms_declare_it(bench, same):
    bench.terms["UNIT"] = """
        collected,submission
        drop(s),DROP
        ?,
    """
    bench.lines("CMDOSU: {assign_ct: CMDOSU}")
    given = """
        | SUBJID | CMTRT | CMDOSU  |
        | 001    | A     | drop(s) |
        | 001    | B     | spoon   |
        | 001    | C     | ?       |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMDOSU"),
        """
        | CMTRT | CMDOSU |
        | A     | DROP   |
        | B     | spoon  |
        | C     |        |
        """,
    )
    same(
        bench.findings(),
        """
        | rule           | subject | variable | value |
        | TERM_EXTENSION | 001     | CMDOSU   | spoon |
        """,
    )


def test_a_case_that_names_a_codelist_matches_what_it_takes(bench, same):
    branches = "[{when: \"CMPRIOR = 'x'\", then: N}, {else: {assign: CMYN}}]"
    bench.lines(f"CMOCCUR: {{case: {branches}, codelist: NY}}")
    given = """
        | SUBJID | CMTRT | CMPRIOR | CMYN    |
        | 001    | A     | x       | Perhaps |
        | 001    | B     |         | Yes     |
        | 001    | C     |         | Perhaps |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMOCCUR"),
        """
        | CMTRT | CMOCCUR |
        | A     | N       |
        | B     | Y       |
        | C     | Perhaps |
        """,
    )
    same(
        bench.findings(),
        """
        | rule          | subject | variable | value   |
        | TERM_UNMAPPED | 001     | CMYN     | Perhaps |
        """,
    )


def test_a_coalesce_that_names_a_codelist_matches_and_tells_of_the_column_taken(bench, same):
    bench.terms["NY"] = """
        collected,submission
        -,
    """
    bench.lines("CMOCCUR: {coalesce: [FIRST, SECOND, {constant: N}], codelist: NY}")
    given = """
        | SUBJID | CMTRT | FIRST | SECOND  |
        | 001    | A     | yes   | Perhaps |
        | 001    | B     |       | Perhaps |
        | 001    | C     |       |         |
        | 001    | D     | -     | yes     |
    """
    same(
        bench.map({"cm": given}, columns="CMTRT CMOCCUR"),
        """
        | CMTRT | CMOCCUR |
        | A     | Y       |
        | B     | Perhaps |
        | C     | N       |
        | D     |         |
        """,
    )
    same(
        bench.findings(),
        """
        | rule          | subject | variable | value   |
        | TERM_UNMAPPED | 001     | SECOND   | Perhaps |
        """,
    )


def test_all_tests_of_a_domain_are_no_extension_of_its_codelists(bench, same):
    bench.specs["lb"] = """
version: 1
domain: LB
from: lb
keys: [STUDYID, USUBJID, LBTESTCD, VISITNUM]
variables:
  LBSEQ:    {sequence: {by: keys}}
  LBTESTCD: {assign_ct: LBTESTCD}
  LBTEST:   {assign_ct: LBTEST, otherwise: {assign_ct: raw.LBTESTCD}}
  LBSTAT:   {constant: NOT DONE}
  VISITNUM: {visit: {collected: VISIT, give: VISITNUM}}
"""
    given = """
        | SUBJID | VISIT    | LBTESTCD | LBTEST          |
        | 001    | V1       | LBALL    | Laboratory Data |
        | 001    | BASELINE | LBALL    |                 |
        | 001    | WEEK 2   | LBSOME   | Some            |
    """
    same(
        bench.map({"lb": given}, columns="LBTESTCD LBTEST VISITNUM", dataset="LB"),
        """
        | LBTESTCD | LBTEST          | VISITNUM |
        | LBALL    | Laboratory Data | 1        |
        | LBALL    | Laboratory Data | 2        |
        | LBSOME   | Some            | 3        |
        """,
    )
    same(
        bench.findings(),
        """
        | rule           | subject | variable | value  |
        | TERM_EXTENSION | 001     | LBTESTCD | LBSOME |
        | TERM_EXTENSION | 001     | LBTEST   | Some   |
        """,
    )
    assert set(bench.keys()) == {"USUBJID=S1-01-001|LBTESTCD=LBSOME|VISITNUM=3"}
