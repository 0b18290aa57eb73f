"""Damaged archives and workbooks: whatever a library stumbles over becomes one clear refusal."""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from sdtmflow.errors import SdtmflowError

_STUMBLES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    ValueError,  # with UnicodeDecodeError
    SyntaxError,  # with lxml's XMLSyntaxError
    TypeError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
)
"""What zipfile, gzip and openpyxl raise for bytes that are not what they should be."""


@contextmanager
def refused_if_damaged(refusal: SdtmflowError) -> Iterator[None]:
    """Raises ``refusal`` for damage; a full disk or a missing right stays what it is."""
    try:
        yield
    except _STUMBLES:
        raise refusal from None
    except OSError as error:
        # zipfile seeks to where damaged bytes send it; gzip's own error has no number.
        if error.errno in {None, errno.EINVAL}:
            raise refusal from None
        raise
