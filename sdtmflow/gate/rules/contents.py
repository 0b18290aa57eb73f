"""DT: what a study's datasets hold together."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.gate.criterion import ASKED, NOTED, REJECTS, Criterion, Hit, Hits
from sdtmflow.gate.dataset import Dataset
from sdtmflow.gate.tree import Folder

_EXPECTED = ("AE", "DS", "EX", "LB", "SE", "SV", "TA", "TE", "TI", "TV", "VS")
"""Domains that a reviewer looks for (FDA validator rules on datasets, SD1106 to SD1115)."""
_SUPPLEMENTAL = "supp"
_RELATIONSHIPS = ("rel", "pool")
_SHOWN = 5


def _tabulations(folder: Folder) -> Iterator[Dataset]:
    return iter(folder.readable.values()) if folder.kind != "adam" else iter(())


def _distinct(dataset: Dataset, variable: str) -> frozenset[bytes] | None:
    """The variable's values; None where the dataset has no such variable of text."""
    return dataset.scan.distinct.get(variable)


def _study(folder: Folder) -> Hits:
    seen: set[bytes] = set()
    for dataset in _tabulations(folder):
        found = _distinct(dataset, "STUDYID")
        if found is None:
            yield Hit(dataset.path, "there is no STUDYID")
        elif b"" in found:
            yield Hit(dataset.path, "STUDYID is blank")
        elif len(found) > 1:
            yield Hit(dataset.path, f"{len(found)} values of STUDYID")
        elif found and seen and not found & seen:
            yield Hit(dataset.path, "STUDYID is not that of the datasets before it")
        seen = seen or set(found or ())


def _domain(folder: Folder) -> Hits:
    for dataset in _tabulations(folder):
        is_supplemental = dataset.stem.startswith(_SUPPLEMENTAL)
        variable = "RDOMAIN" if is_supplemental else "DOMAIN"
        found = _distinct(dataset, variable)
        if not found or dataset.stem.startswith(_RELATIONSHIPS):
            continue
        name = dataset.stem.removeprefix(_SUPPLEMENTAL).upper().encode()
        if len(found) > 1 or not all(value and name.startswith(value) for value in found):
            yield Hit(dataset.path, f"{variable} does not fit the dataset's name")


def _subjects(folder: Folder) -> Hits:
    dm = folder.readable.get("dm")
    known = _distinct(dm, "USUBJID") if dm else None
    if not known:
        return
    for dataset in _tabulations(folder):
        unknown = (_distinct(dataset, "USUBJID") or frozenset()) - known - {b""}
        if unknown:
            yield Hit(dataset.path, f"{len(unknown):,} subjects are not in DM")


def _one_each(folder: Folder) -> Hits:
    dm = folder.readable.get("dm")
    found = _distinct(dm, "USUBJID") if dm else None
    if not dm or not dm.xport or found is None:
        return
    if b"" in found:
        yield Hit(dm.path, "USUBJID is blank")
    elif len(found) != dm.xport.records:
        yield Hit(dm.path, f"{dm.xport.records:,} records of {len(found):,} subjects")


def _parents(folder: Folder) -> Hits:
    stems = {dataset.stem for dataset in folder.datasets}
    for stem in sorted(stems):
        parent = stem.removeprefix(_SUPPLEMENTAL)
        if stem.startswith(_SUPPLEMENTAL) and parent not in stems and parent[:2] not in stems:
            yield Hit(folder.place(f"{stem}.xpt"), f"there is no {parent}.xpt")


def _expected(folder: Folder) -> Hits:
    names = {dataset.stem.upper()[:2] for dataset in folder.datasets}
    missing = [name for name in _EXPECTED if name not in names]
    whole = folder.kind == "sdtm" and folder.datasets and not folder.is_simplified
    if whole and missing:
        yield Hit(folder.place(""), f"no {', '.join(missing)}")


def _longest(folder: Folder) -> dict[str, int]:
    """By variable, the bytes that its longest value needs over all datasets."""
    longest: dict[str, int] = {}
    for dataset in folder.readable.values():
        for name, used in dataset.scan.used.items():
            longest[name] = max(longest.get(name, 1), used.longest)
    return longest


def _wide(folder: Folder) -> Hits:
    longest = _longest(folder)
    for dataset in folder.readable.values():
        columns = dataset.xport.columns if dataset.xport and dataset.xport.records else ()
        wide = [
            f"{one.name} {one.length} (needs {longest[one.name]})"
            for one in columns
            if not one.numeric and one.length > longest[one.name]
        ]
        if wide:
            more = f" and {len(wide) - _SHOWN} more" if len(wide) > _SHOWN else ""
            yield Hit(dataset.path, f"longer than any value: {', '.join(wide[:_SHOWN])}{more}")


def _uneven(folder: Folder) -> Hits:
    lengths: dict[str, set[int]] = {}
    for stem, dataset in folder.readable.items():
        for column in dataset.xport.columns if dataset.xport else ():
            if not column.numeric and not stem.startswith((_SUPPLEMENTAL, *_RELATIONSHIPS)):
                lengths.setdefault(column.name, set()).add(column.length)
    uneven = sorted(name for name, found in lengths.items() if len(found) > 1)
    if uneven:
        more = f" and {len(uneven) - _SHOWN} more" if len(uneven) > _SHOWN else ""
        yield Hit(folder.place(""), f"lengths differ: {', '.join(uneven[:_SHOWN])}{more}")


_SDTCG = "FDA, Study Data Technical Conformance Guide"
_IG = "SDTMIG"

CONTENT_CRITERIA: tuple[Criterion[Folder], ...] = (
    Criterion("DT01", REJECTS, "Every dataset is of one and the same study", f"{_IG}, STUDYID",
              "fill STUDYID with the study's own", _study),
    Criterion("DT02", REJECTS, "DOMAIN is that of the dataset", f"{_IG}, DOMAIN and RDOMAIN",
              "mend DOMAIN, or the dataset's name", _domain),
    Criterion("DT03", REJECTS, "Subjects are in DM", f"{_IG}, DM; FDA validator rule SD0064",
              "add them to DM, or leave their records out", _subjects),
    Criterion("DT04", REJECTS, "DM has one record a subject", f"{_IG}, DM; SD0083",
              "keep one record for each USUBJID", _one_each),
    Criterion("DT05", REJECTS, "Supplemental qualifiers have their dataset", f"{_IG}, SUPP--",
              "add the parent dataset, or leave SUPP-- out", _parents),
    Criterion("DT06", NOTED, "The datasets that a reviewer looks for are there",
              f"{_SDTCG}; FDA validator rules SD1106 to SD1115",
              "say in the reviewer's guide why there are none", _expected),
    Criterion("DT07", ASKED, "Text is as long as its longest value",
              f"{_SDTCG}, dataset column length", "shorten the variable", _wide),
    Criterion("DT08", ASKED, "A variable has one length in all datasets",
              f"{_SDTCG}, dataset column length; SD1082, SD1116", "use the longest", _uneven),
)  # fmt: skip
