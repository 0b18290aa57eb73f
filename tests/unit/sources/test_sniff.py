import gzip
import io
import zipfile

import pytest

from sdtmflow.sources.sniff import identify

ODM = '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileType="Snapshot"/>'


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"a,b\n1,2\n", "text"),
        ("a\tb\n1\tµ\n".encode("utf-16"), "text"),
        (ODM.encode(), "odm"),
        (ODM.encode("utf-16"), "odm"),
        (b"\n\n" + ODM.encode(), "odm"),
        (b'<?xml version="1.0"?><ODM ODMVersion="1.3">', "odm"),
        (ODM.replace("1.3.2", "2.0").encode(), "odm2"),
        (b'<ODM xmlns="http://www.cdisc.org/ns/odm/v2.0"/>', "odm2"),
        (b'<ODM xmlns:def="http://www.cdisc.org/ns/def/v2.1"/>', "define"),
        (b'<ODM xmlns:data="http://www.cdisc.org/ns/Dataset-XML/v1.0"/>', "dataset-xml"),
        (b'<Bundle xmlns="http://hl7.org/fhir"/>', "fhir"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "html"),
        (b"<clinical_study/>", "xml"),
        (b"<", "broken-xml"),
        (b'{"resourceType": "Patient"}', "fhir"),
        (b'{"resourceType": "Patient"}\n{"resourceType": "Patient"}\n', "fhir"),
        (b'{"datasetJSONVersion": "1.1.0"}', "dataset-json"),
        (gzip.compress(b'{"datasetJSONVersion": "1.1.0"}'), "dataset-json"),
        (gzip.compress(b"a,b\n"), "gzip"),
        (b"[1, 2]", "json"),
        (b"\xef\xbb\xbfMSH|^~\\&|LAB", "hl7v2"),
        (b"PAR1....", "parquet"),
        (b"%PDF-1.7", "pdf"),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "xpt"),
        (b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!", "xpt"),
        (b"**COMPRESSED** **COMPRESSED** **COMPRESSED**", "cport"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "ole"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (zipped("[Content_Types].xml", "word/document.xml"), "office"),
        (zipped("ae.csv"), "zip"),
        (zipped("ae.csv")[:-30], "broken-zip"),
        (b"\x00\x01\x02\x03" * 10, "binary"),
        (bytes(range(1, 256)), "binary"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"A,B\n1,one stray \x02 in a long text is still a text, as it should be\n", "text"),
    ],
)
def test_a_file_is_known_by_its_content(tmp_path, content, kind):
    path = tmp_path / "named_wrongly.csv"
    path.write_bytes(content)
    assert identify(path).kind == kind
