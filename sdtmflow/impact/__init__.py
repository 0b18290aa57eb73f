"""What another version of controlled terminology would change in a study."""

from sdtmflow.impact.assess import assess
from sdtmflow.impact.effects import CodelistRow, Effect, Impact, Kind, Weight
from sdtmflow.impact.write import write_csv, write_html, write_xlsx

__all__ = [
    "CodelistRow",
    "Effect",
    "Impact",
    "Kind",
    "Weight",
    "assess",
    "write_csv",
    "write_html",
    "write_xlsx",
]
