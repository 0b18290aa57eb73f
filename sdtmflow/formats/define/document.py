"""The define.xml document as a whole: envelope, standards, and the sections in the XSD's order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lxml import etree

import sdtmflow
from sdtmflow.dataset import CLASSES, Dataset, Document
from sdtmflow.formats import oids
from sdtmflow.formats.atomic import written
from sdtmflow.formats.define.codelists import Codelists, add_codelists
from sdtmflow.formats.define.datasets import add_datasets
from sdtmflow.formats.define.documents import add_document_lists, add_leaves
from sdtmflow.formats.define.items import add_items
from sdtmflow.formats.define.notes import add_comments, add_methods
from sdtmflow.formats.define.value_level import add_value_lists, add_where_clauses
from sdtmflow.formats.define.xml import NAMESPACES, ODM, Element, add, add_text, qualified
from sdtmflow.formats.measure import Measured
from sdtmflow.study import Study

VERSION = "2.1.0"
STANDARD_IG = "STD.SDTMIG"
STANDARD_CT = "STD.CT"


def in_define_order(datasets: Iterable[Dataset]) -> tuple[Dataset, ...]:
    """Datasets by class, and by name within it (Define-XML 2.1, ItemGroupDef ordering)."""
    return tuple(sorted(datasets, key=lambda dataset: (CLASSES.index(dataset.cls), dataset.name)))


def write_define(
    path: Path,
    study: Study,
    datasets: Sequence[Dataset],
    measured: Mapping[str, Measured],
    *,
    created: dt.datetime,
    documents: Sequence[Document] = (),
    stylesheet: str = "define.xsl",
) -> None:
    """Write define.xml for settled datasets; documents and ``stylesheet`` are files beside it."""
    root = define_document(study, datasets, measured, created=created, documents=documents)
    root.addprevious(
        etree.ProcessingInstruction("xml-stylesheet", f'type="text/xsl" href="{stylesheet}"')
    )
    with written(path) as file:
        root.getroottree().write(file, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def define_document(
    study: Study,
    datasets: Sequence[Dataset],
    measured: Mapping[str, Measured],
    *,
    created: dt.datetime,
    documents: Sequence[Document] = (),
) -> Element:
    """The ODM element of define.xml for datasets whose lengths are settled.

    ``measured`` tells which datasets and variables have data. Datasets without records are
    described with ``def:HasNoData`` and have no file; all others are in ``<name>.xpt`` beside
    define.xml. ``documents`` must be there too: each gets a leaf, and origins may name its pages.
    ``created`` is the only clock of the document.
    """
    datasets = in_define_order(datasets)
    root = _envelope(study, created)
    version = _metadata_version(root, study)
    codelists = Codelists.of(datasets)
    _add_standards(version, study)
    add_document_lists(version, documents)
    add_value_lists(version, datasets)
    add_where_clauses(version, datasets)
    add_datasets(version, datasets, measured, standard=STANDARD_IG)
    add_items(version, datasets, measured, codelists)
    add_codelists(version, codelists, standard=STANDARD_CT)
    add_methods(version, datasets)
    add_comments(version, datasets, measured)
    add_leaves(version, documents)
    return root


def _envelope(study: Study, created: dt.datetime) -> Element:
    attributes = {
        "ODMVersion": "1.3.2",
        "FileType": "Snapshot",
        "FileOID": oids.file_oid(study, "define"),
        "CreationDateTime": created.strftime("%Y-%m-%dT%H:%M:%S"),
        "Originator": study.study,
        "SourceSystem": "sdtmflow",
        "SourceSystemVersion": sdtmflow.__version__,
        qualified("def:Context"): "Submission",
    }
    return etree.Element(f"{{{ODM}}}ODM", attributes, NAMESPACES)  # type: ignore[arg-type]


def _metadata_version(root: Element, study: Study) -> Element:
    node = add(root, "Study", {"OID": oids.study_oid(study)})
    names = add(node, "GlobalVariables")
    add_text(names, "StudyName", study.study)
    add_text(names, "StudyDescription", study.title)
    add_text(names, "ProtocolName", study.protocol or study.study)
    return add(
        node,
        "MetaDataVersion",
        {
            "OID": oids.metadata_oid(study),
            "Name": f"Study {study.study}, Data Definitions",
            "Description": f"SDTM datasets of study {study.study}, "
            f"data cut-off {study.cutoff.isoformat()}",
            "def:DefineVersion": VERSION,
        },
    )


def _add_standards(version: Element, study: Study) -> None:
    node = add(version, "def:Standards")
    guide = {"Name": "SDTMIG", "Type": "IG", "Version": study.standards.sdtmig}
    terms = {"Name": "CDISC/NCI", "Type": "CT", "PublishingSet": "SDTM"}
    add(node, "def:Standard", {"OID": STANDARD_IG, **guide, "Status": "Final"})
    terms["Version"] = study.standards.ct.isoformat()
    add(node, "def:Standard", {"OID": STANDARD_CT, **terms, "Status": "Final"})
