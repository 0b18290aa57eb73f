"""Wide findings: one column a test (``SYSBP``, ``SYSBP_VSORRES``), one record a test in SDTM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sdtmflow.drafting.knowledge import DomainKnowledge
from sdtmflow.drafting.raw import Column, RawTable
from sdtmflow.mapping.spec import Unpivot
from sdtmflow.mapping.values.terminology import Matcher

_SUITING = 0.8


@dataclass(frozen=True, slots=True)
class Wide:
    """The tests that a table has columns for."""

    results: Mapping[str, Column]
    """--TESTCD → the column of its result."""
    template: str
    """The results' columns with ``{}`` for the test; empty where they have no form in common."""
    units: str
    """The same of the units' columns."""
    reasons: Mapping[str, str]
    unit_columns: Mapping[str, Column]

    @property
    def columns(self) -> set[str]:
        """All columns that the tests take."""
        return {each.name for each in (*self.results.values(), *self.unit_columns.values())}


def tests_of(table: RawTable, domain: DomainKnowledge) -> Wide | None:
    """The tests that columns are named or labelled for; None where there are none.

    A column is a result if its texts are numbers (or there are none yet).
    """
    target = domain.targets.get(f"{domain.facts.name}TESTCD")
    if target is None or not target.codelists:
        return None
    matcher = Matcher.of(target.codelists)
    found: dict[str, tuple[Column, str, str]] = {}
    for column in table.columns:
        for code, template, reason in _test(column, matcher):
            if len(column.values) == 0 or column.numbers >= _SUITING:
                found.setdefault(code, (column, template, reason))
    if not found:
        return None
    return _wide(table, found)


def _wide(table: RawTable, found: Mapping[str, tuple[Column, str, str]]) -> Wide:
    templates = Counter(template for _, template, _ in found.values() if template)
    common = templates.most_common(1)[0][0] if templates else ""
    uniform = bool(common) and templates[common] == len(found)
    results = {code: column for code, (column, _, _) in found.items()}
    units, unit_columns = _units(table, results, common) if uniform else ("", {})
    reasons = {code: reason for code, (_, _, reason) in found.items()}
    return Wide(results, common if uniform else "", units, reasons, unit_columns)


def _units(
    table: RawTable, results: Mapping[str, Column], template: str
) -> tuple[str, dict[str, Column]]:
    names = {column.name: column for column in table.columns}
    for form in (f"{template}U", f"{template}_U", f"{template}_UNIT", f"{template}UNIT"):
        there = {code: form.replace("{}", code) for code in results}
        if sum(name in names for name in there.values()) * 2 >= len(results):
            return form, {code: names[name] for code, name in there.items() if name in names}
    return "", {}


def _test(column: Column, matcher: Matcher) -> Iterator[tuple[str, str, str]]:
    """Test, form of the column's name, and why."""
    bare = column.name.rpartition(".")[2]
    parts = bare.split("_")
    for part in parts:
        if part in matcher.exact:
            form = column.name.replace(part, "{}", 1)
            rest = "_".join(each for each in parts if each != part)
            if not rest.endswith(("U", "UNIT", "POS", "LOC", "STAT", "DAT", "TIM", "CLSIG")):
                yield part, form, f"its name has the test code {part}"
            return
    for text in (column.label, bare.replace("_", " ")):
        code = matcher.match(text) if text else None
        if code:
            yield code, "", "its label or name is that of the test"
            return


def standard_unpivot(domain: DomainKnowledge) -> Unpivot | None:
    """The unpivot of the standard spec."""
    sets = domain.standard.record_sets if domain.standard else ()
    return next((each.unpivot for each in sets if each.unpivot), None)
