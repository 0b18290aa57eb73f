"""Everything that can be said of a package of anyone: the gate, define.xml, both together."""

from sdtmflow.appraisal.appraising import appraise, issues_of
from sdtmflow.appraisal.model import AGREEMENTS, Appraisal, Issue, Place, Shelf
from sdtmflow.appraisal.write import as_json_text, write_html

__all__ = [
    "AGREEMENTS",
    "Appraisal",
    "Issue",
    "Place",
    "Shelf",
    "appraise",
    "as_json_text",
    "issues_of",
    "write_html",
]
