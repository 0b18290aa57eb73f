"""The report as one HTML page: style, script and data inside it, nothing outside."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from sdtmflow.report.facts import RunFacts
from sdtmflow.report.summary import Summary
from sdtmflow.wording import size_text

_HERE = Path(__file__).parent
_VERDICTS = {
    "passed": "The gate lets this run be published",
    "stopped": "The gate stops the publication",
    "not_published": "Not published",
}
_STATUS = {"delivered": "Delivered", "last_good": "Earlier delivery used", "isolated": "Isolated"}
_IN_SCRIPT = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)
"""A value such as ``</script>`` must not end the block that carries it."""


def page(facts: RunFacts, summary: Summary, findings: pl.DataFrame) -> str:
    """The page's text; ``findings`` in the order to show."""
    return template("report.html.j2").render(
        facts=facts,
        summary=summary,
        verdict=_VERDICTS[facts.verdict],
        status=_STATUS,
        delivered=sum(site.status != "isolated" for site in facts.sites),
        isolated=[site for site in facts.sites if site.status == "isolated"],
        subjects=sum(site.subjects for site in facts.sites),
        records=sum(dataset.rows for dataset in facts.datasets),
        data=script_json(columns_of(findings)),
        style=inline("report.css"),
        script=inline("report.js"),
    )


def script_json(value: object) -> Markup:
    """JSON that is safe inside a ``<script>`` element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_IN_SCRIPT))  # noqa: S704 — no < > & is left in it


def columns_of(findings: pl.DataFrame) -> dict[str, Any]:
    """Column by column, texts that repeat as numbers into a list: a tenth of the row form's size.

    ``{"rows": n, "columns": {name: {"values": […], "codes": […]}}}``; without ``codes`` the values
    stand row by row.
    """
    columns = {name: _column(findings[name]) for name in findings.columns}
    return {"rows": findings.height, "columns": columns}


def _column(series: pl.Series) -> dict[str, Any]:
    distinct = series.unique(maintain_order=True)
    if len(distinct) * 2 > len(series):
        return {"values": series.to_list()}
    codes = {value: code for code, value in enumerate(distinct)}
    return {
        "values": distinct.to_list(),
        "codes": series.replace_strict(codes, return_dtype=pl.UInt32).to_list(),
    }


@functools.cache
def template(name: str) -> Template:
    """One of the report's page templates; whatever it is given is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["grouped"] = _grouped
    environment.filters["size"] = size_text
    return environment.get_template(name)


def _grouped(number: int) -> str:
    """``12 345`` with a narrow no-break space, which no locale misreads."""
    return f"{number:,}".replace(",", "\u202f")


def inline(name: str) -> Markup:
    """A style or script of ours, to stand inside a page."""
    return Markup((_HERE / name).read_text(encoding="utf-8"))  # noqa: S704 — our own file
