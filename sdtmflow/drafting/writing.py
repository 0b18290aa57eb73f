"""A draft as the text of a spec file: lines with their evidence, and what is open, as comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sdtmflow.drafting.choosing import Choice
from sdtmflow.drafting.lines import DraftLine
from sdtmflow.drafting.unmatched import Unmatched
from sdtmflow.drafting.wide import Wide, standard_unpivot
from sdtmflow.mapping.values.conditions import names, parse
from sdtmflow.mapping.values.flow_text import flow

_WIDTH = 98


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that one drafted file says."""

    choice: Choice
    source: str
    threshold: float
    lines: tuple[DraftLine, ...]
    """Sure enough, and without doubt."""
    doubtful: tuple[DraftLine, ...]
    wide: Wide | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    """Variable → what `check` says of its line, which is therefore left open."""
    unmatched: Mapping[str, Unmatched] = field(default_factory=dict)
    """Variable → how many of its texts neither its codelists nor the study's terms know."""

    @property
    def domain(self) -> str:
        """The domain."""
        return self.choice.domain.facts.name

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.domain.lower()}.yaml"

    @property
    def open_columns(self) -> list[str]:
        """Raw columns that nothing reads."""
        used = {name for line in (*self.lines, *self.doubtful) for name in line.columns}
        used |= self.wide.columns if self.wide else set()
        return [c.name for c in self.choice.table.columns if c.name not in used]


def text_of(sheet: Sheet) -> str:
    """The file."""
    parts = [*_head(sheet), *_body(sheet), *_open(sheet)]
    return "\n".join(parts) + "\n"


def _head(sheet: Sheet) -> Iterator[str]:
    table = sheet.choice.table
    yield f"# Draft of {sheet.domain}, from the raw table {table.name} of source {sheet.source}."
    yield "# Each line has its confidence and evidence above: review it, then remove the comment."
    yield f"# What is surer than {sheet.threshold:.2f} is proposed; the rest is open, at the end."
    served = [line for line in sheet.lines if line.served]
    if served:
        yield "# The standard spec already reads, as it is:"
        yield from _folded(
            f"{line.columns[0]} → {line.variable} ({line.confidence:.2f})" for line in served
        )


def _folded(items: Iterator[str]) -> Iterator[str]:
    line = "#  "
    for item in items:
        if len(line) + len(item) + 2 > _WIDTH and line.strip("# "):
            yield line.rstrip()
            line = "#  "
        line += f" {item},"
    yield line.rstrip(",")


def _body(sheet: Sheet) -> Iterator[str]:
    standard, table = sheet.choice.domain.standard, sheet.choice.table
    yield "version: 1"
    yield f"domain: {sheet.domain}"
    if standard is None:
        yield f"from: {flow(table.name)}"
        yield f"keys: {flow(_keys(sheet))}"
    else:
        yield "extends: standard"
        yield from _from(sheet)
        yield from _unpivot(sheet)
    own = [line for line in sheet.lines if not line.served]
    variables = [line for line in own if not line.supplemental]
    if standard is None:
        yield "variables:"
        yield f"  {sheet.domain}SEQ: {{sequence: {{by: keys}}}}"
        yield from _proposals(variables)
    elif variables:
        yield "variables:"
        yield from _proposals(variables)
    qualifiers = [line for line in own if line.supplemental]
    if qualifiers:
        yield "supplemental:"
        yield from _proposals(qualifiers)


def _proposals(lines: list[DraftLine]) -> Iterator[str]:
    for line in lines:
        yield f"  # {line.label}"
        yield f"  {line.variable}: {flow(line.data)}"


def _keys(sheet: Sheet) -> list[str]:
    made = {line.variable for line in sheet.lines}
    wished = [sheet.domain + end for end in ("TRT", "TERM", "TESTCD", "STDTC", "DTC")]
    return ["STUDYID", "USUBJID", *(name for name in wished if name in made)]


def _from(sheet: Sheet) -> Iterator[str]:
    standard = sheet.choice.domain.standard
    if standard is None:
        return
    tables = {records.from_ for records in standard.record_sets}
    own = sheet.choice.table.name
    if own in tables:
        return
    if len(tables) == 1:
        yield f"from: {flow(own)}"
    else:
        yield f"# open: the standard spec reads {', '.join(sorted(tables))};"
        yield "#   name the table in study.yaml, under the source:"
        yield f"#   tables: {{{sheet.domain.lower()}: {{from: {flow(sheet.choice.table.sent)}}}}}"
    wheres = [records.where for records in standard.record_sets if records.where]
    if len(standard.record_sets) == 1 and wheres:
        where = _where(sheet, wheres[0])
        if where != wheres[0]:
            yield f"where: {flow(where)}"


def _where(sheet: Sheet, where: str) -> str:
    """The standard's condition in the names of this table."""
    there = {column.name for column in sheet.choice.table.columns}
    for name in dict.fromkeys(names(parse(where))):
        if name not in there and (own := _instead(sheet, name)):
            quoted = own if re.fullmatch(r"\w+", own) else f"`{own}`"
            where = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", quoted, where)
    return where


