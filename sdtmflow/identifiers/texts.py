"""Kinds of identifiers in the values themselves: forms that nothing else in an export has.

Every kind has a pattern that Polars looks for in whole columns, and where that is not enough a
closer look at the few texts that have it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
from phonenumbers import Leniency, PhoneNumberMatcher

from sdtmflow.identifiers import births, national
from sdtmflow.privacy import Kind

Look = Callable[[str, str], bool]
"""Whether a text really holds it; the second argument is the site's country (alpha-2, or "")."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind shows in a text."""

    kind: Kind
    candidate: str
    """A pattern that Rust's regex knows."""
    is_one: Look


_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
_CALLING = (
    r"\b(?:tel|phone|telephone|call|called|mobile|cell|fax|telefon|handy|rufnummer|anruf"
    r"|t[ée]l[ée]phone|portable|tel[ée]fono|m[óo]vil|cellulare|telefoon|telefone|whatsapp)\b"
)
_APART = r"(?:[ ()./-]{0,3}[0-9]){6,}"
_NORTH_AMERICAN = r"(?:\([0-9]{3}\) ?|[0-9]{3}[-.])[0-9]{3}[-.][0-9]{4}"
_PHONE = (
    rf"(?i)(?:\+|\b00)[ (]{{0,2}}[1-9]{_APART}|{_NORTH_AMERICAN}\b"
    rf"|{_CALLING}.*[0-9]{_APART}|[0-9]{_APART}.*{_CALLING}"
)
_QUAD = r"(?:^|[^0-9A-Za-z.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:$|[^0-9A-Za-z.]|\.(?:$|[^0-9]))"
_STREETS = "Street|Avenue|Road|Lane|Drive|Boulevard|Court|Terrace|Crescent|Ave\\.|Rd\\.|Blvd\\.?"
_ADDRESS = (
    rf"\b[0-9]{{1,5}}[A-Za-z]?,? (?:[A-Z][\w'.-]+ ){{1,3}}(?:{_STREETS})\b"
    r"|[A-ZÄÖÜ][\wäöüß-]{2,}(?:stra(?:ß|ss)e|str\.|gasse|allee|platz) ?[0-9]{1,4}[a-z]?\b"
    r"|\b[0-9]{1,4},? (?:bis |ter )?(?:rue|avenue|boulevard|chemin|impasse|via|calle|rua) "
    r"(?:d[eu]s? |de la |della |del |da |do )?[A-ZÀ-Ý]"
    r"|\b(?:Calle|Via|Viale|Rua|Avenida) (?:\w+ ){1,4},? ?[0-9]{1,4}\b"
)
_NAME = (
    r"(?:^|[\s(,;:])(?:Mr|Mrs|Ms|Miss|Mister|Herr|Herrn|Frau|Mme|Mlle|Madame|Monsieur|Señora?|Signora?"
    r"|Sra?|Dhr|Mevr|Senhora?)\.? [A-ZÀ-Ý][a-zà-ÿ]{2,}"
    r"|\b(?:[Pp]atient(?:'s)?|[Ss]ubject(?:'s)?) name (?:is|was|:)"
)
_RECORD = (
    r"(?i)\b(?:mrn|medical record (?:number|no\.?)|hospital (?:number|no\.?)|chart (?:number|no\.?)"
    r"|fallnummer|insurance (?:number|no\.?)|versichertennummer|prontu[aá]rio)"
    r"[ :#.=]{0,4}(?:is |was )?[A-Z]{0,3}[0-9][0-9A-Z-]{3,}"
)
_BORN = (
    r"(?i)\b(?:born|d\.?o\.?b|date of birth|birth ?date|geb|geboren|geburtsdatum|n[ée]e? le"
    r"|nacid[oa]|nat[oa] il|nascid[oa])"
)
_CALLED = re.compile(_CALLING, re.IGNORECASE)
_VERSION = re.compile(r"(?i)(?:\bv|\bver|version|release|firmware|build|oid)[ :.]*$")


def _phone(text: str, country: str) -> bool:
    """A number that is one by its country's numbering plan and is written, or told, as one."""
    matches = PhoneNumberMatcher(text, country or None, leniency=Leniency.VALID)
    told = bool(_CALLED.search(text))
    return any(
        found.raw_string.startswith(("+", "(+", "00"))
        or told
        or bool(re.fullmatch(_NORTH_AMERICAN, found.raw_string))
        for found in matches
    )


def _address_of_machine(text: str, _country: str) -> bool:
    for found in re.finditer(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)", text):
        try:
            address = ipaddress.IPv4Address(found[0])
        except ValueError:
            continue
        if int(address) >> 24 and not _VERSION.search(text[: found.start()]):
            return True
    return False


def _national(text: str, _country: str) -> bool:
    return national.written(text)


def _birth(text: str, _country: str) -> bool:
    return births.tells_birth(text)


def _surely(_text: str, _country: str) -> bool:
    return True


FORMS = (
    Form(Kind.EMAIL, _EMAIL, _surely),
    Form(Kind.NATIONAL_ID, national.WRITTEN, _national),
    Form(Kind.PHONE, _PHONE, _phone),
    Form(Kind.RECORD_NUMBER, _RECORD, _surely),
    Form(Kind.ADDRESS, _ADDRESS, _surely),
    Form(Kind.NAME, _NAME, _surely),
    Form(Kind.BIRTH_DATE, _BORN, _birth),
    Form(Kind.IP_ADDRESS, _QUAD, _address_of_machine),
)
"""The surest first: a text is of the first kind that it shows."""
_SHORTEST = 6
"""No form is shorter."""


def kinds_in(values: pl.Series, country: str = "") -> dict[str, Kind]:
    """Text → the kind of identifier in it, for the distinct texts that hold one.

    ``country`` is the site's (ISO 3166-1 alpha-2): by its plan national telephone numbers are told.
    """
    distinct = values.drop_nulls().unique()
    distinct = distinct.filter(distinct.str.len_chars() >= _SHORTEST)
    return {
        text: kind for form in reversed(FORMS) for text, kind in _showing(form, distinct, country)
    }


def _showing(form: Form, distinct: pl.Series, country: str) -> Iterator[tuple[str, Kind]]:
    for text in distinct.filter(distinct.str.contains(form.candidate)):
        if form.is_one(text, country):
            yield text, form.kind
