"""Great Expectations' pages made fit for patients' data: no network, no clock, no chance.

As GX writes them, they load styles and scripts from six hosts and a logo (with the time of day)
from its own; offline they are bare text and an empty index. Here these are replaced by a small
style sheet and script of our own, random element ids by numbers, and the index is ours.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

_FOLDER = Path(__file__).parent / "docs"
_DROPPED = re.compile(
    r"<script\b.*?</script>|<style\b.*?</style>|<link\b[^>]*>|<footer>.*?</footer>", re.DOTALL
)
_LOGO = re.compile(r"<img\b[^>]*amazonaws[^>]*>", re.DOTALL)
_SUITE_LINK = re.compile(r'<a href="[./]*expectations/[^"]*"[^>]*>(.*?)</a>')
_RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Page:
    """A validation's page: its name, its file relative to the index, its verdict and counts."""

    name: str
    target: str
    success: bool
    evaluated: int
    failed: int


def in_html(value: Any) -> Any:
    """Every text inside lists and dictionaries as HTML; ``$`` too, which GX's templates expand."""
    if isinstance(value, str):
        return escape(value).replace("$", "&#36;")
    if isinstance(value, list):
        return [in_html(part) for part in value]
    if isinstance(value, dict):
        return {key: in_html(part) for key, part in value.items()}
    return value


def offline(html: str) -> str:
    """GX's page with everything it needs inside; the same validation gives the same text."""
    html = _LOGO.sub('<span class="brand">Great Expectations</span>', _DROPPED.sub("", html))
    html = _SUITE_LINK.sub(r"\1", html)
    ids: dict[str, str] = {}
    html = _RANDOM.sub(lambda found: ids.setdefault(found[0], f"{len(ids) + 1}"), html)
    html = html.replace("</head>", f"<style>{_read('docs.css')}</style></head>", 1)
    html = html.replace("</body>", f"<script>{_read('docs.js')}</script></body>", 1)
    return re.sub(r"\n\s*\n+", "\n", html)


def index(run: str, pages: Sequence[Page]) -> str:
    """The start page: every validation with its verdict."""
    environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True)
    linked = [
        Page(page.name, quote(page.target), page.success, page.evaluated, page.failed)
        for page in pages
    ]
    style = Markup(_read("docs.css"))  # noqa: S704 — our own file
    return environment.get_template("index.html.j2").render(run=run, pages=linked, style=style)


@functools.cache
def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
