"""From ClinicalData elements to records: one an ItemGroupData, with all the keys above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from sdtmflow.sources.odm_stream import Element, local_name, shown_name

LEVELS = {
    "StudyEventData": ("StudyEventOID", "StudyEventRepeatKey"),
    "FormData": ("FormOID", "FormRepeatKey"),
    "ItemGroupData": ("ItemGroupOID", "ItemGroupRepeatKey"),
}
_SUBJECT_NAMES = {"StudySubjectID", "SubjectName"}
"""OpenClinica's and Rave's attribute for the number that people know the subject by."""
_REMARKS = {"Annotation": "Annotations", "AuditRecord": "AuditRecords"}
_WRAPPERS = {"Annotations", "AuditRecords", "Signatures"}
_EXPECTED = {"SiteRef", "InvestigatorRef", "Signature"}


@dataclass(slots=True)
class Record:
    """One ItemGroupData, SubjectData with attributes of its own, Annotation or AuditRecord.

    ``cells`` holds key columns and values; items are still named by OID (``Item`` tuples).
    ``action`` is the innermost TransactionType that says something (``Remove`` of any level wins).
    """

    table: str
    keys: dict[str, str | None]
    place: str
    action: str = ""
    items: list[tuple[str, str | None, str, str]] = field(default_factory=list)
    """(ItemOID, value, kind of missing, TransactionType)."""
    element: Element = None


@dataclass
class Unread:
    """What the file holds beyond what is collected, counted by its name."""

    elements: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)


def subject_records(subject: Element, study: str, place: str, unread: Unread) -> Iterator[Record]:
    """Every record of one SubjectData, in document order."""
    site = subject.find("{*}SiteRef")
    keys: dict[str, str | None] = {
        "StudyOID": study,
        "SubjectKey": subject.get("SubjectKey"),
        "SiteOID": site.get("LocationOID") if site is not None else None,
    }
    own = {
        local_name(name): value
        for name, value in subject.items()
        if name not in {"SubjectKey", "TransactionType"}
    }
    action = subject.get("TransactionType", "")
    if own or action == "Remove":
        yield Record("SubjectData", keys | own, place, action)
    keys |= {name: value for name, value in own.items() if name in _SUBJECT_NAMES}
    yield from _below(subject, keys, place, action, unread)


def _below(
    parent: Element, keys: dict[str, str | None], place: str, action: str, unread: Unread
) -> Iterator[Record]:
    positions: Counter[str] = Counter()
    for element in parent:
        name = local_name(element.tag)
        if name in LEVELS:
            positions[name] += 1
            here = f"{place}/{name}[{positions[name]}]"
            yield from _level(element, keys, here, action, unread)
        elif name in _REMARKS or name in _WRAPPERS:
            yield from _remarks(element, keys, place, unread)
        elif name not in _EXPECTED:
            unread.elements[shown_name(element)] += 1


def _level(
    element: Element, keys: dict[str, str | None], place: str, action: str, unread: Unread
) -> Iterator[Record]:
    name = local_name(element.tag)
    oid, repeat = LEVELS[name]
    keys = keys | {oid: element.get(oid), repeat: element.get(repeat)}
    for attribute, value in element.items():
        if attribute not in {oid, repeat, "TransactionType"}:
            keys[f"{name}.{local_name(attribute)}"] = value
    if action != "Remove":
        action = element.get("TransactionType", action)
    if name == "ItemGroupData":
        yield from _group(element, keys, place, action, unread)
        return
    if action == "Remove" and not len(element):
        yield Record("", keys, place, action, element=element)
    yield from _below(element, keys, place, action, unread)


def _group(
    group: Element, keys: dict[str, str | None], place: str, action: str, unread: Unread
) -> Iterator[Record]:
    # REDCap leaves the OID empty for fields that its form hides; they still belong to the form.
    table = keys["ItemGroupOID"] or keys.get("FormOID") or ""
    record = Record(table, keys, place, action, element=group)
    remarks: list[Record] = []
    for item in group:
        name = local_name(item.tag)
        if name.startswith("ItemData"):
            _add_item(item, name, record, unread)
            if len(item):
                remarks += _item_children(item, keys, place, record, unread)
        elif name in _REMARKS or name in _WRAPPERS:
            remarks += _remarks(item, keys, place, unread)
        elif name not in _EXPECTED:
            unread.elements[shown_name(item)] += 1
    yield record
    yield from remarks


def _add_item(item: Element, name: str, record: Record, unread: Unread) -> None:
    """Untyped items hold their value in ``Value``, typed ones (ItemDataInteger, …) as text."""
    oid, value = item.get("ItemOID", ""), item.get("Value")
    missing, action = "", record.action
    if len(item.keys()) > 1 + (value is not None):
        missing, action = _seldom_sent(item, action, unread)
    if name == "ItemDataBase64Binary":
        value, missing = None, "attachment"
    elif name != "ItemData":
        value = item.text
    if value == "":
        value, missing = None, missing or "empty"
    record.items.append((oid, value, missing, action))


def _seldom_sent(item: Element, action: str, unread: Unread) -> tuple[str, str]:
    """(kind of missing, TransactionType) of an item with more than an OID and a value."""
    sent = dict(item.items())
    for attribute in sent.keys() - {"ItemOID", "Value", "IsNull", "TransactionType"}:
        unread.attributes[f"ItemData/@{local_name(attribute)}"] += 1
    missing = "IsNull" if sent.get("IsNull") == "Yes" else ""
    return missing, sent.get("TransactionType", action)


def _item_children(
    item: Element, keys: dict[str, str | None], place: str, record: Record, unread: Unread
) -> Iterator[Record]:
    oid = item.get("ItemOID", "")
    for child in item:
        name = local_name(child.tag)
        if name == "MeasurementUnitRef":
            unit = child.get("MeasurementUnitOID")
            record.items.append((f"{oid}.MeasurementUnitOID", unit, "", record.action))
        elif name in _REMARKS:
            yield from _remarks(child, keys | {"ItemOID": oid}, place, unread)
        elif name not in _EXPECTED:
            unread.elements[shown_name(child)] += 1


def _remarks(
    element: Element, keys: dict[str, str | None], place: str, unread: Unread
) -> Iterator[Record]:
    """Annotations and audit records, each with the keys of what it speaks of."""
    name = local_name(element.tag)
    if name in _WRAPPERS:
        for child in element:
            if local_name(child.tag) in _REMARKS:
                yield from _remarks(child, keys, place, unread)
        return
    cells: dict[str, str | None] = {"ItemOID": keys.get("ItemOID")}
    for found in element.iter(etree.Element):
        if found.text and found.text.strip():
            cells[local_name(found.tag)] = found.text.strip()
        if found is not element:
            cells |= {key: value for key, value in found.items() if key.endswith("OID")}
        else:
            cells |= {local_name(key): value for key, value in found.items()}
    shared = {key: value for key, value in keys.items() if "." not in key}
    yield Record(_REMARKS[name], shared | cells, place)
