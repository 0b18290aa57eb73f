"""Reading a PDF back with a reader that did not write it."""

from __future__ import annotations

import io

from pypdf import PdfReader
from pypdf.generic import Destination


def read(pdf):
    return PdfReader(io.BytesIO(pdf), strict=True)


def notes(page):
    """(what it says, its rectangle) of every FreeText annotation of a page."""
    found = [each.get_object() for each in page.get("/Annots", ())]
    return [
        (note["/Contents"], tuple(map(float, note["/Rect"])))
        for note in found
        if note["/Subtype"] == "/FreeText"
    ]


def fonts(reader):
    """Base font → whether its program is in the file, of every font of pages and annotations."""
    found = {}
    for page in reader.pages:
        marks = [each.get_object() for each in page.get("/Annots", ())]
        looks = [mark["/AP"]["/N"].get_object()["/Resources"] for mark in marks if "/AP" in mark]
        for each in (page["/Resources"], *looks):
            for font in each.get("/Font", {}).values():
                descriptor = font.get_object().get("/FontDescriptor")
                found[font.get_object()["/BaseFont"]] = bool(
                    descriptor and "/FontFile2" in descriptor.get_object()
                )
    return found


def bookmarks(reader, entries=None, level=0):
    """(level, title, page from 1) of every bookmark, in order."""
    found = []
    for entry in reader.outline if entries is None else entries:
        if isinstance(entry, Destination):
            page = reader.get_destination_page_number(entry) + 1
            found.append((level, entry.title, page))
        else:
            found += bookmarks(reader, entry, level + 1)
    return found
