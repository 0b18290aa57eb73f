"""The qualifiers that a question with several answers goes on in (SDTMIG 4.2.8.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sdtmflow.mapping.datasets.long_text import continued_name, numbered_label
from sdtmflow.mapping.planning.merged import MergedSpec
from sdtmflow.mapping.planning.plan import PlannedLine
from sdtmflow.mapping.spec import Line, Multiple
from sdtmflow.standards.sdtmig import VariableFacts


def with_answers(spec: MergedSpec, line: PlannedLine) -> Iterator[PlannedLine]:
    """The line, and for a ``multiple`` the lines of its answers that the spec does not write."""
    yield line
    multiple = line.line.multiple
    if multiple is None or multiple.number or line.supplemental:
        return
    written = {name for name, entry in spec.lines if entry.supplemental}
    for number in range(1, _most(multiple) + 1):
        name = continued_name(line.variable, number)
        if name not in written:
            yield _answer(line, multiple, name, number)


def _most(multiple: Multiple) -> int:
    """Columns without a separator hold one answer each."""
    return multiple.most if multiple.separator else min(multiple.most, len(multiple.columns()))


def _answer(line: PlannedLine, multiple: Multiple, name: str, number: int) -> PlannedLine:
    label = numbered_label(line.line.label or line.facts.label, number)
    numbered = multiple.model_copy(update={"number": number})
    answer: Line = line.line.model_copy(update={"label": label, "multiple": numbered})
    facts = VariableFacts(name, label, "Char", "Record Qualifier", "Perm", line.facts.order)
    return replace(line, variable=name, line=answer, facts=facts, supplemental=True)
