"""Broken packages: each entry does one wrong thing to a clean one, and names who must see it."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from sdtmflow.agency import Agency
from tests.unit.gate import by_hand
from tests.unit.gate.box import SDTM, STF, Box
from tests.unit.gate.by_hand import Column, Table

MISC = "m5/datasets/gate-01/misc"
NOTES = f"{MISC}/notes.txt"


@dataclass(frozen=True)
class Broken:
    code: str
    name: str
    change: Callable[[Box], object]
    agency: Agency = "FDA"
    dataset_bytes: int = 0
    """Another size limit than the agency's."""


def content(leaf: str) -> str:
    return rf'<doc-content xlink:href="[^"]*#{leaf}">.*?</doc-content>'


def tagged(leaf: str, tag: str) -> str:
    return rf'(?<=#{leaf}">)\s*<file-tag name="{tag}" info-type="\w+"/>'


def retag(leaf: str, old: str, new: str, realm: str = "us") -> Callable[[Box], object]:
    return lambda box: box.tag(tagged(leaf, old), f'<file-tag name="{new}" info-type="{realm}"/>')


NOTES_ID = "m5-datasets-gate-01-misc-notes-txt"
LB, DEFINITION = "sdtm-lb-xpt", "data-tabulation-data-definition"
DATASET = "data-tabulation-dataset-sdtm"


def without_tagging_file(box: Box) -> None:
    shutil.rmtree(box.root / "m5" / "53-clin-stud-rep")
    box.index(r'<leaf ID="stf".*?</leaf>', "")


def set_start(value: bytes, flavor: bytes = b"") -> Callable[[Box], object]:
    def change(table: Table) -> None:
        at = table.column("TSPARMCD").index(b"SSTDTC")
        for name, text in (("TSVAL", value), ("TSVALNF", flavor)):
            values = table.column(name)
            values[at] = text
            table.put(name, values)
        table.fit()

    return lambda box: box.table("ts", change)


def without_start(table: Table) -> None:
    table.rows = [row for row in table.rows if b"SSTDTC" not in row]


REJECTED = [
    Broken("1789", "no study tagging file", without_tagging_file),
    Broken("1789", "a dataset in no tagging file", lambda box: box.tag(content(LB), "")),
    Broken("1789", "a document in no tagging file",
           lambda box: box.tag(content("sdtm-acrf-pdf"), "")),
    Broken("1789", "a tagging file that broke off",
           lambda box: box.tag(r"</study-document>.*", "")),
    Broken("1789", "a tagging file that is another document",
           lambda box: (box.stf.write_text("<study/>"), box.stamp())),
    Broken("1734", "no ts.xpt", lambda box: box.remove("TS")),
    Broken("1734", "another study-id",
           lambda box: box.tag("<study-id>GATE_01<", "<study-id>GATE-01<")),
    Broken("1734", "no SSTDTC", lambda box: box.table("ts", without_start)),
    Broken("1734", "SSTDTC without a day", set_start(b"2025-01")),
    Broken("1734", "SSTDTC without hyphens", set_start(b"20250113")),
    Broken("1734", "SSTDTC on a day that is none", set_start(b"2025-02-30")),
    Broken("1734", "SSTDTC with a time", set_start(b"2025-01-13T08:00")),
    Broken("1734", "SSTDTC blank", set_start(b"")),
    Broken("1734", "SSTDTC blank, with no null flavor", set_start(b"", b"ZZ")),
    Broken("1735", "a dataset tagged as a listing", retag(LB, DATASET, "data-listing-dataset")),
    Broken("1735", "a dataset tagged as an analysis", retag(LB, DATASET, "analysis-dataset-adam")),
    Broken("1735", "a dataset tagged as SEND",
           retag(LB, DATASET, "data-tabulation-dataset-send")),
    Broken("1735", "a dataset tagged as legacy",
           retag(LB, DATASET, "data-tabulation-dataset-legacy")),
    Broken("1735", "a dataset without a tag", lambda box: box.tag(tagged(LB, DATASET), "")),
    Broken("1735", "define.xml tagged as a CRF",
           retag("sdtm-define-xml", DEFINITION, "annotated-crf")),
    Broken("1736", "no dm.xpt", lambda box: box.remove("DM")),
    Broken("1736", "no ts.xpt for Japan", lambda box: box.remove("TS"), "PMDA"),
    Broken("1736", "no define.xml", lambda box: (box.define.unlink(), box.seal())),
]  # fmt: skip


