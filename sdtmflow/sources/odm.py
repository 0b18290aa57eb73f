"""CDISC ODM 1.1 to 1.3.2: one table an item group, one row an ItemGroupData.

Key columns: ``StudyOID SubjectKey SiteOID StudyEventOID StudyEventRepeatKey FormOID FormRepeatKey
ItemGroupOID ItemGroupRepeatKey``, then what vendors add (``StudySubjectID``, ``SubjectName``,
``StudyEventData.StartDate``, …), then one column an item. Around them: ``SubjectData`` (attributes
that a system keeps on the subject, such as OpenClinica's Sex and DateOfBirth), ``Annotations`` and
``AuditRecords``. A Snapshot streams; Transactional files are replayed in order first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from sdtmflow.errors import DeliveryError
from sdtmflow.sources.delivery import wrong_study
from sdtmflow.sources.odm_metadata import Envelope, Metadata, read_metadata
from sdtmflow.sources.odm_records import Record, Unread, subject_records
from sdtmflow.sources.odm_rows import Rows
from sdtmflow.sources.odm_stream import Element, elements, local_name, xml_stream
from sdtmflow.sources.odm_transactions import Replay
from sdtmflow.sources.raw import (
    DeliveredFile,
    FileRead,
    Item,
    Noted,
    Quarantined,
)
from sdtmflow.study import Source


def read_odm(files: tuple[DeliveredFile, ...], source: Source) -> Iterator[Item]:
    """Read ODM files, with the metadata of all of them. Raises DeliveryError."""
    metadata, envelopes = read_metadata(files)
    data = [file for file in files if envelopes[file.sha256].has_data]
    if not data:
        raise DeliveryError(
            "this ODM file describes forms and items but holds no clinical data",
            place=files[0].name,
            remedy="ask for an export with ClinicalData",
        )
    if any(envelopes[file.sha256].file_type == "Transactional" for file in data):
        data.sort(key=lambda file: (envelopes[file.sha256].created, file.name))
        yield from _replayed(data, source, metadata, envelopes)
    else:
        for file in data:
            yield from _streamed(file, source, metadata, envelopes[file.sha256])
    for file in files:
        if file not in data:
            yield FileRead(file, f"{envelopes[file.sha256].nature} metadata", 0, 0)


@dataclass
class _Counts:
    """Item groups of one file; ``number`` is the last one's place in it."""

    number: int = 0
    placed: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def read(self, file: DeliveredFile, envelope: Envelope) -> FileRead:
        left_out = {why: count for why, count in sorted(self.left_out.items()) if count}
        return FileRead(file, envelope.nature, self.number, self.placed, left_out)


def _streamed(
    file: DeliveredFile, source: Source, metadata: Metadata, envelope: Envelope
) -> Iterator[Item]:
    rows, unread, counts = Rows(metadata), Unread(), _Counts()
    for record in _records(file, source, metadata, unread):
        if record.table and record.element is None:
            rows.add(record, file.sha256, 0)
            continue
        is_group = record.element is not None and local_name(record.element.tag) == "ItemGroupData"
        counts.number += is_group
        reason = _cannot_place(record)
        if reason and is_group:
            yield _quarantined(record, file, counts.number, reason)
        elif not record.items:
            counts.left_out["without items"] += is_group
        else:
            counts.placed += 1
            rows.add(record, file.sha256, counts.number)
            yield from rows.full()
    yield from rows.rest()
    yield from _notes(file, unread, rows)
    yield counts.read(file, envelope)


def _replayed(
    files: list[DeliveredFile],
    source: Source,
    metadata: Metadata,
    envelopes: dict[str, Envelope],
) -> Iterator[Item]:
    """The state that all transactions lead to; it is held in memory until the last one is read."""
    replay, rows = Replay(), Rows(metadata)
    counts = {file.sha256: _Counts() for file in files}
    for file in files:
        unread, count = Unread(), counts[file.sha256]
        for record in _records(file, source, metadata, unread):
            if record.element is None:
                replay.other(record, file.sha256)
                continue
            is_group = local_name(record.element.tag) == "ItemGroupData"
            count.number += is_group
            if is_group and not record.table:
                yield _quarantined(record, file, count.number, "no ItemGroupOID")
            else:
                replay.apply(record, file.sha256, count.number if is_group else 0)
        yield from _notes(file, unread, rows)
    for held in replay.state():
        rows.add(held.record, held.file, held.number)
        counts[held.file].placed += bool(held.number)
        yield from rows.full()
    yield from rows.rest()
    for file in files:
        counts[file.sha256].left_out.update(replay.left_out(file.sha256))
        yield counts[file.sha256].read(file, envelopes[file.sha256])


def _records(
    file: DeliveredFile, source: Source, metadata: Metadata, unread: Unread
) -> Iterator[Record]:
    """The records of a file, subject by subject; each subject's elements are freed after it."""
    data, subjects = 0, 0
    with xml_stream(file) as stream:
        tags = ("ClinicalData", "SubjectData", "ReferenceData")
        for event, element in elements(stream, tags, ("start", "end")):
            name = local_name(element.tag)
            if event == "start":
                if name == "ClinicalData":
                    data, subjects = data + 1, 0
                    _require_study(element, source, metadata, file)
                continue
            if name == "SubjectData":
                subjects += 1
                place = f"/ODM/ClinicalData[{data}]/SubjectData[{subjects}]"
                yield from subject_records(element, _study_of(element), place, unread)
            elif name == "ReferenceData":
                unread.elements[name] += 1
            _free(element, unread)


def _study_of(subject: Element) -> str:
    parent = subject.getparent()
    return "" if parent is None else parent.get("StudyOID", "")


def _free(element: Element, unread: Unread) -> None:
    """Let go of an element that was read, and of everything before it."""
    element.clear()
    parent, before = element.getparent(), element.getprevious()
    while parent is not None and before is not None:
        name = local_name(before.tag)
        if local_name(parent.tag) == "ClinicalData" and name != "SubjectData":
            unread.elements[name] += 1
        parent.remove(before)
        before = element.getprevious()


def _require_study(data: Element, source: Source, metadata: Metadata, file: DeliveredFile) -> None:
    """Sites may have a StudyOID of their own; then the study's metadata has to name the study."""
    sent = data.get("StudyOID", "")
    if source.study_id and source.study_id not in {sent, *metadata.studies}:
        raise wrong_study(sent, source, f"{file.name}, ClinicalData")


def _cannot_place(record: Record) -> str:
    if not record.table:
        return "no ItemGroupOID"
    if not record.keys["SubjectKey"]:
        return "no SubjectKey"
    if record.action == "Remove":
        return "a Snapshot file cannot remove data (TransactionType Remove)"
    return ""


def _quarantined(record: Record, file: DeliveredFile, number: int, reason: str) -> Quarantined:
    text = etree.tostring(record.element, encoding="utf-8", with_tail=False).decode()
    return Quarantined(file, number, record.place, reason, text)


def _notes(file: DeliveredFile, unread: Unread, rows: Rows) -> Iterator[Noted]:
    for name, count in sorted(unread.elements.items()):
        yield Noted(file, "", f"element {name} is not collected ({count}×)")
    for name, count in sorted(unread.attributes.items()):
        yield Noted(file, "", f"attribute {name} is not collected ({count}×)")
    yield from (Noted(file, "", note) for note in rows.notes())
