"""The rows of a published CT package: checked, freed of outer blanks, split into two tables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from sdtmflow.errors import StudyError

SYNONYM_SEPARATOR = "; "
COLUMNS = {
    "Code": "code",
    "Codelist Code": "codelist",
    "Codelist Extensible (Yes/No)": "extensible",
    "Codelist Name": "name",
    "CDISC Submission Value": "submission_value",
    "CDISC Synonym(s)": "synonyms",
    "NCI Preferred Term": "preferred_term",
}
"""The text's column → ours. Definitions are not read: nothing here needs them."""
PLACE = "place"
"""The line (text, ODM) or row (Excel) of the file, as a number."""
CODELIST_COLUMNS = ["code", "submission_value", "name", "extensible"]
TERM_COLUMNS = ["codelist", "code", "submission_value", "synonyms", "preferred_term"]
_DATE = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
_EXAMPLES = 3
_ASCII = r"^[\x20-\x7e]*$"


@dataclass(frozen=True, slots=True)
class Package:
    """A CT package as two tables of text, in the published order.

    ``codelists``: code, submission_value, name, extensible (Yes or No).
    ``terms``: codelist, code, submission_value, synonyms (``; `` between), preferred_term.
    ``version`` is the date that the file itself says, ``notes`` what is unusual in it.
    """

    codelists: pl.DataFrame
    terms: pl.DataFrame
    version: dt.date | None = None
    notes: tuple[str, ...] = ()

    def equals(self, other: Package) -> bool:
        """Whether both hold the same codelists and terms in the same order."""
        return self.codelists.equals(other.codelists) and self.terms.equals(other.terms)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a reader found: the columns of ``COLUMNS`` and ``place``, all text but the place.

    A row without a codelist code is a codelist, every other row a term of one. ``titles`` are the
    texts that may name the version: the file's name, its envelope, its sheet.
    """

    rows: pl.DataFrame
    unit: str
    """What a place counts: ``line`` or ``row``."""
    titles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def package_of(sent: Sent, file: str) -> Package:
    """The package of the sent rows. Raises StudyError for rows that cannot be right."""
    rows = sent.rows.with_columns(pl.col(*COLUMNS.values()).str.strip_chars())
    rows = rows.with_columns(_normal_synonyms())
    heads, terms = rows.filter(pl.col("codelist") == ""), rows.filter(pl.col("codelist") != "")
    _require_sound(heads, terms, f"{file}, {sent.unit}")
    once = terms.unique(["codelist", "code", "submission_value"], keep="first", maintain_order=True)
    return Package(
        codelists=heads.select(CODELIST_COLUMNS),
        terms=once.select(TERM_COLUMNS),
        version=_version(sent.titles, file),
        notes=(*sent.notes, *_notes(sent, heads, terms, once)),
    )


def missing_column(columns: Sequence[str]) -> str | None:
    """The first column that the file lacks."""
    return next((name for name in COLUMNS if name not in columns), None)


def _normal_synonyms() -> pl.Expr:
    parts = pl.col("synonyms").str.split(";").list.eval(pl.element().str.strip_chars())
    said = parts.list.eval(pl.element().filter(pl.element() != ""))
    return said.list.join(SYNONYM_SEPARATOR).alias("synonyms")


def _require_sound(heads: pl.DataFrame, terms: pl.DataFrame, place: str) -> None:
    """The first row that cannot be right, as an error with its line."""
    if heads.is_empty() or terms.is_empty():
        raise StudyError(
            "the CT package holds no codelist with terms",
            place=place.partition(",")[0],
            remedy="download it again; the file may be cut off",
        )
    no_code = ~pl.col("code").str.contains(r"^C\d+$")
    unknown = ~pl.col("codelist").is_in(heads["code"].to_list())
    for rows, wrong, message in (
        (heads, no_code, "'{code}' is no NCI code of a codelist"),
        (terms, no_code, "'{code}' is no NCI code of a term"),
        (heads, ~pl.col("extensible").is_in(["Yes", "No"]), "{code} is neither extensible nor not"),
        (heads, pl.col("code").is_duplicated(), "the codelist {code} is there twice"),
        (heads, pl.col("submission_value") == "", "the codelist {code} has no submission value"),
        (terms, unknown, "the codelist {codelist} of this term is not in the file"),
        (terms, pl.col("submission_value") == "", "the term {code} has no submission value"),
    ):
        for row in rows.filter(wrong).head(1).iter_rows(named=True):
            raise StudyError(
                message.format(**row),
                place=f"{place} {row[PLACE]}",
                remedy="give the package as NCI EVS publishes it, unchanged and whole",
            )


def _version(titles: Sequence[str], file: str) -> dt.date | None:
    """The one date that the file's name and envelope say; None where they say none."""
    said = sorted({date for title in (*titles, file) for date in _DATE.findall(title)})
    if len(said) > 1:
        raise StudyError(
            f"the file says more than one version: {', '.join(said)}",
            place=file,
            remedy="give the file the name that NCI EVS gave it",
        )
    try:
        return dt.date.fromisoformat(said[0]) if said else None
    except ValueError:
        raise StudyError(f"{said[0]} is no date", place=file, remedy="rename the file") from None


def _notes(
    sent: Sent, heads: pl.DataFrame, terms: pl.DataFrame, once: pl.DataFrame
) -> Iterator[str]:
    """What is kept as it is, or left out, and would surprise."""
    texts = ("submission_value", "synonyms", "preferred_term")
    padded = pl.any_horizontal(
        pl.col(name) != pl.col(name).str.strip_chars() for name in texts if name != "synonyms"
    )
    yield from _note(
        sent.rows.filter(padded), "with blanks around its value, which are left out", sent.unit
    )
    beyond = once.filter(~pl.col("submission_value").str.contains(_ASCII))
    yield from _note(
        beyond, "with a submission value outside ASCII, kept as it is; XPT cannot hold it", ""
    )
    names = once.filter(
        ~pl.any_horizontal(~pl.col("submission_value").str.contains(_ASCII))
        & ~pl.all_horizontal(pl.col("synonyms", "preferred_term").str.contains(_ASCII))
    )
    yield from _note(names, "with a synonym or name outside ASCII, kept as it is", "")
    repeated = terms.height - once.height
    if repeated:
        rows = "1 row stands" if repeated == 1 else f"{repeated:,} rows stand"
        yield f"{rows} there twice and count{'s' if repeated == 1 else ''} once"
    twice = once.filter(pl.struct("codelist", "submission_value").is_duplicated())
    yield from _note(twice, "whose submission value another term of its codelist has too", "")
    same = once.filter(pl.struct("codelist", "code").is_duplicated())
    yield from _note(same, "whose NCI code another term of its codelist has too", "")
    empty = heads.filter(~pl.col("code").is_in(terms["codelist"].unique().to_list()))
    for row in empty.iter_rows(named=True):
        yield f"the codelist {row['submission_value']} ({row['code']}) has no terms"


def _note(rows: pl.DataFrame, what: str, unit: str) -> Iterator[str]:
    if rows.is_empty():
        return
    examples = [
        f"{row['codelist'] or row['code']} '{row['submission_value']}'"
        + (f" ({unit} {row[PLACE]})" if unit else "")
        for row in rows.head(_EXAMPLES).iter_rows(named=True)
    ]
    more = ", …" if rows.height > _EXAMPLES else ""
    terms = "1 term" if rows.height == 1 else f"{rows.height:,} terms"
    yield f"{terms} {what}: {', '.join(examples)}{more}"