def keep_dataset_outside(box: Box) -> None:
    """A dataset in the reports' folder, which sealing clears, with a leaf of its own."""
    path = "m5/53-clin-stud-rep/te.xpt"
    shutil.copy(box.sdtm / "te.xpt", box.root / path)
    leaf = leaf_of("outside", path)
    box.edit(box.root / "index.xml", r'(?=<leaf ID="stf")', leaf)
    box.tag(r"(?=</study-document>)", document_of("outside", DATASET))


def leaf_of(identifier: str, path: str, extra: str = "") -> str:
    return (
        f'<leaf ID="{identifier}" operation="new"{extra} checksum="{"0" * 32}" '
        f'checksum-type="md5" xlink:type="simple" xlink:href="{path}"><title>More</title></leaf>'
    )


def document_of(identifier: str, tag: str, realm: str = "us") -> str:
    up = "../" * STF.count("/")
    return (
        f'<doc-content xlink:href="{up}index.xml#{identifier}">'
        f'<file-tag name="{tag}" info-type="{realm}"/></doc-content>'
    )


def rename_study(box: Box) -> None:
    (box.root / "m5/datasets/gate-01").rename(box.root / "m5/datasets/other")
    box.seal()


def split_part(box: Box) -> None:
    (box.sdtm / "split").mkdir()
    shutil.copy(box.sdtm / "lb.xpt", box.sdtm / "split" / "lb.xpt")
    box.seal()


def unname_crf(box: Box) -> None:
    (box.sdtm / "acrf.pdf").unlink()
    box.describe(r"<def:AnnotatedCRF>.*?</def:AnnotatedCRF>", "")
    box.describe(r'<def:leaf ID="LF.acrf".*?</def:leaf>', "")


FILES = [
    Broken("PK01", "a capital in a name", lambda box: box.add(f"{MISC}/Readme.txt")),
    Broken("PK01", "an underscore in a name", lambda box: box.add(f"{MISC}/read_me.txt")),
    Broken("PK01", "a blank in a folder", lambda box: box.add(f"{MISC}/more data/a.txt")),
    Broken("PK01", "two dots in a name", lambda box: box.add(f"{MISC}/a.b.txt")),
    Broken("PK02", "a name of 65 characters", lambda box: box.add(f"{MISC}/{'a' * 61}.txt")),
    Broken("PK03", "a path of 181 characters",
           lambda box: box.add(f"{MISC}/{'b' * 60}/{'c' * 60}/{'d' * 30}.txt")),
    Broken("PK04", "a Word document", lambda box: box.add(f"{MISC}/readme.docx")),
    Broken("PK04", "a file without an extension", lambda box: box.add(f"{MISC}/readme")),
    Broken("PK04", "a page for China", lambda box: box.add(f"{SDTM}/define.html"), "NMPA"),
    Broken("PK05", "an empty folder", lambda box: (box.root / MISC / "empty").mkdir()),
    Broken("PK06", "an empty file", lambda box: box.add(f"{MISC}/empty.txt", b"")),
    Broken("PK07", "a dataset among the reports",
           keep_dataset_outside),
    Broken("PK08", "a part named like the whole", split_part),
    Broken("PK09", "a PDF that broke off",
           lambda box: box.add(f"{SDTM}/acrf.pdf", b"%PDF-1.7\n1 0 obj")),
    Broken("PK09", "a PDF that is a page", lambda box: box.add(f"{SDTM}/csdrg.pdf", b"<html/>")),
    Broken("PK09", "an encrypted PDF",
           lambda box: box.add(f"{SDTM}/csdrg.pdf",
                               b"%PDF-1.7\ntrailer<</Encrypt 5 0 R>>\n%%EOF\n")),
    Broken("PK10", "no annotated CRF", unname_crf),
    Broken("PK11", "no reviewer's guide",
           lambda box: ((box.sdtm / "csdrg.pdf").unlink(), box.seal())),
    Broken("PK12", "another study's folder", rename_study),
    Broken("PK13", "something beside the modules",
           lambda box: (box.root / "readme.txt").write_text("see m5")),
]  # fmt: skip


