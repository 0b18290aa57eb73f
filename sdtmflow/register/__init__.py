"""The register: the life of every finding of a study, in a database that forgets nothing."""

from sdtmflow.register.acting import Action, allows
from sdtmflow.register.address import database_of, file_of
from sdtmflow.register.looked import Looked, Unseen
from sdtmflow.register.naming import SHOWN_DIGITS, fingerprints_of
from sdtmflow.register.news import NEWS_SCHEMA
from sdtmflow.register.register import Register, open_register
from sdtmflow.register.run import SeenBy
from sdtmflow.register.waivers import waivers_in_force

__all__ = [
    "NEWS_SCHEMA",
    "SHOWN_DIGITS",
    "Action",
    "Looked",
    "Register",
    "SeenBy",
    "Unseen",
    "allows",
    "database_of",
    "file_of",
    "fingerprints_of",
    "open_register",
    "waivers_in_force",
]
