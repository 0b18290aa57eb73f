"""The annotated CRF as it is kept between steps: the PDF, and what it says as data."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sdtmflow.documents.crf.drawing import DrawnCrf
from sdtmflow.documents.crf.model import NotSubmitted, Place

PDF = "acrf.pdf"
_SAID = "acrf.json"


def write_crf(drawn: DrawnCrf, out: Path) -> None:
    """Write ``acrf.pdf``, and ``acrf.json`` with its pages and what it says is not submitted."""
    (out / PDF).write_bytes(drawn.pdf)
    said = {
        "pages": [[*place, list(pages)] for place, pages in sorted(drawn.pages.items())],
        "not_submitted": [asdict(each) for each in drawn.not_submitted],
    }
    (out / _SAID).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def read_pages(folder: Path) -> dict[Place, tuple[int, ...]]:
    """The pages of what define.xml describes."""
    rows = _said(folder)["pages"]
    return {(dataset, variable, value): tuple(at) for dataset, variable, value, at in rows}


def read_not_submitted(folder: Path) -> tuple[NotSubmitted, ...]:
    """What is collected and not submitted."""
    return tuple(NotSubmitted(**each) for each in _said(folder)["not_submitted"])


def _said(folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder / _SAID).read_text(encoding="utf-8"))
    return said
