import gzip
import io
import zipfile

import pytest

from sdtmflow.errors import DeliveryError
from sdtmflow.sources import delivery
from sdtmflow.sources.delivery import delivery_key
from sdtmflow.sources.delivery_findings import delivery_findings
from sdtmflow.sources.stage import opened_delivery

AE = "ID,TERM\n1,Headache\n"


def zipped(files, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content, **options)
    return buffer.getvalue()


def test_the_same_bytes_twice_are_read_once(deliver):
    got = deliver("delimited", {"ae.csv": AE, "ae (1).csv": AE})
    assert sum(got.counts.values()) == 1
    assert "holds the same bytes" in got.report.warnings[0]


def test_snapshots_hold_the_delivered_bytes(deliver, workshop):
    got = deliver("delimited", {"ae.csv": AE})
    assert workshop.snapshots.path_of(got.report.files[0].sha256).read_bytes() == AE.encode()


def test_archives_are_unpacked_and_kept(deliver, workshop):
    archive = zipped({"export/ae.csv": AE, "__MACOSX/._ae.csv": "x", "../../evil.csv": "A\n1\n"})
    got = deliver("delimited", {"all.zip": archive, "dm.csv.gz": gzip.compress(b"ID\n1\n")})
    assert got.counts == {"ae": 1, "evil": 1, "dm": 1}
    assert not (workshop.root.parent / "evil.csv").exists()
    assert "all.zip/export/ae.csv" in {file.name for file in got.report.files}


def test_an_archive_that_unpacks_to_too_much_is_refused(deliver):
    bomb = zipped({"ae.csv": b"A\n" + b"0" * 40_000_000})
    with pytest.raises(DeliveryError, match="unpacks to more than"):
        deliver("delimited", {"all.zip": bomb})


def test_an_archive_without_files_is_refused(deliver):
    with pytest.raises(DeliveryError, match=r"all.zip: the archive holds no files"):
        deliver("delimited", {"all.zip": zipped({"__MACOSX/._ae.csv": "x"})})


def test_a_damaged_archive_is_refused(deliver):
    content = gzip.compress(b"ID\n" + bytes(range(48, 58)) * 1000)
    with pytest.raises(DeliveryError, match=r"dm.csv.gz: the archive is cut off or damaged"):
        deliver("delimited", {"dm.csv.gz": content[:-12]})


def test_another_kind_of_file_is_refused_or_left_out(deliver):
    with pytest.raises(DeliveryError, match=r"notes.pdf: this is a PDF document"):
        deliver("delimited", {"notes.pdf": b"%PDF-1.4"})
    got = deliver("delimited", {"ae.csv": AE})
    assert got.counts == {"ae": 1}
    assert got.report.files_left_out == {"notes.pdf": "a PDF document"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("dm.csv", bytes(range(256)) * 12, "a binary file of an unknown kind"),
        ("dm.csv", b"%PDF-1.4", "a PDF document"),
        ("dm.dat", bytes(range(256)), "a binary file of an unknown kind"),
        ("DM", b"%PDF-1.4", "a PDF document"),
    ],
)
def test_a_file_that_was_meant_to_be_read_is_never_left_out(deliver, name, content, words):
    with pytest.raises(DeliveryError, match=f"{name}: this is {words}"):
        deliver("delimited", {"ae.csv": AE, name: content}, tables={"dm": {}, "ae": {}})


def test_a_form_printed_beside_its_table_is_left_out(deliver):
    files = {"ae.csv": AE, "ae.pdf": b"%PDF-1.4"}
    assert deliver("delimited", files, tables={"ae": {}}).report.files_left_out


def test_text_that_is_called_xls_is_refused_for_excel(deliver):
    with pytest.raises(DeliveryError, match=r"ae.xls: this is delimited text; use kind: delimited"):
        deliver("excel", {"ae.xls": "a\tb\n1\t2\n"})


