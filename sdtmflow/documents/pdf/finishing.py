"""The last touch to a PDF: what its bytes must be, whoever drew it."""

from __future__ import annotations

import datetime as dt
import io

import pikepdf

VERSION = "1.4"
"""FDA takes 1.4 to 1.7; the oldest is read by the most."""


def finished(draft: bytes, *, title: str, created: dt.datetime) -> bytes:
    """The draft with its properties, set to open with its bookmarks, ready for fast web view.

    The only clock is ``created``, and the file's identifier comes from its content, so the same
    draft gives the same bytes.
    """
    stamp = pikepdf.String(created.strftime("D:%Y%m%d%H%M%SZ"))
    with pikepdf.open(io.BytesIO(draft)) as pdf:
        pdf.trailer.Info = pdf.make_indirect(
            pikepdf.Dictionary(Title=title, Producer="sdtmflow", CreationDate=stamp, ModDate=stamp)
        )
        pdf.Root.PageMode = pikepdf.Name.UseOutlines
        pdf.Root.PageLayout = pikepdf.Name.OneColumn
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.Root.Lang = pikepdf.String("en")
        if "/ID" in pdf.trailer:  # its first half would stay, and it depends on the environment
            del pdf.trailer.ID
        out = io.BytesIO()
        pdf.save(
            out,
            force_version=VERSION,
            linearize=True,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return out.getvalue()
