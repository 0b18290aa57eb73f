"""Identifiers of people in raw tables: by what a column is called, marked as, and holds.

Nothing here gives or keeps a value: only which column, which kind and which rows.
"""

from sdtmflow.identifiers.recognising import Described, Recognised, recognise
from sdtmflow.identifiers.texts import kinds_in

__all__ = ["Described", "Recognised", "kinds_in", "recognise"]
