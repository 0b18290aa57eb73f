"""The Technical Rejection Criteria for Study Data, in the order in which the FDA applies them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

import polars as pl

from sdtmflow.agency import Profile
from sdtmflow.gate.backbone import Leaf
from sdtmflow.gate.criterion import REJECTS, Criterion, Hit, Hits
from sdtmflow.gate.dataset import Dataset
from sdtmflow.gate.definition import DEFINE
from sdtmflow.gate.tagging import Tagging
from sdtmflow.gate.tree import Folder, Kind, Package

TS = "ts.xpt"
_SECTIONS = (
    *("4.2.3.1", "4.2.3.2", "4.2.3.4"),
    *("5.3.1.1", "5.3.1.2", "5.3.3.1", "5.3.3.2", "5.3.3.3", "5.3.3.4", "5.3.4"),
    *("5.3.5.1", "5.3.5.2"),
)
"""Where a study's files must stand in a study tagging file."""
DATASET_TAGS: Mapping[Kind, frozenset[str]] = {
    "sdtm": frozenset({"data-tabulation-dataset-sdtm"}),
    "send": frozenset({"data-tabulation-dataset-send"}),
    "adam": frozenset({"analysis-dataset-adam"}),
}
DEFINE_TAGS: Mapping[Kind, frozenset[str]] = {
    "sdtm": frozenset({"data-tabulation-data-definition"}),
    "send": frozenset({"data-tabulation-data-definition"}),
    "adam": frozenset({"analysis-data-definition"}),
}
CORE: Mapping[Kind, str] = {"sdtm": "dm.xpt", "send": "dm.xpt", "adam": "adsl.xpt"}
"""The dataset that each kind must have."""
_START: Mapping[Kind, str] = {"sdtm": "SSTDTC", "send": "STSTDTC", "adam": "SSTDTC"}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NULLS = frozenset(
    {"NI", "INV", "DER", "OTH", "NINF", "PINF", "UNC", "MSK", "NA", "UNK", "ASKU", "NAV", "NASK"}
    | {"NAVU", "QS", "TRC", "NP"}
)
"""ISO 21090 null flavors."""
_SHOWN = 3


def _untagged(package: Package) -> Hits:
    """1789."""
    for tagging in package.taggings:
        if tagging.broken:
            yield Hit(tagging.path, f"the study tagging file cannot be read: {tagging.broken}")
    if not package.taggings:
        yield from _without_any(package)
    elif package.is_tagged:
        yield from _loose(package)


def _loose(package: Package) -> Hits:
    tagged = {leaf.id for tagging in package.taggings for leaf, _ in package.leaves(tagging)}
    loose: dict[str, list[Leaf]] = {}
    for leaf in package.backbone.leaves if package.backbone else ():
        concerned = leaf.section.startswith(_SECTIONS) and leaf.operation != "delete"
        if concerned and not leaf.is_tagging and leaf.id not in tagged:
            loose.setdefault(leaf.section, []).append(leaf)
    for section, leaves in loose.items():
        yield Hit(leaves[0].href, f"section {section}: {_named(leaves)} in no study tagging file")


def _without_any(package: Package) -> Hits:
    for study in sorted({folder.study for folder in package.folders if folder.study}):
        yield Hit(f"m5/datasets/{study}", "the study has files and no study tagging file")


def _named(leaves: list[Leaf]) -> str:
    names = ", ".join(leaf.href.rpartition("/")[2] for leaf in leaves[:_SHOWN])
    more = len(leaves) - _SHOWN
    shown = f"{names} and {more} more" if more > 0 else names
    return f"{shown} {'stands' if len(leaves) == 1 else 'stand'}"


def _start(package: Package) -> Hits:
    """1734."""
    if package.is_tagged:
        for tagging in package.taggings:
            yield from _start_of(package, tagging)
        return
    for folder in package.standardized:
        if folder.kind != "adam":
            found = [one for one in folder.datasets if one.path == folder.place(TS)]
            yield from _said(found[0], folder.kind) if found else _no_ts(folder.path)


def _no_ts(place: str) -> Hits:
    yield Hit(place, "there is no ts.xpt")


def _start_of(package: Package, tagging: Tagging) -> Hits:
    hrefs = {leaf.target for leaf, _ in package.leaves(tagging)}
    found = [
        (folder, one)
        for folder in package.standardized
        for one in folder.datasets
        if one.path in hrefs and one.file == TS
    ]
    if not found:
        yield from _no_ts(tagging.path)
    for folder, dataset in found:
        yield from _said(dataset, folder.kind, tagging.study)


