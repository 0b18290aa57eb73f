"""A drafted suite as the text of a file: each proposal below its evidence, and what is open."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from expectations.drafting.keys import Key
from expectations.drafting.profile import ColumnProfile, Kind
from expectations.drafting.proposals import Proposal
from expectations.suite import Join
from sdtmflow.mapping.values.flow_text import flow
from sdtmflow.wording import counted

_WIDTH = 100
_RULE = 32
"""The longest rule id that a suite takes."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that one drafted file says."""

    table: str
    sources: Sequence[str]
    rows: int
    key: Key | None
    """None: none was found."""
    join: Join | None
    columns: Sequence[ColumnProfile]
    proposals: Sequence[Proposal]

    @property
    def silent(self) -> list[ColumnProfile]:
        """Columns that no proposal reads."""
        read = {name for each in self.proposals for name in each.columns}
        return [column for column in self.columns if column.name not in read]


def text_of(sheet: Sheet) -> str:
    """The file."""
    return "\n".join([*_head(sheet), *_items(sheet), *_open(sheet)]) + "\n"


def _head(sheet: Sheet) -> Iterator[str]:
    yield from _comment(
        f"Draft for {sheet.table}: {counted(sheet.rows, 'record')} of {', '.join(sheet.sources)}. "
        "It says what the data are, not what they should be: review every line, say what the site "
        "is to be asked, add what no data can show; remove the comments.",
        "",
    )
    yield "version: 1"
    yield f"table: {flow(sheet.table)}"
    yield "stage: raw"
    if sheet.key is None:
        yield "# key: no few columns tell all records of a subject apart; name them here"
    elif sheet.key.columns:
        yield f"key: {flow(list(sheet.key.columns))}"
    if sheet.join and any(sheet.join.found in each.columns for each in sheet.proposals):
        yield f"join: {{to: {flow(sheet.join.to)}}}"
    yield "expectations:"


def _items(sheet: Sheet) -> Iterator[str]:
    used: set[str] = set()
    for each in sheet.proposals:
        rule = _rule(f"{sheet.table}_{each.rule}", used)
        yield from _comment(each.evidence, "  ")
        yield from _folded(f"  - {each.expectation}: {flow(dict(each.arguments))}")
        yield f"    rule: {rule}"
        yield f"    severity: {each.severity}"
        if each.variable:
            yield f"    variable: {flow(each.variable)}"
        if each.optional:
            yield "    optional: true # not every source delivers the column"
        yield from _said("message", each.message)
        if each.query:
            yield from _said("query", each.query)
        yield ""


def _folded(item: str) -> Iterator[str]:
    """An item of a map in flow style, on as many lines as it needs."""
    if len(item) <= _WIDTH:
        yield item
        return
    head, _, rest = item.partition(": ")
    yield f"{head}:"
    yield from textwrap.wrap(
        rest,
        _WIDTH,
        initial_indent="      ",
        subsequent_indent="       ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _said(key: str, text: str) -> Iterator[str]:
    line = f"    {key}: {flow(text)}"
    if len(line) <= _WIDTH:
        yield line
        return
    yield f"    {key}: >-"
    indent = " " * 6
    yield from textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _rule(name: str, used: set[str]) -> str:
    """An id that a suite takes, and that no other proposal of the file has."""
    plain = "".join(char if char.isascii() and char.isalnum() else "_" for char in name.upper())
    start = plain if plain[0].isalpha() else f"R{plain}"
    rule, number = start[:_RULE], 1
    while rule in used:
        number += 1
        rule = f"{start[: _RULE - 1 - len(str(number))]}_{number}"
    used.add(rule)
    return rule


def _open(sheet: Sheet) -> Iterator[str]:
    if sheet.silent:
        yield "# open: nothing is proposed of these columns"
    for column in sheet.silent:
        yield f"#   {column.name}: {_why(column)}"


def _why(column: ColumnProfile) -> str:
    if column.kind is Kind.EMPTY:
        return "never filled"
    return f"filled in {column.filled:,} of {column.rows:,} records, {column.kind}"


def _comment(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "
    )
