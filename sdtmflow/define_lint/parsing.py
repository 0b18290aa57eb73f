"""From the XML tree to the typed model, once; rules never see XML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from lxml import etree

from sdtmflow.define_lint import model
from sdtmflow.define_lint.reading import line_of, read_root, short
from sdtmflow.define_lint.shapes import oddities
from sdtmflow.formats.define.xml import ODM, Element

NCI = "nci:ExtCodeID"
_Built = TypeVar("_Built")


class _Node:
    """An element by short names (``def:leaf``, ``OID``), whichever edition it is of."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.line = line_of(element)
        self.attributes = {short(str(key)): str(value) for key, value in element.attrib.items()}

    def __call__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def children(self, name: str) -> Iterator[_Node]:
        for child in self.element:
            if isinstance(child.tag, str) and short(child.tag) == name:
                yield _Node(child)

    def child(self, name: str) -> _Node | None:
        return next(self.children(name), None)

    def all(self, name: str, build: Callable[[_Node], _Built]) -> tuple[_Built, ...]:
        return tuple(build(child) for child in self.children(name))

    def text(self, name: str = "Description") -> str:
        """The text of a child, its translations joined."""
        child = self.child(name)
        return (
            "" if child is None else " ".join("".join(map(str, child.element.itertext())).split())
        )


def parse(path: Path) -> model.Define:
    """Read define.xml; FormatError where it is none (see ``reading``)."""
    root, edition = read_root(path)
    odm = _Node(root)
    study = odm.child("Study") or odm
    version = next(
        _Node(one) for one in root.iter(f"{{{ODM}}}MetaDataVersion") if one.getparent() is not None
    )
    return model.Define(
        path=path,
        edition=edition,
        header=_header(odm),
        version=_version(version, study),
        study=_study(study),
        standards=tuple(
            _standard(one)
            for standards in version.children("def:Standards")
            for one in standards.children("def:Standard")
        ),
        crf=_documents_of(version, "def:AnnotatedCRF"),
        supplements=_documents_of(version, "def:SupplementalDoc"),
        value_lists=version.all("def:ValueListDef", _value_list),
        where_clauses=version.all("def:WhereClauseDef", _where_clause),
        datasets=version.all("ItemGroupDef", _dataset),
        items=version.all("ItemDef", _item),
        codelists=version.all("CodeList", _codelist),
        methods=version.all("MethodDef", _method),
        comments=version.all("def:CommentDef", _comment),
        leaves=version.all("def:leaf", _leaf),
        texts=tuple(_texts(root)),
        aliases=tuple(_aliases(root)),
        oddities=tuple(oddities(root, edition)),
        extension_references=frozenset(_extension_references(root)),
    )


def _header(odm: _Node) -> model.Header:
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


def _version(node: _Node, study: _Node) -> model.Version:
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


def _study(study: _Node) -> dict[str, str]:
    variables = study.child("GlobalVariables")
    names = ("StudyName", "StudyDescription", "ProtocolName")
    return {name: variables.text(name) if variables else "" for name in names}


def _standard(node: _Node) -> model.Standard:
    return model.Standard(
        node.line,
        node("OID"),
        node("Name"),
        node("Type"),
        node("PublishingSet"),
        node("Version"),
        node("Status"),
        node("def:CommentOID"),
    )


def _documents_of(version: _Node, name: str) -> tuple[model.DocumentRef, ...]:
    return tuple(ref for holder in version.children(name) for ref in _documents(holder))


def _documents(node: _Node) -> tuple[model.DocumentRef, ...]:
    return node.all(
        "def:DocumentRef",
        lambda ref: model.DocumentRef(ref.line, ref("leafID"), ref.all("def:PDFPageRef", _pages)),
    )


def _pages(node: _Node) -> model.PageRef:
    return model.PageRef(
        node.line, node("Type"), node("PageRefs"), node("FirstPage"), node("LastPage")
    )


def _item_ref(node: _Node) -> model.ItemRef:
    return model.ItemRef(
        line=node.line,
        item=node("ItemOID"),
        order=node("OrderNumber"),
        mandatory=node("Mandatory"),
        key=node("KeySequence"),
        method=node("MethodOID"),
        role=node("Role"),
        role_codelist=node("RoleCodeListOID"),
        non_standard=node("def:IsNonStandard"),
        no_data=node("def:HasNoData"),
        where=node.all("def:WhereClauseRef", lambda ref: ref("WhereClauseOID")),
    )


def _value_list(node: _Node) -> model.ValueList:
    return model.ValueList(node.line, node("OID"), node.all("ItemRef", _item_ref))


def _where_clause(node: _Node) -> model.WhereClause:
    checks = node.all("RangeCheck", _check)
    return model.WhereClause(node.line, node("OID"), node("def:CommentOID"), checks)