def _said(dataset: Dataset, kind: Kind, study: str | None = None) -> Hits:
    """What is wrong with the study's start date in a ts.xpt; ``study`` as its tagging file says."""
    rows = dataset.rows() if dataset.xport else None
    if rows is None:
        yield Hit(dataset.path, "ts.xpt cannot be read")
        return
    lacking = sorted({"STUDYID", "TSPARMCD", "TSVAL"} - set(rows.columns))
    if lacking:
        yield Hit(dataset.path, f"ts.xpt has no variable {', '.join(lacking)}")
        return
    if study is not None and set(rows["STUDYID"]) != {study}:
        yield Hit(dataset.path, "STUDYID is not the study-id of the study tagging file")
    parameter = _START[kind]
    row = rows.filter(pl.col("TSPARMCD").str.strip_chars() == parameter)
    if row.is_empty():
        yield Hit(dataset.path, f"there is no parameter {parameter} (study start date)")
    elif not _tells_start(row):
        what = f"{parameter} is no full date (YYYY-MM-DD), and TSVALNF gives no null flavor for it"
        yield Hit(dataset.path, what)


def _tells_start(rows: pl.DataFrame) -> bool:
    flavors = rows["TSVALNF"] if "TSVALNF" in rows.columns else rows["TSVAL"].clear()
    dates = any(_is_date((value or "").strip()) for value in rows["TSVAL"])
    return dates or any((flavor or "").strip() in _NULLS for flavor in flavors)


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return _DATE.fullmatch(text) is not None


def _tags(package: Package) -> Hits:
    """1735."""
    folders = {folder.path: folder for folder in package.standardized}
    for tagging in package.taggings:
        for leaf, tags in package.leaves(tagging):
            parent, _, name = leaf.target.rpartition("/")
            folder = folders.get(parent.removesuffix("/split"))
            if folder and not folder.is_simplified:
                yield from _tag(leaf, name, tags, folder.kind)


def _tag(leaf: Leaf, name: str, tags: tuple[str, ...], kind: Kind) -> Hits:
    allowed = DEFINE_TAGS[kind] if name == DEFINE else DATASET_TAGS[kind]
    if (name == DEFINE or name.endswith(".xpt")) and not allowed & set(tags):
        has = f"has the file-tag {', '.join(tags)}" if tags else "has no file-tag"
        yield Hit(leaf.href, f"{has}, not {', '.join(sorted(allowed))}")


def _core(package: Package) -> Hits:
    """1736."""
    for folder in package.standardized:
        if not folder.is_simplified:
            yield from (Hit(folder.place(name), f"there is no {name}") for name in _absent(folder))
    if not package.standardized:
        yield Hit("", "there are no datasets")


def _absent(folder: Folder) -> Iterator[str]:
    wanted = [CORE[folder.kind]]
    if folder.kind == "sdtm" and not folder.profile.study_start:
        wanted += [f"{name.lower()}.xpt" for name in folder.profile.datasets]
    there = {one.file for one in folder.datasets}
    yield from (name for name in dict.fromkeys(wanted) if name not in there)
    if folder.definition is None:
        yield DEFINE


def _tagged(profile: Profile) -> bool:
    return profile.tagged


def _started(profile: Profile) -> bool:
    return profile.study_start


_TRC = "FDA, Technical Rejection Criteria for Study Data"

REJECTION_CRITERIA: tuple[Criterion[Package], ...] = (
    Criterion("1789", REJECTS, "A study's files stand in its study tagging file",
              f"{_TRC}; NMPA, eCTD Validation Standard 5.17",
              "add each leaf to stf-<study-id>.xml", _untagged, _tagged),
    Criterion("1734", REJECTS, "ts.xpt says when the study began", _TRC,
              "give TS with STUDYID as in the study tagging file and SSTDTC as YYYY-MM-DD (or a "
              "null flavor in TSVALNF)", _start, _started),
    Criterion("1735", REJECTS, "Datasets and define.xml have the right file-tags",
              f"{_TRC}; NMPA, eCTD Validation Standard 5.18",
              "mend the file-tag in the study tagging file", _tags, _tagged),
    Criterion("1736", REJECTS, "There are DM (for analyses ADSL) and define.xml",
              f"{_TRC}; NMPA, eCTD Validation Standard 5.19",
              "add dm.xpt (adsl.xpt) and define.xml", _core),
)  # fmt: skip
