"""--SEQ over deliveries, as tables: what was numbered before keeps its number."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sdtmflow.mapping.records.remembering import remember

CM = """
version: 1
domain: CM
from: cm
keys: [STUDYID, USUBJID, CMSTDTC, CMTRT]
variables:
  CMSEQ: {sequence: {by: keys}}
  CMTRT: {assign: CMTRT}
  CMSTDTC: {datetime: CMSTDAT, formats: [ISO]}
  CMDOSTXT: {assign: DOSE}
supplemental:
  NOTE: {label: Note, assign: NOTE}
"""
FIRST = """
    | SUBJID | CMTRT   | CMSTDAT    | DOSE | NOTE |
    | 001    | Aspirin | 2025-01-01 | 1    |      |
    | 001    | Iron    | 2025-02-01 | 1    | n    |
    | 001    | Zinc    | 2025-03-01 | 1    |      |
    | 002    | Iron    | 2025-02-01 | 1    |      |
"""


@pytest.fixture
def deliver(bench, tmp_path: Path, same):
    """Map a delivery, compare its records, and let the next one remember it."""
    bench.specs["cm"] = CM
    folders = iter(tmp_path / f"delivery{n}" for n in range(9))
    known = []

    def check(given: str, expected: str, columns: str = "USUBJID CMSEQ CMTRT") -> None:
        bench.root = next(folders)
        bench.root.mkdir()
        numbers = known[-1] if known else None
        bench.numbers = numbers
        same(bench.map({"cm": given}, columns=columns), expected)
        known.append(bench.root / "known")
        known[-1].mkdir()
        remember(numbers, [bench.root / "mapped"], known[-1])

    return check


def test_a_first_delivery_is_numbered_in_the_order_of_the_natural_key(deliver):
    deliver(
        FIRST,
        """
        | USUBJID   | CMSEQ | CMTRT   |
        | S1-01-001  | 1     | Aspirin |
        | S1-01-001  | 2     | Iron    |
        | S1-01-001  | 3     | Zinc    |
        | S1-01-002  | 1     | Iron    |
        """,
    )


def test_what_survives_keeps_its_number_and_what_is_new_gets_the_next(deliver, bench):
    deliver(FIRST, _numbers("001 1 Aspirin", "001 2 Iron", "001 3 Zinc", "002 1 Iron"))
    deliver(
        """
        | SUBJID | CMTRT | CMSTDAT    | DOSE | NOTE |
        | 001    | Zinc  | 2025-03-01 | 2    | m    |
        | 001    | Folic | 2024-01-01 | 1    |      |
        | 001    | Iron  | 2025-02-01 | 1    | n    |
        | 003    | Iron  | 2025-02-01 | 1    |      |
        """,
        _numbers("001 4 Folic", "001 2 Iron", "001 3 Zinc", "003 1 Iron"),
    )
    linked = pl.read_parquet(bench.root / "mapped/SUPPCM.parquet")
    assert linked.select("IDVARVAL", "QVAL").rows() == [("2", "n"), ("3", "m")]
    assert "SEQ_RENUMBERED" not in bench.findings(), "the data have changed, not the mapping"


def test_a_retired_number_is_not_given_again_and_waits_for_its_record(deliver):
    deliver(FIRST, _numbers("001 1 Aspirin", "001 2 Iron", "001 3 Zinc", "002 1 Iron"))
    deliver(_rows("001 | Iron | 2025-02-01"), _numbers("001 2 Iron"))
    deliver(
        _rows("001 | Iron | 2025-02-01", "001 | Copper | 2025-09-01", "002 | Lead | 2025-01-01"),
        _numbers("001 2 Iron", "001 4 Copper", "002 2 Lead"),
    )
    deliver(FIRST, _numbers("001 1 Aspirin", "001 2 Iron", "001 3 Zinc", "002 1 Iron"))


def test_records_with_the_same_key_are_told_apart_by_what_else_they_say(deliver):
    deliver(
        _rows("001 | Iron | 2025-02-01 | 1", "001 | Iron | 2025-02-01 | 2"),
        _doses("001 1 1", "001 2 2"),
        "USUBJID CMSEQ CMDOSTXT",
    )
    deliver(
        _rows("001 | Iron | 2025-02-01 | 3", "001 | Iron | 2025-02-01 | 2"),
        _doses("001 1 3", "001 2 2"),
        "USUBJID CMSEQ CMDOSTXT",
    )
    deliver(_rows("001 | Iron | 2025-02-01 | 2"), _doses("001 2 2"), "USUBJID CMSEQ CMDOSTXT")
    deliver(_rows("001 | Iron | 2025-02-01 | 9"), _doses("001 2 9"), "USUBJID CMSEQ CMDOSTXT")


def test_a_new_natural_key_finds_its_records_by_their_raw_rows(deliver, bench):
    deliver(FIRST, _numbers("001 1 Aspirin", "001 2 Iron", "001 3 Zinc", "002 1 Iron"))
    bench.specs["cm"] = CM.replace("CMSTDTC, CMTRT]", "CMTRT, CMDOSTXT]")
    deliver(FIRST, _numbers("001 1 Aspirin", "001 2 Iron", "001 3 Zinc", "002 1 Iron"))
    assert "SEQ_RENUMBERED" not in bench.findings()


def test_records_that_a_new_mapping_makes_unrecognisable_are_told(deliver, bench, same):
    deliver(FIRST, _numbers("001 1 Aspirin", "001 2 Iron", "001 3 Zinc", "002 1 Iron"))
    bench.specs["cm"] = CM.replace("CMSTDTC, CMTRT]", "CMTRT, CMDOSTXT]")
    deliver(
        FIRST.replace("| 1    |", "| 7    |").replace("002    | Iron", "002    | Lead"),
        _numbers("001 4 Aspirin", "001 5 Iron", "001 6 Zinc", "002 2 Lead"),
    )
    same(
        bench.findings(),
        """
        | rule           | subject | variable | value |
        | SEQ_RENUMBERED | 001     | CMSEQ    | 3     |
        | SEQ_RENUMBERED | 002     | CMSEQ    | 1     |
        """,
    )


def test_another_numbered_variable_counts_anew_each_time(deliver, bench):
    bench.specs["cm"] = CM.replace("CMSEQ:", "CMDOSE: {sequence: {by: [CMTRT]}}\n  CMSEQ:")
    deliver(_rows("001 | Iron | 2025-02-01"), _numbers("001 1 Iron"))
    deliver(
        _rows("001 | Gold | 2025-02-02", "001 | Iron | 2025-02-01"),
        """
        | CMDOSE | CMSEQ | CMTRT |
        | 2      | 1     | Iron  |
        | 1      | 2     | Gold  |
        """,
        "CMDOSE CMSEQ CMTRT",
    )


def _rows(*rows: str) -> str:
    lines = "".join(f"| {row}{' |' * (4 - row.count('|'))} |\n" for row in rows)
    return f"| SUBJID | CMTRT | CMSTDAT | DOSE | NOTE |\n{lines}"


def _numbers(*records: str) -> str:
    return _table("CMTRT", records)


def _doses(*records: str) -> str:
    return _table("CMDOSTXT", records)


def _table(last: str, records: tuple[str, ...]) -> str:
    cells = [record.split() for record in records]
    return f"| USUBJID | CMSEQ | {last} |\n" + "".join(
        f"| S1-01-{subject} | {number} | {text} |\n" for subject, number, text in cells
    )
