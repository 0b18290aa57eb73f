"""The study's own files: all of its folder that decides a bundle but the deliveries."""

from __future__ import annotations

from pathlib import Path

from sdtmflow.study import StudyFolder

STUDY = "study.yaml"


def study_files(folder: StudyFolder) -> dict[str, Path]:
    """Path in the study folder → file, sorted: study.yaml, specs, terms, suites, documents' texts.

    Also the imported CT package that study.yaml pins, and the USDM file by the path that study.yaml
    gives it, which may lead out of the folder.
    """
    terminology = folder.terminology / str(folder.study.standards.ct)
    folders = (folder.mappings, folder.terms, folder.expectations, folder.guide, terminology)
    found = {STUDY: folder.root / STUDY}
    for each in folders:
        prefix = each.relative_to(folder.root).as_posix()
        found |= {f"{prefix}/{name}": path for name, path in files_below(each).items()}
    if folder.usdm is not None and folder.usdm.is_file():
        found[usdm_name(folder)] = folder.usdm
    return dict(sorted(found.items()))


def usdm_name(folder: StudyFolder) -> str:
    """The path of the USDM file as study.yaml gives it; empty where it names none."""
    design = folder.study.design
    return design.usdm if design else ""


def files_below(folder: Path) -> dict[str, Path]:
    """Relative POSIX path → file, sorted; without hidden files and what Python compiles."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
