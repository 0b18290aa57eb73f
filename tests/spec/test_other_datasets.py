"""Datasets made from the records of other datasets: CO, RELREC, EX from EC."""

AE = """
version: 1
domain: AE
from: ae
keys: [STUDYID, USUBJID, AETERM]
variables:
  AESEQ: {sequence: {by: keys}}
  AESPID: {assign: AESPID}
  AETERM: {assign: AETERM}
  AEDECOD: {assign: AETERM}
"""
RELREC = """
version: 1
domain: RELREC
from: builtin.related_records
links:
  - {from: CM.CMAENO, to: AE.AESPID}
keys: [STUDYID, USUBJID, RELID, RDOMAIN, IDVARVAL]
variables:
  RDOMAIN: {assign: RDOMAIN}
  IDVAR: {assign: IDVAR}
  IDVARVAL: {assign: IDVARVAL}
  RELID: {assign: RELID}
"""
CO = """
version: 1
domain: CO
from: builtin.comments
keys: [STUDYID, USUBJID, RDOMAIN, IDVARVAL, COVAL]
variables:
  COSEQ: {sequence: {by: keys}}
  RDOMAIN: {assign: RDOMAIN}
  IDVAR: {assign: IDVAR}
  IDVARVAL: {assign: IDVARVAL}
  COREF: {assign: COREF}
  COVAL: {assign: COVAL}
"""
VS = """
version: 1
domain: VS
from: vs
unpivot: {into: TESTCD, values: [SYSBP, PULSE], columns: {RESULT: "{}"}}
keys: [STUDYID, USUBJID, VSTESTCD, VISITNUM]
variables:
  VSSEQ: {sequence: {by: keys}}
  VSTESTCD: {assign: TESTCD}
  VSTEST: {assign_ct: TESTCD}
  VSORRES: {assign: RESULT}
  VISITNUM: {visit: {collected: VISIT, give: VISITNUM}}
"""
EC = """
version: 1
domain: EC
from: ec
keys: [STUDYID, USUBJID, ECSTDTC]
variables:
  ECSEQ: {sequence: {by: keys}}
  ECTRT: {assign: ECTRT}
  ECMOOD: {assign_ct: ECMOOD}
  ECOCCUR: {assign_ct: ECOCCUR}
  ECDOSE: {number: ECDOSE}
  ECDOSU: {assign_ct: ECDOSU}
  ECSTDTC: {datetime: ECSTDAT}
"""
EX = """
version: 1
domain: EX
keys: [STUDYID, USUBJID, EXSTDTC]
records:
  - from: ex
    variables:
      EXTRT: {assign: EXTRT}
      EXSTDTC: {datetime: EXSTDAT}
  - from: builtin.collected_exposure
    unless: ex
    variables:
      EXTRT: {assign: ECTRT}
      EXDOSE: {convert: {value: ECDOSE, unit: ECDOSU, test: ECTRT, table: doses}}
      EXDOSU: {convert: {value: ECDOSE, unit: ECDOSU, test: ECTRT, table: doses, give: unit}}
      EXSTDTC: {assign: ECSTDTC}
variables:
  EXSEQ: {sequence: {by: keys}}
"""
DM = """
| SUBJID | SEX |
| 1      | M   |
| 2      | F   |
"""


def test_records_that_name_one_record_are_one_relationship_with_it(bench, same):
    bench.specs |= {"ae": AE, "relrec": RELREC}
    made = bench.map(
        {
            "dm": DM,
            "ae": """
            | SUBJID | AESPID | AETERM   |
            | 1      | 7      | Headache |
            | 1      | 3      | Nausea   |
            | 2      | 7      | Rash     |
            """,
            "cm": """
            | SUBJID | CMTRT   | CMAENO |
            | 1      | ASPIRIN | 7      |
            | 1      | BALM    | 7, 3   |
            | 2      | CREAM   | 7      |
            | 2      | DROPS   |        |
            """,
        },
        dataset="RELREC",
        columns="USUBJID RELID RDOMAIN IDVAR IDVARVAL",
    )
    same(
        made,
        """
        | USUBJID | RELID | RDOMAIN | IDVAR | IDVARVAL |
        | S1-01-1 | CMAE1 | AE      | AESEQ | 1        |
        | S1-01-1 | CMAE1 | CM      | CMSEQ | 1        |
        | S1-01-1 | CMAE1 | CM      | CMSEQ | 2        |
        | S1-01-1 | CMAE2 | AE      | AESEQ | 2        |
        | S1-01-1 | CMAE2 | CM      | CMSEQ | 2        |
        | S1-01-2 | CMAE1 | AE      | AESEQ | 1        |
        | S1-01-2 | CMAE1 | CM      | CMSEQ | 1        |
        """,
    )


