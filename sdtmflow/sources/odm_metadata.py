"""What an ODM delivery says of its own forms, item groups, items and code lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from sdtmflow.sources.odm_stream import Element, elements, local_name, refuse_dtd, xml_stream
from sdtmflow.sources.raw import DeliveredFile, RawColumn, TableFacts

KEYS = (
    "StudyOID",
    "SubjectKey",
    "SiteOID",
    "StudyEventOID",
    "StudyEventRepeatKey",
    "FormOID",
    "FormRepeatKey",
    "ItemGroupOID",
    "ItemGroupRepeatKey",
)
"""Key columns of every table that comes from an item group."""


@dataclass(frozen=True, slots=True)
class GroupDef:
    """An ItemGroupDef with the items in their order."""

    name: str
    repeating: bool | None
    items: tuple[str, ...]


@dataclass
class Metadata:
    """All definitions of a delivery, by OID; the first definition of an OID counts."""

    studies: set[str] = field(default_factory=set)
    """Every OID, StudyName and ProtocolName."""
    items: dict[str, RawColumn] = field(default_factory=dict)
    groups: dict[str, GroupDef] = field(default_factory=dict)
    forms: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """FormOID → name, item groups."""
    units: dict[str, str] = field(default_factory=dict)

    def facts(self, group: str) -> TableFacts:
        """The facts of the table that an item group becomes (named by its OID, or its form's)."""
        forms = {
            oid: name
            for oid, (name, groups) in self.forms.items()
            if group in groups or group == oid
        }
        known = self.groups.get(group)
        return TableFacts(known.name if known else "", forms, known.repeating if known else None)

    def item(self, oid: str) -> RawColumn:
        """The column of an item, named by its OID, with whatever is defined for it."""
        return _by_oid(self.items[oid]) if oid in self.items else RawColumn(oid, oid=oid)

    def columns(self, group: str) -> dict[str, RawColumn]:
        """ItemOID → column, for the items that the group is defined with.

        Columns are named by ItemDef Name where the names tell the group's items apart, else by OID.
        """
        known = self.groups.get(group)
        items = [self.items[oid] for oid in known.items if oid in self.items] if known else []
        names = Counter(item.name.casefold() for item in items)
        reserved = {key.casefold() for key in KEYS}
        by_name = all(
            item.name and names[item.name.casefold()] == 1 and item.name.casefold() not in reserved
            for item in items
        )
        return {item.oid: item if by_name else _by_oid(item) for item in items}


def _by_oid(item: RawColumn) -> RawColumn:
    return replace(item, name=item.oid)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of the ODM element that decide how the file is read."""

    version: str
    file_type: str
    created: str
    has_data: bool

    @property
    def nature(self) -> str:
        """In words."""
        return " ".join(part for part in ("ODM", self.version, self.file_type) if part)


def read_metadata(
    files: Iterable[DeliveredFile],
) -> tuple[Metadata, dict[str, Envelope]]:
    """The definitions of all files together, and each file's envelope by its SHA-256.

    Each file is read up to its first ClinicalData. Raises DeliveryError.
    """
    metadata = Metadata()
    envelopes = {file.sha256: _read_head(file, metadata) for file in files}
    return metadata, envelopes


def _read_head(file: DeliveredFile, metadata: Metadata) -> Envelope:
    root: Element | None = None
    has_data = False
    with xml_stream(file) as stream:
        for event, element in elements(stream, ("ODM", "Study", "ClinicalData"), ("start", "end")):
            name = local_name(element.tag)
            if event == "start" and name == "ODM":
                root = element
                refuse_dtd(element, file.name)
            elif event == "start" and name == "ClinicalData":
                has_data = True
                break
            elif event == "end" and name == "Study":
                _add_study(element, metadata)
    get = root.get if root is not None else {}.get
    return Envelope(
        get("ODMVersion") or "", get("FileType") or "", get("CreationDateTime") or "", has_data
    )


def _add_study(study: Element, metadata: Metadata) -> None:
    metadata.studies.add(study.get("OID", ""))
    for name in ("StudyName", "ProtocolName"):
        metadata.studies.update(_text(found) for found in study.iter(f"{{*}}{name}"))
    for unit in study.iter("{*}MeasurementUnit"):
        metadata.units.setdefault(unit.get("OID", ""), unit.get("Name", ""))
    lists = {found.get("OID", ""): _codes(found) for found in study.iter("{*}CodeList")}
    for item in study.iter("{*}ItemDef"):
        metadata.items.setdefault(item.get("OID", ""), _item(item, lists))
    for group in study.iter("{*}ItemGroupDef"):
        metadata.groups.setdefault(group.get("OID", ""), _group(group))
    for form in study.iter("{*}FormDef"):
        groups = tuple(_refs(form, "ItemGroupRef", "ItemGroupOID"))
        metadata.forms.setdefault(form.get("OID", ""), (form.get("Name", ""), groups))


def _group(group: Element) -> GroupDef:
    repeating = {"Yes": True, "No": False}.get(group.get("Repeating", ""))
    return GroupDef(group.get("Name", ""), repeating, tuple(_refs(group, "ItemRef", "ItemOID")))


def _refs(parent: Element, tag: str, attribute: str) -> Iterator[str]:
    """References by OrderNumber where every one has it, else in document order; each OID once."""
    refs = list(parent.iterfind(f"{{*}}{tag}"))
    if all((ref.get("OrderNumber") or "").isdigit() for ref in refs):
        refs.sort(key=lambda ref: int(ref.get("OrderNumber", "0")))
    yield from dict.fromkeys(ref.get(attribute, "") for ref in refs)


def _item(item: Element, lists: dict[str, dict[str, str]]) -> RawColumn:
    ref = item.find("{*}CodeListRef")
    return RawColumn(
        name=item.get("Name", ""),
        label=_translated(item.find("{*}Question"))
        or _translated(item.find("{*}Description"))
        or item.get("Name", ""),
        type=item.get("DataType", ""),
        codes=dict(lists.get(ref.get("CodeListOID", ""), {})) if ref is not None else {},
        identifier=_is_marked(item),
        oid=item.get("OID", ""),
        aliases=tuple(_aliases(item)),
    )


def _is_marked(item: Element) -> bool:
    """Whether a vendor's extension calls the item identifying; ODM itself has no word for it.

    REDCap says ``redcap:Identifier="y"`` of the ItemDef, OpenClinica ``PHI="Yes"`` of the item in
    one of its forms (``OpenClinica:ItemPresentInForm``); others use the same words.
    """
    return any(
        local_name(name) in _MARKS and value.strip().lower() in _YES
        for element in item.iter()
        for name, value in element.items()
    )


_MARKS = {"Identifier", "PHI", "PII"}
_YES = {"y", "yes", "true", "1"}


def _aliases(item: Element) -> Iterator[tuple[str, str]]:
    """What the item is called elsewhere, such as its SDTM annotation."""
    if item.get("SDSVarName"):
        yield "SDSVarName", item.get("SDSVarName", "")
    for alias in item.iterfind("{*}Alias"):
        yield alias.get("Context", ""), " ".join(alias.get("Name", "").split())


def _codes(codelist: Element) -> dict[str, str]:
    codes = {
        entry.get("CodedValue", ""): _translated(entry.find("{*}Decode"))
        for entry in codelist.iterfind("{*}CodeListItem")
    }
    enumerated = codelist.iterfind("{*}EnumeratedItem")
    return codes | {
        entry.get("CodedValue", ""): entry.get("CodedValue", "") for entry in enumerated
    }


def _translated(parent: Element | None) -> str:
    """The English TranslatedText, else the first one, else the element's own text."""
    if parent is None:
        return ""
    texts = parent.findall("{*}TranslatedText")
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    english = [text for text in texts if (text.get(lang) or "en").startswith("en")]
    return _text((english or texts or [parent])[0])


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())