def second_leaf(box: Box) -> None:
    box.edit(box.root / "index.xml", r'(?=<leaf ID="stf")', leaf_of("again", NOTES))
    box.tag(r"(?=</study-document>)", document_of("again", DEFINITION))


def same_id(box: Box) -> None:
    box.add(f"{MISC}/second.txt")
    second = NOTES_ID.replace("notes", "second")
    box.tag(content(second), "")
    box.index(f'ID="{second}"', f'ID="{NOTES_ID}"')


def leaf_after(box: Box, old: str, new: str) -> None:
    """Change the leaf of the notes."""
    box.index(rf'(?<=<leaf ID="{NOTES_ID}" ){old}', new)


INDEX = [
    Broken("IX01", "no index.xml", lambda box: (box.root / "index.xml").unlink()),
    Broken("IX01", "an index that broke off", lambda box: box.edit(
        box.root / "index.xml", r"</m5-clinical-study-reports>.*", "") or restamp(box)),
    Broken("IX01", "an index that is another document", lambda box: (
        (box.root / "index.xml").write_text("<ectd/>"), restamp(box))),
    Broken("IX02", "no index-md5.txt", lambda box: (box.root / "index-md5.txt").unlink()),
    Broken("IX02", "another index-md5.txt",
           lambda box: (box.root / "index-md5.txt").write_text("0" * 32)),
    Broken("IX03", "an absolute path", lambda box: box.index(f'href="{NOTES}', f'href="/{NOTES}')),
    Broken("IX03", "backslashes", lambda box: box.index(
        f'href="{NOTES}', f'href="{NOTES}'.replace("/", "\\"))),
    Broken("IX04", "a leaf without its file", lambda box: (box.root / NOTES).unlink()),
    Broken("IX05", "a file without a leaf",
           lambda box: (box.root / MISC / "late.txt").write_text("late")),
    Broken("IX06", "a file changed after sealing",
           lambda box: (box.root / NOTES).write_text("changed")),
    Broken("IX06", "a leaf's checksum mistyped", lambda box: (
        box.edit(box.root / "index.xml", r'(?<=checksum=")\w{8}', "00000000"), restamp(box))),
    Broken("IX07", "another kind of checksum", lambda box: leaf_after(
        box, r'(operation="new" checksum="\w+" checksum-type=")md5"',
        'operation="new" checksum="' + "0" * 32 + '" checksum-type="sha256"')),
    Broken("IX08", "a leaf without a title",
           lambda box: box.index("<title>notes.txt<", "<title><")),
    Broken("IX09", "an ID twice", same_id),
    Broken("IX09", "an ID that begins with a digit", lambda box: (
        box.tag(f"#{NOTES_ID}", "#1-notes"), box.index(f'ID="{NOTES_ID}"', 'ID="1-notes"'))),
    Broken("IX10", "an operation that is none",
           lambda box: leaf_after(box, 'operation="new"', 'operation="update"')),
    Broken("IX10", "replace without what", lambda box: leaf_after(
        box, 'operation="new"', 'operation="replace"')),
    Broken("IX10", "new instead of something", lambda box: leaf_after(
        box, 'operation="new"', 'operation="new" modified-file="../0000/index.xml#a"')),
    Broken("IX10", "delete with a file", lambda box: leaf_after(
        box, 'operation="new"', 'operation="delete" modified-file="../0000/index.xml#a"')),
    Broken("IX11", "two leaves of a file", second_leaf),
    Broken("IX12", "no indication",
           lambda box: box.index('indication="Hypertension"', 'indication="unspecified"')),
]  # fmt: skip


def restamp(box: Box) -> None:
    """The index's own checksum only."""
    (box.root / "index-md5.txt").write_text(box._md5("index.xml"))


def rename_tagging(box: Box) -> None:
    box.stf.rename(box.stf.with_name("stf-other.xml"))
    box.index("stf-gate-01.xml", "stf-other.xml")


CRF = "sdtm-acrf-pdf"

