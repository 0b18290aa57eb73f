import pytest

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.raw import MISSING, PLACE, ROW

NS = 'xmlns="http://www.cdisc.org/ns/odm/v1.3"'
METADATA = """
<Study OID="ST.1"><GlobalVariables><StudyName>Demo</StudyName><ProtocolName>P-1</ProtocolName>
</GlobalVariables>
<BasicDefinitions><MeasurementUnit OID="MU.MM" Name="mmHg"/></BasicDefinitions>
<MetaDataVersion OID="MD.1" Name="1">
<FormDef OID="F.AE" Name="Adverse events"><ItemGroupRef ItemGroupOID="IG.AE"/></FormDef>
<ItemGroupDef OID="IG.AE" Name="AE lines" Repeating="Yes">
<ItemRef ItemOID="I.SEV" OrderNumber="2"/><ItemRef ItemOID="I.TERM" OrderNumber="1"/></ItemGroupDef>
<ItemDef OID="I.TERM" Name="AETERM" DataType="text"><Question>
<TranslatedText xml:lang="de">Ereignis</TranslatedText>
<TranslatedText xml:lang="en">Event</TranslatedText></Question></ItemDef>
<ItemDef OID="I.SEV" Name="AESEV" DataType="integer"><CodeListRef CodeListOID="CL.S"/></ItemDef>
<CodeList OID="CL.S" Name="Severity" DataType="integer">
<CodeListItem CodedValue="1"><Decode><TranslatedText>Mild</TranslatedText></Decode></CodeListItem>
<CodeListItem CodedValue="2"><Decode><TranslatedText>Severe</TranslatedText></Decode></CodeListItem>
</CodeList></MetaDataVersion></Study>
"""


def item(oid, value):
    return f'<ItemData ItemOID="{oid}" Value="{value}"/>'


def group(items, oid="IG.AE", repeat="1", attributes=""):
    return (
        f'<ItemGroupData ItemGroupOID="{oid}" ItemGroupRepeatKey="{repeat}" {attributes}>'
        f"{items}</ItemGroupData>"
    )


def subject(groups, *, key="S1", inside="", attributes=""):
    return (
        f'<SubjectData SubjectKey="{key}" {attributes}>{inside}'
        f'<StudyEventData StudyEventOID="V1"><FormData FormOID="F.AE" FormRepeatKey="1">'
        f"{groups}</FormData></StudyEventData></SubjectData>"
    )


def odm(data, *, metadata="", ns=NS, file_type="Snapshot", extra="", study="ST.1"):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ODM {ns} {extra} FileType="{file_type}" '
        f'ODMVersion="1.3.2">{metadata}\n'
        f'<ClinicalData StudyOID="{study}" MetaDataVersionOID="MD.1">{data}</ClinicalData></ODM>'
    )


AE = group(item("I.TERM", "Headache") + item("I.SEV", "2"))


def test_one_row_an_item_group_with_all_keys(deliver):
    site = '<SiteRef LocationOID="L1"/>'
    again = group(item("I.TERM", "Nausea"), repeat="2")
    got = deliver("odm", {"a.xml": odm(subject(AE + again, inside=site), metadata=METADATA)})
    assert got.rows("IG.AE") == [
        ("ST.1", "S1", "L1", "V1", None, "F.AE", "1", "IG.AE", "1", "Headache", "2"),
        ("ST.1", "S1", "L1", "V1", None, "F.AE", "1", "IG.AE", "2", "Nausea", None),
    ]
    table = got.table("IG.AE")
    assert table.columns[-6:-4] == ["AETERM", "AESEV"]
    assert table[ROW].to_list() == [1, 2]
    assert table[PLACE][1] == (
        "/ODM/ClinicalData[1]/SubjectData[1]/StudyEventData[1]/FormData[1]/ItemGroupData[2]"
    )


def test_metadata_gives_labels_codes_and_forms(deliver):
    got = deliver("odm", {"a.xml": odm(subject(AE), metadata=METADATA)})
    table = got.report.tables[0]
    columns = {column.name: column for column in table.columns}
    assert columns["AETERM"].label == "Event"
    assert columns["AESEV"].codes == {"1": "Mild", "2": "Severe"}
    assert columns["AESEV"].oid == "I.SEV"
    assert (table.label, table.repeating) == ("AE lines", True)
    assert table.forms_called("adverse EVENTS") == ["F.AE"]


def test_metadata_may_be_in_a_second_file_or_absent(deliver):
    apart = {
        "meta.xml": odm("", metadata=METADATA)
        .replace("<ClinicalData", "<!-- ")
        .replace("</ClinicalData>", " -->")
    }
    got = deliver("odm", {"data.xml": odm(subject(AE))} | apart)
    assert "AETERM" in got.table("IG.AE").columns
    (got.folder.root / "raw" / "meta.xml").unlink()
    got = deliver("odm", {"data.xml": odm(subject(AE))})
    assert {"I.TERM", "I.SEV"} <= set(got.table("IG.AE").columns)


