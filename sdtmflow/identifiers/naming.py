"""Kinds of identifiers by what a column is called, in the languages of ``words.csv``."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from pathlib import Path

from sdtmflow.privacy import Kind

_LONGER = 2
"""A label may say so many words more than the phrase: longer ones are questions about it."""
_BESIDE = {
    "investigator", "investigators", "site", "sites", "center", "centre", "hospital", "clinic",
    "lab", "laboratory", "drug", "device", "sponsor", "rater", "assessor", "reader", "physician",
    "study", "web", "server", "mac", "known", "available", "same", "flag", "yn", "type", "why",
    "reason", "provided", "confirmed", "did", "has", "is", "was", "updated", "verification",
    "verified", "affirmation", "staff", "interviewer", "coordinator", "monitor", "reviewer",
    "technician", "nurse", "operator", "by", "signature",
}  # fmt: skip
"""Words that make it another thing, or another person: the laboratory's address, *verified by*."""
_HONEST_NAMES = {"name", "names", "nom", "nombre", "nome", "naam"}
"""What a column of people's names may be called, and columns of many other things are."""


def kind_called(name: str, label: str) -> Kind | None:
    """The kind that the column's name or label says it holds; None where they say none."""
    return _said(words(label)) or _said(words(name))


def may_be_names(name: str, label: str) -> bool:
    """Whether it is called just *name*: then its values must tell."""
    return (
        bool({*words(name)} & _HONEST_NAMES) and len(words(name)) == 1 and not _said(words(label))
    )


def words(text: str) -> tuple[str, ...]:
    """``Patient's dateOfBirth_2`` → patient, date, of, birth: lower case, no accents, no digits."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("'s", ""))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", letters)
    return tuple(re.findall(r"[a-z]+", apart.lower()))


def _said(said: tuple[str, ...]) -> Kind | None:
    """The kind of the longest phrase among the words, where little else is said."""
    known = _phrases()
    for size in range(min(len(said), max(map(len, known))), 0, -1):
        for at in range(len(said) - size + 1):
            kind = known.get(said[at : at + size])
            if kind and _is_all(said[:at] + said[at + size :]):
                return kind
    return None


def _is_all(others: tuple[str, ...]) -> bool:
    return len(others) <= _LONGER and not _BESIDE & {*others}


@cache
def _phrases() -> dict[tuple[str, ...], Kind]:
    """Words → kind; the table's phrases are written as ``words`` gives them."""
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {
        tuple(phrase.split()): Kind(row["kind"])
        for row in rows
        for phrase in row["words"].split(";")
    }
