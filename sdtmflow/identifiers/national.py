"""National identity numbers, told by their form and their check digits (python-stdnum)."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast


class Standard(Protocol):
    """A module of python-stdnum."""

    def is_valid(self, number: str) -> bool:
        """Whether the number is one of them, check digits included."""
        ...


@dataclass(frozen=True, slots=True)
class Number:
    """One country's number: ``written`` as people write it, ``bare`` as a system sends it.

    ``written`` must be a form that nothing else has; a bare number is believed only of a whole
    column (``all_are_one``), for a check digit alone lets one number in ten or so pass.
    """

    module: str
    written: str
    bare: str = ""


NUMBERS = (
    Number("us.ssn", r"\d{3}-\d{2}-\d{4}"),
    Number("gb.nhs", r"\d{3} \d{3} \d{4}", r"\d{10}"),
    Number("ch.ssn", r"756\.\d{4}\.\d{4}\.\d{2}", r"756\d{10}"),
    Number("de.idnr", r"\d{2} \d{3} \d{3} \d{3}", r"\d{11}"),
    Number("fr.nir", r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}"),
    Number("it.codicefiscale", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]"),
    Number("es.dni", r"\d{8}-[A-HJ-NP-TV-Z]"),
    Number("es.nie", r"[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]"),
    Number("nl.bsn", r"\d{4}\.\d{2}\.\d{3}", r"\d{9}"),
    Number("be.nn", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", r"\d{11}"),
    Number("se.personnummer", r"(?:19|20)?\d{6}[-+]\d{4}", r"(?:19|20)\d{10}"),
    Number("fi.hetu", r"\d{6}[-+A]\d{3}[0-9A-FHJ-NPR-Y]"),
    Number("no.fodselsnummer", r"\d{6} \d{5}", r"\d{11}"),
    Number("pl.pesel", "", r"\d{11}"),
    Number("ca.sin", "", r"\d{9}"),
    Number("br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}", r"\d{11}"),
    Number("kr.rrn", r"\d{6}-[1-8]\d{6}"),
    Number("cn.ric", r"[1-9]\d{5}(?:19|20)\d{9}[\dX]"),
)
WRITTEN = "|".join(number.written for number in NUMBERS if number.written)
"""What a text with one looks like, before the digits are checked."""
_FEWEST = 8
"""So many different bare numbers must all pass: chance lets through one column in 10^7 at most."""


def written(text: str) -> bool:
    """Whether the text holds such a number in the form that people write."""
    return any(
        _standard(number.module).is_valid(found[1])
        for number in NUMBERS
        if number.written
        for found in re.finditer(rf"(?<![\w.+-])({number.written})(?![\w-]|\.\d)", text)
    )


def all_are_one(values: Sequence[str]) -> bool:
    """Whether these distinct values are, one and all, bare numbers of one country."""
    return len(values) >= _FEWEST and any(_all_are(number, values) for number in NUMBERS)


def _all_are(number: Number, values: Sequence[str]) -> bool:
    return (
        bool(number.bare)
        and all(re.fullmatch(number.bare, value) for value in values)
        and all(_standard(number.module).is_valid(value) for value in values)
    )


@cache
def _standard(module: str) -> Standard:
    return cast("Standard", importlib.import_module(f"stdnum.{module}"))
