"""An appraisal as JSON for programs and as one HTML page for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sdtmflow.appraisal.model import AGREEMENTS, Appraisal, Issue, Shelf
from sdtmflow.gate import Weight, as_dict
from sdtmflow.report.page import inline, template

_HEADINGS = {
    Weight.REJECTS: (
        "Rejects the package",
        "Rejection criteria, errors of eCTD validation, what the conformance guide does not allow.",
    ),
    Weight.ASKED: ("A reviewer will ask", "Mend it, or explain it in the reviewer's guide."),
    Weight.NOTED: ("For information", "Nothing needs to be done."),
}


def as_json_text(appraisal: Appraisal) -> str:
    """All that was found: verdict, datasets, issues."""
    known: dict[str, Any] = as_dict(appraisal.verdict)
    del known["breaches"]  # they are among the issues
    known |= {
        "define": appraisal.edition,
        "applied": appraisal.rules,
        "shelves": [_shelf(shelf) for shelf in appraisal.shelves],
        "issues": [_issue(issue) for issue in appraisal.issues],
    }
    return json.dumps(known, indent=1, ensure_ascii=False) + "\n"


def _shelf(shelf: Shelf) -> dict[str, Any]:
    return {
        "name": shelf.name,
        "label": shelf.label,
        "file": shelf.file,
        "records": shelf.records,
        "variables": shelf.variables,
        "bytes": shelf.size,
        "keys": list(shelf.keys),
        "differences": dict(shelf.agreement),
        "trouble": shelf.trouble,
    }


def _issue(issue: Issue) -> dict[str, Any]:
    return {
        "rule": issue.rule,
        "weight": issue.weight.value,
        "words": issue.words,
        "source": issue.source,
        "remedy": issue.remedy,
        "places": [{"where": place.where, "what": place.what} for place in issue.places],
    }


def write_html(appraisal: Appraisal, path: Path) -> None:
    """The appraisal as one page that works offline."""
    text = template("package.html.j2").render(
        appraisal=appraisal,
        verdict=appraisal.verdict,
        package=appraisal.verdict.root.resolve().name,
        groups=[(weight.value, *_HEADINGS[weight], appraisal.of(weight)) for weight in _HEADINGS],
        places={weight.value: appraisal.places(weight) for weight in _HEADINGS},
        agreements=list(AGREEMENTS),
        there=[shelf for shelf in appraisal.shelves if shelf.size],
        missing=[shelf for shelf in appraisal.shelves if not shelf.size],
        bytes=sum(shelf.size for shelf in appraisal.shelves),
        records=sum(shelf.records for shelf in appraisal.shelves),
        style=inline("report.css"),
        own_style=inline("package.css"),
    )
    path.write_text(text, encoding="utf-8")
