"""One colour a domain, light enough for black text on screen and on grey paper.

The first four are the usual ones of annotated CRFs (blue, yellow, green, orange).
"""

from __future__ import annotations

from collections.abc import Iterable

from sdtmflow.documents.pdf.sheet import Colour

_PALETTE = (
    "BFFFFF",
    "FFFF96",
    "96FF96",
    "FFBE9B",
    "E6C8FF",
    "FFC8DC",
    "D2E6A0",
    "C8D7FF",
    "FFDC96",
    "B4F0D2",
    "EBD2BE",
    "D7F5FF",
    "F5BEF5",
    "DCDCAA",
    "C3E1C3",
    "FFE6E6",
)
UNSENT: Colour = (0.9, 0.9, 0.9)
"""Of what is not submitted."""


def colours_of(domains: Iterable[str]) -> dict[str, Colour]:
    """A colour for each domain in order; with more domains than colours they come again."""
    found = dict.fromkeys(domains)
    return {domain: _rgb(_PALETTE[at % len(_PALETTE)]) for at, domain in enumerate(found)}


def _rgb(code: str) -> Colour:
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return (red, green, blue)
