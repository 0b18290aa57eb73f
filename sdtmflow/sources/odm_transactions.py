"""Transactional ODM: Insert, Update, Upsert and Remove replayed in file order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sdtmflow.sources.odm_records import Record

_SUBJECT = ("StudyOID", "SubjectKey")
_BELOW = (
    "StudyEventOID",
    "StudyEventRepeatKey",
    "FormOID",
    "FormRepeatKey",
    "ItemGroupOID",
    "ItemGroupRepeatKey",
)

Key = tuple[str | None, ...]


@dataclass(slots=True)
class Held:
    """The current state of one item group (or other record), and the file that last touched it."""

    record: Record
    file: str
    number: int


class Replay:
    """The state of all item groups, by subject and by the keys below."""

    def __init__(self) -> None:
        self._subjects: dict[Key, dict[Key, Held]] = {}
        self._attributes: dict[Key, Held] = {}
        self._others: list[Held] = []
        self._left_out: dict[str, Counter[str]] = {}

    def apply(self, record: Record, file: str, number: int) -> None:
        """Apply the transaction of an item group, or of an empty element above it that goes."""
        groups = self._subjects.setdefault(_key(record, _SUBJECT), {})
        below = _key(record, _BELOW)
        if record.action == "Remove":
            self._remove(groups, below)
            self._count(file, "removed by a transaction", number)
            return
        held = groups.get(below)
        if held is None:
            record.items = _upserted([], record.items)
            if record.items:
                groups[below] = Held(record, file, number)
            else:
                self._count(file, "without items", number)
            return
        self._count(held.file, "replaced by a later transaction", held.number)
        record.items = _upserted(held.record.items, record.items)
        record.keys = held.record.keys | record.keys
        groups[below] = Held(record, file, number)

    def _remove(self, groups: dict[Key, Held], below: Key) -> None:
        """Remove the item group, or all of the form, event or subject that the keys stop at."""
        given = next((n for n in range(len(below), 0, -1) if below[n - 1] is not None), 0)
        for key in [key for key in groups if key[:given] == below[:given]]:
            held = groups.pop(key)
            self._count(held.file, "removed by a transaction", held.number)

    def other(self, record: Record, file: str) -> None:
        """Subject attributes (the last ones count); annotations and audit records (all stay)."""
        if record.table != "SubjectData":
            self._others.append(Held(record, file, 0))
            return
        subject = _key(record, _SUBJECT)
        if record.action == "Remove":
            self._attributes.pop(subject, None)
            self._remove(self._subjects.get(subject, {}), (None,) * len(_BELOW))
            return
        before = self._attributes.get(subject)
        if before is not None:
            for name, value in before.record.keys.items():
                if record.keys.get(name) is None:
                    record.keys[name] = value
        self._attributes[subject] = Held(record, file, 0)

    def state(self) -> Iterator[Held]:
        """What is left, in the order in which it was first sent."""
        yield from self._attributes.values()
        for groups in self._subjects.values():
            yield from groups.values()
        yield from self._others

    def left_out(self, file: str) -> Counter[str]:
        """Why → how many item groups of ``file`` are not in the final state."""
        return self._left_out.get(file, Counter())

    def _count(self, file: str, why: str, number: int) -> None:
        if number:
            self._left_out.setdefault(file, Counter())[why] += 1


def _key(record: Record, names: tuple[str, ...]) -> Key:
    return tuple(record.keys.get(name) for name in names)


def _upserted(
    held: list[tuple[str, str | None, str, str]], sent: list[tuple[str, str | None, str, str]]
) -> list[tuple[str, str | None, str, str]]:
    """Items after the transaction: sent ones replace those of the same OID, removed ones go.

    An OID that is sent twice in one transaction (multi-select) keeps all its values.
    """
    oids = {oid for oid, *_ in sent}
    kept = [item for item in held if item[0] not in oids]
    return kept + [item for item in sent if item[3] != "Remove"]
