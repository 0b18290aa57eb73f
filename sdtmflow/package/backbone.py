"""What makes a package an eCTD sequence: index.xml with its checksum, and the study tagging file.

ICH eCTD 3.2.2 and ICH STF 2.6.1 (DTD 2.2). The document type definitions and stylesheets that both
name below ``util/`` are the agencies' own and come from the publishing tool, as does module 1
(docs/decisions/0018-ectd-tree.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from sdtmflow.agency import AGENCIES
from sdtmflow.package.leaves import Leaf, leaves_of, md5_of
from sdtmflow.package.sections import SECTIONS, Section
from sdtmflow.package.tree import PackageTree, path_name
from sdtmflow.study import Study

UNSTATED = "unspecified"
"""The indication where nobody says it."""

_ECTD = "http://www.ich.org/ectd"
_INDEX_XLINK = "http://www.w3c.org/1999/xlink"
"""As ich-ectd-3-2.dtd fixes it; the DTD of study tagging files has w3.org."""
_STF_XLINK = "http://www.w3.org/1999/xlink"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CONTROLS = {"PLACEBO": "placebo", "ACTIVE": "active-control-without-placebo"}
"""TCNTRL as type-of-control; what else a study is controlled by is for a person to say."""
_CONTROLLED = "5.3.5.1"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the study stands in the application."""

    section: Section
    indication: str
    control: str

    @classmethod
    def of(cls, study: Study, parameters: Mapping[str, str]) -> _Place:
        said = study.submission
        control = said.control or _CONTROLS.get(parameters.get("TCNTRL", "").upper(), "")
        return cls(
            SECTIONS[said.section],
            said.indication or parameters.get("INDIC", "") or UNSTATED,
            control if said.section == _CONTROLLED else "",
        )


def write_backbone(
    root: Path, study: Study, labels: Mapping[str, str], parameters: Mapping[str, str]
) -> None:
    """Make the tree below ``root`` a sequence: write the tagging file, the index, its checksum.

    ``labels`` gives the labels of datasets by name, ``parameters`` TSVAL by TSPARMCD. Every file
    below m5 becomes a leaf with operation ``new``; the same files give the same bytes.
    """
    profile = AGENCIES[study.agency]
    place = _Place.of(study, parameters)
    leaves = leaves_of(root, profile, labels)
    if profile.tagged:
        path = _tagging_path(root, study, place)
        _write(root / path, _tagging(study, place, leaves, "../" * path.count("/")))
        leaves.append(Leaf("stf", path, _title(study), md5_of(root / path), None))
    _write(root / "index.xml", _index(place, leaves))
    (root / "index-md5.txt").write_text(md5_of(root / "index.xml"), encoding="ascii")


def summary_of(data: Path) -> dict[str, str]:
    """TSVAL by TSPARMCD, from the rows of TS in ``data`` (``TS.parquet``), where there are any."""
    table = data / "TS.parquet"
    if not table.is_file():
        return {}
    rows = pl.read_parquet(table, columns=["TSPARMCD", "TSVAL"]).drop_nulls()
    return dict(rows.unique("TSPARMCD", keep="first", maintain_order=True).iter_rows())


def _tagging_path(root: Path, study: Study, place: _Place) -> str:
    folder = place.section.folder(place.indication, PackageTree.of(root, study).study)
    return f"{folder}/stf-{path_name(study.study)}.xml"


def _title(study: Study) -> str:
    return " ".join(study.title.split())


def _tagging(study: Study, place: _Place, leaves: Iterable[Leaf], up: str) -> bytes:
    root = etree.Element(f"{{{_ECTD}}}study", nsmap={"ectd": _ECTD, "xlink": _STF_XLINK})
    root.set(_LANG, "en")
    root.set("dtd-version", "2.2")
    identifier = etree.SubElement(root, "study-identifier")
    etree.SubElement(identifier, "title").text = _title(study)
    etree.SubElement(identifier, "study-id").text = study.study
    if place.control:
        category = {"name": "type-of-control", "info-type": "ich"}
        etree.SubElement(identifier, "category", category).text = place.control
    documents = etree.SubElement(root, "study-document")
    for leaf in leaves:
        if leaf.tag:
            href = {f"{{{_STF_XLINK}}}href": f"{up}index.xml#{leaf.id}"}
            content = etree.SubElement(documents, "doc-content", href)
            etree.SubElement(
                content, "file-tag", {"name": leaf.tag.name, "info-type": leaf.tag.realm}
            )
    return _document(root, "ectd:study", f"{up}util/", "ich-stf-v2-2", "ich-stf-stylesheet-2-3")


def _index(place: _Place, leaves: Iterable[Leaf]) -> bytes:
    root = etree.Element(f"{{{_ECTD}}}ectd", nsmap={"ectd": _ECTD, "xlink": _INDEX_XLINK})
    root.set("dtd-version", "3.2")
    parent = root
    for heading in place.section.headings:
        parent = etree.SubElement(parent, heading)
    if place.section.by_indication:
        next(parent.iterancestors()).set("indication", place.indication)
    for leaf in leaves:
        element = etree.SubElement(parent, "leaf", _attributes(leaf))
        etree.SubElement(element, "title").text = leaf.title
    return _document(root, "ectd:ectd", "util/", "ich-ectd-3-2", "ectd-2-0")


def _attributes(leaf: Leaf) -> dict[str, str]:
    version = {} if leaf.tag else {"version": "STF version 2.2"}
    return {
        "ID": leaf.id,
        **version,
        "operation": "new",
        "checksum": leaf.md5,
        "checksum-type": "md5",
        f"{{{_INDEX_XLINK}}}type": "simple",
        f"{{{_INDEX_XLINK}}}href": leaf.path,
    }


def _document(root: Any, name: str, util: str, dtd: str, style: str) -> bytes:
    sheet = f'type="text/xsl" href="{util}style/{style}.xsl"'
    prolog = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<!DOCTYPE {name} SYSTEM "{util}dtd/{dtd}.dtd">',
        f"<?xml-stylesheet {sheet}?>",
    )
    body = etree.tostring(root, encoding="unicode", pretty_print=True)
    return "\n".join([*prolog, body]).encode()


def _write(path: Path, document: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document)
