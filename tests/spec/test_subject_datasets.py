"""SE, SV, EPOCH and long texts: what is made from several records of a subject."""

import pytest

DESIGN = """
design:
  elements:
    SCR: {element: Screening, start_rule: Consent}
    TRT: {element: Treatment, start_rule: First dose}
    FUP: {element: Follow-up, start_rule: Day after last dose}
  arms:
    A:
      arm: Arm A
      elements:
        - {etcd: SCR, epoch: SCREENING}
        - {etcd: TRT, epoch: TREATMENT}
        - {etcd: FUP, epoch: FOLLOW-UP}
"""
EX = """
version: 1
domain: EX
from: ex
keys: [STUDYID, USUBJID, EXSTDTC]
variables:
  EXSEQ: {sequence: {by: keys}}
  EXTRT: {constant: DRUG}
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
  EPOCH: {assign: EPOCH}
  SESTDTC: {assign: SESTDTC}
  SEENDTC: {assign: SEENDTC}
"""
SV = """
version: 1
domain: SV
from: builtin.subject_visits
keys: [STUDYID, USUBJID, VISITNUM]
variables:
  VISITNUM: {number: VISITNUM}
  VISIT: {assign: VISIT}
  SVPRESP: {assign: SVPRESP}
  SVSTDTC: {assign: SVSTDTC}
  SVENDTC: {assign: SVENDTC}
"""
TABLES = {
    "dm": """
        | SUBJID | SEX | ARMCD | RFICDTC    | RFPENDTC   |
        | 001    | F   | A     | 2025-03-01 | 2025-04-20 |
        | 002    | M   |       | 2025-03-02 | 2025-03-05 |
    """,
    "ex": """
        | SUBJID | EXSTDAT          | EXENDAT    |
        | 001    | 2025-03-20       | 2025-04-01 |
        | 001    | 2025-03-10T08:00 | 2025-03-19 |
    """,
    "cm": """
        | SUBJID | CMTRT | CMSTDAT          |
        | 001    | A     | 2025-02-28       |
        | 001    | B     | 2025-03-09       |
        | 001    | C     | 2025-03-10       |
        | 001    | D     | 2025-03-10T07:00 |
        | 001    | E     | 2025-04-01       |
        | 001    | F     | 2025-04-02       |
        | 001    | G     | 2025-04-21       |
        | 001    | H     | 2025-03          |
        | 002    | I     | 2025-03-03       |
    """,
}


@pytest.fixture
def designed(bench):
    bench.study += DESIGN
    bench.specs |= {"ex": EX, "se": SE}
    bench.lines(
        "ARMCD: {assign: ARMCD}",
        "RFICDTC: {datetime: RFICDTC, formats: [ISO]}",
        "RFPENDTC: {datetime: RFPENDTC, formats: [ISO]}",
        domain="dm",
    )
    bench.lines("CMSTDTC: {datetime: CMSTDAT, formats: [ISO]}", "EPOCH: {epoch: CMSTDTC}")
    return bench


def test_elements_run_from_consent_over_the_doses_to_the_end(designed, same):
    same(
        designed.map(TABLES, columns="USUBJID SESEQ ETCD EPOCH SESTDTC SEENDTC", dataset="SE"),
        """
        | USUBJID   | SESEQ | ETCD | EPOCH     | SESTDTC          | SEENDTC          |
        | S1-01-001 | 1     | SCR  | SCREENING | 2025-03-01       | 2025-03-10T08:00 |
        | S1-01-001 | 2     | TRT  | TREATMENT | 2025-03-10T08:00 | 2025-04-02       |
        | S1-01-001 | 3     | FUP  | FOLLOW-UP | 2025-04-02       | 2025-04-20       |
        | S1-01-002 | 1     | SCR  | SCREENING | 2025-03-02       | 2025-03-05       |
        """,
    )


def test_epoch_is_that_of_the_element_in_which_the_date_falls(designed, same):
    same(
        designed.map(TABLES, columns="CMTRT CMSTDTC EPOCH"),
        """
        | CMTRT | CMSTDTC          | EPOCH     |
        | A     | 2025-02-28       |           |
        | B     | 2025-03-09       | SCREENING |
        | C     | 2025-03-10       | TREATMENT |
        | D     | 2025-03-10T07:00 | SCREENING |
        | E     | 2025-04-01       | TREATMENT |
        | F     | 2025-04-02       | FOLLOW-UP |
        | G     | 2025-04-21       |           |
        | H     | 2025-03          |           |
        | I     | 2025-03-03       | SCREENING |
        """,
    )


def test_visits_last_from_the_first_to_the_last_date_in_any_domain(bench, same):
    bench.specs |= {"sv": SV, "ex": EX}
    for domain in ("cm", "ex"):
        date = {"cm": "CMSTDTC", "ex": "EXSTDTC"}[domain]
        for give in ("VISIT", "VISITNUM"):
            spec = f"{give}: {{visit: {{collected: VISIT, date: {date}, give: {give}}}}}"
            bench.lines(spec, domain=domain)
    bench.lines("CMSTDTC: {datetime: D, formats: [ISO]}")
    given = {
        "cm": """
            | SUBJID | CMTRT | VISIT       | D                |
            | 001    | A     | SCREENING   | 2025-03-01       |
            | 001    | B     | V1          | 2025-03-02T10:00 |
            | 001    | C     | Unscheduled | 2025-03-05       |
        """,
        "ex": """
            | SUBJID | VISIT       | EXSTDAT    |
            | 001    | screening   | 2025-02-27 |
            | 001    | BASELINE    | 2025-03    |
            | 001    | Unscheduled | 2025-03-05 |
        """,
    }
    same(
        bench.map(given, columns="VISITNUM VISIT SVPRESP SVSTDTC SVENDTC", dataset="SV"),
        """
        | VISITNUM | VISIT            | SVPRESP | SVSTDTC    | SVENDTC          |
        | 1        | SCREENING        | Y       | 2025-02-27 | 2025-03-02T10:00 |
        | 1.01     | UNSCHEDULED 1.01 |         | 2025-03-05 | 2025-03-05       |
        | 2        | BASELINE         | Y       | 2025-03    | 2025-03          |
        """,
    )


def test_a_text_over_200_bytes_goes_on_in_supplemental_qualifiers(bench, same):
    bench.lines("CMINDC: {assign: CMINDC}")
    word = "ä" * 49
    given = f"""
        | SUBJID | CMTRT | CMINDC                      |
        | 001    | A     | {word} {word} {word} {word} |
        | 001    | B     | short                       |
    """
    same(
        bench.map({"cm": given}, columns="IDVARVAL QNAM QLABEL QVAL QORIG", dataset="SUPPCM"),
        f"""
        | IDVARVAL | QNAM    | QLABEL     | QVAL          | QORIG |
        | 1        | CMINDC1 | Indication | {word} {word} | CRF   |
        """,
    )
