"""The reviewer's guide: csdrg.pdf, and the same as text to go on writing from."""

from sdtmflow.documents.guide.drafting import drafted
from sdtmflow.documents.guide.facts import (
    GuideFacts,
    LeftOut,
    SizePart,
    arms_of,
    design_of,
    issues_of,
    records_of,
)
from sdtmflow.documents.guide.markdown import as_markdown
from sdtmflow.documents.guide.rendering import render_guide
from sdtmflow.documents.guide.texts import read_texts

__all__ = [
    "GuideFacts",
    "LeftOut",
    "SizePart",
    "arms_of",
    "as_markdown",
    "design_of",
    "drafted",
    "issues_of",
    "read_texts",
    "records_of",
    "render_guide",
]
