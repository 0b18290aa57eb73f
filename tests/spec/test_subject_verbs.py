"""sequence, baseline, visit, lookup, earliest, latest, convert, derive, unpivot, supplemental."""

VS = """
version: 1
domain: VS
keys: [STUDYID, USUBJID, VSTESTCD, VISITNUM, VSDTC]
records:
  - from: vs
    unpivot:
      into: TESTCD
      values: [SYSBP, TEMP]
      columns: {RESULT: "{}_RES", UNIT: "{}_UNIT"}
    variables:
      VSTESTCD: {assign: TESTCD}
      VSTEST: {assign_ct: TESTCD}
      VSORRES: {assign: RESULT}
      VSSTRESC: {convert: {value: RESULT, unit: UNIT, test: TESTCD, give: text}}
      VSSTRESN: {convert: {value: RESULT, unit: UNIT, test: TESTCD, give: number}}
      VSSTRESU: {convert: {value: RESULT, unit: UNIT, test: TESTCD, give: unit}}
variables:
  VSSEQ: {sequence: {by: keys}}
  VSLOBXFL: {baseline: {result: VSORRES, date: VSDTC, by: [VSTESTCD]}}
  VISITNUM: {visit: {collected: VISIT, date: VSDTC, give: VISITNUM}}
  VISIT: {visit: {collected: VISIT, date: VSDTC}}
  VISITDY: {visit: {collected: VISIT, date: VSDTC, give: VISITDY}}
  VSDTC: {datetime: VSDAT, formats: [ISO]}
"""
UNITS = """
    test,from,to,factor,offset,decimals
    TEMP,F,C,0.5555555555556,-17.7777777777778,1
    SYSBP,kPa,mmHg,7.50062,,0
"""
NO_UNITS = "test,from,to,factor"
DM_TABLE = """
    | SUBJID | SEX | RFXSTDTC         |
    | 001    | F   | 2025-03-10T08:00 |
"""


def test_unpivot_makes_a_record_a_result_and_convert_its_standard_result(bench, same):
    bench.specs["vs"], bench.terms["units"] = VS, UNITS
    given = """
        | SUBJID | VISIT    | VSDAT      | SYSBP_RES | SYSBP_UNIT | TEMP_RES | TEMP_UNIT |
        | 001    | V1       | 2025-03-01 | 120       | mmHg       | 98.6     | F         |
        | 001    | Baseline | 2025-03-10 | 16.0      | kPa        | NOT DONE |           |
        | 001    | WEEK 2   | 2025-03-24 | <130      | mmHg       | 37.0     | C         |
        | 001    | WEEK 2   | 2025-03-24 | 12        | psi        |          |           |
    """
    same(
        bench.map(
            {"vs": given},
            columns="VSTESTCD VSTEST VSORRES VSSTRESC VSSTRESN VSSTRESU VISITNUM",
            dataset="VS",
        ),
        """
        | VSTESTCD | VSTEST                  | VSORRES | VSSTRESC | VSSTRESN | VSSTRESU | VISITNUM |
        | SYSBP    | Systolic Blood Pressure | 120     | 120      | 120      | mmHg     | 1        |
        | SYSBP    | Systolic Blood Pressure | 16.0    | 120      | 120      | mmHg     | 2        |
        | SYSBP    | Systolic Blood Pressure | <130    | <130     |          | mmHg     | 3        |
        | SYSBP    | Systolic Blood Pressure | 12      |          |          |          | 3        |
        | TEMP     | Temperature             | 98.6    | 37       | 37       | C        | 1        |
        | TEMP     | Temperature             | NOT DONE | NOT DONE |         |          | 2        |
        | TEMP     | Temperature             | 37.0    | 37.0     | 37       | C        | 3        |
        """,
    )
    same(
        bench.findings(),
        """
        | rule          | subject | variable | value |
        | UNIT_UNMAPPED | 001     | UNIT     | psi   |
        """,
    )


