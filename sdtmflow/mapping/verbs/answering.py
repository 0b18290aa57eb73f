"""multiple: the answers of a question that takes several."""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import Severity
from sdtmflow.mapping.records.problems import Problem, problem
from sdtmflow.mapping.spec import Multiple
from sdtmflow.mapping.verbs.matching import matched
from sdtmflow.mapping.verbs.work import Outcome, Work

_UNTICKED = r"(?i)^(0|n|no|false|off|unchecked|-+)$"


def multiple(work: Work) -> Outcome:
    """The only answer, or the word for several; or the answer of the line's number."""
    spec = work.line.line.multiple
    assert spec is not None  # noqa: S101 — the verb is multiple
    answers, problems = _answers(work, spec)
    count = answers.list.len()
    if spec.number:
        chosen = answers.list.get(spec.number - 1, null_on_oob=True)
        return Outcome(chosen.zip_with(count > 1, _missing(work)))
    word = pl.Series([spec.several], dtype=pl.String).new_from_index(0, work.frame.height)
    first = answers.list.get(0, null_on_oob=True)
    return Outcome(word.zip_with(count > 1, first), (*problems, *_left_out(work, spec, answers)))


def _answers(work: Work, spec: Multiple) -> tuple[pl.Series, tuple[Problem, ...]]:
    """A list of the distinct submission values of each record, in the order of the answers."""
    texts = _texts(work, spec)
    problems: tuple[Problem, ...] = ()
    values = []
    for said, text in texts:
        found = matched(work, text, said)
        values.append(found.values)
        problems += found.problems
    listed = pl.DataFrame([v.alias(str(at)) for at, v in enumerate(values)]).select(
        pl.concat_list(pl.all()).list.drop_nulls().list.unique(maintain_order=True)
    )
    return _told_apart(listed.to_series(), spec.several), problems


def _told_apart(answers: pl.Series, several: str) -> pl.Series:
    """Without the word for several, where a form that says it also tells which they are."""
    others = answers.list.eval(pl.element().filter(pl.element() != several))
    return others.zip_with(others.list.len() > 1, answers)


def _texts(work: Work, spec: Multiple) -> list[tuple[str, pl.Series]]:
    """The answers as sent, one column of texts a place, and the raw column it comes from."""
    found = []
    for name in spec.columns():
        text = work.series(name).cast(pl.String)
        if isinstance(spec.answers, dict):
            ticked = text.is_not_null() & ~text.str.contains(_UNTICKED)
            answer = work.select(pl.lit(spec.answers[name]))
            found.append((work.said(name), answer.zip_with(ticked, _missing(work))))
        else:
            found += [(work.said(name), part) for part in _parts(text, spec.separator)]
    return found


def _parts(text: pl.Series, separator: str) -> list[pl.Series]:
    """The texts between the separators, without blanks around them; blank ones are missing."""
    if not separator:
        return [text]
    parts = text.str.split(separator).list.eval(pl.element().str.strip_chars())
    known = parts.list.eval(pl.element().filter(pl.element() != ""))
    most = int(known.list.len().max() or 0)  # type: ignore[arg-type]
    return [known.list.get(at, null_on_oob=True) for at in range(max(most, 1))]


def _missing(work: Work) -> pl.Series:
    return pl.repeat(None, work.frame.height, dtype=pl.String, eager=True)


def _left_out(work: Work, spec: Multiple, answers: pl.Series) -> tuple[Problem, ...]:
    said = ", ".join(work.said(name) for name in spec.columns())
    name = work.said(spec.columns()[0])
    return problem(
        "ANSWERS_LEFT_OUT",
        Severity.MAJOR,
        f"{said} has more than {spec.most} answers, of which {work.line.variable} keeps the "
        "first; raise 'most'",
        at=answers.list.len() > spec.most,
        values=answers.list.join(", "),
        variable=name,
    )
