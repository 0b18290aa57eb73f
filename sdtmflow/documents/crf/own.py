"""A sponsor's own acrf.pdf, in place of the drawn one: which page annotates what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pikepdf

from sdtmflow.documents.crf.annotating import place_of
from sdtmflow.documents.crf.choices import FOLDER, OWN, CrfChoices
from sdtmflow.documents.crf.drawing import DrawnCrf
from sdtmflow.documents.crf.model import NOT_SUBMITTED, Crf, NotSubmitted, Place
from sdtmflow.errors import StudyError
from sdtmflow.mapping.planning.plan import Plan

_CONDITION = re.compile(r"\b(?:when|where)\b", re.IGNORECASE)
_VALUE = re.compile(
    r"[A-Z0-9]*(?:TESTCD|PARMCD|QNAM)\s*(?:=|\bEQ\b|\bIN\b)\s*\(?\s*[\"'“]?([A-Za-z0-9_]+)"
)
"""The value of a value level; any other condition only tells which records are meant."""
_SUPPLEMENTAL = re.compile(
    r"\b([A-Z][A-Z0-9_]{0,7})(?:\s+to\s+([A-Z][A-Z0-9_]{0,7}))?\s+in\s+(SUPP[A-Z0-9]{2,4})\b"
)
_VARIABLE = re.compile(r"\b(?:([A-Z][A-Z0-9]{1,7})\.)?([A-Z][A-Z0-9]{1,7})\b")
_QUOTED = re.compile(r"=.*$")
"""The value of a constant: ``DSCAT = PROTOCOL MILESTONE`` annotates DSCAT alone."""


def own_crf(path: Path, plan: Plan, crf: Crf, choices: CrfChoices) -> DrawnCrf:
    """The sponsor's file as it is, with its pages.

    They come from its FreeText annotations in the usual words; where it has none, from bookmarks
    that are called as the forms of ``crf``; ``pages`` in ``guide/acrf.yaml`` comes before both.
    Raises StudyError where the file cannot be read, or is protected (agencies refuse that).
    """
    pages: dict[Place, set[int]] = {}
    with _opened(path) as pdf:
        found = list(_annotated(pdf, _Known(plan))) or list(_bookmarked(pdf, crf))
        for place, page in found:
            pages.setdefault(place, set()).add(page)
        declared = {_place(name): set(at) for name, at in choices.pages.items()}
        _require_pages(declared, len(pdf.pages))
    settled = {place: tuple(sorted(at)) for place, at in (pages | declared).items()}
    return DrawnCrf(path.read_bytes(), settled, tuple(_not_submitted(crf)))


def _opened(path: Path) -> pikepdf.Pdf:
    place = f"{FOLDER}/{OWN}"
    try:
        pdf = pikepdf.open(path)
    except pikepdf.PasswordError:
        raise StudyError(
            "the PDF is protected by a password", place=place, remedy="save it without security"
        ) from None
    except (pikepdf.PdfError, OSError):
        raise StudyError(
            "this is no readable PDF", place=place, remedy="save it again as PDF 1.4 to 1.7"
        ) from None
    if pdf.is_encrypted:
        raise StudyError("the PDF has security", place=place, remedy="save it without security")
    return pdf


def _require_pages(declared: Mapping[Place, Iterable[int]], last: int) -> None:
    for place, pages in declared.items():
        if max(pages, default=0) > last:
            raise StudyError(
                f"page {max(pages)} of {'.'.join(filter(None, place))} is not in {OWN}, which has "
                f"{last} pages",
                place=f"{FOLDER}/acrf.yaml",
                remedy="correct the page",
            )


class _Known:
    """The variables that the plan makes, by name."""

    def __init__(self, plan: Plan) -> None:
        self.domains = set(plan.domains)
        self.variables: dict[str, set[str]] = {}
        self.qualifiers: set[Place] = set()
        for domain in plan.domains.values():
            for line in domain.lines:
                if line.supplemental:
                    self.qualifiers.add(place_of(line))
                else:
                    self.variables.setdefault(line.variable, set()).add(domain.name)

    def datasets(self, dataset: str, variable: str, on_page: set[str]) -> set[str]:
        """The datasets meant: the one that is named, the only one, or those on the page."""
        having = self.variables.get(variable, set())
        if dataset:
            return having & {dataset}
        return having if len(having) == 1 else having & on_page


def _annotated(pdf: pikepdf.Pdf, known: _Known) -> Iterator[tuple[Place, int]]:
    for number, page in enumerate(pdf.pages, start=1):
        said = list(_notes(page))
        heads = (re.match(r"\s*([A-Z][A-Z0-9]{1,7})\s*[(=:]", text) for text in said)
        on_page = {found[1] for found in heads if found} & known.domains
        for text in said:
            for place in _places(text, known, on_page):
                yield place, number


def _notes(page: pikepdf.Page) -> Iterator[str]:
    for note in page.obj.get("/Annots", []):
        if note.get("/Subtype") == pikepdf.Name.FreeText and "/Contents" in note:
            yield from re.split(r"[\r\n]+", str(note.Contents))


def _places(text: str, known: _Known, on_page: set[str]) -> Iterator[Place]:
    for first, last, dataset in _SUPPLEMENTAL.findall(text):
        for name in _series(first, last):
            if (dataset, "QVAL", name) in known.qualifiers:
                yield dataset, "QVAL", name
    what, *conditions = _CONDITION.split(text, maxsplit=1)
    value = _VALUE.search(conditions[0]) if conditions else None
    for dataset, variable in _VARIABLE.findall(_QUOTED.sub("", _SUPPLEMENTAL.sub("", what))):
        for found in sorted(known.datasets(dataset, variable, on_page)):
            yield found, variable, ""
            if value:
                yield found, variable, value[1]


def _series(first: str, last: str) -> Iterator[str]:
    """``RACE1`` to ``RACE3``, one by one."""
    stem, number = first.rstrip("0123456789"), first[len(first.rstrip("0123456789")) :]
    end = last.removeprefix(stem)
    if number and end.isdigit():
        yield from (f"{stem}{at}" for at in range(int(number), int(end) + 1))
    else:
        yield from filter(None, (first, last))


def _bookmarked(pdf: pikepdf.Pdf, crf: Crf) -> Iterator[tuple[Place, int]]:
    """Every variable of a form, on the page of the bookmark that is called as the form."""
    titles = {form.title.casefold(): form for form in crf.forms}
    with pdf.open_outline() as outline:
        for item in _items(outline.root):
            form = titles.get((item.title or "").strip().casefold())
            page = _page_of(pdf, item) if form else 0
            if form and page:
                for annotation in form.annotations():
                    yield from ((place, page) for place in annotation.places)


def _items(items: Iterable[pikepdf.OutlineItem]) -> Iterator[pikepdf.OutlineItem]:
    for item in items:
        yield item
        yield from _items(item.children)


def _page_of(pdf: pikepdf.Pdf, item: pikepdf.OutlineItem) -> int:
    """The page that a bookmark leads to, from 1; 0 where it leads nowhere in the file."""
    action = item.action.get("/D") if item.action is not None else None
    destination = item.destination or action
    if not isinstance(destination, pikepdf.Array) or not len(destination):
        return 0
    target = destination[0]
    at = (at for at, page in enumerate(pdf.pages, start=1) if page.obj.objgen == target.objgen)
    return next(at, 0)


def _place(name: str) -> Place:
    dataset, variable, *value = name.split(".", 2)
    return dataset, variable, value[0] if value else ""


def _not_submitted(crf: Crf) -> Iterator[NotSubmitted]:
    """What the plan does not submit; on which page of the sponsor's file nobody knows."""
    for form in crf.forms:
        if any(note.text == NOT_SUBMITTED for note in form.notes):
            yield NotSubmitted(form.table, form.title)
        for field in form.fields:
            if any(each.text == NOT_SUBMITTED for each in field.annotations):
                yield NotSubmitted(form.table, form.title, field.name, field.question)