def test_a_range_of_a_test_not_done_needs_no_unit(bench, same):
    bench.terms["units"] = UNITS
    bench.specs["lb"] = """
version: 1
domain: LB
from: lb
keys: [STUDYID, USUBJID, LBTESTCD, LBSTAT]
variables:
  LBSEQ:    {sequence: {by: keys}}
  LBTESTCD: {assign: LBTESTCD}
  LBTEST:   {assign: LBTESTCD}
  LBSTRESN: {convert: {value: raw.LBORRES, unit: LBORRESU, test: raw.LBTESTCD}}
  LBSTNRLO: {convert: {value: raw.LBORNRLO, unit: LBORRESU, test: raw.LBTESTCD}}
  LBSTAT:   {assign: LBSTAT}
"""
    given = """
        | SUBJID | LBTESTCD | LBORRES | LBORRESU | LBORNRLO | LBSTAT   |
        | 001    | TEMP     | 98.6    | F        | 95       |          |
        | 001    | TEMP     |         |          | 95       | NOT DONE |
        | 002    | TEMP     | 98.6    |          | 95       |          |
    """
    same(
        bench.map({"lb": given}, columns="USUBJID LBSTRESN LBSTNRLO LBSTAT", dataset="LB"),
        """
        | USUBJID  | LBSTRESN | LBSTNRLO | LBSTAT   |
        | S1-01-001 | 37      | 35       |          |
        | S1-01-001 |         |          | NOT DONE |
        | S1-01-002 |         |          |          |
        """,
    )
    same(
        bench.findings(),
        """
        | rule          | subject | variable | value |
        | UNIT_UNMAPPED | 002     | LBORRESU |       |
        """,
    )


def test_unscheduled_visits_follow_the_last_planned_visit_by_date(bench, same):
    bench.specs["vs"], bench.terms["units"] = VS, NO_UNITS
    given = """
        | SUBJID | VISIT           | VSDAT      | SYSBP_RES |
        | 001    | SCREENING       | 2025-03-01 | 1             |
        | 001    | Unscheduled     | 2025-03-05 | 2             |
        | 001    | UNSCHEDULED     | 2025-03-07 | 3             |
        | 001    | baseline        | 2025-03-10 | 4             |
        | 001    | Unplanned       | 2025-03-11 | 5             |
        | 001    | Unscheduled 2.5 | 2025-03-12 | 6             |
        | 001    | Unscheduled     | 2025-03    | 7             |
        | 001    | Wk 2            | 2025-03-24 | 8             |
    """
    same(
        bench.map({"vs": given}, columns="VSORRES VISITNUM VISIT VISITDY", dataset="VS"),
        """
        | VSORRES | VISITNUM | VISIT            | VISITDY |
        | 7       |          | Unscheduled      |         |
        | 8       |          | Wk 2             |         |
        | 1       | 1        | SCREENING        | -7      |
        | 2       | 1.01     | UNSCHEDULED 1.01 |         |
        | 3       | 1.02     | UNSCHEDULED 1.02 |         |
        | 4       | 2        | BASELINE         | 1       |
        | 5       | 2.01     | UNSCHEDULED 2.01 |         |
        | 6       | 2.5      | UNSCHEDULED 2.5  |         |
        """,
    )
    same(
        bench.findings(),
        """
        | rule          | subject | variable | value       |
        | VISIT_UNKNOWN | 001     | VISIT    | Unscheduled |
        | VISIT_UNKNOWN | 001     | VISIT    | Wk 2        |
        """,
    )


