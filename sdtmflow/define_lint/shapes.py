"""The grammar of Define-XML 2.0 and 2.1 as data, and where a document departs from it.

One row an element: attributes that must be there, attributes that may be there, and its children in
their order (``?`` at most one, ``+`` at least one, ``*`` any number). Elements and attributes of
other namespaces (ARM, vendors' extensions) are passed over. Sources: Define-XML 2.1 and 2.0, the
tables of each element; ODM 1.3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sdtmflow.define_lint.model import Oddity
from sdtmflow.define_lint.reading import line_of, short
from sdtmflow.formats.define.xml import Element

UNKNOWN_ELEMENT = "unknown element"
OUT_OF_ORDER = "element out of order"
REPEATED = "element too often"
MISSING_ELEMENT = "element missing"
UNKNOWN_ATTRIBUTE = "unknown attribute"
MISSING_ATTRIBUTE = "attribute missing"


_ELEMENTS = "*"
"""Elements only: comments and processing instructions have no place in the grammar."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What an element may have: attributes, and the place and number of its children."""

    required: frozenset[str]
    allowed: frozenset[str]
    children: Mapping[str, tuple[int, str]]
    """Child → (place in the order, quantifier)."""


_NAME = "OID Name"
_ROWS_21 = {
    "ODM": (
        "ODMVersion FileType FileOID CreationDateTime def:Context",
        (
            "Originator SourceSystem SourceSystemVersion Description Granularity Archival "
            "PriorFileOID AsOfDateTime Id"
        ),
        "Study+ AdminData* ReferenceData* ClinicalData* Association*",
    ),
    "Study": ("OID", "", "GlobalVariables BasicDefinitions? MetaDataVersion+"),
    "GlobalVariables": ("", "", "StudyName StudyDescription ProtocolName"),
    "StudyName": ("", "", ""),
    "StudyDescription": ("", "", ""),
    "ProtocolName": ("", "", ""),
    "MetaDataVersion": (
        f"{_NAME} def:DefineVersion",
        "Description def:CommentOID",
        (
            "def:Standards? def:AnnotatedCRF? def:SupplementalDoc? def:ValueListDef* "
            "def:WhereClauseDef* ItemGroupDef* ItemDef* CodeList* MethodDef* "
            "def:CommentDef* def:leaf*"
        ),
    ),
    "def:Standards": ("", "", "def:Standard+"),
    "def:Standard": ("OID Name Type Version Status", "PublishingSet def:CommentOID", ""),
    "def:AnnotatedCRF": ("", "", "def:DocumentRef+"),
    "def:SupplementalDoc": ("", "", "def:DocumentRef+"),
    "def:DocumentRef": ("leafID", "", "def:PDFPageRef*"),
    "def:PDFPageRef": ("Type", "PageRefs FirstPage LastPage Title", ""),
    "def:ValueListDef": ("OID", "", "Description? ItemRef+"),
    "def:WhereClauseDef": ("OID", "def:CommentOID", "RangeCheck+"),
    "RangeCheck": ("SoftHard Comparator def:ItemOID", "", "CheckValue+"),
    "CheckValue": ("", "", ""),
    "ItemGroupDef": (
        f"{_NAME} Repeating Purpose def:Structure",
        (
            "IsReferenceData SASDatasetName Domain Role Origin Comment def:ArchiveLocationID "
            "def:StandardOID def:IsNonStandard def:HasNoData def:CommentOID"
        ),
        "Description? ItemRef* Alias* def:Class? def:leaf?",
    ),
    "ItemRef": (
        "ItemOID Mandatory",
        (
            "OrderNumber KeySequence MethodOID Role RoleCodeListOID ImputationMethodOID "
            "CollectionExceptionConditionOID def:IsNonStandard def:HasNoData"
        ),
        "def:WhereClauseRef*",
    ),
    "def:WhereClauseRef": ("WhereClauseOID", "", ""),
    "def:Class": ("Name", "", "def:SubClass*"),
    "def:SubClass": ("Name", "ParentClass", ""),
    "def:leaf": ("ID xlink:href", "", "def:title"),
    "def:title": ("", "", ""),
    "ItemDef": (
        f"{_NAME} DataType",
        (
            "Length SignificantDigits SASFieldName SDSVarName Origin Comment def:DisplayFormat "
            "def:CommentOID"
        ),
        "Description? CodeListRef? Alias* def:Origin* def:ValueListRef?",
    ),
    "CodeListRef": ("CodeListOID", "", ""),
    "def:ValueListRef": ("ValueListOID", "", ""),
    "def:Origin": ("Type", "Source", "Description? def:DocumentRef*"),
    "CodeList": (
        f"{_NAME} DataType",
        "SASFormatName def:StandardOID def:IsNonStandard def:CommentOID",
        "Description? CodeListItem* ExternalCodeList? EnumeratedItem* Alias*",
    ),
    "CodeListItem": (
        "CodedValue",
        "Rank OrderNumber def:ExtendedValue",
        "Decode Alias* Description*",
    ),
    "EnumeratedItem": ("CodedValue", "Rank OrderNumber def:ExtendedValue", "Alias* Description*"),
    "ExternalCodeList": ("", "Dictionary Version href ref", ""),
    "Decode": ("", "", "TranslatedText+"),
    "Description": ("", "", "TranslatedText+"),
    "TranslatedText": ("", "xml:lang", ""),
    "Alias": ("Context Name", "", ""),
    "MethodDef": (f"{_NAME} Type", "", "Description FormalExpression* Alias* def:DocumentRef*"),
    "FormalExpression": ("Context", "", ""),
    "def:CommentDef": ("OID", "", "Description def:DocumentRef*"),
}
_ROWS_20 = {
    "ODM": (_ROWS_21["ODM"][0].replace(" def:Context", ""), *_ROWS_21["ODM"][1:]),
    "MetaDataVersion": (
        f"{_NAME} def:DefineVersion def:StandardName def:StandardVersion",
        "Description",
        _ROWS_21["MetaDataVersion"][2].replace("def:Standards? ", ""),
    ),
    "ItemGroupDef": (
        f"{_ROWS_21['ItemGroupDef'][0]} def:Class",
        (
            "IsReferenceData SASDatasetName Domain Role Origin Comment def:ArchiveLocationID "
            "def:CommentOID"
        ),
        "Description? ItemRef* Alias* def:leaf?",
    ),
    "def:Origin": ("Type", "", "Description? def:DocumentRef*"),
    "CodeList": (f"{_NAME} DataType", "SASFormatName def:CommentOID", _ROWS_21["CodeList"][2]),
}
_SINCE_21 = ("def:Standards", "def:Standard", "def:Class", "def:SubClass")


