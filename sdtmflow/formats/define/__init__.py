"""define.xml 2.1, and the same page as HTML: what the datasets are, for people and machines."""

from sdtmflow.formats.define.document import define_document, in_define_order, write_define
from sdtmflow.formats.define.documents import with_pages
from sdtmflow.formats.define.page import STYLESHEET, write_page

__all__ = [
    "STYLESHEET",
    "define_document",
    "in_define_order",
    "with_pages",
    "write_define",
    "write_page",
]