def test_baseline_flags_exactly_one_record_a_test(bench, same):
    bench.specs["vs"], bench.terms["units"] = VS, UNITS
    given = """
        | SUBJID | VISIT | VSDAT            | SYSBP_RES | TEMP_RES |
        | 001    | V1    | 2025-03-01       | 120           | 36           |
        | 001    | V1    | 2025-03-10T07:00 | 121           |              |
        | 001    | V1    | 2025-03-10T07:00 | 122           |              |
        | 001    | V1    | 2025-03-10T09:00 | 123           |              |
        | 001    | V1    | 2025-03          |               | 37           |
    """
    same(
        bench.map(
            {"dm": DM_TABLE, "vs": given}, columns="VSTESTCD VSORRES VSDTC VSLOBXFL", dataset="VS"
        ),
        """
        | VSTESTCD | VSORRES | VSDTC            | VSLOBXFL |
        | SYSBP    | 120     | 2025-03-01       |          |
        | SYSBP    | 121     | 2025-03-10T07:00 |          |
        | SYSBP    | 122     | 2025-03-10T07:00 | Y        |
        | SYSBP    | 123     | 2025-03-10T09:00 |          |
        | TEMP     | 37      | 2025-03          |          |
        | TEMP     | 36      | 2025-03-01       | Y        |
        """,
    )


def test_sequence_numbers_by_the_natural_key_missing_first_ties_as_delivered(bench, same):
    bench.lines("CMSTDTC: {datetime: D, formats: [ISO]}", "CMSPID: {assign: ID}")
    bench.specs["cm"] = bench.specs["cm"].replace("CMTRT]", "CMSTDTC]")
    given = """
        | SUBJID | CMTRT | D          | ID |
        | 002    | A     | 2025-01-01 | 1  |
        | 001    | B     | 2025-02-01 | 2  |
        | 001    | C     | 2025-01-01 | 3  |
        | 001    | D     |            | 4  |
        | 001    | E     | 2025-01-01 | 5  |
    """
    same(
        bench.map({"cm": given}, columns="USUBJID CMSEQ CMSTDTC CMSPID"),
        """
        | USUBJID   | CMSEQ | CMSTDTC    | CMSPID |
        | S1-01-001 | 1     |            | 4      |
        | S1-01-001 | 2     | 2025-01-01 | 3      |
        | S1-01-001 | 3     | 2025-01-01 | 5      |
        | S1-01-001 | 4     | 2025-02-01 | 2      |
        | S1-01-002 | 1     | 2025-01-01 | 1      |
        """,
    )


def test_lookup_takes_the_other_record_and_tells_where_several_differ(bench, same):
    bench.lines(
        "CMINDC: {lookup: {table: mh, value: MHTERM, match: {MHNO: CMMHNO}}}",
        "CMSPID: {lookup: {table: mh, value: MHNO, take: max}}",
        "CMSTDTC: {lookup: {table: mh, value: MHDAT, take: first}}",
    )
    given = {
        "mh": """
            | SUBJID | MHNO | MHTERM | MHDAT       |
            | 001    | 1    | Gout   | 01-JAN-2020 |
            | 001    | 2    | Pain   | UN-FEB-2021 |
            | 001    | 2    | Ache   |             |
            | 002    | 1    | Other  |             |
        """,
        "cm": """
            | SUBJID | CMTRT | CMMHNO |
            | 001    | A     | 1      |
            | 001    | B     | 2      |
            | 001    | C     | 9      |
        """,
    }
    same(
        bench.map(given, columns="CMTRT CMINDC CMSPID CMSTDTC"),
        """
        | CMTRT | CMINDC | CMSPID | CMSTDTC    |
        | A     | Gout   | 2      | 2020-01-01 |
        | B     |        | 2      | 2020-01-01 |
        | C     |        | 2      | 2020-01-01 |
        """,
    )
    same(
        bench.findings(),
        """
        | rule             | subject | variable | value |
        | LOOKUP_AMBIGUOUS | 001     | MHTERM   |       |
        """,
    )


