"""Whatever happens to a file's bytes on its way: it is collected, or refused in one line."""

import io
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.collect import reader_of
from sdtmflow.sources.delivery import opened
from sdtmflow.store import Snapshots, open_store
from sdtmflow.study import Source

CSV = 'ID,TERM\n1,"a\nb"\n2,µ\n3,x\n'.encode()
ODM = b"""<?xml version="1.0" encoding="UTF-8"?>
<ODM FileType="Snapshot" ODMVersion="1.3.2"><ClinicalData StudyOID="S"><SubjectData SubjectKey="1">
<StudyEventData StudyEventOID="V"><FormData FormOID="F"><ItemGroupData ItemGroupOID="IG">
<ItemData ItemOID="A" Value="x"/></ItemGroupData></FormData></StudyEventData></SubjectData>
</ClinicalData></ODM>"""


def workbook():
    book = openpyxl.Workbook()
    book.active.append(["ID", "TERM"])
    book.active.append(["1", 2.5])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def archive():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("ae.csv", CSV)
        zipped.writestr("dm.csv", b"ID\n1\n" * 50)
    return buffer.getvalue()


FILES = {
    "delimited": {"ae.csv": CSV, "all.zip": archive()},
    "odm": {"a.xml": ODM},
    "excel": {"b.xlsx": workbook()},
}


@st.composite
def damaged(draw, content):
    """A few bytes changed, a piece cut out, or the end lost."""
    at = draw(st.integers(0, len(content) - 1))
    kind = draw(st.sampled_from(["changed", "cut out", "cut off"]))
    if kind == "cut off":
        return content[:at]
    if kind == "cut out":
        return content[:at] + content[at + draw(st.integers(1, 200)) :]
    return content[:at] + draw(st.binary(min_size=1, max_size=8)) + content[at + 1 :]


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, files in FILES.items() for name in files]
)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_damage_is_refused_in_one_line_or_survived(kind, name, data):
    content = data.draw(damaged(FILES[kind][name]))
    with tempfile.TemporaryDirectory() as folder:
        refusal = refusal_of(kind, name, content, Path(folder))
    assert "\n" not in refusal
    assert not refusal or name in refusal


def refusal_of(kind, name, content, root):
    """The line that refuses the file; empty where it is read. Any other error is a failure."""
    source = Source(kind=kind, path=name, site="1")
    (root / name).write_bytes(content)
    (root / "unpacked").mkdir()
    snapshots = Snapshots(open_store("store", root), root / "cache")
    try:
        delivery = opened({name: root / name}, source, snapshots, root / "unpacked")
        for _ in reader_of(kind)(delivery.files, source):
            pass
    except DeliveryError as error:
        return str(error)
    return ""