def _shape(required: str, optional: str, children: str) -> Shape:
    places = {
        child.rstrip("?+*"): (place, child[-1] if child[-1] in "?+*" else "1")
        for place, child in enumerate(children.split())
    }
    must = frozenset(required.split())
    return Shape(must, must | frozenset(optional.split()), places)


@cache
def grammar(edition: str) -> Mapping[str, Shape]:
    """The shape of every element of Define-XML ``2.0`` or ``2.1``."""
    rows = _ROWS_21 if edition == "2.1" else _ROWS_21 | _ROWS_20
    left_out = () if edition == "2.1" else _SINCE_21
    return {name: _shape(*row) for name, row in rows.items() if name not in left_out}


def oddities(root: Element, edition: str) -> Iterator[Oddity]:
    """Every departure from the grammar, in the order of the document."""
    shapes = grammar(edition)
    for element in root.iter(_ELEMENTS):
        name = short(str(element.tag))
        if shape := shapes.get(name):
            line = line_of(element)
            yield from _attribute_oddities(element, name, shape, line)
            yield from _child_oddities(element, name, shape, line)


def _attribute_oddities(element: Element, name: str, shape: Shape, line: int) -> Iterator[Oddity]:
    present = {short(str(key)): value.strip() for key, value in element.attrib.items()}
    for missing in sorted(shape.required):
        if not present.get(missing):
            yield Oddity(line, MISSING_ATTRIBUTE, name, missing)
    for unknown in sorted(set(present) - shape.allowed - {""}):
        yield Oddity(line, UNKNOWN_ATTRIBUTE, name, unknown)


def _child_oddities(element: Element, name: str, shape: Shape, line: int) -> Iterator[Oddity]:
    reached, seen = 0, set[str]()
    for child in element.iterchildren(_ELEMENTS):
        called = short(str(child.tag))
        if not called:
            continue
        at = line_of(child)
        if called not in shape.children:
            yield Oddity(at, UNKNOWN_ELEMENT, name, called)
            continue
        place, quantity = shape.children[called]
        if place < reached:
            yield Oddity(at, OUT_OF_ORDER, name, called)
        elif called in seen and quantity in "?1":
            yield Oddity(at, REPEATED, name, called)
        reached = max(reached, place)
        seen.add(called)
    for child_name, (_, quantity) in shape.children.items():
        if quantity in "1+" and child_name not in seen:
            yield Oddity(line, MISSING_ELEMENT, name, child_name)