TAGS = [
    Broken("ST01", "a tagging file of another name", rename_tagging),
    Broken("ST02", "no title of the study",
           lambda box: box.tag(r"<title>[^<]*</title>", "<title></title>")),
    Broken("ST03", "a reference to no leaf", lambda box: box.tag(
        r"(?=</study-document>)", document_of("nothing", DATASET))),
    Broken("ST03", "a reference to itself", lambda box: box.tag(
        r"(?=</study-document>)", document_of("stf", DEFINITION))),
    Broken("ST04", "two tags", lambda box: box.tag(
        tagged(CRF, "annotated-crf"), '<file-tag name="annotated-crf" info-type="us"/>' * 2)),
    Broken("ST04", "a document without a tag",
           lambda box: box.tag(tagged(CRF, "annotated-crf"), "")),
    Broken("ST05", "another realm's tag", retag(CRF, "annotated-crf", "annotated-crf", "ich")),
    Broken("ST05", "a tag that is none", retag(CRF, "annotated-crf", "annotated-form")),
    Broken("ST06", "no type of control",
           lambda box: box.tag(r"<category .*?</category>", "")),
    Broken("ST06", "a type of control that is none",
           lambda box: box.tag(">placebo<", ">sham<")),
    Broken("ST07", "another title than the leaf's",
           lambda box: box.tag("<title>A Trial", "<title>The Trial")),
    Broken("ST08", "no version of the format",
           lambda box: box.index(' version="STF version 2.2"', "")),
    Broken("ST09", "a tagging file for Japan",
           lambda box: box.add("m5/datasets/gate-01/stf-gate-01.xml"), "PMDA"),
]  # fmt: skip


def extra(column: Column, values: list[object]) -> Callable[[Box], object]:
    """LB with one more variable, described in define.xml as well."""

    def change(table: Table) -> None:
        table.columns.append(column)
        for row, value in zip(table.rows, values, strict=True):
            row.append(value)

    def both(box: Box) -> None:
        path = box.sdtm / "lb.xpt"
        table = by_hand.read(path)
        change(table)
        by_hand.write(path, table)
        describe_variable(box, "LB", column.name)

    return both


def describe_variable(box: Box, dataset: str, name: str) -> None:
    """One more variable at the end of a dataset's description."""
    oid = f"IT.{dataset}.EXTRA"
    reference = f'<ItemRef ItemOID="{oid}" Mandatory="No" OrderNumber="99"/>'
    text = box.define.read_text()
    start = text.index(f'<ItemGroupDef OID="IG.{dataset}"')
    last = text.rindex("<ItemRef", start, text.index("</ItemGroupDef>", start))
    text = text[:last] + text[last:].replace("/>", f"/>{reference}", 1)
    item = f'<ItemDef OID="{oid}" Name="{name}" DataType="text" Length="8"/>'
    box.define.write_text(text.replace("<ItemDef ", f"{item}<ItemDef ", 1))
    box.seal()


def label(variable: str, old: bytes, new: bytes) -> Callable[[Box], object]:
    width = max(len(old), len(new))
    return lambda box: box.patch(
        "te",
        variable.encode().ljust(8) + old.ljust(width),
        variable.encode().ljust(8) + new.ljust(width),
    )


def misnamed_file(box: Box) -> None:
    (box.sdtm / "relrec.xpt").rename(box.sdtm / "1elrec.xpt")
    path = box.sdtm / "1elrec.xpt"
    path.write_bytes(path.read_bytes().replace(b"RELREC  SASDATA", b"1ELREC  SASDATA"))
    box.describe('xlink:href="relrec.xpt"', 'xlink:href="1elrec.xpt"')


def two_members(data: bytes) -> bytes:
    return data + data[240:]


def rename_variable(old: str, new: str) -> Callable[[Box], object]:
    def change(box: Box) -> None:
        path = box.sdtm / "te.xpt"
        data = path.read_bytes()
        path.write_bytes(data.replace(old.encode().ljust(8), new.encode().ljust(8), 1))
        box.describe(rf'(?<=OID="IT.TE.{old}" Name=")\w+', new)

    return change


def many_records(box: Box) -> None:
    """LB with many records of the same subjects."""

    def change(table: Table) -> None:
        table.rows = table.rows * 200

    box.table("lb", change)


def other_bytes(data: bytes) -> Callable[[Box], object]:
    return lambda box: box.bytes("te", lambda _: data)


