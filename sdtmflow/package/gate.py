"""What the rows of a dataset must be before a file of it is written, record by record.

XPORT v5 and the agencies take printable ASCII, at most 200 bytes a text. Typographic characters
have an accepted ASCII form and are written in it; nothing else is replaced. Every replacement is a
finding, and so is every record for which a dataset cannot be written
(docs/decisions/0003-ascii-gate.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from sdtmflow.dataset import Dataset, Variable
from sdtmflow.finding import Finding, Severity, Stage
from sdtmflow.formats.blocks import parquet_blocks
from sdtmflow.formats.texts import all_between, any_empty, any_ends_with, longest, without_nulls
from sdtmflow.formats.xpt.member import TEXT_BYTES
from sdtmflow.package.transliteration import TRANSLITERATIONS, ascii_form

_FIRST_PRINTABLE, _LAST_PRINTABLE = 0x20, 0x7E
_NOT_PRINTABLE_ASCII = r"[^\x20-\x7E]"
_SMALLEST, _TOO_LARGE = 16.0**-65, 16.0**63
"""The magnitudes of IBM doubles (formats.xpt.ibm)."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What was found in a dataset's rows, and the variables whose texts are written otherwise."""

    findings: tuple[Finding, ...] = ()
    rewritten: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether no file of the dataset can be written."""
        return any(finding.severity is Severity.CRITICAL for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Rule:
    rule: str
    severity: Severity
    message: str
    breaks: pl.Expr


def inspect_rows(dataset: Dataset, path: Path) -> Gate:
    """Look at every record of ``path`` (Parquet, the columns of ``dataset``), block by block."""
    suspects: dict[str, list[pl.DataFrame]] = {}
    before = 0
    for block in parquet_blocks([variable.name for variable in dataset.variables], path):
        for variable in dataset.variables:
            if _doubtful(block.column(variable.name), variable):
                rows = pl.DataFrame(pl.from_arrow(block)).with_row_index("_nr", offset=before + 1)
                found = rows.filter(_suspect(variable))
                suspects.setdefault(variable.name, []).append(found)
        before += block.num_rows
    wrong = [variable for variable in dataset.variables if variable.name in suspects]
    findings = [
        finding
        for variable in wrong
        for finding in _findings(dataset, variable, pl.concat(suspects[variable.name]))
    ]
    return Gate(tuple(findings), tuple(one.name for one in wrong if not one.numeric))


def _doubtful(values: pa.Array, variable: Variable) -> bool:
    """Whether a block may have suspects: a look at the bytes as a whole, which misses nothing."""
    if variable.numeric:
        numbers = pl.DataFrame({variable.name: pl.Series(values, dtype=pl.Float64)})
        return bool(numbers.select(_suspect(variable).any()).item())
    texts = without_nulls(values.cast(pa.large_string()))
    return (
        not all_between(texts, _FIRST_PRINTABLE, _LAST_PRINTABLE)
        or longest(texts) > _limit(variable)
        or any_ends_with(texts, ord(" "))
        or (variable.name == "STUDYID" and any_empty(texts))
    )


def _suspect(variable: Variable) -> pl.Expr:
    """The records that some rule may hold for."""
    value = pl.col(variable.name)
    if variable.numeric:
        return _out_of_range(value)
    suspect = (
        value.str.contains(_NOT_PRINTABLE_ASCII)
        | value.str.ends_with(" ")
        | (value.str.len_bytes() > _limit(variable))
    ).fill_null(value=False)
    return suspect | _blank(value) if variable.name == "STUDYID" else suspect


def _out_of_range(value: pl.Expr) -> pl.Expr:
    size = value.abs()
    fits = (size == 0) | ((size >= _SMALLEST) & (size < _TOO_LARGE) & size.is_not_nan())
    return ~fits.fill_null(value=True)


def _blank(value: pl.Expr) -> pl.Expr:
    return value.fill_null("").str.strip_chars() == ""


def _limit(variable: Variable) -> int:
    return min(variable.length or TEXT_BYTES, TEXT_BYTES)


def _rules(variable: Variable) -> Iterator[_Rule]:
    value = pl.col(variable.name)
    if variable.numeric:
        yield _Rule(
            "NUMBER_OUT_OF_RANGE",
            Severity.CRITICAL,
            "no number that SAS XPORT can hold; the dataset is not written",
            _out_of_range(value),
        )
        return
    if variable.name == "STUDYID":
        message = "STUDYID is blank; the dataset is not written"
        yield _Rule("STUDYID_BLANK", Severity.CRITICAL, message, _blank(value))
    yield from _text_rules(value, _limit(variable))


def _text_rules(value: pl.Expr, limit: int) -> Iterator[_Rule]:
    foreign = value.str.contains(_NOT_PRINTABLE_ASCII)
    still_foreign = ascii_form(value).str.contains(_NOT_PRINTABLE_ASCII)
    yield _Rule(
        "NON_ASCII",
        Severity.MAJOR,
        "characters that submission files cannot hold are replaced",
        foreign & ~still_foreign,
    )
    yield _Rule(
        "NON_ASCII_REFUSED",
        Severity.CRITICAL,
        "characters other than ASCII that nobody may replace; the dataset is not written",
        still_foreign,
    )
    yield _Rule(
        "TRAILING_BLANK",
        Severity.MINOR,
        "trailing blanks are not kept in submission files",
        value.str.ends_with(" "),
    )
    yield _Rule(
        "TEXT_TOO_LONG",
        Severity.CRITICAL,
        f"the text is longer than {limit} bytes; the dataset is not written",
        ascii_form(value).str.len_bytes() > limit,
    )


def _findings(dataset: Dataset, variable: Variable, suspects: pl.DataFrame) -> list[Finding]:
    return [
        _finding(rule, dataset, variable, record)
        for rule in _rules(variable)
        for record in suspects.filter(rule.breaks).iter_rows(named=True)
    ]


def _finding(
    rule: _Rule, dataset: Dataset, variable: Variable, record: Mapping[str, object]
) -> Finding:
    value = record[variable.name]
    keys = [f"{key}={record[key]}" for key in dataset.keys if record.get(key) is not None]
    return Finding(
        rule=rule.rule,
        severity=rule.severity,
        stage=Stage.PACKAGE,
        message=f"{variable.name}: {rule.message}{_replaced(rule, str(value))}",
        subject=str(record.get("USUBJID") or ""),
        visit=str(record.get("VISIT") or ""),
        dataset=dataset.name,
        record_key="|".join(keys),
        variable=variable.name,
        value="" if value is None else str(value),
        row=int(str(record["_nr"])),
    )


def _replaced(rule: _Rule, value: str) -> str:
    if rule.rule != "NON_ASCII":
        return ""
    used = [old for old in TRANSLITERATIONS if old in value]
    return ": " + ", ".join(
        f"U+{ord(old[0]):04X} by {TRANSLITERATIONS[old]!r}" for old in used if len(old) == 1
    )
