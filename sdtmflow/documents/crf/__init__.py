"""The annotated CRF: each form of the study as it was filled in, and where its answers went."""

from sdtmflow.documents.crf.choices import OWN, read_choices
from sdtmflow.documents.crf.drawing import draw_crf
from sdtmflow.documents.crf.files import read_not_submitted, read_pages, write_crf
from sdtmflow.documents.crf.forms import crf_of
from sdtmflow.documents.crf.own import own_crf
from sdtmflow.documents.crf.schedule import visits_seen

__all__ = [
    "OWN",
    "crf_of",
    "draw_crf",
    "own_crf",
    "read_choices",
    "read_not_submitted",
    "read_pages",
    "visits_seen",
    "write_crf",
]
