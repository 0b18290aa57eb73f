"""What the linter reads, and what it refuses in one line; both editions; files of others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lxml import etree

from sdtmflow.define_lint import lint
from sdtmflow.errors import FormatError
from tests.unit.define_lint.cases import NAMESPACES, Change, all_of, found, put, qualified, remove

REFERENCE = Path(__file__).parents[3].parent / "shared/reference/inputs/submission"
ODM = 'xmlns="http://www.cdisc.org/ns/odm/v1.3"'
DEF_10 = 'xmlns:def="http://www.cdisc.org/ns/def/v1.0"'
DEF_21 = 'xmlns:def="http://www.cdisc.org/ns/def/v2.1"'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not well-formed XML"),
        ("SUBJID,SEX\n1,F\n", "not well-formed XML"),
        (f"<ODM {ODM} {DEF_21}>\n<Study>\n</ODM>", "define.xml:3: not well-formed XML"),
        ("<html><body/></html>", "its outermost element is 'html' in no namespace"),
        ('<ODM xmlns="http://www.cdisc.org/ns/odm/v1.2"/>', "in namespace http://www.cdisc.org"),
        (f"<ODM {ODM}/>", "an ODM file, but not a define.xml"),
        (f"<ODM {ODM} {DEF_10}/>", "Define-XML 1.0 is not known here"),
        (f"<ODM {ODM} {DEF_21}/>", "it has no MetaDataVersion"),
        (
            f'<!DOCTYPE ODM [<!ENTITY e SYSTEM "file:///etc/passwd">]><ODM {ODM}>&e;</ODM>',
            "declares a document type",
        ),
    ],
)
def test_what_is_no_define_xml_is_refused_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "define.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError) as refused:
        lint(path)
    assert told in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.xml", tmp_path):
        with pytest.raises(FormatError, match="cannot be read"):
            lint(path)


def test_a_document_type_is_found_in_every_encoding(tmp_path: Path) -> None:
    path = tmp_path / "define.xml"
    path.write_text('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE ODM><ODM/>', "utf-16")
    with pytest.raises(FormatError, match="document type"):
        lint(path)


def test_a_word_of_doctype_in_a_comment_is_no_document_type(clean: Path, tmp_path: Path) -> None:
    path = tmp_path / "define.xml"
    text = (clean / "define.xml").read_text(encoding="utf-8")
    path.write_text(text.replace("<ODM", "<!-- no <!DOCTYPE> here --><ODM", 1), encoding="utf-8")
    assert lint(path).define.edition == "2.1"


def test_lines_are_right_far_into_a_long_file(clean: Path, tmp_path: Path) -> None:
    path = tmp_path / "define.xml"
    lines = (clean / "define.xml").read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if 'Def OID="IT.DM.AGE"' in line)
    lines[place] = lines[place].replace('DataType="integer"', 'DataType="whole"')
    path.write_text("\n".join((*lines[:2], *[""] * 100_000, *lines[2:])), encoding="utf-8")
    (found,) = (one for one in lint(path).findings if one.rule.id == "DD1315")
    assert found.line == place + 1 + 100_000


def as_edition_20(tree: etree._ElementTree) -> None:
    """What the clean file would be in Define-XML 2.0."""
    version = found(tree, "//o:MetaDataVersion")[0]
    version.set(qualified("d:StandardName"), "SDTM-IG")
    version.set(qualified("d:StandardVersion"), "3.4")
    all_of(
        put("//o:MetaDataVersion", "d:DefineVersion", "2.0.0"),
        remove("//d:Standards"),
        remove("//o:ItemGroupDef[@Name='AE']|//o:ItemDef[starts-with(@OID,'IT.AE')]"),
        remove("//o:MethodDef[@OID='MT.AE.USUBJID']|//d:CommentDef[@OID='COM.AE']"),
    )(tree)
    for element in found(tree, "//*"):
        for name in ("Context", "StandardOID", "IsNonStandard", "HasNoData"):
            element.attrib.pop(f"{{{NAMESPACES['d']}}}{name}", None)
    for cls in found(tree, "//d:Class"):
        dataset = cls.getparent()
        assert dataset is not None
        dataset.set(qualified("d:Class"), str(cls.get("Name")))
        dataset.remove(cls)
    for origin in found(tree, "//d:Origin"):
        del origin.attrib["Source"]
        if origin.get("Type") == "Collected":
            origin.set("Type", "CRF")


def test_edition_20_has_its_own_grammar_and_terms(clean: Path, tmp_path: Path) -> None:
    tree = etree.parse(clean / "define.xml")
    as_edition_20(tree)
    text = etree.tostring(tree, encoding="unicode").replace("/def/v2.1", "/def/v2.0")
    path = clean / "define20.xml"
    path.write_text(text, encoding="utf-8")
    try:
        assert lint(path).define.edition == "2.0"
        assert [(one.rule.id, one.what) for one in lint(path).findings] == []
        path.write_text(text.replace('Type="CRF"', 'Type="Collected"', 1), encoding="utf-8")
        assert {one.rule.id for one in lint(path).findings} == {"DD1402"}
    finally:
        path.unlink()


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference define.xml files are absent")
@pytest.mark.parametrize(
    ("file", "edition", "errors"),
    [
        ("define/defineV21-SDTM.xml", "2.1", {"DD1218", "DD1408", "DD1802"}),
        ("define/defineV21-ADaM.xml", "2.1", {"DD1802"}),
        ("datasetjson/define.xml", "2.1", {"DD1021", "DD1802"}),
    ],
)
def test_files_of_others_are_read_and_their_real_mistakes_found(
    file: str, edition: str, errors: set[str]
) -> None:
    report = lint(REFERENCE / file)
    assert report.define.edition == edition
    found = {one.rule.id for one in report.findings if one.rule.severity == "error"}
    assert found <= errors


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference define.xml files are absent")
def test_the_published_example_with_a_misspelt_standard_is_caught() -> None:
    report = lint(REFERENCE / "datasetjson/define.xml")
    (found,) = (one for one in report.findings if one.rule.id == "DD1021")
    assert (found.line, found.what) == (63, "the name of STD.1 is 'STDTMIG'")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (put("//o:ItemDef[@OID='IT.DM.SEX']", "Length", "9" * 5000), "DD1318"),
        (put("//o:ItemDef[@OID='IT.DM.SEX']", "Length", "\u00b2"), "DD1318"),
        (put("//o:ItemGroupDef[1]/d:leaf", "x:href", "x" * 300 + ".xpt"), "DD1803"),
        (put("//o:ItemGroupDef[1]/d:leaf", "x:href", "%00"), "DD1803"),
        (put("//o:ItemDef[@OID='IT.VS.VSSTRESN']", "SignificantDigits", "-1"), "DD1321"),
    ],
)
def test_values_beyond_all_reason_are_findings_and_no_crash(
    clean: Path, tmp_path: Path, change: Change, rule: str
) -> None:
    path = shutil.copytree(clean, tmp_path / "package") / "define.xml"
    tree = etree.parse(path)
    change(tree)
    tree.write(path, encoding="UTF-8", xml_declaration=True)
    assert rule in {one.rule.id for one in lint(path).findings}