def test_an_empty_file_among_good_ones_is_refused(deliver):
    with pytest.raises(DeliveryError, match=r"dm.csv: this is an empty file; ask for a new export"):
        deliver("delimited", {"ae.csv": AE, "dm.csv": b""})


def test_nothing_there(deliver):
    with pytest.raises(DeliveryError, match=r"source edc, raw/x\*: no file is there"):
        deliver("delimited", {"ae.csv": AE}, path="raw/x*")


def test_globs_and_left_behind_files(deliver):
    files = {"a1.csv": "A\n1\n", "a2.csv": "A\n2\n", "b.csv": "A\n3\n", "~$a1.csv": "x"}
    assert deliver("delimited", files, path="raw/a*.csv").counts == {"a1": 1, "a2": 1}
    assert deliver("delimited", files).counts == {"a1": 1, "a2": 1, "b": 1}


def test_the_key_follows_names_contents_settings_and_code(workshop, monkeypatch):
    def key(files, **settings):
        for old in (workshop.root / "study").glob("raw/*"):
            old.unlink()
        workshop.write(files)
        source = {"kind": "delimited", "path": "raw", "site": "01"} | settings
        return delivery_key(workshop.study({"edc": source}), "edc")

    first = key({"ae.csv": AE})
    assert key({"ae.csv": AE}) == first
    others = [
        key({"ae.csv": AE + "2,Nausea\n"}),
        key({"AE2.csv": AE}),
        key({"ae.csv": AE}, missing=["NA"]),
    ]
    monkeypatch.setattr(delivery, "code_version", lambda: "another reader")
    others.append(key({"ae.csv": AE}))
    assert len({first, *others}) == 5


def test_two_forms_with_the_same_bytes_are_two_tables(deliver):
    got = deliver("delimited", {"cm.csv": "ID\n1\n2,3\n", "mh.csv": "ID\n1\n2,3\n"})
    assert got.counts == {"cm": 1, "mh": 1}
    assert [file.quarantined for file in got.report.files] == [1, 1]


def test_hidden_and_open_files_are_told_and_not_read(deliver):
    files = {"ae.csv": AE, ".dm.csv": AE, "~$lb.xlsx": b"x", ".DS_Store": b"x", "._ae.csv": b"x"}
    got = deliver("delimited", files)
    assert got.counts == {"ae": 1}
    assert list(got.report.files_left_out) == [".dm.csv", "~$lb.xlsx"]
    assert got.report.key == delivery_key(got.folder, "edc")
    before = got.report.key
    assert deliver("delimited", {".more.csv": AE}).report.key != before
    (told, *_) = delivery_findings(opened_delivery(got.folder.study, "edc", got.out), "01")
    assert told.rule == "FILE_LEFT_OUT"
    assert "hidden, or the trace of a program that had it open, and was not read" in told.message


@pytest.mark.parametrize(
    ("declared", "content", "lines"),
    [
        ("cp1252", "ID,TERM\n1,Übelkeit\n2,Headache\n3,Fièvre\n".encode(), 2),
        ("cp1252", "ID,TERM\n1,Übelkeit\n".encode("cp1252"), 0),
        ("cp1252", b"ID,TERM\n1,Headache\n", 0),
        ("utf-8", "ID,TERM\n1,Übelkeit\n".encode(), 0),
        ("", "ID,TERM\n1,Übelkeit\n".encode(), 0),
    ],
)
def test_a_declared_encoding_over_utf8_is_doubted(deliver, declared, content, lines):
    got = deliver("delimited", {"ae.csv": content}, encoding=declared)
    found = [*delivery_findings(opened_delivery(got.folder.study, "edc", got.out), "01")]
    assert [finding.rule for finding in found] == ["ENCODING_DOUBTFUL"] * bool(lines)
    for finding in found:
        assert finding.file == "ae.csv"
        assert finding.message == (
            "the file was read as cp1252, as study.yaml says, but 2 lines with letters beyond "
            "ASCII can only be UTF-8; write 'encoding: utf-8' for source edc, or leave 'encoding' "
            "out"
        )
