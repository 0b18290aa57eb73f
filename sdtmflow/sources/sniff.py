"""What a file really is, by its content; its name is never trusted."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from sdtmflow.damage import refused_if_damaged
from sdtmflow.errors import DeliveryError

HEAD = 65_536
"""Bytes that are looked at."""

_MAGIC = (
    (b"HEADER RECORD*******LIB", "xpt", "a SAS transport file (XPT)"),
    (b"**COMPRESSED** **COMPRESSED**", "cport", "a SAS CPORT file"),
    (b"PAR1", "parquet", "a Parquet file"),
    (b"%PDF", "pdf", "a PDF document"),
    (b"\x89PNG", "image", "a picture (PNG)"),
    (b"\xff\xd8\xff", "image", "a picture (JPEG)"),
    (b"\x1f\x8b", "gzip", "a gzip file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole", "an Excel 97-2003 or password-protected workbook"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "a 7-Zip archive"),
    (b"Rar!", "rar", "a RAR archive"),
    (b"$FL2", "spss", "an SPSS file"),
    (b"<stata_dta>", "stata", "a Stata file"),
)
_SAS_HEAD = bytes(12) + bytes.fromhex("c2ea81")
_SAS_KINDS = {
    0x60: ("sas7bdat", "a SAS dataset (sas7bdat)"),
    0x63: ("sas7bcat", "a SAS format catalog (sas7bcat)"),
}

_TEXT_CONTROLS = b"\t\n\v\f\r\x1a\x1b"
"""Control bytes that a text may hold: white space, the end mark of DOS, shifts of ISO-2022."""
_BINARY_CONTROLS = bytes(set(range(32)) - set(_TEXT_CONTROLS))

_REMEDIES = {
    "cport": "ask for PROC COPY with the XPORT engine instead of PROC CPORT",
    "ole": "save it as .xlsx without a password",
    "7z": "send the files as ZIP",
    "rar": "send the files as ZIP",
    "define": "it describes datasets and holds no data; collect the datasets themselves",
    "dataset-xml": "send the datasets as SAS transport files (kind: xpt)",
    "odm2": "ask for an ODM 1.3.2 export",
    "odm": "use kind: odm",
    "xpt": "use kind: xpt",
    "sas7bdat": "use kind: sas7bdat",
    "sas7bcat": "it holds formats, not data; put it beside the sas7bdat files",
    "xlsx": "use kind: excel",
    "text": "use kind: delimited",
    "parquet": "export it as CSV (kind: delimited)",
    "dataset-json": "send the dataset as a SAS transport file (kind: xpt)",
    "fhir": "FHIR is not yet a kind of source; export the data as CSV (kind: delimited)",
    "hl7v2": "HL7 v2 is not yet a kind of source; ask the laboratory for a CSV transfer",
}


@dataclass(frozen=True, slots=True)
class Nature:
    """``kind`` is the word that readers ask for, ``words`` what the user reads."""

    kind: str
    words: str

    @property
    def remedy(self) -> str:
        """What to do with such a file where another kind was expected."""
        return _REMEDIES.get(self.kind, "correct the source's 'path' or 'kind'")

    @property
    def is_damaged(self) -> bool:
        """Nothing that can be told apart: cut off, overwritten or never written."""
        return self.kind in {"empty", "broken-zip", "broken-xml", "binary"}


def identify(path: Path) -> Nature:
    """The nature of the file at ``path``."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xfe\xff"):
        return Nature("empty", "an empty file")
    for magic, kind, words in _MAGIC:
        if head.startswith(magic):
            return (
                _inside_gzip(path, Nature(kind, words)) if kind == "gzip" else Nature(kind, words)
            )
    if head.startswith(_SAS_HEAD) and head[15] in _SAS_KINDS:
        return Nature(*_SAS_KINDS[head[15]])
    if head.startswith(b"PK\x03\x04"):
        return _zip_nature(path)
    return _text_nature(head)


def _inside_gzip(path: Path, plain: Nature) -> Nature:
    """A gzip file of something that never is a delivery of a known kind is named by its content."""
    try:
        with refused_if_damaged(DeliveryError(plain.words)), gzip.open(path) as stream:
            inner = _text_nature(stream.read(HEAD))
    except DeliveryError:
        return plain
    if inner.kind == "dataset-json":
        return Nature("dataset-json", "a compressed Dataset-JSON file")
    return plain