def test_a_name_that_leads_nowhere_or_to_several_records_is_told(bench, same):
    bench.specs |= {"ae": AE, "relrec": RELREC}
    bench.map(
        {
            "dm": DM,
            "ae": """
            | SUBJID | AESPID | AETERM   |
            | 1      | 7      | Headache |
            | 1      | 7      | Nausea   |
            """,
            "cm": """
            | SUBJID | CMTRT   | CMAENO |
            | 1      | ASPIRIN | 7      |
            | 1      | BALM    | 8; 9   |
            | 2      | CREAM   | 7      |
            """,
        },
        columns="CMSEQ",
    )
    same(
        bench.findings(),
        """
        | rule           | subject | variable | value |
        | LINK_UNKNOWN   | 1       | CMAENO   | 8, 9  |
        | LINK_UNKNOWN   | 2       | CMAENO   | 7     |
        | LINK_AMBIGUOUS | 1       | CMAENO   | 7     |
        """,
    )


def test_a_comment_points_to_the_record_or_the_visit_of_its_row(bench, same):
    bench.specs |= {"ae": AE, "vs": VS, "co": CO}
    made = bench.map(
        {
            "dm": """
            | SUBJID | SEX | COVAL           |
            | 1      | M   | moved house     |
            | 2      | F   |                 |
            """,
            "ae": """
            | SUBJID | AETERM   | COVAL             |
            | 1      | Headache |                   |
            | 1      | Nausea   | after a heavy meal |
            """,
            "vs": """
            | SUBJID | VISIT | SYSBP | PULSE | COVAL        |
            | 1      | V1    | 120   | 60    | arm sore     |
            | 1      | WEEK 2 | 120  |       | cuff small   |
            | 2      |       | 120   | 60    | no visit     |
            """,
        },
        dataset="CO",
        columns="USUBJID COSEQ RDOMAIN IDVAR IDVARVAL COREF COVAL",
    )
    same(
        made,
        """
        | USUBJID | COSEQ | RDOMAIN | IDVAR    | IDVARVAL | COREF | COVAL              |
        | S1-01-1 | 1     | AE      | AESEQ    | 2        |       | after a heavy meal |
        | S1-01-1 | 2     | DM      |          |          |       | moved house        |
        | S1-01-1 | 3     | VS      | VISITNUM | 1        |       | arm sore           |
        | S1-01-1 | 4     | VS      | VSSEQ    | 3        |       | cuff small         |
        | S1-01-2 | 1     |         |          |          | VS    | no visit           |
        """,
    )


COLLECTED = """
| SUBJID | ECTRT | ECMOOD    | ECOCCUR | ECDOSE | ECDOSU  | ECSTDAT     |
| 1      | DRUG  | Performed | Y       | 2      | tablet  | 01-MAR-2025 |
| 1      | DRUG  | Performed | N       |        |         | 02-MAR-2025 |
| 1      | DRUG  | Scheduled |         | 2      | TABLET  | 03-MAR-2025 |
| 2      | SERUM |           |         | 1.5    | mL      | 01-MAR-2025 |
"""
DOSES = """
test,from,to,factor
DRUG,TABLET,mg,20
"""


def test_exposure_comes_from_the_collected_doses_that_were_given(bench, same):
    bench.specs |= {"ec": EC, "ex": EX}
    bench.terms["doses"] = DOSES
    made = bench.map(
        {"dm": DM, "ec": COLLECTED}, dataset="EX", columns="USUBJID EXTRT EXDOSE EXDOSU EXSTDTC"
    )
    same(
        made,
        """
        | USUBJID | EXTRT | EXDOSE | EXDOSU | EXSTDTC    |
        | S1-01-1 | DRUG  | 40     | mg     | 2025-03-01 |
        | S1-01-2 | SERUM | 1.5    | mL     | 2025-03-01 |
        """,
    )


def test_where_there_is_a_form_of_exposure_the_collected_doses_are_not_asked(bench, same):
    bench.specs |= {"ec": EC, "ex": EX}
    bench.terms["doses"] = DOSES
    exposure = """
    | SUBJID | EXTRT | EXSTDAT     |
    | 1      | REAL  | 01-MAR-2025 |
    """
    made = bench.map({"dm": DM, "ec": COLLECTED, "ex": exposure}, dataset="EX", columns="EXTRT")
    same(
        made,
        """
        | EXTRT |
        | REAL  |
        """,
    )
