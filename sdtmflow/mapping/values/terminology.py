"""Collected text → submission value of a codelist.

Texts are compared in this order, and the first that answers wins:

1. the study's terms (``terms/NAME.csv``), rows of the record's own source before general rows;
   a blank ``submission`` says that the text means "missing";
2. a submission value of the codelist, letter by letter;
3. a submission value in another letter case (``Mild`` → MILD), if exactly one is spelled so;
4. a synonym or the preferred term (``Male`` → M), any letter case, if exactly one term has it.

Nothing else is tried and nothing is put into capitals. A text that answers to none is kept as
collected: with the finding TERM_UNMAPPED (major) where the codelist is closed, TERM_EXTENSION
(minor) where it may be extended. An extension that the study's terms declare needs no finding.

A --TEST whose text is a --TESTCD (``SYSBP``) takes the test name with the code's own NCI code.
``LBALL``, a record of all tests of a domain that were not done, is no extension (SDTMIG, records of
tests not done), nor is the name that goes with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import polars as pl

from sdtmflow.errors import StudyError
from sdtmflow.mapping.values.csv_files import read_csv
from sdtmflow.standards.terminology import CodelistFacts

UNMAPPED = "TERM_UNMAPPED"
EXTENSION = "TERM_EXTENSION"


@dataclass(frozen=True, slots=True)
class TermRow:
    """One line of a terms file."""

    collected: str
    submission: str
    source: str
    place: str


def read_terms(path: Path, problems: list[StudyError]) -> tuple[TermRow, ...]:
    """The lines of ``terms/NAME.csv``; every mistake of the file is added to ``problems``."""
    table = read_csv(path, f"terms/{path.name}", problems)
    wrong = list(_head_mistakes(path, table.columns))
    if wrong:
        problems += wrong
        return ()
    rows = [_term_row(cells, place) for place, cells in table.rows]
    problems += _row_mistakes(rows)
    return tuple(row for row in rows if row.collected)


_TERM_COLUMNS = ("collected", "submission", "source")


def _head_mistakes(path: Path, names: Sequence[str]) -> Iterator[StudyError]:
    remedy = "the columns are collected,submission[,source]"
    place = f"terms/{path.name}:1"
    lacking = [name for name in _TERM_COLUMNS[:2] if name not in names]
    for name in lacking:
        yield StudyError(f"the terms lack the column '{name}'", place=place, remedy=remedy)
    for name in names:
        if name not in _TERM_COLUMNS and not lacking:
            yield StudyError(f"the terms have a column '{name}'", place=place, remedy=remedy)


def _term_row(cells: Mapping[str, str], place: str) -> TermRow:
    return TermRow(cells["collected"], cells["submission"], cells.get("source", ""), place)


def _row_mistakes(rows: Iterable[TermRow]) -> Iterator[StudyError]:
    seen: dict[tuple[str, str], TermRow] = {}
    for row in rows:
        if not row.collected:
            yield StudyError(
                "'collected' is blank", place=row.place, remedy="fill it or delete the line"
            )
            continue
        first = seen.setdefault((row.source, row.collected), row)
        if first is not row:
            same = (
                "stands already"
                if first.submission == row.submission
                else ("has another submission value")
            )
            yield StudyError(
                f"'{row.collected}' {same} at {first.place}",
                place=row.place,
                remedy="keep one of the two lines",
            )


@dataclass(frozen=True, slots=True)
class Matcher:
    """What turns collected texts into submission values of one variable."""

    codelists: tuple[CodelistFacts, ...]
    exact: Mapping[str, str]
    folded: Mapping[str, str]
    declared: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(source or "", collected) → submission, as the study's terms say."""
    codes: Matcher | None = None
    """For --TEST: the matcher of --TESTCD."""
    beside: tuple[str, ...] = ()
    """Values that the guide asks for and no codelist has; of --TEST, the name of all tests."""
    rows: tuple[TermRow, ...] = ()
    """The lines of terms files behind ``declared``, with their places."""

    @classmethod
    def of(
        cls,
        codelists: tuple[CodelistFacts, ...],
        rows: Iterable[TermRow] = (),
        codes: Matcher | None = None,
        beside: Collection[str] = (),
    ) -> Matcher:
        """The matcher of these codelists, lines of terms files, and values beside the codelists."""
        rows = tuple(rows)
        declared = {(row.source, row.collected): row.submission for row in rows}
        beside = tuple(beside)
        exact, folded = _tables(codelists)
        if beside:
            exact = exact | {value: value for value in beside}
            folded = {value.casefold(): value for value in beside} | folded
        return cls(codelists, exact, folded, declared, codes, beside, rows)

    @property
    def extensible(self) -> bool:
        """Whether a value outside the codelists may be kept."""
        return all(codelist.extensible for codelist in self.codelists)

    def match(self, text: str, source: str = "") -> str | None:
        """The submission value; "" for "missing", None where nothing answers."""
        for key in ((source, text), ("", text)):
            if key in self.declared:
                return self.declared[key]
        if text in self.exact:
            return text
        return self.folded.get(text.casefold()) or self._by_code(text, source)

    def _by_code(self, text: str, source: str) -> str | None:
        """The term here that shares its NCI code with what --TESTCD's matcher answers.

        ``LBALL``, all tests, has no code.
        """
        answer = self.codes.match(text, source) if self.codes else None
        if self.codes is None or answer is None:
            return None
        if answer in self.codes.beside:
            return next(iter(self.beside), None)
        code = term_code(self.codes.codelists, answer)
        found = [t for codelist in self.codelists if (t := codelist.term(code))] if code else []
        return found[0].submission_value if found else None

    def series(self, texts: pl.Series, sources: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Submission values (collected text where unmatched) and the rule broken, row for row."""
        pairs = pl.DataFrame({"text": texts, "source": sources})
        key = ["text", "source"] if any(source for source, _ in self.declared) else ["text"]
        distinct = pairs.unique(key).drop_nulls("text")
        answers = [self.match(row["text"], row["source"] or "") for row in distinct.to_dicts()]
        table = distinct.select(
            *key,
            value=pl.Series(
                [
                    text if a is None else a or None
                    for text, a in zip(distinct["text"], answers, strict=True)
                ],
                dtype=pl.String,
            ),
            rule=pl.Series(
                [self._broken() if a is None else None for a in answers], dtype=pl.String
            ),
        )
        matched = pairs.join(table, on=key, how="left", maintain_order="left", nulls_equal=True)
        return matched["value"], matched["rule"]

    def _broken(self) -> str | None:
        if not self.codelists:
            return UNMAPPED
        return EXTENSION if self.extensible else UNMAPPED


def term_code(codelists: Iterable[CodelistFacts], value: str) -> str:
    """The NCI code of a submission value, "" for none."""
    for codelist in codelists:
        for term in codelist.terms:
            if term.submission_value == value:
                return term.code
    return ""


@lru_cache(maxsize=512)
def _tables(codelists: tuple[CodelistFacts, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Submission values, and case-folded texts that say exactly one → submission value.

    A submission value in another case goes before a synonym. Many lines name the same codelists:
    their matchers share these tables, in memory and in a plan that is kept.
    """
    terms = [term for codelist in codelists for term in codelist.terms]
    exact = {term.submission_value: term.submission_value for term in terms}
    folded = _unambiguous((value.casefold(), value) for value in exact)
    synonyms = _unambiguous(
        (synonym.casefold(), term.submission_value)
        for term in terms
        for synonym in (*term.synonyms, term.preferred_term)
        if synonym
    )
    spelled_twice = {value.casefold() for value in exact} - set(folded)
    return exact, {k: v for k, v in (synonyms | folded).items() if k not in spelled_twice}


def _unambiguous(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for text, value in pairs:
        found.setdefault(text, set()).add(value)
    return {text: min(values) for text, values in found.items() if len(values) == 1}