DATASETS = [
    Broken("XP01", "XPORT version 8", lambda box: box.patch("te", b"*LIBRARY ", b"*LIBV8   ")),
    Broken("XP01", "a CPORT file", other_bytes(b"**COMPRESSED** **COMPRESSED**".ljust(800))),
    Broken("XP01", "a compressed file", lambda box: box.bytes("te", gzip.compress)),
    Broken("XP01", "an empty file", other_bytes(b"")),
    Broken("XP01", "a text file", other_bytes(b"STUDYID,DOMAIN\n")),
    Broken("XP01", "a SAS dataset",
           other_bytes(bytes(12) + bytes.fromhex("c2ea8160") + bytes(2000))),
    Broken("XP01", "a header that broke off", lambda box: box.bytes("te", lambda all_: all_[:700])),
    Broken("XP01", "a header without its last record",
           lambda box: box.bytes("lb", lambda all_: all_[:-90])),
    Broken("XP01", "a variable that is neither number nor text",
           lambda box: box.patch("te", b"\0\2\0\0\0\x07", b"\0\3\0\0\0\x07")),
    Broken("XP01", "descriptors of another size",
           lambda box: box.patch("te", b"1600000000140", b"1600000000136")),
    Broken("XP01", "a wrong place of a variable",
           lambda box: box.patch("te", b"\0\0\0\x07" + bytes(52), b"\0\0\0\x08" + bytes(52))),
    Broken("XP02", "two datasets in a file", lambda box: box.bytes("te", two_members)),
    Broken("XP03", "a dataset of another name",
           lambda box: box.patch("te", b"TE      SASDATA", b"TX      SASDATA")),
    Broken("XP04", "a file's name that begins with a digit", misnamed_file),
    Broken("XP05", "a variable in small letters", rename_variable("TESTRL", "testrl")),
    Broken("XP05", "a hyphen in a variable's name", rename_variable("TESTRL", "TE-TRL")),
    Broken("XP06", "a variable twice", rename_variable("TEENRL", "TESTRL")),
    Broken("XP07", "a variable without a label", label("TESTRL", b"The Testrl", b"")),
    Broken("XP07", "a dataset without a label",
           lambda box: box.patch("te", b"Dataset TE", b" " * 10)),
    Broken("XP08", "an umlaut in a label", label("TESTRL", b"The Testrl", b"The T\xe4strl")),
    Broken("XP08", "an umlaut in a dataset's label",
           lambda box: box.patch("te", b"Dataset TE", b"Datas\xe4t TE")),
    Broken("XP09", "a bracket that does not close", label("TESTRL", b"The Testrl", b"The (estrl")),
    Broken("XP09", "a quote that does not close", label("TESTRL", b"The Testrl", b'The "estrl')),
    Broken("XP10", "a text of 201 bytes",
           extra(Column("LBTEXT", length=201), [b"x" * 201, b"y"])),
    Broken("XP11", "a format of the sponsor's",
           extra(Column("LBFMT", numeric=True, format=b"YESNO"), [1.0, 2.0])),
    Broken("XP12", "bytes after the last record",
           lambda box: box.bytes("te", lambda all_: all_ + b"END")),
    Broken("XP12", "a file that broke off", lambda box: box.bytes("lb", lambda all_: all_[:-10])),
    Broken("XP13", "a dataset without records",
           lambda box: box.table("te", lambda table: table.rows.clear())),
    Broken("XP14", "an umlaut in a value",
           extra(Column("LBNAM", length=4), [b"K\xf6ln", b"Bonn"])),
    Broken("XP14", "a tab in a value", extra(Column("LBNAM", length=4), [b"a\tb", b"Bonn"])),
    Broken("XP14", "a NUL in a value", extra(Column("LBNAM", length=4), [b"a\0b", b"Bonn"])),
    Broken("XP15", "a dataset over the limit", many_records, dataset_bytes=9000),
    Broken("XP16", "a header that others cannot read",
           lambda box: box.patch("te", b"The Testrl" + b" " * 38,
                                 b"The Testrl" + b" " * 30 + b"\xff" * 8)),
]  # fmt: skip


def set_column(variable: str, *values: bytes) -> Callable[[Table], object]:
    return lambda table: (table.put(variable, list(values)), None)


def in_table(dataset: str, variable: str, *values: bytes) -> Callable[[Box], object]:
    return lambda box: box.table(dataset, set_column(variable, *values))