def test_names_that_do_not_tell_items_apart_are_not_used(deliver):
    metadata = METADATA.replace('Name="AESEV"', 'Name="aeterm"')
    got = deliver("odm", {"a.xml": odm(subject(AE), metadata=metadata)})
    assert {"I.TERM", "I.SEV"} <= set(got.table("IG.AE").columns)


@pytest.mark.parametrize(
    "ns",
    ["", 'xmlns="http://www.cdisc.org/ns/odm/v1.2"', 'xmlns="http://www.cdisc.org/ns/odm/v1.3"'],
)
def test_any_namespace_or_none(deliver, ns):
    assert deliver("odm", {"a.xml": odm(subject(AE), ns=ns)}).counts == {"IG.AE": 1}


def test_prefixed_names_utf16_and_a_blank_line_first(deliver):
    text = odm(subject(AE), ns='xmlns:o="http://www.cdisc.org/ns/odm/v1.3"')
    for name in ("ODM", "ClinicalData", "SubjectData", "StudyEventData", "FormData"):
        text = text.replace(f"<{name}", f"<o:{name}").replace(f"</{name}", f"</o:{name}")
    for name in ("ItemGroupData", "ItemData"):
        text = text.replace(f"<{name} ", f"<o:{name} ").replace(f"</{name}", f"</o:{name}")
    utf16 = text.replace("UTF-8", "UTF-16").encode("utf-16")
    got = deliver("odm", {"a.xml": "\n \n" + text, "b.xml": utf16})
    assert got.counts == {"IG.AE": 2}


def test_the_kinds_of_missing_and_typed_items(deliver):
    items = (
        '<ItemData ItemOID="A" Value=""/><ItemData ItemOID="B" IsNull="Yes"/>'
        '<ItemDataInteger ItemOID="C">7</ItemDataInteger>'
        '<ItemDataPartialDate ItemOID="D">2020-05</ItemDataPartialDate>'
        '<ItemDataBase64Binary ItemOID="E">AAAA</ItemDataBase64Binary>'
    )
    table = deliver("odm", {"a.xml": odm(subject(group(items)))}).table("IG.AE")
    assert table.select("A", "B", "C", "D", "E").row(0) == (None, None, "7", "2020-05", None)
    assert table[MISSING].to_list() == ["A=empty;B=IsNull;E=attachment"]


def test_an_item_that_comes_twice_keeps_both_values(deliver):
    got = deliver("odm", {"a.xml": odm(subject(group(item("R", "1") + item("R", "2"))))})
    assert got.table("IG.AE").select("R", "R__2").row(0) == ("1", "2")
    assert any("more than once" in warning for warning in got.report.warnings)


def test_subject_attributes_of_the_vendor(deliver):
    vendor = 'xmlns:OpenClinica="http://www.openclinica.org/ns/odm_ext_v130/v3.1"'
    attributes = 'OpenClinica:StudySubjectID="CAM101" OpenClinica:Sex="f"'
    logs = "<OpenClinica:AuditLogs/>"
    got = deliver(
        "odm", {"a.xml": odm(subject(AE, attributes=attributes, inside=logs), extra=vendor)}
    )
    assert got.rows("SubjectData") == [("ST.1", "S1", None, "CAM101", "f")]
    assert got.table("IG.AE")["StudySubjectID"].to_list() == ["CAM101"]
    assert "Sex" not in got.table("IG.AE").columns
    assert "a.xml: element OpenClinica:AuditLogs is not collected (1×)" in got.report.warnings


def test_units_annotations_and_audit_records_are_kept(deliver):
    items = (
        '<ItemData ItemOID="I.BP" Value="120"><MeasurementUnitRef MeasurementUnitOID="MU.MM"/>'
        '<AuditRecord><UserRef UserOID="U1"/><LocationRef LocationOID="L1"/>'
        "<DateTimeStamp>2020-01-01T10:00:00</DateTimeStamp>"
        "<ReasonForChange>typo</ReasonForChange></AuditRecord>"
        '<Annotation SeqNum="1"><Comment>measured twice</Comment></Annotation></ItemData>'
    )
    got = deliver("odm", {"a.xml": odm(subject(group(items)))})
    assert got.table("IG.AE")["I.BP.MeasurementUnitOID"].to_list() == ["MU.MM"]
    audit = got.table("AuditRecords").row(0, named=True)
    assert (audit["ItemOID"], audit["UserOID"], audit["ReasonForChange"]) == ("I.BP", "U1", "typo")
    assert got.table("Annotations").row(0, named=True)["Comment"] == "measured twice"


