"""DF: define.xml and the files it describes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import unquote

from sdtmflow.gate.criterion import ASKED, REJECTS, Criterion, Hit, Hits
from sdtmflow.gate.definition import DEFINE, Definition
from sdtmflow.gate.tree import SPLIT, Folder

_WEB = re.compile(r"(https?|mailto):", re.IGNORECASE)
_SHOWN = 5


def _of(check: Callable[[Folder, Definition], Hits]) -> Callable[[Folder], Hits]:
    """A check of a define.xml that can be read."""

    def hits(folder: Folder) -> Hits:
        if folder.definition and not folder.definition.broken:
            yield from check(folder, folder.definition)

    return hits


def _readable(folder: Folder) -> Hits:
    define = folder.definition
    if define is None:
        return
    if define.broken:
        yield Hit(folder.place(DEFINE), define.broken)
    elif define.edition not in folder.profile.define:
        what = f"Define-XML {define.edition}; {folder.profile.agency} takes "
        yield Hit(folder.place(DEFINE), what + ", ".join(folder.profile.define))


def _names_stylesheet(folder: Folder, define: Definition) -> Hits:
    if not define.stylesheet:
        yield Hit(folder.place(DEFINE), "there is no xml-stylesheet instruction")


def _has_stylesheet(folder: Folder, define: Definition) -> Hits:
    if define.stylesheet and unquote(define.stylesheet) not in folder.names:
        yield Hit(folder.place(DEFINE), f"'{define.stylesheet}' is not in the folder")


def _files(folder: Folder) -> set[str]:
    return {one.file for one in folder.datasets}


def _has_files(folder: Folder, define: Definition) -> Hits:
    files = _files(folder)
    for dataset in define.datasets:
        name = PurePosixPath(dataset.file).name
        if not name and not dataset.no_data:
            yield Hit(folder.place(DEFINE), f"{dataset.name}: names no file")
        elif name and name not in files and not dataset.no_data:
            yield Hit(folder.place(name), f"the file of {dataset.name} is not there")


def _describes_files(folder: Folder, define: Definition) -> Hits:
    known = define.by_file
    unsplit = tuple(dataset.name.lower() for dataset in define.datasets)
    for dataset in folder.datasets:
        is_part = f"/{SPLIT}/" in f"/{dataset.path}" and dataset.stem.startswith(unsplit)
        if dataset.file not in known and not is_part:
            yield Hit(dataset.path, "define.xml does not describe the dataset")


def _same_variables(folder: Folder, define: Definition) -> Hits:
    known = define.by_file
    for dataset in folder.readable.values():
        described = known.get(dataset.file)
        if described and dataset.xport:
            there = [column.name for column in dataset.xport.columns]
            yield from _differences(dataset.path, described.variables, there)


def _differences(place: str, said: tuple[str, ...], there: list[str]) -> Hits:
    lacking = [name for name in said if name not in there]
    surplus = [name for name in there if name not in said]
    if lacking:
        yield Hit(place, f"not in the file: {_named(lacking)}")
    if surplus:
        yield Hit(place, f"not in define.xml: {_named(surplus)}")
    if not lacking and not surplus and list(said) != there:
        yield Hit(place, "define.xml orders the variables otherwise")


def _named(names: list[str]) -> str:
    more = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def _has_documents(folder: Folder, define: Definition) -> Hits:
    for href in define.documents:
        if not _WEB.match(href) and not _is_there(folder, href):
            yield Hit(folder.place(DEFINE), f"'{href}' is not there")


def _is_there(folder: Folder, href: str) -> bool:
    try:
        return (folder.root / folder.path / unquote(href.partition("#")[0])).is_file()
    except (OSError, ValueError):  # no file can have that name
        return False


def _same_study(folder: Folder, define: Definition) -> Hits:
    studies = {
        study.decode("latin-1")
        for dataset in folder.readable.values()
        for study in dataset.scan.distinct.get("STUDYID", ())
    }
    if len(studies) == 1 and define.study not in studies:
        yield Hit(folder.place(DEFINE), "StudyName is not the STUDYID of the datasets")


_SDTCG = "FDA, Study Data Technical Conformance Guide, define.xml"
_DEFINE = "Define-XML"

DEFINE_CRITERIA: tuple[Criterion[Folder], ...] = (
    Criterion("DF01", REJECTS, "define.xml can be read, and is of an edition that is taken",
              f"{_SDTCG}; FDA Data Standards Catalog", "write it as Define-XML 2.1", _readable),
    Criterion("DF02", REJECTS, "define.xml names its stylesheet", _SDTCG,
              "add <?xml-stylesheet type=\"text/xsl\" href=\"define.xsl\"?>",
              _of(_names_stylesheet)),
    Criterion("DF03", REJECTS, "The stylesheet lies beside define.xml", _SDTCG,
              "put it into the same folder", _of(_has_stylesheet)),
    Criterion("DF04", REJECTS, "A described dataset has its file", f"{_DEFINE}, def:leaf",
              "add the file, or def:HasNoData=Yes", _of(_has_files)),
    Criterion("DF05", REJECTS, "Every dataset is described", _SDTCG,
              "describe it, or take the file out", _of(_describes_files)),
    Criterion("DF06", REJECTS, "Variables are those of the file, in its order", _SDTCG,
              "make define.xml and the file agree", _of(_same_variables)),
    Criterion("DF07", REJECTS, "The documents that define.xml names are there",
              f"{_DEFINE}, def:leaf", "add the file, or take the leaf out", _of(_has_documents)),
    Criterion("DF08", ASKED, "StudyName is the STUDYID of the datasets",
              f"{_DEFINE}, GlobalVariables", "make them agree", _of(_same_study)),
)  # fmt: skip
