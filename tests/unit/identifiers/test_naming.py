"""Kinds by names and labels, in several languages."""

from __future__ import annotations

import pytest

from sdtmflow.identifiers.naming import kind_called, words
from sdtmflow.privacy import Kind


@pytest.mark.parametrize(
    ("name", "label", "kind"),
    [
        ("PATNAME2", "", Kind.NAME),
        ("patientName", "", Kind.NAME),
        ("f1", "Patient's last name", Kind.NAME),
        ("f2", "Prénom", Kind.NAME),
        ("SUBJINIT", "", Kind.INITIALS),
        ("Geburtsdatum", "", Kind.BIRTH_DATE),
        ("x", "Fecha de nacimiento", Kind.BIRTH_DATE),
        ("E-Mail", "", Kind.EMAIL),
        ("home_phone_1", "", Kind.PHONE),
        ("Straße", "", Kind.ADDRESS),
        ("PLZ", "", Kind.POSTAL_CODE),
        ("mrn", "", Kind.RECORD_NUMBER),
        ("v", "NHS number", Kind.NATIONAL_ID),
        ("ip_address", "", Kind.IP_ADDRESS),
        # Other things, other people, questions
        ("DRUG_NAME", "Name of drug", None),
        ("TESTNAME", "", None),
        ("SITENAME", "Name of the site", None),
        ("INVNAM", "Investigator name", None),
        ("LABADDR", "Address of the laboratory", None),
        ("VERI_INIT", "Verification affirmation initials", None),
        ("PHONEYN", "Was the subject reached by phone?", None),
        ("q", "Is the date of birth known?", None),
        ("INITDOSE", "Initial dose", None),
        ("SUBJID", "Subject number", None),
        ("PATID", "Patient number", None),
        ("ADDRESSED", "Issues addressed", None),
        ("EMAILYN", "Do you use the e-mail of your family and friends daily?", None),
    ],
)
def test_a_name_or_a_label_says_the_kind(name, label, kind):
    assert kind_called(name, label) is kind


def test_words_are_plain():
    assert words("Patient's dateOfBirth_2 (Prénom)") == (
        "patient", "date", "of", "birth", "prenom",
    )  # fmt: skip
