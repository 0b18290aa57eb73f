"""A dataset's rows and metadata as they go into the files of the package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow as pa

from sdtmflow.dataset import Check, Codelist, Dataset, ValueLevel, Variable
from sdtmflow.formats.blocks import parquet_blocks
from sdtmflow.formats.xpt import Column, DisplayFormat, Member
from sdtmflow.package.gate import Gate
from sdtmflow.package.transliteration import ascii_form, ascii_text

_FORMAT = re.compile(r"(\$?[A-Z_]*)(\d*)\.?(\d*)")


def frames_of(dataset: Dataset, path: Path, gate: Gate) -> Iterator[pl.DataFrame]:
    """The rows as they will be written, block by block, in the order of the file."""
    rewritten = [ascii_form(pl.col(name)) for name in gate.rewritten]
    for block in parquet_blocks([variable.name for variable in dataset.variables], path):
        yield pl.DataFrame(pl.from_arrow(block)).with_columns(rewritten)


def blocks_of(dataset: Dataset, path: Path, gate: Gate) -> Iterator[pa.RecordBatch]:
    """``frames_of`` as Arrow blocks."""
    if not gate.rewritten:
        yield from parquet_blocks([variable.name for variable in dataset.variables], path)
        return
    for frame in frames_of(dataset, path, gate):
        yield from frame.rechunk().to_arrow().to_batches()


def member_of(dataset: Dataset) -> Member:
    """The XPT metadata of a dataset whose lengths are settled."""
    return Member(dataset.name, dataset.label, tuple(map(_column, dataset.variables)))


def _column(variable: Variable) -> Column:
    return Column(
        variable.name,
        variable.label,
        numeric=variable.numeric,
        length=variable.length,
        format=_display_format(variable.display_format),
    )


def _display_format(text: str) -> DisplayFormat:
    """``8.2`` or ``DATE9.`` as XPT holds it; what is no SAS format stands in define.xml only."""
    parts = _FORMAT.fullmatch(text)
    if not parts:
        return DisplayFormat()
    name, width, decimals = parts.groups()
    return DisplayFormat(name, int(width or 0), int(decimals or 0))


def ascii_metadata(dataset: Dataset) -> Dataset:
    """The dataset with terms and conditions in the form in which the data are written."""
    variables = (
        replace(
            variable,
            codelist=_ascii_terms(variable.codelist),
            value_level=tuple(map(_ascii_level, variable.value_level)),
        )
        for variable in dataset.variables
    )
    return replace(dataset, variables=tuple(variables))


def _ascii_level(level: ValueLevel) -> ValueLevel:
    return replace(
        level, where=tuple(map(_ascii_check, level.where)), codelist=_ascii_terms(level.codelist)
    )


def _ascii_check(check: Check) -> Check:
    return replace(check, values=tuple(map(ascii_text, check.values)))


def _ascii_terms(codelist: Codelist | None) -> Codelist | None:
    if codelist is None:
        return None
    terms = tuple(replace(term, value=ascii_text(term.value)) for term in codelist.terms)
    return replace(codelist, terms=terms)