def test_forms_without_events_and_groups_without_oid(deliver):
    form = '<FormData FormOID="Form.dm" FormRepeatKey="1">'
    groups = group(item("age", "40"), oid="")
    data = f'<SubjectData SubjectKey="1">{form}{groups}</FormData></SubjectData>'
    got = deliver("odm", {"a.xml": odm(data)})
    assert got.table("Form.dm").select("SubjectKey", "StudyEventOID", "age").row(0) == (
        "1",
        None,
        "40",
    )


def test_what_cannot_be_placed_is_quarantined_and_counted(deliver):
    data = subject(
        AE + group("") + group(item("I.TERM", "x"), attributes='TransactionType="Remove"')
    )
    got = deliver("odm", {"a.xml": odm(data + subject(AE, key=""))})
    file = got.report.files[0]
    assert (file.records, file.placed, file.quarantined) == (4, 1, 2)
    assert file.left_out == {"without items": 1}
    assert got.quarantine["reason"].to_list() == [
        "a Snapshot file cannot remove data (TransactionType Remove)",
        "no SubjectKey",
    ]


def test_many_subjects_are_freed_and_all_read(deliver):
    got = deliver("odm", {"a.xml": odm("".join(subject(AE, key=f"S{n}") for n in range(500)))})
    table = got.table("IG.AE")
    assert table["SubjectKey"].to_list() == [f"S{n}" for n in range(500)]
    assert table[PLACE][499].startswith("/ODM/ClinicalData[1]/SubjectData[500]/")


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9, 0.999])
def test_a_file_that_is_cut_off_anywhere_is_refused(deliver, cut):
    text = odm("".join(subject(AE, key=f"S{n}") for n in range(50)), metadata=METADATA)
    with pytest.raises(DeliveryError, match=r"a.xml, line \d+, column \d+: .*the file is cut off"):
        deliver("odm", {"a.xml": text[: int(len(text) * cut)]})


def test_a_file_that_is_not_well_formed_is_refused_without_its_data(deliver):
    text = odm(subject(group(item("I.TERM", "secret < value"))))
    with pytest.raises(DeliveryError, match="not well-formed XML") as caught:
        deliver("odm", {"a.xml": text})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE ODM [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE ODM SYSTEM "http://example.org/odm.dtd">',
        '<!DOCTYPE ODM [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
    ],
)
def test_a_document_type_is_refused_before_anything_is_resolved(deliver, dtd):
    text = odm(subject(group("<ItemDataString ItemOID='A'>&x;</ItemDataString>")))
    with pytest.raises(DeliveryError, match=r"declares a document type \(DTD\)"):
        deliver("odm", {"a.xml": text.replace("<ODM", f"{dtd}<ODM", 1)})


def test_metadata_alone_is_refused(deliver):
    text = f'<ODM {NS} ODMVersion="1.3.2" FileType="Snapshot">{METADATA}</ODM>'
    with pytest.raises(DeliveryError, match="describes forms and items but holds no clinical data"):
        deliver("odm", {"a.xml": text})


def test_another_study_is_refused(deliver):
    files = {"a.xml": odm(subject(AE), metadata=METADATA)}
    with pytest.raises(DeliveryError, match=r"a.xml, ClinicalData: this is study 'ST.1', not 'X'"):
        deliver("odm", files, study_id="X")
    for known_as in ("ST.1", "Demo", "P-1"):
        assert deliver("odm", files, study_id=known_as).counts == {"IG.AE": 1}


@pytest.mark.parametrize(
    ("attribute", "inside", "marked"),
    [
        ('rc:Identifier="y" xmlns:rc="https://projectredcap.org"', "", True),
        ('rc:Identifier="n" xmlns:rc="https://projectredcap.org"', "", False),
        ("", '<oc:ItemPresentInForm xmlns:oc="http://oc.org" PHI="Yes" FormOID="F.AE"/>', True),
        ("", '<oc:ItemPresentInForm xmlns:oc="http://oc.org" PHI="No" FormOID="F.AE"/>', False),
        ("", "", False),
    ],
)
def test_a_vendor_extension_marks_an_item_as_identifying(deliver, attribute, inside, marked):
    plain = '<ItemDef OID="I.TERM" Name="AETERM" DataType="text">'
    extended = plain.replace("<ItemDef", f"<ItemDef {attribute}") + inside
    got = deliver("odm", {"a.xml": odm(subject(AE), metadata=METADATA).replace(plain, extended)})
    (table,) = [each for each in got.report.tables if each.name == "IG.AE"]
    assert {each.name: each.identifier for each in table.columns}["AETERM"] is marked