def drop_reference(box: Box, dataset: str, variable: str) -> str:
    """define.xml without a variable of a dataset."""
    text = box.define.read_text()
    start = text.index(f'<ItemGroupDef OID="IG.{dataset}"')
    end = text.index("</ItemGroupDef>", start)
    at = text.index(f'ItemOID="IT.{dataset}.{variable}"', start, end)
    first, last = text.rindex("<ItemRef", start, at), text.index(">", at) + 1
    box.define.write_text(text[:first] + text[last:])
    return text[first:last]


def no_studyid(box: Box) -> None:
    drop_reference(box, "LB", "STUDYID")
    box.table("lb", lambda table: table.drop("STUDYID"))


def widen(table: Table) -> None:
    next(one for one in table.columns if one.name == "LBORRES").length = 20


CONTENTS = [
    Broken("DT01", "a blank STUDYID", in_table("lb", "STUDYID", b"GATE_01", b"")),
    Broken("DT01", "two studies in a dataset", in_table("lb", "STUDYID", b"GATE_01", b"GATE_02")),
    Broken("DT01", "a dataset of another study",
           in_table("lb", "STUDYID", b"GATE_02", b"GATE_02")),
    Broken("DT01", "no STUDYID", no_studyid),
    Broken("DT02", "another DOMAIN", in_table("lb", "DOMAIN", b"VS", b"VS")),
    Broken("DT02", "two domains in a dataset", in_table("lb", "DOMAIN", b"LB", b"VS")),
    Broken("DT02", "another RDOMAIN", in_table("suppae", "RDOMAIN", b"CM")),
    Broken("DT03", "a subject that DM has not",
           in_table("lb", "USUBJID", b"GATE_01-01", b"GATE_01-99")),
    Broken("DT04", "a subject twice in DM",
           lambda box: box.table("dm", lambda table: table.rows.append(table.rows[0]))),
    Broken("DT05", "qualifiers of a dataset that is not there", lambda box: box.remove("AE")),
    Broken("DT06", "no laboratory results", lambda box: box.remove("LB")),
    Broken("DT07", "a variable longer than its values", lambda box: box.table("lb", widen)),
    Broken("DT08", "lengths that differ", lambda box: box.table("vs", Table.fit)),
]  # fmt: skip


def swap(box: Box) -> None:
    """The order of two variables in define.xml."""
    reference = drop_reference(box, "TE", "TESTRL")
    text = box.define.read_text()
    start = text.index('<ItemGroupDef OID="IG.TE"')
    first = text.index("<ItemRef", start)
    box.define.write_text(text[:first] + reference + text[first:])
    box.seal()


DEFINE = [
    Broken("DF01", "a define.xml that broke off", lambda box: box.describe(r"</ODM>", "")),
    Broken("DF01", "a define.xml that is a page", lambda box: (
        box.define.write_text("<html/>"), box.seal())),
    Broken("DF01", "Define-XML 1.0",
           lambda box: box.describe("http://www.cdisc.org/ns/def/v2.1", "http://www.cdisc.org/ns/def/v1.0")),
    Broken("DF02", "no stylesheet named", lambda box: box.describe(r"<\?xml-stylesheet.*?\?>", "")),
    Broken("DF03", "no stylesheet there", lambda box: (
        (box.sdtm / "define.xsl").unlink(), box.seal())),
    Broken("DF03", "a stylesheet of the web", lambda box: box.describe(
        'href="define.xsl"', 'href="https://example.org/define.xsl"')),
    Broken("DF04", "a described dataset without its file", lambda box: (
        (box.sdtm / "lb.xpt").unlink(), box.seal())),
    Broken("DF05", "a dataset that is not described", lambda box: (
        box.undescribe("LB"), box.seal())),
    Broken("DF06", "a variable that is not described", lambda box: (
        drop_reference(box, "TE", "TESTRL"), box.seal())),
    Broken("DF06", "a variable that is not there", lambda box: box.table(
        "te", lambda table: table.drop("TESTRL"))),
    Broken("DF06", "another order of variables", swap),
    Broken("DF07", "a document that is not there", lambda box: (
        (box.sdtm / "acrf.pdf").unlink(), box.seal())),
    Broken("DF08", "another name of the study", lambda box: box.describe(
        "<StudyName>GATE_01<", "<StudyName>GATE 01<")),
]  # fmt: skip

CATALOGUE = [*REJECTED, *FILES, *INDEX, *TAGS, *DATASETS, *CONTENTS, *DEFINE]
