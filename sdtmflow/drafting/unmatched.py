"""Texts that a drafted line takes to a codelist without such a term: counted, never quoted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sdtmflow.drafting.knowledge import Target
from sdtmflow.drafting.lines import DraftLine
from sdtmflow.drafting.raw import RawTable
from sdtmflow.mapping.planning.loading import standard_folder
from sdtmflow.mapping.values.terminology import Matcher, TermRow, read_terms
from sdtmflow.study import StudyFolder

_PAIRED = ("TEST", "TESTCD")
"""They answer to each other's codelists as well, as the mapping does."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """So many distinct texts, of which so many have no submission value."""

    lacking: int
    texts: int


def unmatched_of(
    folder: StudyFolder,
    source: str,
    table: RawTable,
    lines: Iterable[tuple[DraftLine, Target]],
) -> Iterator[tuple[str, Unmatched]]:
    """The variables with such texts; the study's terms files are asked as the mapping asks them."""
    for line, target in lines:
        texts = table.column(line.columns[0]).said
        if not (target.codelists and len(texts) and "assign_ct" in line.data):
            continue
        if line.variable.endswith(_PAIRED):
            continue
        matcher = Matcher.of(target.codelists, _rows(folder, target), beside=target.facts.beside)
        lacking = sum(matcher.match(text, source) is None for text in texts)
        if lacking:
            yield line.variable, Unmatched(lacking, len(texts))


def _rows(folder: StudyFolder, target: Target) -> Sequence[TermRow]:
    """The lines of the first terms file there is for the variable."""
    named = target.line.terms if target.line else None
    codelists = [n for each in target.codelists for n in (each.submission_value, each.code)]
    names = [named] if named else [target.name, *codelists]
    for path in _files(folder, names):
        if path.is_file():
            return read_terms(path, [])
    return ()


def _files(folder: StudyFolder, names: Sequence[str]) -> Iterator[Path]:
    for home in (folder.terms, standard_folder() / "terms"):
        yield from (home / f"{name}.csv" for name in names)
