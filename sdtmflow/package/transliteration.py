"""The one table of characters that are written in another form, and how it is applied.

docs/decisions/0003-ascii-gate.md says why these and no others.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

TRANSLITERATIONS: Mapping[str, str] = {
    "\u2018": "'",  # left single quotation mark
    "\u2019": "'",  # right single quotation mark, apostrophe
    "\u201a": "'",  # low single quotation mark
    "\u201c": '"',  # left double quotation mark
    "\u201d": '"',  # right double quotation mark
    "\u201e": '"',  # low double quotation mark
    "\u2010": "-",  # hyphen
    "\u2011": "-",  # non-breaking hyphen
    "\u2012": "-",  # figure dash
    "\u2013": "-",  # en dash
    "\u2014": "-",  # em dash
    "\u2212": "-",  # minus sign
    "\u2026": "...",  # ellipsis
    "\u2022": "*",  # bullet
    "\u00a0": " ",  # no-break space
    "\u2009": " ",  # thin space
    "\u202f": " ",  # narrow no-break space
    "\u00b5": "u",  # micro sign: CDISC units say ug, umol
    "\u03bc": "u",  # Greek mu, typed for the micro sign
    "\u00d7": "x",  # multiplication sign
    "\u00b1": "+/-",  # plus-minus sign
    "\u2264": "<=",  # less-than or equal to
    "\u2265": ">=",  # greater-than or equal to
    "\t": " ",
    "\r\n": " ",
    "\r": " ",
    "\n": " ",
}
"""Characters that are written in another form; no letter of any language is among them."""


def ascii_form(text: pl.Expr) -> pl.Expr:
    """The text as it is written: transliterated, without the trailing blanks XPORT cannot keep."""
    olds, news = list(TRANSLITERATIONS), list(TRANSLITERATIONS.values())
    return text.str.replace_many(olds, news, leftmost=True).str.strip_chars_end(" ")


def ascii_text(text: str) -> str:
    """``ascii_form`` of one text, for metadata."""
    for old, new in TRANSLITERATIONS.items():
        text = text.replace(old, new)
    return text.rstrip(" ")
