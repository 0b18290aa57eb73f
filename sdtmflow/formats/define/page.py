"""define.html: define.xml as a page, made with the stylesheet that is shipped beside it.

Browsers no longer apply stylesheets to local XML, so the page is made here, once.
"""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from sdtmflow.formats.atomic import written

STYLESHEET = Path(__file__).with_name("define.xsl")


def write_page(define: Path, page: Path) -> None:
    """Render ``define`` (a define.xml) as HTML to ``page``."""
    transform = etree.XSLT(etree.parse(STYLESHEET))
    with written(page) as file:
        file.write(bytes(transform(etree.parse(define))))
