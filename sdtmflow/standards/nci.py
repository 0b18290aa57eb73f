"""The reader of a CT package as NCI EVS publishes it: tab-delimited text, one row a term."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sdtmflow.errors import StudyError

COLUMNS = {
    "Code": "code",
    "Codelist Code": "codelist",
    "Codelist Extensible (Yes/No)": "extensible",
    "Codelist Name": "name",
    "CDISC Submission Value": "submission_value",
    "CDISC Synonym(s)": "synonyms",
    "NCI Preferred Term": "preferred_term",
}
"""The file's column → ours. Definitions are not read: nothing here needs them."""


@dataclass(frozen=True, slots=True)
class Package:
    """A CT package as two tables of text.

    ``codelists``: code, submission_value, name, extensible (Yes or No).
    ``terms``: codelist, code, submission_value, synonyms (``; `` between), preferred_term.
    """

    codelists: pl.DataFrame
    terms: pl.DataFrame


def read_package(path: Path) -> Package:
    """Read ``path``; a row without a codelist code is a codelist, every other row a term of one.

    Raises StudyError where the file is missing or has other columns.
    """
    try:
        rows = pl.read_csv(path, separator="\t", quote_char=None, infer_schema=False)
    except (FileNotFoundError, pl.exceptions.PolarsError) as error:
        raise StudyError(
            "no CT package could be read",
            place=path.name,
            remedy="give the tab-delimited text that NCI EVS publishes",
        ) from error
    missing = [name for name in COLUMNS if name not in rows.columns]
    if missing:
        raise StudyError(
            f"the CT package has no column '{missing[0]}'",
            place=path.name,
            remedy="give the tab-delimited text that NCI EVS publishes",
        )
    rows = rows.select(pl.col(sent).alias(name).fill_null("") for sent, name in COLUMNS.items())
    heads = pl.col("codelist") == ""
    return Package(
        rows.filter(heads).select("code", "submission_value", "name", "extensible"),
        rows.filter(~heads).select(
            "codelist", "code", "submission_value", "synonyms", "preferred_term"
        ),
    )
