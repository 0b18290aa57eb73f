"""One change for every rule: what is done to the clean define.xml, and what else it must break."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

NAMESPACES = {
    "o": "http://www.cdisc.org/ns/odm/v1.3",
    "d": "http://www.cdisc.org/ns/def/v2.1",
    "x": "http://www.w3.org/1999/xlink",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
Tree = etree._ElementTree
Change = Callable[[Tree], None]


@dataclass(frozen=True)
class Case:
    """A change that breaks ``rule``, and of necessity the rules in ``also``."""

    rule: str
    change: Change
    also: frozenset[str] = frozenset()
    encoding: str = "UTF-8"


def found(tree: Tree, path: str) -> list[etree._Element]:
    """The elements at ``path``; an empty answer is a mistake of the test."""
    elements = tree.xpath(path, namespaces=NAMESPACES)
    assert elements, path
    return list(elements)


def qualified(name: str) -> str:
    """``d:Class`` as lxml writes it."""
    prefix, colon, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if colon else local


def put(path: str, name: str, value: str) -> Change:
    """Set an attribute of the first element at ``path``."""
    return lambda tree: found(tree, path)[0].set(qualified(name), value)


def drop(path: str, name: str) -> Change:
    """Take an attribute away."""

    def change(tree: Tree) -> None:
        del found(tree, path)[0].attrib[qualified(name)]

    return change


def remove(path: str) -> Change:
    """Take all elements at ``path`` away."""

    def change(tree: Tree) -> None:
        for element in found(tree, path):
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)

    return change


def insert(path: str, xml: str, place: int | None = None) -> Change:
    """Put ``xml`` (prefixes o, d, x) into the first element at ``path``, at the end or a place."""
    spaces = " ".join(
        f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items() if prefix != "xml"
    )

    def change(tree: Tree) -> None:
        (new,) = etree.fromstring(f"<all {spaces}>{xml}</all>")
        parent = found(tree, path)[0]
        parent.insert(len(parent) if place is None else place, new)

    return change


def write(path: str, text: str) -> Change:
    """Set the text of the first element at ``path``."""

    def change(tree: Tree) -> None:
        found(tree, path)[0].text = text

    return change


def again(path: str, **attributes: str) -> Change:
    """Repeat the first element at ``path`` below itself, with other attributes."""

    def change(tree: Tree) -> None:
        first = found(tree, path)[0]
        copy = deepcopy(first)
        for name, value in attributes.items():
            copy.set(name, value)
        first.addnext(copy)

    return change


def move_first(path: str) -> Change:
    """Make an element the first of its parent."""

    def change(tree: Tree) -> None:
        element = found(tree, path)[0]
        parent = element.getparent()
        assert parent is not None
        parent.insert(0, element)

    return change


def all_of(*changes: Change) -> Change:
    """Several changes, one after the other."""

    def change(tree: Tree) -> None:
        for one in changes:
            one(tree)

    return change


def without_standard(path: str) -> Change:
    """Make all elements at ``path`` non-standard."""

    def change(tree: Tree) -> None:
        for element in found(tree, path):
            del element.attrib[qualified("d:StandardOID")]
            element.set(qualified("d:IsNonStandard"), "Yes")

    return change


def style(text: str) -> Change:
    """Replace the processing instruction before the ODM element."""

    def change(tree: Tree) -> None:
        (instruction,) = tree.getroot().itersiblings(preceding=True)
        instruction.text = text

    return change


def elsewhere(tree: Tree) -> None:
    """Let all leaves lead into a folder that is not there."""
    for leaf in found(tree, "//d:leaf"):
        href = qualified("x:href")
        leaf.set(href, f"../sdtm/{leaf.get(href)}")


def case(rule: str, change: Change, *also: str, encoding: str = "UTF-8") -> Case:
    """A case in one line."""
    return Case(rule, change, frozenset(also), encoding)


ODM, MDV = "/o:ODM", "//o:MetaDataVersion"
GUIDE, CT = "//d:Standard[@Type='IG']", "//d:Standard[@Type='CT']"


def group(name: str) -> str:
    """The ItemGroupDef of a dataset."""
    return f"//o:ItemGroupDef[@Name='{name}']"


def item(name: str) -> str:
    """An ItemDef, as ``DM.SEX``."""
    return f"//o:ItemDef[@OID='IT.{name}']"


def ref(name: str) -> str:
    """An ItemRef, as ``DM.SEX``."""
    return f"//o:ItemRef[@ItemOID='IT.{name}']"


def codelist(name: str) -> str:
    """A CodeList, as ``SEX``."""
    return f"//o:CodeList[@OID='CL.{name}']"


def term(name: str, value: str) -> str:
    """A term of a codelist."""
    return f"{codelist(name)}/*[@CodedValue='{value}']"


def clause(name: str) -> str:
    """A where clause, as ``VS.VSTESTCD.TEMP``."""
    return f"//d:WhereClauseDef[@OID='WC.{name}']"


TEXT = "/o:Description/o:TranslatedText"
PAGE = "//d:PDFPageRef"
_SAYS = "<o:Description><o:TranslatedText xml:lang='en'>x</o:TranslatedText></o:Description>"
_METHOD = f"<o:MethodDef OID='MT.NEW' Name='New' Type='Computation'>{_SAYS}</o:MethodDef>"
_COMMENT = f"<d:CommentDef OID='COM.NEW'>{_SAYS}</d:CommentDef>"
_CODELIST = (
    "<o:CodeList OID='CL.NEW' Name='New' DataType='text' d:IsNonStandard='Yes'>"
    "<o:EnumeratedItem CodedValue='A'/></o:CodeList>"
)
_CHECK = "<o:RangeCheck Comparator='EQ' SoftHard='Soft' d:ItemOID='{}'>{}</o:RangeCheck>"
_TEMP = _CHECK.format("IT.VS.VSTESTCD", "<o:CheckValue>TEMP</o:CheckValue>")
_CLAUSE = f"<d:WhereClauseDef OID='WC.NEW'>{_TEMP}</d:WhereClauseDef>"


def before(path: str, xml: str) -> Change:
    """Put ``xml`` before the first element at ``path``."""

    def change(tree: Tree) -> None:
        element = found(tree, path)[0]
        parent = element.getparent()
        assert parent is not None
        insert(f"//*[@OID='{parent.get('OID')}']", xml, parent.index(element))(tree)

    return change


CASES = (
    case("DD1001", insert(group("DM"), "<o:Label/>")),
    case("DD1002", move_first(group("DM") + "/d:Class")),
    case("DD1003", again(group("DM") + "/d:Class")),
    case("DD1004", remove("//o:ProtocolName"), "DD1014"),
    case("DD1005", put(item("DM.SEX"), "Label", "Sex")),
    case("DD1006", drop(item("DM.SEX"), "DataType")),
    case("DD1007", lambda tree: None, encoding="ISO-8859-1"),
    case("DD1008", style("")),
    case("DD1009", put(ODM, "ODMVersion", "1.2")),
    case("DD1010", put(ODM, "FileType", "Transactional")),
    case("DD1011", put(ODM, "CreationDateTime", "31MAR2026")),
    case("DD1012", put(ODM, "d:Context", "Regulatory")),
    case("DD1013", again("//o:Study", OID="STDY.TWO")),
    case("DD1014", write("//o:StudyDescription", " ")),
    case("DD1015", put(MDV, "d:DefineVersion", "2.0.0")),
    case("DD1016", drop(MDV, "Description")),
    case("DD1017", remove("//o:ItemGroupDef|//o:ItemDef|//o:CodeList|//o:MethodDef|//d:CommentDef"
                          "|//d:ValueListDef|//d:WhereClauseDef"), "DD1147"),
    case("DD1020", all_of(remove("//d:Standards"), without_standard("//*[@d:StandardOID]")),
         "DD1611"),
    case("DD1021", put(GUIDE, "Name", "SDTM-IG")),
    case("DD1022", put(GUIDE, "Type", "GUIDE"), "DD1028"),
    case("DD1023", put(GUIDE, "Status", "Approved")),
    case("DD1024", drop(CT, "PublishingSet")),
    case("DD1025", put(CT, "PublishingSet", "SDTMCT")),
    case("DD1026", put(CT, "Version", "60")),
    case("DD1027", put(CT, "Name", "SDTMIG")),
    case("DD1028", all_of(remove(GUIDE), without_standard("//o:ItemGroupDef"))),
    case("DD1029", all_of(remove(CT), without_standard("//o:CodeList[@d:StandardOID]")), "DD1611"),
    case("DD1030", again(GUIDE, OID="STD.TWO"), "DD1147"),
    # references
    case("DD1100", again(group("TA")), "DD1108", "DD1222", "DD1229"),
    case("DD1101", again(item("DM.SEX"))),
    case("DD1102", again(codelist("SEX")), "DD1625"),
    case("DD1103", again("//o:MethodDef"), "DD1703"),
    case("DD1104", again("//d:CommentDef")),
    case("DD1105", again("//d:ValueListDef")),
    case("DD1106", again("//d:WhereClauseDef")),
    case("DD1107", again(GUIDE), "DD1030"),
    case("DD1108", again("/o:ODM/o:Study/o:MetaDataVersion/d:leaf")),
    case("DD1121", put(clause("VS.VSTESTCD.TEMP") + "/o:RangeCheck", "d:ItemOID", "IT.NONE")),
    case("DD1122", put(item("DM.COUNTRY") + "/o:CodeListRef", "CodeListOID", "CL.NONE"), "DD1142"),
    case("DD1123", put(ref("DM.RFSTDTC"), "MethodOID", "MT.NONE"), "DD1143"),
    case("DD1124", put(item("DM.SEX"), "d:CommentOID", "COM.NONE")),
    case("DD1125", insert(item("DM.SEX"), "<d:ValueListRef ValueListOID='VL.NONE'/>")),
    case("DD1126", insert(ref("VS.VSORRES.VSTESTCD.TEMP"),
                          "<d:WhereClauseRef WhereClauseOID='WC.NONE'/>")),
    case("DD1127", put(group("DM"), "d:StandardOID", "STD.NONE")),
    case("DD1128", put("//d:AnnotatedCRF/d:DocumentRef", "leafID", "LF.NONE"), "DD1407"),
    case("DD1141", again(item("DM.SEX"), OID="IT.NEW")),
    case("DD1142", before("//o:MethodDef", _CODELIST)),
    case("DD1143", before("//d:CommentDef", _METHOD)),
    case("DD1144", before(MDV + "/d:leaf", _COMMENT)),
    case("DD1145", again("//d:ValueListDef", OID="VL.NEW")),
    case("DD1146", before(group("TA"), _CLAUSE)),
    case("DD1147", again(CT, OID="STD.NEW", Version="2024-03-29")),
    case("DD1148", all_of(
        again(MDV + "/d:leaf", ID="LF.NEW"),
        put("//d:leaf[@ID='LF.NEW']", "x:href", "define.xsl"))),
    # datasets
    case("DD1201", all_of(put(group("DM"), "SASDatasetName", "DEMOGRAPHY"),
                          put("//o:ItemGroupDef[@OID='IG.DM']", "Name", "DEMOGRAPHY")),
         "DD1221"),
    case("DD1202", put(group("DM"), "SASDatasetName", "DEMO")),
    case("DD1203", drop(group("DM"), "Domain")),
    case("DD1204", remove(group("DM") + "/o:Description")),
    case("DD1205", write(group("DM") + TEXT, "D" * 41)),
    case("DD1206", write(group("DM") + TEXT, "Démographie")),
    case("DD1207", remove(group("DM") + "/d:Class")),
    case("DD1208", put(group("DM") + "/d:Class", "Name", "Special Purpose")),
    case("DD1209", insert(group("DM") + "/d:Class", "<d:SubClass Name='SUBJECTS'/>")),
    case("DD1210", put(group("DM"), "Purpose", "Submission")),
    case("DD1211", put(group("DM"), "IsReferenceData", "no")),
    case("DD1212", put(group("DM"), "d:IsNonStandard", "No"), "DD1216"),
    case("DD1213", put(group("DM"), "IsReferenceData", "Yes")),
    case("DD1214", put(group("DM"), "Repeating", "Yes")),
    case("DD1215", lambda tree: found(tree, group("VS"))[0].addnext(found(tree, group("DM"))[0])),
    case("DD1216", drop(group("DM"), "d:StandardOID")),
    case("DD1217", put(group("DM"), "d:StandardOID", "STD.CT")),
    case("DD1218", drop(group("AE"), "d:CommentOID"), "DD1144"),
    case("DD1219", drop(group("DM"), "d:ArchiveLocationID"), "DD1148"),
    case("DD1220", put(group("DM"), "d:ArchiveLocationID", "LF.TA"), "DD1148"),
    case("DD1221", put(group("DM") + "/d:leaf", "x:href", "DM.XPT"), "DD1803"),
    case("DD1222", all_of(put(group("TA"), "SASDatasetName", "DM"),
                                 put(group("TA"), "Name", "DM")), "DD1221"),
    case("DD1223", all_of(put(group("VS"), "SASDatasetName", "VSAB"),
                                 put(group("VS"), "Name", "VSAB")), "DD1221"),
    case("DD1224", all_of(remove(group("AE") + "/o:ItemRef"),
                                 remove("//o:ItemDef[starts-with(@OID,'IT.AE')]"),
                                 remove("//o:MethodDef[@OID='MT.AE.USUBJID']"))),
    case("DD1225", all_of(drop(ref("TA.STUDYID"), "KeySequence"),
                          drop(ref("TA.ARMCD"), "KeySequence"))),
    case("DD1226", put(ref("TA.ARMCD"), "KeySequence", "3")),
    case("DD1227", drop(ref("TA.ARMCD"), "OrderNumber")),
    case("DD1228", put(ref("TA.ARMCD"), "OrderNumber", "3")),
    case("DD1229", all_of(put(item("DM.DTHFL"), "SASFieldName", "SEX"),
                                 put(item("DM.DTHFL"), "Name", "SEX")), "DD1325"),
    # variables
    case("DD1301", put(ref("DM.AGE"), "Mandatory", "no")),
    case("DD1302", put(ref("DM.AGE"), "d:IsNonStandard", "No")),
    case("DD1303", put(ref("VS.VSORRES.VSTESTCD.TEMP"), "OrderNumber", "second")),
    case("DD1304", put(ref("DM.DTHFL"), "Mandatory", "Yes")),
    case("DD1305", drop(item("DM.DTHFL"), "d:CommentOID"), "DD1144"),
    case("DD1306", drop(ref("DM.AGE"), "Role")),
    case("DD1310", all_of(put(item("DM.AGE"), "SASFieldName", "AGE_YEARS"),
                                 put(item("DM.AGE"), "Name", "AGE_YEARS"))),
    case("DD1311", put(item("DM.AGE"), "SASFieldName", "AGEY")),
    case("DD1312", remove(item("DM.AGE") + "/o:Description")),
    case("DD1313", write(item("DM.AGE") + TEXT, "A" * 41)),
    case("DD1314", write(item("DM.AGE") + TEXT, "Âge")),
    case("DD1315", put(item("DM.COUNTRY"), "DataType", "string")),
    case("DD1316", drop(item("DM.AGE"), "Length")),
    case("DD1317", put(item("VS.VSDTC"), "Length", "10")),
    case("DD1318", put(item("DM.COUNTRY"), "Length", "400")),
    case("DD1319", drop(item("VS.VSSTRESN"), "SignificantDigits")),
    case("DD1320", put(item("DM.AGE"), "SignificantDigits", "0")),
    case("DD1321", put(item("VS.VSSTRESN"), "SignificantDigits", "5")),
    case("DD1322", put(item("VS.VSSTRESN"), "d:DisplayFormat", "two digits")),
    case("DD1323", put(codelist("VISIT"), "DataType", "float")),
    case("DD1324", all_of(put(item("VS.VSDTC"), "DataType", "text"),
                                 put(item("VS.VSDTC"), "Length", "10"))),
    case("DD1325", write(item("TA.ARMCD") + TEXT, "Arm")),
    # origins
    case("DD1401", remove(item("DM.COUNTRY") + "/d:Origin")),
    case("DD1402", put(item("DM.COUNTRY") + "/d:Origin", "Type", "eDT")),
    case("DD1403", put(item("DM.COUNTRY") + "/d:Origin", "Source", "Site")),
    case("DD1404", drop(item("DM.COUNTRY") + "/d:Origin", "Source")),
    case("DD1405", remove("//d:AnnotatedCRF")),
    case("DD1406", remove(item("DM.SEX") + "/d:Origin/d:DocumentRef")),
    case("DD1407", all_of(
        again(MDV + "/d:leaf", ID="LF.NEW"), put("//d:leaf[@ID='LF.NEW']", "x:href", "crf.pdf"),
        put(item("DM.SEX") + "/d:Origin/d:DocumentRef", "leafID", "LF.NEW")), "DD1802"),
    case("DD1408", drop(ref("DM.RFSTDTC"), "MethodOID"), "DD1143"),
    case("DD1409", put(ref("DM.SEX"), "MethodOID", "MT.DM.USUBJID")),
    case("DD1410", put(item("DM.COUNTRY") + "/d:Origin", "Type", "Predecessor")),
    case("DD1411", put(item("DM.COUNTRY") + "/d:Origin", "Type", "Other")),
    case("DD1412", put(item("VS.VSORRES.VSTESTCD.TEMP") + "/d:Origin", "Type", "Assigned")),
    case("DD1413", again(item("DM.COUNTRY") + "/d:Origin")),
    # value level
    case("DD1501", remove(ref("VS.VSORRES.VSTESTCD.TEMP") + "/d:WhereClauseRef"), "DD1146"),
    case("DD1502", insert(ref("DM.AGE"),
                          "<d:WhereClauseRef WhereClauseOID='WC.VS.VSTESTCD.TEMP'/>")),
    case("DD1503", put(clause("VS.VSTESTCD.TEMP") + "/o:RangeCheck", "Comparator", "IS")),
    case("DD1504", insert(clause("VS.VSTESTCD.TEMP") + "/o:RangeCheck",
                          "<o:CheckValue>SYSBP</o:CheckValue>"), "DD1511"),
    case("DD1505", all_of(put(clause("VS.VSTESTCD.TEMP") + "/o:RangeCheck", "Comparator",
                                     "IN"),
                                 again(clause("VS.VSTESTCD.TEMP") + "//o:CheckValue"))),
    case("DD1506", all_of(put(clause("VS.VSTESTCD.TEMP") + "/o:RangeCheck", "Comparator",
                                     "IN"),
                                 insert(clause("VS.VSTESTCD.TEMP") + "/o:RangeCheck",
                                        "<o:CheckValue/>"))),
    case("DD1507", put(clause("VS.VSTESTCD.TEMP") + "/o:RangeCheck", "SoftHard", "Hard")),
    case("DD1508", write(clause("VS.VSTESTCD.TEMP") + "//o:CheckValue", "PULSE")),
    case("DD1509", insert(clause("VS.VSTESTCD.TEMP"), _CHECK.format("IT.DM.SEX",
        "<o:CheckValue>F</o:CheckValue>"))),
    case("DD1510", write(clause("VS.VSTESTCD.TEMP") + "//o:CheckValue", "SYSBP")),
    case("DD1511", all_of(put(clause("VS.VSTESTCD.TEMP") + "/o:RangeCheck", "Comparator",
                                     "IN"),
                                 insert(clause("VS.VSTESTCD.TEMP") + "/o:RangeCheck",
                                        "<o:CheckValue>SYSBP</o:CheckValue>"))),
    case("DD1512", all_of(put(item("VS.VSORRES"), "DataType", "integer"),
                                 put(item("VS.VSORRES.VSTESTCD.TEMP"), "DataType", "text"),
                                 drop(item("VS.VSORRES.VSTESTCD.TEMP"), "SignificantDigits"))),
    case("DD1513", put(item("VS.VSORRES.VSTESTCD.SYSBP"), "Length", "6")),
    case("DD1514", all_of(remove(item("SUPPDM.QVAL") + "/d:ValueListRef"),
                                 remove("//d:ValueListDef[@OID='VL.SUPPDM.QVAL']"),
                                 remove(item("SUPPDM.QVAL.QNAM.RACE1")),
                                 remove(clause("SUPPDM.QNAM.RACE1")),
                                 insert(item("SUPPDM.QVAL"),
                                        "<d:Origin Type='Assigned' Source='Sponsor'/>"))),
    case("DD1515", put(clause("SUPPDM.QNAM.RACE1") + "/o:RangeCheck", "d:ItemOID",
                       "IT.SUPPDM.USUBJID")),
    case("DD1516", insert(item("SUPPDM.QVAL.QNAM.RACE1"),
                          "<d:ValueListRef ValueListOID='VL.SUPPDM.QVAL'/>")),
    case("DD1517", put(ref("VS.VSORRES.VSTESTCD.TEMP"), "OrderNumber", "1")),
    # codelists
    case("DD1601", remove(codelist("COUNTRY") + "/o:ExternalCodeList"), "DD1606"),
    case("DD1602", insert(codelist("ARMCD"), "<o:EnumeratedItem CodedValue='X' OrderNumber='3'/>")),
    case("DD1603", put(codelist("SEX"), "DataType", "string")),
    case("DD1604", put(term("SEX", "M"), "CodedValue", "F")),
    case("DD1605", write(term("ARMCD", "VEL") + "/o:Decode/o:TranslatedText", " "), "DD1704"),
    case("DD1606", drop(codelist("ARMCD"), "d:IsNonStandard")),
    case("DD1607", put(codelist("SEX"), "d:StandardOID", "STD.SDTMIG")),
    case("DD1608", remove(codelist("SEX") + "/o:Alias")),
    case("DD1609", drop(term("UNIT", "hands"), "d:ExtendedValue")),
    case("DD1610", put(term("SEX", "M"), "d:ExtendedValue", "Yes")),
    case("DD1611", put(term("ARMCD", "VEL"), "d:ExtendedValue", "Yes")),
    case("DD1612", put(term("UNIT", "hands"), "d:ExtendedValue", "No")),
    case("DD1613", put(codelist("SEX") + "/o:Alias", "Name", "66731")),
    case("DD1614", insert(codelist("SEX"), "<o:Alias Context='nci:ExtCodeId' Name='C66731'/>")),
    case("DD1615", put(term("SEX", "M") + "/o:Alias", "Name", "C16576")),
    case("DD1616", drop(term("SEX", "M"), "OrderNumber")),
    case("DD1617", put(term("SEX", "M"), "OrderNumber", "1")),
    case("DD1618", put(term("SEX", "M"), "Rank", "1")),
    case("DD1619", all_of(put(term("SEX", "M"), "Rank", "1"),
                                 put(term("SEX", "F"), "Rank", "second"))),
    case("DD1620", put(term("VISIT", "2"), "CodedValue", "two")),
    case("DD1621", put(term("ARMCD", "VEL"), "CodedValue", " VE")),
    case("DD1622", put(item("TA.ARMCD"), "Length", "2")),
    case("DD1623", drop(codelist("COUNTRY") + "/o:ExternalCodeList", "Dictionary")),
    case("DD1624", drop(codelist("COUNTRY") + "/o:ExternalCodeList", "Version")),
    case("DD1625", put(codelist("SEX"), "Name", "Arm Code")),
    # methods and texts
    case("DD1701", put("//o:MethodDef", "Type", "Transpose")),
    case("DD1702", write("//o:FormalExpression", " ")),
    case("DD1703", put("//o:MethodDef[1]", "Name", "Algorithm to derive VS.USUBJID")),
    case("DD1704", write("//d:CommentDef" + TEXT, " ")),
    case("DD1705", drop("//d:CommentDef" + TEXT, "xml:lang")),
    # documents
    case("DD1801", put(MDV + "/d:leaf", "x:href", "file:///c/acrf.pdf")),
    case("DD1802", put(MDV + "/d:leaf", "x:href", "blankcrf.pdf")),
    case("DD1803", put(group("DM") + "/d:leaf", "x:href", "data/dm.xpt")),
    case("DD1804", style('type="text/xsl" href="other.xsl"')),
    case("DD1805", put(group("TA") + "/d:leaf", "x:href", "dm.xpt"), "DD1221"),
    case("DD1806", write(MDV + "/d:leaf/d:title", " ")),
    case("DD1807", put(PAGE, "Type", "Page")),
    case("DD1808", drop(PAGE, "PageRefs")),
    case("DD1809", put(PAGE, "FirstPage", "1")),
    case("DD1810", put(PAGE, "PageRefs", "6, 7")),
    case("DD1811", all_of(drop(PAGE, "PageRefs"), put(PAGE, "FirstPage", "9"),
                                 put(PAGE, "LastPage", "6"))),
    case("DD1812", put(MDV + "/d:leaf", "x:href", "define.xsl")),
    case("DD1813", all_of(elsewhere, style('type="text/xsl" href="other/define.xsl"'))),
)  # fmt: skip