def _instead(sheet: Sheet, raw: str) -> str:
    """The column here for what the standard spec calls ``raw``."""
    variables = {target.name for target in sheet.choice.domain.reading(raw)}
    found = (line.columns[0] for line in sheet.lines if line.variable in variables)
    return next(found, "")


def _unpivot(sheet: Sheet) -> Iterator[str]:
    wide, unpivot = sheet.wide, standard_unpivot(sheet.choice.domain)
    if wide is None or unpivot is None:
        return
    keys = list(unpivot.columns)
    if wide.template and wide.template != unpivot.columns[keys[0]]:
        columns = {keys[0]: wide.template} | ({keys[1]: wide.units} if wide.units else {})
        values = sorted(wide.results)
        told = "; ".join(dict.fromkeys(r.replace(c, "…") for c, r in wide.reasons.items()))
        yield f"# {0.95:.2f}: {len(values)} columns hold one test each: {told}"
        yield f"unpivot: {flow({'into': unpivot.into, 'values': values, 'columns': columns})}"


def _open(sheet: Sheet) -> Iterator[str]:
    entries = [
        *_open_lines(sheet),
        *_open_tests(sheet),
        *_open_terms(sheet),
        *_open_columns(sheet),
        *_missing(sheet),
    ]
    if entries:
        yield "# open:"
        yield from (f"#   {entry}" for entry in entries)
    renames = dict(_renames(sheet))
    if renames:
        table = sheet.domain.lower()
        said = {table: {"from": sheet.choice.table.sent, "columns": renames}}
        yield "# Or leave the spec as it is and name the columns in study.yaml, under the source:"
        yield f"#   tables: {flow(said)}"


def _open_lines(sheet: Sheet) -> Iterator[str]:
    for line in sheet.doubtful:
        yield f"{line.variable}: {flow(line.data)}"
        yield f"  {line.label}; but {line.doubt or sheet.refused.get(line.variable, '')}"


def _open_tests(sheet: Sheet) -> Iterator[str]:
    wide = sheet.wide
    if wide is None:
        return
    if not wide.template or standard_unpivot(sheet.choice.domain) is None:
        for code, column in sorted(wide.results.items()):
            yield f"{column.name} looks like the test {code}: {wide.reasons[code]}"
    elif not wide.units:
        yield f"{sheet.domain}ORRESU: no column has the units of the results"


def _open_terms(sheet: Sheet) -> Iterator[str]:
    """Texts that the codelist does not know; a draft never quotes them."""
    for variable, found in sheet.unmatched.items():
        codelists = sheet.choice.domain.targets[variable].codelists
        name = codelists[0].submission_value
        closed = not any(codelist.extensible for codelist in codelists)
        what = "a closed codelist" if closed else "which may be extended"
        yield f"{variable}: {found.lacking} of {found.texts} texts are no terms of {name}, {what};"
        yield f"  say what they mean in terms/{name}.csv (collected,submission)"


def _open_columns(sheet: Sheet) -> Iterator[str]:
    for name in sheet.open_columns:
        rival = sheet.choice.rivals.get(name)
        label = sheet.choice.table.column(name).label
        near = f"; nearest is {rival.target.name} ({rival.confidence:.2f})" if rival else ""
        yield f"raw column {name}{f' ({label})' if label else ''} is not read{near}"


def _missing(sheet: Sheet) -> Iterator[str]:
    """Required and expected variables that nothing here makes."""
    domain = sheet.choice.domain
    made = {line.variable for line in sheet.lines}
    raw = {column.name for column in sheet.choice.table.columns}
    derived = {
        name
        for name, entry in (domain.standard.lines if domain.standard else ())
        if name not in domain.targets or domain.targets[name].line is None
    }
    for name, target in domain.targets.items():
        needed = target.facts.core != "Perm" and name not in made | derived
        if needed and not set(target.raw) & raw and not _of_tests(sheet, name):
            core = {"Req": "required", "Exp": "expected"}[target.facts.core]
            yield f"{name} ({target.facts.label}) is {core} and has no source here"


def _of_tests(sheet: Sheet, name: str) -> bool:
    """Whether the wide results make the variable."""
    return sheet.wide is not None and name.removeprefix(sheet.domain) in {
        *("TESTCD", "TEST", "ORRES", "STRESC", "STRESN", "STRESU"),
        *(("ORRESU",) if sheet.wide.units else ()),
    }


def _renames(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Study column → sent column, by which the standard spec would serve as it is."""
    domain, table = sheet.choice.domain, sheet.choice.table
    for line in (*sheet.lines, *sheet.doubtful):
        raw = domain.targets[line.variable].raw
        for own, standard in zip(line.columns, raw, strict=False):
            if own != standard:
                yield standard, table.column(own).sent
    unpivot = standard_unpivot(domain)
    if sheet.wide and unpivot and not sheet.wide.template:
        result = next(iter(unpivot.columns))
        for code, column in sorted(sheet.wide.results.items()):
            yield unpivot.column(result, code), column.sent