def _check(node: _Node) -> model.Check:
    return model.Check(
        node.line,
        node("Comparator"),
        node("SoftHard"),
        node("def:ItemOID"),
        node.all("CheckValue", lambda value: value.element.text or ""),
    )


def _dataset(node: _Node) -> model.Dataset:
    cls = node.child("def:Class")
    return model.Dataset(
        line=node.line,
        oid=node("OID"),
        name=node("Name"),
        domain=node("Domain"),
        sas_name=node("SASDatasetName"),
        label=node.text(),
        repeating=node("Repeating"),
        reference_data=node("IsReferenceData"),
        purpose=node("Purpose"),
        structure=node("def:Structure"),
        cls=cls("Name") if cls else node("def:Class"),
        sub_classes=cls.all("def:SubClass", lambda sub: sub("Name")) if cls else (),
        archive=node("def:ArchiveLocationID"),
        standard=node("def:StandardOID"),
        non_standard=node("def:IsNonStandard"),
        no_data=node("def:HasNoData"),
        comment=node("def:CommentOID"),
        items=node.all("ItemRef", _item_ref),
        aliases={alias("Context"): alias("Name") for alias in node.children("Alias")},
        leaf=next(iter(node.all("def:leaf", _leaf)), None),
    )


def _item(node: _Node) -> model.Item:
    codelist, values = node.child("CodeListRef"), node.child("def:ValueListRef")
    return model.Item(
        line=node.line,
        oid=node("OID"),
        name=node("Name"),
        sas_name=node("SASFieldName"),
        label=node.text(),
        type=node("DataType"),
        length=node("Length"),
        digits=node("SignificantDigits"),
        display_format=node("def:DisplayFormat"),
        comment=node("def:CommentOID"),
        codelist=codelist("CodeListOID") if codelist else "",
        origins=node.all("def:Origin", _origin),
        value_list=values("ValueListOID") if values else "",
    )


def _origin(node: _Node) -> model.Origin:
    return model.Origin(node.line, node("Type"), node("Source"), node.text(), _documents(node))


def _codelist(node: _Node) -> model.Codelist:
    external = node.child("ExternalCodeList")
    return model.Codelist(
        line=node.line,
        oid=node("OID"),
        name=node("Name"),
        type=node("DataType"),
        standard=node("def:StandardOID"),
        non_standard=node("def:IsNonStandard"),
        comment=node("def:CommentOID"),
        code=_code(node),
        terms=tuple(_terms(node)),
        external=model.External(external.line, external("Dictionary"), external("Version"))
        if external
        else None,
    )


def _terms(node: _Node) -> Iterator[model.Term]:
    for child in node.element:
        name = short(str(child.tag)) if isinstance(child.tag, str) else ""
        if name in {"CodeListItem", "EnumeratedItem"}:
            term = _Node(child)
            yield model.Term(
                line=term.line,
                value=term("CodedValue"),
                decode=term.text("Decode") if name == "CodeListItem" else None,
                order=term("OrderNumber"),
                rank=term("Rank"),
                extended=term("def:ExtendedValue"),
                code=_code(term),
            )


def _code(node: _Node) -> str:
    codes = (alias("Name") for alias in node.children("Alias") if alias("Context") == NCI)
    return next(codes, "")


def _method(node: _Node) -> model.Method:
    expressions = node.all(
        "FormalExpression",
        lambda one: model.Expression(one.line, one("Context"), (one.element.text or "").strip()),
    )
    return model.Method(
        node.line,
        node("OID"),
        node("Name"),
        node("Type"),
        node.text(),
        expressions,
        _documents(node),
    )


def _comment(node: _Node) -> model.Comment:
    return model.Comment(node.line, node("OID"), node.text(), _documents(node))


def _leaf(node: _Node) -> model.Leaf:
    return model.Leaf(node.line, node("ID"), node("xlink:href"), node.text("def:title"))


def _owner(element: Element) -> str:
    """The nearest element around that has a name: ``ItemDef IT.DM.SEX``."""
    for around in element.iterancestors():
        if oid := around.get("OID") or around.get("CodedValue"):
            return f"{short(str(around.tag))} {oid}"
    return "ODM"


def _texts(root: Element) -> Iterator[model.Texts]:
    for element in root.iter(f"{{{ODM}}}TranslatedText"):
        node = _Node(element)
        blank = not (element.text or "").strip()
        yield model.Texts(node.line, node("xml:lang"), blank, _owner(element))


def _aliases(root: Element) -> Iterator[model.Named]:
    for element in root.iter(f"{{{ODM}}}Alias"):
        node = _Node(element)
        yield model.Named(node.line, node("Context"), node("Name"), _owner(element))


def _extension_references(root: Element) -> Iterator[str]:
    """Every attribute in and below elements of namespaces that are not Define-XML's."""
    for element in root.iter("*"):
        if not short(str(element.tag)):
            for inside in element.iter("*"):
                yield from (str(value) for value in inside.attrib.values())
