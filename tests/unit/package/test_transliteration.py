"""The table of replaced characters: applied alike to data and metadata; no letter is in it."""

from __future__ import annotations

import unicodedata

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sdtmflow.package.transliteration import TRANSLITERATIONS, ascii_form, ascii_text

characters = st.one_of(st.sampled_from(sorted(TRANSLITERATIONS)), st.characters())


@given(st.lists(characters, max_size=12).map("".join))
def test_data_and_metadata_are_written_alike(text: str) -> None:
    written = pl.select(ascii_form(pl.lit(text))).item()
    assert written == ascii_text(text)
    assert ascii_text(written) == written, "a second time changes nothing"


def test_no_letter_of_a_language_is_replaced() -> None:
    letters = [old for old in TRANSLITERATIONS if unicodedata.category(old[0]).startswith("L")]
    assert sorted(letters) == ["\u00b5", "\u03bc"], "the micro sign, and mu typed for it"


def test_every_replacement_is_printable_ascii() -> None:
    assert all(new.isascii() and new.isprintable() for new in TRANSLITERATIONS.values())
