"""The annotated CRF as it is kept between steps: the PDF, and its pages as data."""

from __future__ import annotations

import json
from pathlib import Path

from sdtmflow.documents.crf.drawing import DrawnCrf
from sdtmflow.documents.crf.model import Place

PDF = "acrf.pdf"
PAGES = "pages.json"


def write_crf(drawn: DrawnCrf, out: Path) -> None:
    """Write ``acrf.pdf`` and ``pages.json`` (rows of dataset, variable, value, pages)."""
    (out / PDF).write_bytes(drawn.pdf)
    rows = [[*place, list(pages)] for place, pages in sorted(drawn.pages.items())]
    (out / PAGES).write_text(json.dumps(rows, indent=0) + "\n", encoding="utf-8")


def read_pages(folder: Path) -> dict[Place, tuple[int, ...]]:
    """The pages of what define.xml describes."""
    rows = json.loads((folder / PAGES).read_text(encoding="utf-8"))
    return {(dataset, variable, value): tuple(at) for dataset, variable, value, at in rows}
