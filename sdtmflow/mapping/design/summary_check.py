"""What is wrong with the trial summary (TS), and which parameters it lacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from sdtmflow.design import Design, Parameter, is_duration
from sdtmflow.errors import StudyError
from sdtmflow.mapping.design.trial_summary import parameter_names, response_term
from sdtmflow.mapping.values.nearest import nearest
from sdtmflow.standards.summary import summary_parameters
from sdtmflow.standards.terminology import Terminology

_FORMS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "duration": (is_duration, "an ISO 8601 duration, such as P18Y"),
    "date": (
        lambda text: re.fullmatch(r"\d{4}(-\d{2}(-\d{2}(T[\d:]+)?)?)?", text) is not None,
        "an ISO 8601 date, such as 2025-01-31",
    ),
    "integer": (lambda text: re.fullmatch(r"[1-9]\d*", text) is not None, "a whole number over 0"),
}


def check_summary(
    design: Design, terminology: Terminology, place: Callable[..., str]
) -> Iterator[StudyError | str]:
    """Mistakes and notes of every parameter, and a note on those that are not there."""
    names = parameter_names(terminology)
    for code, entries in design.summary.items():
        here = place("design", "summary", code)
        if code not in names and not all(entry.name for entry in entries):
            remedy = nearest(code, names, "give a parameter of your own its 'name' (TSPARM)")
            yield StudyError(f"'{code}' is no term of TSPARMCD", place=here, remedy=remedy)
        for entry in entries:
            yield from _values(code, entry, terminology, here)
    missing = [code for code in expected(design) if code not in design.summary]
    if missing:
        yield (
            f"{place('design', 'summary')}: TS lacks {', '.join(missing)}; add them, or "
            "'null_flavor: NA' where one does not apply"
        )


def expected(design: Design) -> list[str]:
    """The parameters that are missed: the study's own list, else the standard one."""
    if design.expected_summary is not None:
        return design.expected_summary
    return [code for code, facts in summary_parameters().items() if facts.expected]


def _values(
    code: str, entry: Parameter, terminology: Terminology, here: str
) -> Iterator[StudyError | str]:
    facts = summary_parameters().get(code)
    for value, _ in entry.rows():
        if not value or facts is None:
            continue
        if facts.form and not _FORMS[facts.form][0](value):
            yield f"{here}: '{value}' is not {_FORMS[facts.form][1]}"
        if facts.codelist in terminology and not response_term(code, value, terminology):
            yield from _stranger(code, value, facts.codelist, terminology, here)


def _stranger(
    code: str, value: str, codelist: str, terminology: Terminology, here: str
) -> Iterator[StudyError | str]:
    """A value that its codelist lacks: a mistake, or a note where the codelist is extensible."""
    found = terminology.codelist(codelist)
    message = f"'{value}' is no term of {found.submission_value}, the codelist of {code}"
    if found.extensible:
        yield f"{here}: {message}"
    else:
        terms = [term.submission_value for term in found.terms]
        remedy = nearest(value, terms, f"use one of {', '.join(terms)}")
        yield StudyError(message, place=here, remedy=remedy)
