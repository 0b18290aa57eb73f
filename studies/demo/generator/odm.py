"""Sites 01 and 06: an EDC system that exports CDISC ODM-XML 1.3.2 with its metadata."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml import etree
from lxml.builder import ElementMaker
from lxml.etree import _Element as Element

from generator.design import EXPORTED, STUDY
from generator.layout import Column, Form
from generator.odm_forms import CODELIST_OF, CODELISTS, EVENTS, FORMS, REPEATING
from generator.record import Record, SiteData

ODM_NAMESPACE = "http://www.cdisc.org/ns/odm/v1.3"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
E = ElementMaker(namespace=ODM_NAMESPACE, nsmap={None: ODM_NAMESPACE})
VERSION = "MDV.3"


def export(site: str, data: SiteData) -> bytes:
    """The site's ODM file; notes in each record where it stands."""
    clinical = E.ClinicalData(StudyOID=f"S.{STUDY}", MetaDataVersionOID=VERSION)
    for record in data["dm"]:
        clinical.append(_subject(site, record["SUBJID"], data))
    root = E.ODM(
        _study(),
        _admin(site),
        clinical,
        FileType="Snapshot",
        FileOID=f"{STUDY}.{site}.{EXPORTED[:10]}",
        CreationDateTime=EXPORTED,
        ODMVersion="1.3.2",
        Granularity="All",
        SourceSystem="Fictional EDC",
    )
    _number(root, data, f"site{site}/DEMO01_site{site}.xml")
    etree.indent(root, " ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def _study() -> Element:
    version = E.MetaDataVersion(_protocol(), OID=VERSION, Name="DEMO01 CRF version 3")
    version.extend(_event_definition(visit) for visit in EVENTS)
    version.extend(_form_definition(form) for form in FORMS.values())
    version.extend(_group_definition(form) for form in FORMS.values())
    version.extend(_item_definition(column) for form in FORMS.values() for column in form.columns)
    version.extend(_code_list(oid) for oid in CODELISTS)
    return E.Study(
        E.GlobalVariables(
            E.StudyName(STUDY),
            E.StudyDescription("Velorastat in hypertension (fictional)"),
            E.ProtocolName(STUDY),
        ),
        version,
        OID=f"S.{STUDY}",
    )


def _protocol() -> Element:
    return E.Protocol(
        *(
            E.StudyEventRef(StudyEventOID=oid, OrderNumber=str(number), Mandatory="No")
            for number, (oid, _) in enumerate(EVENTS.values(), start=1)
        )
    )


def _event_definition(visit: str) -> Element:
    oid, tables = EVENTS[visit]
    kinds = {"UNSCHEDULED": "Unscheduled", "LOG": "Common"}
    return E.StudyEventDef(
        *(E.FormRef(FormOID=FORMS[table].sent, Mandatory="No") for table in tables),
        OID=oid,
        Name=visit.capitalize(),
        Repeating="Yes" if visit == "UNSCHEDULED" else "No",
        Type=kinds.get(visit, "Scheduled"),
    )


def _form_definition(form: Form) -> Element:
    return E.FormDef(
        E.ItemGroupRef(ItemGroupOID=_group(form), Mandatory="Yes"),
        OID=form.sent,
        Name=form.title,
        Repeating="No",
    )


def _group(form: Form) -> str:
    return form.sent.replace("F.", "IG.", 1)


def _group_definition(form: Form) -> Element:
    return E.ItemGroupDef(
        *(
            E.ItemRef(ItemOID=column.sent, OrderNumber=str(number), Mandatory="No")
            for number, column in enumerate(form.columns, start=1)
        ),
        OID=_group(form),
        Name=form.title,
        Repeating="Yes" if form.table in REPEATING else "No",
    )


def _item_definition(column: Column) -> Element:
    types = {"text": "text", "number": "float", "date": "date", "partial": "partialDate"}
    codelist = CODELIST_OF[column.sent]
    sizes = {"text": {"Length": "200"}, "float": {"Length": "8", "SignificantDigits": "2"}}
    data_type = types[column.kind]
    item = E.ItemDef(
        E.Question(_text(column.label)),
        OID=column.sent,
        Name=column.sent.rsplit(".", 1)[1],
        DataType=data_type,
        **sizes.get(data_type, {}),
    )
    if codelist:
        item.append(E.CodeListRef(CodeListOID=codelist))
    return item


def _code_list(oid: str) -> Element:
    name, codes, labels = CODELISTS[oid]
    return E.CodeList(
        *(
            E.CodeListItem(E.Decode(_text(labels[value])), CodedValue=code)
            for value, code in codes.items()
        ),
        OID=oid,
        Name=name,
        DataType="text",
    )


def _text(words: str) -> Element:
    return E.TranslatedText(words, {LANGUAGE: "en"})


def _admin(site: str) -> Element:
    reference = E.MetaDataVersionRef(
        StudyOID=f"S.{STUDY}", MetaDataVersionOID=VERSION, EffectiveDate="2025-01-06"
    )
    location = E.Location(reference, OID=f"LOC.{site}", Name=f"Site {site}", LocationType="Site")
    return E.AdminData(location, StudyOID=f"S.{STUDY}")


def _subject(site: str, subject: str, data: SiteData) -> Element:
    own = {
        table: [record for record in records if record["SUBJID"] == subject]
        for table, records in data.items()
    }
    node = E.SubjectData(E.SiteRef(LocationOID=f"LOC.{site}"), SubjectKey=subject)
    visits = list(dict.fromkeys(record["VISIT"] for record in own["vs"]))
    for visit in [*(name for name in EVENTS if name in visits), "LOG"]:
        node.extend(_events(visit, own))
    return node


def _events(visit: str, own: SiteData) -> Iterable[Element]:
    """The study event's data: one for each unscheduled visit, else one."""
    oid, tables = EVENTS[visit]
    measured = [record for record in own["vs"] if record["VISIT"] == visit]
    for number in range(1, max(1, len(measured)) + 1):
        event = E.StudyEventData(StudyEventOID=oid)
        if visit == "UNSCHEDULED":
            event.set("StudyEventRepeatKey", str(number))
        for table in tables:
            records = measured[number - 1 : number] if table == "vs" else own[table]
            event.extend(_form_data(FORMS[table], records))
        yield event


def _form_data(form: Form, records: Sequence[Record]) -> Iterable[Element]:
    if not records:
        return
    node = E.FormData(FormOID=form.sent)
    for number, record in enumerate(records, start=1):
        group = E.ItemGroupData(ItemGroupOID=_group(form))
        if form.table in REPEATING:
            group.set("ItemGroupRepeatKey", str(number))
        group.extend(
            E.ItemData(ItemOID=column.sent, Value=column.value(record))
            for column in form.columns
            if column.value(record)
        )
        group.set("_record", str(id(record)))
        node.append(group)
    yield node


def _number(root: Element, data: SiteData, file: str) -> None:
    """Tell each record which record of the file it became."""
    records = {str(id(record)): record for rows in data.values() for record in rows}
    groups = root.iter(f"{{{ODM_NAMESPACE}}}ItemGroupData")
    for number, group in enumerate(groups, start=1):
        records[group.attrib.pop("_record")].written(file, number)
