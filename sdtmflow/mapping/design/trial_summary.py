"""TS: one record a value, with names and codes from controlled terminology."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sdtmflow.design import Parameter, Parameters
from sdtmflow.standards.summary import summary_parameters
from sdtmflow.standards.terminology import TermFacts, Terminology

CDISC = "CDISC CT"
_ISO_8601 = "ISO 8601"


def summary_rows(
    summary: Mapping[str, Parameters], terminology: Terminology
) -> Iterator[dict[str, str | float | None]]:
    """The variables of TS but STUDYID and DOMAIN; TSSEQ counts a parameter's values."""
    names = parameter_names(terminology)
    for code, entries in summary.items():
        values = [(entry, value) for entry in entries for value in entry.rows()]
        for number, (entry, (value, value_code)) in enumerate(values, start=1):
            yield {
                "TSSEQ": float(number),
                "TSGRPID": entry.group,
                "TSPARMCD": code,
                "TSPARM": entry.name or names.get(code, code),
                "TSVAL": value,
                "TSVALNF": entry.null_flavor,
                **_reference(code, entry, value, value_code, terminology),
            }


def _reference(
    code: str, entry: Parameter, value: str, value_code: str, terminology: Terminology
) -> dict[str, str]:
    """Code, dictionary and version: as given, else those of the CDISC codelist or of ISO 8601."""
    given = {
        "TSVALCD": value_code,
        "TSVCDREF": entry.dictionary,
        "TSVCDVER": entry.dictionary_version,
    }
    facts = summary_parameters().get(code)
    if any(given.values()) or not facts or not value:
        return given
    term = response_term(code, value, terminology)
    if term:
        version = terminology.version.isoformat()
        return {"TSVALCD": term.code, "TSVCDREF": CDISC, "TSVCDVER": version}
    return given | {"TSVCDREF": _ISO_8601 if facts.form in {"duration", "date"} else ""}


def response_term(code: str, value: str, terminology: Terminology) -> TermFacts | None:
    """The term that ``value`` is in the codelist of the parameter's values."""
    facts = summary_parameters().get(code)
    if facts is None or facts.codelist not in terminology:
        return None
    terms = terminology.codelist(facts.codelist).terms
    return next((term for term in terms if term.submission_value == value), None)


def parameter_names(terminology: Terminology) -> dict[str, str]:
    """TSPARMCD → TSPARM: the codelist pair shares the C-codes of its terms."""
    if "TSPARMCD" not in terminology or "TSPARM" not in terminology:
        return {}
    names = {term.code: term.submission_value for term in terminology.codelist("TSPARM").terms}
    codes = terminology.codelist("TSPARMCD").terms
    return {term.submission_value: names.get(term.code, "") for term in codes}
