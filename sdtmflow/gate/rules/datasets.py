"""XP: each XPT file by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from sdtmflow.agency import Profile
from sdtmflow.gate.criterion import ASKED, REJECTS, Criterion, Hit, Hits
from sdtmflow.gate.dataset import Dataset
from sdtmflow.gate.tree import SPLIT
from sdtmflow.gate.xport import Column, Xport

_FILE = re.compile(r"[a-z][a-z0-9]{0,7}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,7}")
_TEXT_BYTES = 200
_NUMBER_BYTES = range(3, 9)
_SHOWN = 5
_FORMAT_NAMES = """
    $ $CHAR $F BEST BESTD COMMA D DATE DATEAMPM DATETIME DAY DDMMYY DOLLAR DOWNAME DTDATE E F HHMM
    HOUR JULIAN MMDDYY MMSS MMYY MONNAME MONTH MONYY NUMX PERCENT QTR TIME TIMEAMPM TOD WEEKDATE
    WEEKDAY WORDDATE YEAR YYMM YYMMDD YYMON Z
    E8601DA E8601DN E8601DT E8601DZ E8601LZ E8601TM E8601TZ
    B8601DA B8601DN B8601DT B8601DZ B8601TM IS8601DA IS8601DN IS8601DT IS8601TM
"""
_FORMATS = frozenset(_FORMAT_NAMES.split())
"""Formats that every SAS has; YYMMDDD and such are YYMMDD with another separator."""
_SEPARATED = re.compile(r"(MMDDYY|DDMMYY|YYMMDD|MMYY|YYMM)[BCDNPS]")
_PAIRS = {")": "(", "]": "[", "}": "{"}


def _named(names: Iterable[str]) -> str:
    known = list(names)
    more = len(known) - _SHOWN
    shown = ", ".join(known[:_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def _of(check: Callable[[Xport], Iterator[str]]) -> Callable[[Dataset], Hits]:
    """A check of what can be read, as one that places what it says at the file."""

    def hits(dataset: Dataset) -> Hits:
        if dataset.xport:
            yield from (Hit(dataset.path, what) for what in check(dataset.xport))

    return hits


def _columns(check: Callable[[Column], bool], says: str) -> Callable[[Dataset], Hits]:
    """The variables for which ``check`` holds, in one hit a file."""

    def named(file: Xport) -> Iterator[str]:
        if wrong := [column.name for column in file.columns if check(column)]:
            yield f"{says}: {_named(wrong)}"

    return _of(named)


def _readable(dataset: Dataset) -> Hits:
    if dataset.broken:
        yield Hit(dataset.path, dataset.broken)


def _one(file: Xport) -> Iterator[str]:
    if file.others:
        yield f"{file.others + 1} datasets in one file"


def _same_name(file: Xport) -> Iterator[str]:
    if file.name.lower() != file.path.stem.lower():
        yield f"the dataset in it is named {file.name}"


def _file_name(dataset: Dataset) -> Hits:
    if not _FILE.fullmatch(dataset.stem) or not dataset.file.endswith(".xpt"):
        yield Hit(dataset.path, f"'{dataset.file}' is no name for a dataset's file")


def _variable_name(column: Column) -> bool:
    return not _VARIABLE.fullmatch(column.name)


def _twice(file: Xport) -> Iterator[str]:
    counts = Counter(column.name for column in file.columns)
    if wrong := [name for name, count in counts.items() if count > 1]:
        yield f"more than once: {_named(wrong)}"


def _unlabelled(file: Xport) -> Iterator[str]:
    if not file.label:
        yield "the dataset has no label"
    if wrong := [column.name for column in file.columns if not column.label]:
        yield f"no label: {_named(wrong)}"


def _foreign_labels(file: Xport) -> Iterator[str]:
    if not file.label.isascii():
        yield "the dataset's label is not ASCII"
    if wrong := [column.name for column in file.columns if not column.label.isascii()]:
        yield f"the label is not ASCII: {_named(wrong)}"


def _unbalanced_labels(file: Xport) -> Iterator[str]:
    labels = {file.name: file.label, **{one.name: one.label for one in file.columns}}
    if wrong := [name for name, label in labels.items() if not _balanced(label.decode("latin-1"))]:
        yield f"quotes or brackets of the label do not close: {_named(wrong)}"


def _balanced(text: str) -> bool:
    """Brackets close in order, double quotes are even; an apostrophe within a word is none."""
    open_: list[str] = []
    for character in text:
        if character in _PAIRS.values():
            open_.append(character)
        elif character in _PAIRS and (not open_ or open_.pop() != _PAIRS[character]):
            return False
    quotes = re.sub(r"(?<=\w)'(?=\w)|(?<=s)'(?= |$)", "", text).count("'")
    return not open_ and text.count('"') % 2 == 0 and quotes % 2 == 0


def _too_long(column: Column) -> bool:
    if column.numeric:
        return column.length not in _NUMBER_BYTES
    return column.length > _TEXT_BYTES


def _own_format(column: Column) -> bool:
    names = (name.rstrip("0123456789.") for name in (column.format, column.informat))
    return any(
        name.isascii() and name not in _FORMATS | {""} and not _SEPARATED.fullmatch(name)
        for name in names
    )


def _incomplete(file: Xport) -> Iterator[str]:
    if file.rest:
        yield f"{file.rest} bytes after the last whole record"
    elif file.size % 80:
        yield f"{file.size} bytes are no whole records of 80"


def _no_records(file: Xport) -> Iterator[str]:
    if not file.records:
        yield "the dataset has no records"


def _foreign_values(dataset: Dataset) -> Hits:
    for name, used in dataset.scan.used.items():
        if used.foreign:
            what = f"{name}: {used.foreign:,} values, the first in record {used.first:,}"
            yield Hit(dataset.path, what)


def _size(dataset: Dataset) -> Hits:
    limit = dataset.profile.dataset_bytes
    if dataset.size > limit and f"/{SPLIT}/" not in f"/{dataset.path}":
        what = f"{dataset.size:,} bytes, {dataset.profile.agency} takes {limit:,}"
        parts = (dataset.root / dataset.path).parent / SPLIT
        domain = dataset.stem[: 6 if dataset.stem.startswith("supp") else 2]
        if not any(parts.glob(f"{domain}*.xpt")):
            yield Hit(dataset.path, f"{what}, and there are no parts in split/")
    elif dataset.size > limit:
        yield Hit(dataset.path, f"the part has {dataset.size:,} bytes")


def _second_reader(dataset: Dataset) -> Hits:
    if dataset.second:
        yield Hit(dataset.path, dataset.second)


def _ascii(profile: Profile) -> bool:
    return profile.ascii_text


_SDTCG = "FDA, Study Data Technical Conformance Guide"
_FORMAT = f"{_SDTCG}, SAS transport format"
_TS140 = "SAS TS-140"
_LABELS = f"{_SDTCG}, variable and dataset labels"

DATASET_CRITERIA: tuple[Criterion[Dataset], ...] = (
    Criterion("XP01", REJECTS, "Datasets are SAS XPORT version 5", f"{_FORMAT}; {_TS140}",
              "write it as XPORT v5 (not v8, not CPORT, not compressed)", _readable),
    Criterion("XP02", REJECTS, "A file holds one dataset", _FORMAT, "write one file a dataset",
              _of(_one)),
    Criterion("XP03", REJECTS, "A file is named like its dataset", f"{_SDTCG}, dataset names",
              "rename the file or the dataset", _of(_same_name)),
    Criterion("XP04", REJECTS, "Files are named with 1 to 8 lower-case letters and digits",
              f"{_SDTCG}, dataset names", "rename it: letters first, ending in .xpt", _file_name),
    Criterion("XP05", REJECTS, "Variables are named with 1 to 8 capitals, digits, underscores",
              f"{_SDTCG}, variable names", "rename the variable",
              _columns(_variable_name, "no names for variables")),
    Criterion("XP06", REJECTS, "A variable stands once in a dataset", _TS140,
              "remove the other", _of(_twice)),
    Criterion("XP07", ASKED, "Datasets and variables have labels", _LABELS,
              "give them the labels of the implementation guide", _of(_unlabelled)),
    Criterion("XP08", REJECTS, "Labels are ASCII", _LABELS, "write them with ASCII characters",
              _of(_foreign_labels), _ascii),
    Criterion("XP09", ASKED, "Quotes and brackets of labels close",
              f"{_LABELS}; NMPA, Guideline for the Submission of Clinical Trial Data",
              "close or remove them", _of(_unbalanced_labels)),
    Criterion("XP10", REJECTS, "Text has at most 200 bytes, a number 3 to 8",
              f"{_SDTCG}, dataset column length; {_TS140}",
              "shorten it; what is longer goes on in SUPP--, TSVALn or COVALn",
              _columns(_too_long, "lengths out of range")),
    Criterion("XP11", ASKED, "Formats are SAS's own", f"{_SDTCG}, special characters and formats",
              "remove the format", _columns(_own_format, "formats that SAS does not have")),
    Criterion("XP12", REJECTS, "The records are whole", _TS140,
              "the file broke off, or was changed in transfer: write it again", _of(_incomplete)),
    Criterion("XP13", ASKED, "A dataset has records", f"{_SDTCG}, dataset contents",
              "leave it out, and say def:HasNoData in define.xml", _of(_no_records)),
    Criterion("XP14", REJECTS, "Values are printable ASCII", f"{_SDTCG}, special characters",
              "write them otherwise, and say so in the reviewer's guide", _foreign_values,
              _ascii),
    Criterion("XP15", REJECTS, "A dataset beyond the agency's limit is split",
              f"{_SDTCG}, dataset size; NMPA, eCTD Validation Standard 2.2; "
              "PMDA [unconfirmed]", "split it by records into split/", _size),
    Criterion("XP16", REJECTS, "A second reader finds the same header", "ReadStat",
              "write the file again", _second_reader),
)  # fmt: skip
