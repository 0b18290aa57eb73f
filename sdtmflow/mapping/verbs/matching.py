"""assign_ct: collected texts → submission values."""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.records.problems import Problem, problem
from sdtmflow.mapping.values.terminology import EXTENSION, UNMAPPED
from sdtmflow.mapping.verbs.work import Outcome, Work


def assign_ct(work: Work) -> Outcome:
    """The submission value of the text; a text without one is kept, with a finding."""
    name = work.line.line.assign_ct or ""
    return matched(work, work.series(name), work.said(name))


def matched(work: Work, texts: pl.Series, said: str) -> Outcome:
    """Texts through the line's matcher; ``said`` is what findings call the raw column."""
    matcher = work.line.matcher
    if matcher is None:
        return Outcome(texts)
    values, rules = matcher.series(texts, work.frame["_source"])
    return Outcome(
        values, (*_unmapped(work, texts, rules, said), *_extended(work, texts, rules, said))
    )


def _lists(work: Work) -> str:
    names = [codelist.submission_value for codelist in work.line.codelists]
    return "/".join(names) or f"terms {work.line.line.terms}"


def _unmapped(work: Work, texts: pl.Series, rules: pl.Series, said: str) -> tuple[Problem, ...]:
    return problem(
        UNMAPPED,
        Severity.MAJOR,
        f"{said} says '{{value}}', which is no term of {_lists(work)}; "
        f"{work.line.variable} keeps the collected text",
        at=rules == UNMAPPED,
        values=texts,
        variable=said,
        query=f"Please check {said}: '{{value}}' is not one of the permitted answers.",
    )


def _extended(work: Work, texts: pl.Series, rules: pl.Series, said: str) -> tuple[Problem, ...]:
    return problem(
        EXTENSION,
        Severity.MINOR,
        f"{said} says '{{value}}', which extends {_lists(work)}; "
        "declare it in the study's terms if it is meant",
        at=rules == EXTENSION,
        values=texts,
        variable=said,
    )
