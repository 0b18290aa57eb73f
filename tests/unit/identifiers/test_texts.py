"""Identifiers in values: what is one, and what only looks like one."""

from __future__ import annotations

import polars as pl
import pytest

from sdtmflow.identifiers import kinds_in
from sdtmflow.privacy import Kind


def kind_of(text, country=""):
    return kinds_in(pl.Series([text]), country).get(text)


@pytest.mark.parametrize(
    ("text", "country", "kind"),
    [
        ("please mail jane.roe@clinic.example.org", "", Kind.EMAIL),
        ("call +41 61 265 25 25 after six", "", Kind.PHONE),
        ("reached by telephone 061 265 25 25", "CH", Kind.PHONE),
        ("daughter (617) 555-0123 is the contact", "US", Kind.PHONE),
        ("Tel. 0221 4780", "DE", Kind.PHONE),
        ("SSN 219-09-1234 given by the wife", "", Kind.NATIONAL_ID),
        ("NHS 943 476 5919", "", Kind.NATIONAL_ID),
        ("AHV 756.9217.0769.85", "", Kind.NATIONAL_ID),
        ("see MRN 00482913", "", Kind.RECORD_NUMBER),
        ("Fallnummer: 4711882", "", Kind.RECORD_NUMBER),
        ("lives at 12 Harbour View Road", "", Kind.ADDRESS),
        ("wohnt Bahnhofstrasse 7", "", Kind.ADDRESS),
        ("habite 14 rue de la Paix", "", Kind.ADDRESS),
        ("Mrs. Miller reported dizziness", "", Kind.NAME),
        ("Frau Keller war nicht da", "", Kind.NAME),
        ("patient born 03/05/1961 in Basel", "", Kind.BIRTH_DATE),
        ("geb. 12.03.1961", "", Kind.BIRTH_DATE),
        ("filled in from 82.220.38.20", "", Kind.IP_ADDRESS),
    ],
)
def test_what_tells_who_somebody_is(text, country, kind):
    assert kind_of(text, country) is kind


@pytest.mark.parametrize("country", ["", "US", "CH", "GB", "DE", "FR"])
@pytest.mark.parametrize(
    "text",
    [
        "2025-03-28T10:15:00",
        "28.03.2025 10:15",
        "12/03/2025 - 14/03/2025",
        "20250328101500",
        "0123456789",
        "6172652525",
        "943 476 5918",  # the check digit is wrong
        "120/80, 118/76, 121/79",
        "1.25 x 10^9/L (0.5 - 2.5)",
        "01-701-1015",
        "DEMO01-02-201",
        "SE.WEEK.12",
        "1.2.840.113619.2.55.3",
        "version 10.1.2.3",
        "MedDRA 27.1",
        "10 20 30 40 50 60 70",
        "ECG.Ms Rhythm",
        "Mr imaging of the knee",
        "took 5 tablets, 3 Main complaints",
        "born to be mild 5 mg",
        "hospitalised 3 days, room 12",
        "LOINC 2160-0, 1742-6, 1920-8",
        "000-12-3456",  # no social security number begins with 000
        "batch 4711882, kit 100234",
    ],
)
def test_what_only_looks_like_it(text, country):
    assert kind_of(text, country) is None
