"""PK: names, places and kinds of files."""

from __future__ import annotations

import re
from collections import Counter

from sdtmflow.gate.criterion import ASKED, NOTED, REJECTS, Criterion, Hit, Hits
from sdtmflow.gate.tree import Folder, Package

_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9]+)?")
_PDF_TAIL = 2048
"""Bytes at a file's end among which its end mark and trailer stand."""


def _names(package: Package) -> Hits:
    for path in _all_paths(package):
        name = path.rpartition("/")[2]
        if not _NAME.fullmatch(name):
            yield Hit(path, f"the name '{name}' has other than a-z, 0-9 and hyphens")


def _all_paths(package: Package) -> list[str]:
    """Files and folders, each once."""
    if not package.is_sequence:
        return []
    found = set(package.files) | set(package.empty)
    for path in (*package.files, *package.empty):
        parts = path.split("/")
        found |= {"/".join(parts[:depth]) for depth in range(1, len(parts))}
    return sorted(found)


def _name_lengths(package: Package) -> Hits:
    for path in _all_paths(package):
        if (length := len(path.rpartition("/")[2])) > package.profile.name_length:
            yield Hit(path, f"the name has {length} characters")


def _path_lengths(package: Package) -> Hits:
    for path in package.files if package.is_sequence else ():
        if len(path) > package.profile.path_length:
            yield Hit(path, f"the path has {len(path)} characters")


def _types(package: Package) -> Hits:
    for path in package.files:
        name = path.rpartition("/")[2]
        kind = name.rpartition(".")[2] if "." in name else ""
        in_studies = path.startswith(("m4/datasets/", "m5/datasets/"))
        if in_studies and kind.lower() not in package.profile.file_types:
            what = f"'.{kind}' is" if kind else "a file without an extension is"
            yield Hit(path, f"{what} not taken by {package.profile.agency}")


def _empty_folders(package: Package) -> Hits:
    for path in package.empty:
        yield Hit(path, "the folder is empty")


def _empty_files(package: Package) -> Hits:
    for path in package.files:
        is_other = not path.lower().endswith((".xpt", ".pdf", ".xml"))
        if is_other and not (package.root / path).stat().st_size:
            yield Hit(path, "the file is empty")


def _places(package: Package) -> Hits:
    for folder in package.folders if package.is_sequence else ():
        datasets = folder.datasets and not folder.path.startswith(("m4/datasets/", "m5/datasets/"))
        if datasets:
            yield Hit(folder.path, f"{len(folder.datasets)} datasets stand outside m5/datasets")


def _twice(package: Package) -> Hits:
    for folder in package.folders:
        counts = Counter(one.file for one in folder.datasets)
        for name, count in counts.items():
            if count > 1:
                yield Hit(folder.place(name), f"{count} files of the study have this name")


def _strangers(package: Package) -> Hits:
    if package.is_sequence and package.strangers:
        yield Hit("", f"no part of a submission: {', '.join(package.strangers)}")


def _documents(name: str, package: Package) -> Hits:
    for folder in package.standardized:
        named = folder.definition and name in folder.definition.documents
        wanted = folder.kind == "sdtm" and folder.datasets and not folder.is_simplified
        wanted = wanted and not named
        if wanted and name not in folder.names:
            yield Hit(folder.place(name), f"there is no {name}")


def _annotated_crf(package: Package) -> Hits:
    yield from _documents("acrf.pdf", package)


def _guide(package: Package) -> Hits:
    yield from _documents("csdrg.pdf", package)


def _pdfs(package: Package) -> Hits:
    for path in package.files:
        if path.lower().endswith(".pdf") and (what := _pdf_fault(package, path)):
            yield Hit(path, what)


def _pdf_fault(package: Package, path: str) -> str:
    with (package.root / path).open("rb") as file:
        head = file.read(8)
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _PDF_TAIL))
        tail = file.read()
    if not head.startswith(b"%PDF-") or b"%%EOF" not in tail:
        return "this is no whole PDF"
    return "the PDF is encrypted" if b"/Encrypt" in tail else ""


def _study_folders(package: Package) -> Hits:
    ids = {_folded(tagging.study) for tagging in package.taggings if tagging.study}
    studies: dict[str, Folder] = {one.study: one for one in package.folders if one.study}
    for study in sorted(studies) if ids else ():
        if _folded(study) not in ids:
            yield Hit(f"m5/datasets/{study}", "no study tagging file has a study-id like this name")


def _folded(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


_ICH = "ICH eCTD 3.2.2, Appendix 2"
_SDTCG = "FDA, Study Data Technical Conformance Guide"

FILE_CRITERIA: tuple[Criterion[Package], ...] = (
    Criterion("PK01", REJECTS, "Names are lower-case letters, digits and hyphens", _ICH,
              "rename the file or folder", _names),
    Criterion("PK02", REJECTS, "Names have at most 64 characters", _ICH,
              "shorten the name", _name_lengths),
    Criterion("PK03", REJECTS, "Paths have at most 180 characters",
              "NMPA, eCTD Technical Specification 3.3.2; ICH allows 230 [unconfirmed for FDA]",
              "shorten the names of folders", _path_lengths),
    Criterion("PK04", REJECTS, "Files are of a type that the agency takes",
              "FDA, Specifications for File Format Types; NMPA, eCTD Validation Standard 2.4",
              "take the file out, or convert it", _types),
    Criterion("PK05", REJECTS, "No folder is empty", "NMPA, eCTD Validation Standard 2.1",
              "remove the folder", _empty_folders),
    Criterion("PK06", REJECTS, "No file is empty", _ICH, "remove or restore the file",
              _empty_files),
    Criterion("PK07", REJECTS, "Datasets stand below m5/datasets (m4/datasets)",
              f"{_SDTCG}, file organization", "move them to m5/datasets/<study>/…", _places),
    Criterion("PK08", REJECTS, "A dataset exists once in a study",
              f"NMPA, eCTD Validation Standard 5.20; {_SDTCG}, dataset splitting",
              "give the parts in split/ names of their own", _twice),
    Criterion("PK09", REJECTS, "PDF files are whole and not encrypted",
              "FDA, PDF Specifications; NMPA, eCTD Validation Standard 6.1, 6.19, 6.21",
              "make the file again, without security settings", _pdfs),
    Criterion("PK10", ASKED, "There is an annotated CRF, acrf.pdf", f"{_SDTCG}, annotated CRF",
              "add acrf.pdf beside define.xml", _annotated_crf),
    Criterion("PK11", ASKED, "There is a reviewer's guide, csdrg.pdf",
              f"{_SDTCG}, study data reviewer's guide", "add csdrg.pdf beside define.xml", _guide),
    Criterion("PK12", ASKED, "A study's folder is named like the study",
              f"{_SDTCG}, file organization", "name m5/datasets/<study> after the study-id",
              _study_folders),
    Criterion("PK13", NOTED, "Nothing else lies beside the sequence's folders",
              "NMPA, eCTD Validation Standard 2.8",
              "leave it out; of a bundle, sdtmflow package export writes the sequence alone",
              _strangers),
)  # fmt: skip
