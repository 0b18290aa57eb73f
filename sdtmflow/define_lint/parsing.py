"""From the XML tree to the typed model, once; rules never see XML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from lxml import etree

from sdtmflow.define_lint import elements, model
from sdtmflow.define_lint.node import Node, built
from sdtmflow.define_lint.reading import read_root, short
from sdtmflow.define_lint.shapes import oddities
from sdtmflow.formats.define.xml import ODM, Element

_Built = TypeVar("_Built")


def parse(path: Path) -> model.Define:
    """Read define.xml; FormatError where it is none (see ``reading``)."""
    root, edition = read_root(path)
    odm = Node(root)
    study = odm.child("Study") or odm
    version = next(
        Node(one) for one in root.iter(f"{{{ODM}}}MetaDataVersion") if one.getparent() is not None
    )
    return model.Define(
        path=path,
        edition=edition,
        header=_header(odm),
        version=_version(version, study),
        study=_study(study),
        standards=tuple(
            built(elements.Standard, one)
            for standards in version.children("def:Standards")
            for one in standards.children("def:Standard")
        ),
        crf=_documents_of(version, "def:AnnotatedCRF"),
        supplements=_documents_of(version, "def:SupplementalDoc"),
        value_lists=_every(version, "def:ValueListDef", elements.ValueList),
        where_clauses=_every(version, "def:WhereClauseDef", elements.WhereClause),
        datasets=_every(version, "ItemGroupDef", elements.Dataset),
        items=_every(version, "ItemDef", elements.Item),
        codelists=_every(version, "CodeList", elements.Codelist),
        methods=_every(version, "MethodDef", elements.Method),
        comments=_every(version, "def:CommentDef", elements.Comment),
        leaves=_every(version, "def:leaf", elements.Leaf),
        texts=tuple(_texts(root)),
        aliases=tuple(_aliases(root)),
        oddities=tuple(oddities(root, edition)),
        extension_references=frozenset(_extension_references(root)),
    )


def _every(version: Node, name: str, kind: type[_Built]) -> tuple[_Built, ...]:
    return tuple(built(kind, node) for node in version.children(name))


def _header(odm: Node) -> model.Header:
    tree = odm.element.getroottree()
    return model.Header(
        line=odm.line,
        encoding=tree.docinfo.encoding or "",
        stylesheet=_stylesheet(odm.element),
        odm_version=odm("ODMVersion"),
        file_type=odm("FileType"),
        created=odm("CreationDateTime"),
        context=odm("def:Context"),
        studies=sum(1 for _ in odm.children("Study")),
    )


def _stylesheet(root: Element) -> str | None:
    """The href of the first xml-stylesheet; None where there is none."""
    before = root.itersiblings(tag=etree.ProcessingInstruction, preceding=True)
    for node in before:
        if node.target == "xml-stylesheet":  # type: ignore[attr-defined]
            return str(node.get("href") or "")
    return None


def _version(node: Node, study: Node) -> model.Version:
    return model.Version(
        line=node.line,
        name=node("Name"),
        description=node("Description"),
        define=node("def:DefineVersion"),
        standard=node("def:StandardName"),
        standard_version=node("def:StandardVersion"),
        comment=node("def:CommentOID"),
        count=sum(1 for _ in study.children("MetaDataVersion")),
    )


def _study(study: Node) -> dict[str, str]:
    variables = study.child("GlobalVariables")
    names = ("StudyName", "StudyDescription", "ProtocolName")
    return {name: variables.text(name) if variables else "" for name in names}


def _documents_of(version: Node, name: str) -> tuple[elements.DocumentRef, ...]:
    return tuple(
        built(elements.DocumentRef, ref)
        for holder in version.children(name)
        for ref in holder.children("def:DocumentRef")
    )


def _owner(element: Element) -> str:
    """The nearest element around that has a name: ``ItemDef IT.DM.SEX``."""
    for around in element.iterancestors():
        if oid := around.get("OID") or around.get("CodedValue"):
            return f"{short(str(around.tag))} {oid}"
    return "ODM"


def _texts(root: Element) -> Iterator[model.Texts]:
    for element in root.iter(f"{{{ODM}}}TranslatedText"):
        node = Node(element)
        blank = not (element.text or "").strip()
        yield model.Texts(node.line, node("xml:lang"), blank, _owner(element))


def _aliases(root: Element) -> Iterator[model.Named]:
    for element in root.iter(f"{{{ODM}}}Alias"):
        node = Node(element)
        yield model.Named(node.line, node("Context"), node("Name"), _owner(element))


def _extension_references(root: Element) -> Iterator[str]:
    """Every attribute in and below elements of namespaces that are not Define-XML's."""
    for element in root.iter("*"):
        if not short(str(element.tag)):
            for inside in element.iter("*"):
                yield from (str(value) for value in inside.attrib.values())
