"""A value that is wrong for one reason is one finding, though two steps of the pipeline see it.

The mapping tells a collected text that is no term of a closed codelist (``TERM_UNMAPPED``) and
keeps it; the standard check of the dataset then sees the same text (``SDTM013``). The finding of
the mapping stays, for it names the form and goes to the site, and says what the check found.
"""

from __future__ import annotations

import polars as pl

from sdtmflow.finding import FINDINGS_SCHEMA
from sdtmflow.mapping.values.terminology import UNMAPPED

_CHECKED = "SDTM013"
_CELL = ("site", "subject", "file", "row", "value", "target")
"""A cell of a dataset by what it was made from: the raw record, its text, and the variable."""


def told_once(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings of a run (``FINDINGS_SCHEMA``) without those that say the same of one cell.

    Subjects are named in one way, files by the same hash. The order stays.
    """
    collected = findings.filter(pl.col("rule") == UNMAPPED).with_columns(
        target=pl.col("message").str.extract(r"; (\w+) keeps the collected text$")
    )
    checked = findings.filter(pl.col("rule") == _CHECKED).with_columns(target=pl.col("variable"))
    cells = checked.join(collected.select(_CELL).unique(), on=list(_CELL), how="semi")
    seen = cells.select(
        *_CELL, also=pl.format("; so {} has it in {} ({})", "variable", "dataset", "rule")
    ).unique(list(_CELL), keep="first", maintain_order=True)
    both = collected.join(seen, on=list(_CELL), how="inner").select(
        "fingerprint", message=pl.concat_str("message", "also")
    )
    rest = findings.join(cells.select("fingerprint"), on="fingerprint", how="anti")
    return rest.update(both.unique("fingerprint"), on="fingerprint").select(list(FINDINGS_SCHEMA))
