"""ODM as a stream of elements: safe parsing, and errors in the reader's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import IO, Any, TypeAlias

from lxml import etree

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.raw import DeliveredFile

Element: TypeAlias = Any
"""An lxml element; lxml's stubs say ``str | bytes`` of what is always text after parsing."""


@contextmanager
def xml_stream(file: DeliveredFile) -> Iterator[IO[bytes]]:
    """The file's bytes from its first ``<``; some systems write a blank line before it.

    A mistake in the XML becomes a DeliveryError with line and column.
    """
    with file.path.open("rb") as stream:
        head = stream.read(1024)
        blank = len(head) - len(head.lstrip(b" \t\r\n"))
        stream.seek(blank)
        try:
            yield stream
        except etree.XMLSyntaxError as error:
            raise _not_well_formed(error, file, head[:blank].count(b"\n")) from None


def elements(
    stream: IO[bytes], tags: tuple[str, ...], events: tuple[str, ...] = ("end",)
) -> Iterator[tuple[str, Element]]:
    """(event, element) for the local names in ``tags``, in any namespace or none.

    Entities are not resolved, nothing is fetched, and the parser's own limits on depth and
    expansion stay on.
    """
    yield from etree.iterparse(
        stream,
        events=events,
        tag=tuple(f"{{*}}{tag}" for tag in tags),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def refuse_dtd(root: Element, name: str) -> None:
    """ODM is described by a schema; a document type can only redefine or pull in what is read."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise DeliveryError(
            "the file declares a document type (DTD), which ODM does not use",
            place=name,
            remedy="ask for an export without <!DOCTYPE>",
        )


@cache
def local_name(tag: str) -> str:
    """``{http://…}SubjectData`` → ``SubjectData``."""
    return tag.rpartition("}")[2]


def shown_name(element: Element) -> str:
    """The name with the prefix that the file uses: ``OpenClinica:AuditLogs``."""
    return f"{element.prefix}:{local_name(element.tag)}" if element.prefix else str(element.tag)


def _not_well_formed(
    error: etree.XMLSyntaxError, file: DeliveredFile, skipped: int
) -> DeliveryError:
    line, column = error.position
    place = f"{file.name}, line {line + skipped}, column {column}"
    if not _ends_with_its_root(file):
        return DeliveryError(
            "the XML ends in the middle; the file is cut off",
            place=place,
            remedy="ask the site to send it again",
        )
    return DeliveryError(
        f"this is not well-formed XML ({_without_values(error.msg or 'syntax error')})",
        place=place,
        remedy="ask for a new export; the sending system wrote a broken file",
    )


def _ends_with_its_root(file: DeliveredFile) -> bool:
    """Whether the last bytes are ``</ODM>``; the parser's message depends on where the cut fell."""
    with file.path.open("rb") as stream:
        stream.seek(max(0, file.path.stat().st_size - 4096))
        tail = stream.read().replace(b"\x00", b"").rstrip()
    return re.search(rb"</([\w.-]+:)?ODM\s*>(\s*<!--.*?-->)*$", tail, re.DOTALL) is not None


def _without_values(message: str) -> str:
    """The parser's words up to what they may quote from the file."""
    return message.partition(", line ")[0].partition(":")[0][:80]
