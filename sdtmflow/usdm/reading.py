"""A USDM file → its typed parts; a mistake is told with its JSON path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sdtmflow.errors import StudyError
from sdtmflow.typed_yaml import StudyErrors
from sdtmflow.usdm.model import Definition, StudyDesign, StudyVersion

VERSION = "4."
"""The major version of the USDM that is read."""


@dataclass(frozen=True, slots=True)
class Source:
    """One study design of a file, and where its parts are."""

    file: str
    """As study.yaml writes it."""
    version: StudyVersion
    design: StudyDesign
    path: str
    """JSON path of the design."""
    objects: Mapping[str, Mapping[str, Any]]
    """Every object of the file by its id, as sent."""
    notes: tuple[str, ...]

    def place(self, *steps: str | int) -> str:
        """``design/study.json: $.study.versions[0].studyDesigns[0].arms[1]``."""
        return f"{self.file}: {self.path}{_json_path(steps)}"


def read_usdm(root: Path, file: str, study_design: str) -> Source:
    """The study design of ``root / file`` called ``study_design`` (empty: the only one).

    Raises StudyErrors with every mistake, each at its JSON path.
    """
    data = _parsed(root / file, file)
    try:
        definition = Definition.model_validate(data)
    except ValidationError as error:
        raise StudyErrors([_explained(detail, file) for detail in error.errors()]) from None
    if not definition.usdm_version.startswith(VERSION):
        raise StudyError(
            f"the file is USDM {definition.usdm_version}, and {VERSION}x is read",
            place=f"{file}: $.usdmVersion",
            remedy="export the study definition as USDM v4",
        )
    if not definition.study.versions:
        raise _nothing(file, "$.study.versions", "study version")
    version = definition.study.versions[0]
    at = _chosen(version.study_designs, study_design, file)
    sent = data["study"]["versions"][0]
    design = sent["studyDesigns"][at]
    notes = (*_unread(file, sent, StudyVersion), *_unread(file, design, StudyDesign))
    if len(definition.study.versions) > 1:
        notes = (f"{file}: of several study versions the first is read", *notes)
    return Source(
        file=file,
        version=version,
        design=version.study_designs[at],
        path=f"$.study.versions[0].studyDesigns[{at}]",
        objects={each["id"]: each for each in _objects(data)},
        notes=notes,
    )


def _parsed(path: Path, file: str) -> Any:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise StudyError(
            "the file is missing", place=file, remedy="correct 'design.usdm' in study.yaml"
        ) from None
    except (UnicodeDecodeError, OSError):
        raise StudyError("the file cannot be read", place=file, remedy="export it anew") from None
    except json.JSONDecodeError as error:
        place = f"{file}:{error.lineno}"
        raise StudyError(f"no JSON: {error.msg}", place=place, remedy="export it anew") from None
    if not isinstance(data, dict) or "study" not in data:
        remedy = 'give the API\'s JSON, {"study": {…}, "usdmVersion": …}'
        raise StudyError("the file is no USDM study definition", place=file, remedy=remedy)
    return data


def _chosen(designs: list[StudyDesign], wanted: str, file: str) -> int:
    """The position of the study design that is wanted."""
    names = [design.name for design in designs]
    found = [at for at, each in enumerate(designs) if not wanted or wanted in (each.id, each.name)]
    if not designs:
        raise _nothing(file, "$.study.versions[0].studyDesigns", "study design")
    if len(found) != 1:
        what = f"no study design '{wanted}'" if wanted else f"{len(designs)} study designs"
        raise StudyError(
            f"the file has {what}",
            place=f"{file}: $.study.versions[0].studyDesigns",
            remedy=f"write 'study_design:' with one of {', '.join(names)}",
        )
    return found[0]


def _nothing(file: str, path: str, what: str) -> StudyError:
    return StudyError(f"there is no {what}", place=f"{file}: {path}", remedy="export it anew")


def _explained(detail: ErrorDetails, file: str) -> StudyError:
    loc = detail["loc"]
    if detail["type"] == "missing":
        place = f"{file}: ${_json_path(loc[:-1])}"
        return StudyError(f"'{loc[-1]}' is missing", place=place, remedy="USDM v4 requires it")
    message = detail["msg"][:1].lower() + detail["msg"][1:]
    remedy = "write it as USDM v4 does"
    return StudyError(message, place=f"{file}: ${_json_path(loc)}", remedy=remedy)


def _json_path(steps: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _objects(data: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, dict):
        if isinstance(data.get("id"), str):
            yield data
        for value in data.values():
            yield from _objects(value)
    elif isinstance(data, list):
        for value in data:
            yield from _objects(value)


_BESIDE = {"instanceType", "extensionAttributes", "notes", "rationale", "dictionaries"}
"""Attributes that say nothing of their own; ``dictionaries`` are read with the texts."""


def _unread(file: str, sent: Mapping[str, Any], model: type[BaseModel]) -> Iterator[str]:
    """The attributes that are there and that nothing is made from."""
    known = {field.alias for field in model.model_fields.values()} | _BESIDE
    left = [name for name, value in sent.items() if name not in known and value not in (None, [])]
    if left:
        yield f"{file}: not read of {model.__name__}: {', '.join(left)}"
