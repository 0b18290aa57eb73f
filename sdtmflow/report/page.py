"""The report as one HTML page: style, script and data inside it, nothing outside."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from sdtmflow.report.facts import RunFacts
from sdtmflow.report.packing import packed
from sdtmflow.report.records import Records
from sdtmflow.report.summary import Summary
from sdtmflow.report.trend import Run, drawing
from sdtmflow.wording import size_text

_HERE = Path(__file__).parent
_SCRIPTS = ("data", "search", "view", "list", "detail", "export", "heat", "page")
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


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows besides the facts; ``findings`` in the order to show."""

    findings: pl.DataFrame
    """Columns of ``FINDINGS_SCHEMA``, those of ``LIFE_SCHEMA`` where lives are known."""
    summary: Summary
    records: Records
    runs: tuple[Run, ...] = ()
    history: pl.DataFrame = field(default_factory=pl.DataFrame)


def page(facts: RunFacts, shown: Shown) -> str:
    """The page's text."""
    script = inline(*(f"script/{name}.js" for name in _SCRIPTS))
    return template("report.html.j2").render(
        facts=facts,
        summary=shown.summary,
        verdict=_VERDICTS[facts.verdict],
        status=_STATUS,
        delivered=sum(site.status != "isolated" for site in facts.sites),
        isolated=[site for site in facts.sites if site.status == "isolated"],
        subjects=sum(site.subjects for site in facts.sites),
        records=sum(dataset.rows for dataset in facts.datasets),
        has_life="status" in shown.findings.columns,
        listed=shown.findings.height,
        runs=shown.runs,
        trend=drawing(shown.runs),
        blocks=_blocks(shown),
        script_facts=script_json(_script_facts(facts, shown)),
        style=inline("report.css", "findings.css"),
        script=script,
        script_sha256=base64.b64encode(hashlib.sha256(f"\n{script}".encode()).digest()).decode(),
    )


def _blocks(shown: Shown) -> Mapping[str, Markup]:
    """The packed tables by the ids under which the scripts find them."""
    tables = {"data": shown.findings}
    if shown.records.tables:
        tables["records"] = shown.records.at
        tables |= {_table_id(at): table.rows for at, table in enumerate(shown.records.tables)}
    if shown.history.height:
        tables["history"] = shown.history
    return dict(zip(tables, packed(list(tables.values())), strict=True))


def _script_facts(facts: RunFacts, shown: Shown) -> dict[str, object]:
    tables = [
        {
            "id": _table_id(at),
            "title": table.title,
            "variables": [{"name": name, "label": label} for name, label in table.variables],
        }
        for at, table in enumerate(shown.records.tables)
    ]
    name = f"{facts.study}-{facts.run_id}"
    return {"name": name, "total": shown.summary.total, "tables": tables}


def _table_id(at: int) -> str:
    return f"records-{at}"


def script_json(value: object) -> Markup:
    """JSON that is safe inside a ``<script>`` element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_IN_SCRIPT))  # noqa: S704 — no < > & is left in it


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


def inline(*names: str) -> Markup:
    """Styles or scripts of ours, to stand inside a page."""
    texts = [(_HERE / name).read_text(encoding="utf-8") for name in names]
    return Markup("\n".join(texts))  # noqa: S704 — our own files