def test_earliest_and_latest_decide_by_whole_dates(bench, same):
    bench.lines("CMSTDTC: {datetime: D, formats: [ISO]}", "CMCAT: {assign: CAT}")
    bench.lines(
        "RFICDTC: {earliest: CM.CMSTDTC}",
        "RFPENDTC: {latest: {of: [CM.CMSTDTC], where: \"CMCAT = 'X'\"}}",
        domain="dm",
    )
    given = {
        "dm": """
            | SUBJID | SEX |
            | 001    | F   |
            | 002    | F   |
            | 003    | M   |
        """,
        "cm": """
            | SUBJID | CMTRT | D          | CAT |
            | 001    | A     | 2025       | X   |
            | 001    | B     | 2025-02-03 | X   |
            | 001    | C     | 2025-03-03 | Y   |
            | 002    | D     | 2025-04    | X   |
        """,
    }
    same(
        bench.map(given, columns="SUBJID RFICDTC RFPENDTC", dataset="DM"),
        """
        | SUBJID | RFICDTC    | RFPENDTC   |
        | 001    | 2025-02-03 | 2025-02-03 |
        | 002    | 2025-04    | 2025-04    |
        | 003    |            |            |
        """,
    )


def test_derive_gets_records_sorted_by_subject_and_key(bench, same):
    bench.functions = '''
        def previous(records):
            """The treatment before this one."""
            return records.groupby("USUBJID")["CMTRT"].shift(1)
    '''
    bench.lines("CMINDC: {derive: previous, needs: [USUBJID, CMTRT]}")
    given = """
        | SUBJID | CMTRT |
        | 001    | C     |
        | 002    | B     |
        | 001    | A     |
    """
    same(
        bench.map({"cm": given}, columns="USUBJID CMTRT CMINDC"),
        """
        | USUBJID   | CMTRT | CMINDC |
        | S1-01-001 | A     |        |
        | S1-01-001 | C     | A      |
        | S1-01-002 | B     |        |
        """,
    )


def test_supplemental_qualifiers_point_to_their_record(bench, same):
    bench.specs["cm"] += (
        "supplemental:\n"
        "  CMSI: {label: Special Interest, assign: SI}\n"
        "  CMNOTE: {label: Note, assign: NOTE, origin: Assigned, evaluator: SPONSOR}\n"
    )
    given = """
        | SUBJID | CMTRT | SI | NOTE |
        | 001    | B     | Y  |      |
        | 001    | A     | N  | seen |
    """
    same(
        bench.map(
            {"cm": given},
            columns="USUBJID IDVAR IDVARVAL QNAM QLABEL QVAL QORIG QEVAL",
            dataset="SUPPCM",
        ),
        """
        | USUBJID   | IDVAR | IDVARVAL | QNAM   | QLABEL           | QVAL | QORIG    | QEVAL   |
        | S1-01-001 | CMSEQ | 1        | CMNOTE | Note             | seen | ASSIGNED | SPONSOR |
        | S1-01-001 | CMSEQ | 1        | CMSI   | Special Interest | N    | CRF      |         |
        | S1-01-001 | CMSEQ | 2        | CMSI   | Special Interest | Y    | CRF      |         |
        """,
    )


def test_records_are_dropped_by_where_and_quarantined_without_subject(bench, same):
    import json

    bench.specs["cm"] = bench.specs["cm"].replace(
        "from: cm\n", "from: cm\nwhere: \"CMTRT != 'none'\"\n"
    )
    given = """
        | SUBJID | CMTRT |
        | 001    | A     |
        | 001    | none  |
        |        | B     |
    """
    same(bench.map({"cm": given}, columns="CMTRT"), "| CMTRT |\n| A |")
    same(
        bench.findings(),
        """
        | rule            | subject | variable | value |
        | SUBJECT_MISSING |         | SUBJECT  |       |
        """,
    )
    report = json.loads((bench.root / "mapped" / "map.json").read_text())
    counts = {d["domain"]: d["counts"] for d in report["domains"]}["CM"]
    assert counts == {
        "read": 3,
        "made": 3,
        "records": 1,
        "dropped": 1,
        "quarantined": 1,
        "merged": 0,
    }