def _zip_nature(path: Path) -> Nature:
    broken = Nature("broken-zip", "a ZIP file or Excel workbook that is cut off or damaged")
    try:
        with refused_if_damaged(DeliveryError(broken.words)), zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except DeliveryError:
        return broken
    if "[Content_Types].xml" not in names:
        return Nature("zip", "a ZIP archive")
    if any(name.startswith("xl/") for name in names):
        return Nature("xlsx", "an Excel workbook")
    return Nature("office", "an Office document that is no workbook")


def _text_nature(head: bytes) -> Nature:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<") or head[:4] in {b"\xff\xfe<\x00", b"\xfe\xff\x00<"}:
        return _xml_nature(head.lstrip() if not head.startswith((b"\xff", b"\xfe")) else head)
    if text.startswith(b"MSH|"):
        return Nature("hl7v2", "an HL7 v2 message")
    if text[:1] in {b"{", b"["}:
        return _json_nature(text)
    if _is_binary(head):
        return Nature("binary", "a binary file of an unknown kind")
    return Nature("text", "delimited text")


def _is_binary(head: bytes) -> bool:
    """A NUL, or more than one byte in fifty that no text holds; UTF-16 says so itself."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    controls = len(head) - len(head.translate(None, _BINARY_CONTROLS))
    return b"\x00" in head or controls * 50 > len(head)


def _xml_nature(head: bytes) -> Nature:
    root = _xml_root(head)
    if root is None:
        return Nature("broken-xml", "an XML file without a readable root element")
    local = etree.QName(root).localname
    if local != "ODM":
        return _other_xml(local, etree.QName(root).namespace or "")
    spaces = " ".join(str(uri) for uri in root.nsmap.values())
    if "cdisc.org/ns/def/" in spaces:
        return Nature("define", "a Define-XML file (metadata of datasets), not ODM clinical data")
    if "cdisc.org/ns/Dataset-XML" in spaces or "cdisc.org/ns/data/" in spaces:
        return Nature("dataset-xml", "a Dataset-XML file, not ODM clinical data")
    version = root.get("ODMVersion", "")
    if version.startswith("2") or "cdisc.org/ns/odm/v2" in spaces:
        return Nature("odm2", f"an ODM {version or '2.0'} file; only ODM 1.1 to 1.3.2 can be read")
    return Nature(
        "odm", f"an ODM {version or '1.x'} {root.get('FileType', '')} file".replace("  ", " ")
    )


def _other_xml(local: str, namespace: str) -> Nature:
    if "hl7.org/fhir" in namespace:
        return Nature("fhir", f"an HL7 FHIR {local} (XML)")
    if local.lower() == "html":
        return Nature("html", "an HTML page (a login or error page instead of the export?)")
    return Nature("xml", f"an XML file whose root is {local}, not ODM")


def _xml_root(head: bytes) -> Any:
    """The root element with its attributes, or None; the head may end anywhere after it."""
    parser = etree.XMLPullParser(
        events=("start",), resolve_entities=False, no_network=True, load_dtd=False
    )
    with contextlib.suppress(etree.XMLSyntaxError):  # what came before the mistake is enough
        parser.feed(head)
    try:
        return next((element for _, element in parser.read_events()), None)
    except etree.XMLSyntaxError:
        return None


def _json_nature(text: bytes) -> Nature:
    if b'"datasetJSONVersion"' in text or b'"itemGroupOID"' in text:
        return Nature("dataset-json", "a Dataset-JSON file")
    if b'"resourceType"' in text:
        kind = "Bulk Data (NDJSON)" if _is_ndjson(text) else "JSON"
        return Nature("fhir", f"HL7 FHIR {kind}")
    return Nature("json", "a JSON file")


def _is_ndjson(text: bytes) -> bool:
    first = io.BytesIO(text).readline()
    try:
        return isinstance(json.loads(first), dict) and len(first) < len(text.rstrip())
    except ValueError:
        return False
