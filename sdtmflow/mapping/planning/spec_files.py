"""The spec files of a folder, with the line at which each of their keys stands.

A file with mistakes is read as far as it can be: its sound lines are planned too, so that every
mistake of every line is told at once.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from sdtmflow.errors import StudyError
from sdtmflow.mapping.spec import DomainSpec
from sdtmflow.typed_yaml import composed, explain, parse_yaml


@dataclass(frozen=True, slots=True)
class SpecFile:
    """One file: its name with its folder's, what it says, and where."""

    name: str
    spec: DomainSpec
    lines: Mapping[tuple[str, ...], int]
    unreadable: frozenset[tuple[str, ...]] = frozenset()
    """Paths of lines that could not be read; ``spec`` has them as null."""

    def place(self, *path: str) -> str:
        """``mappings/ae.yaml:14`` for the key at ``path`` (list positions from 1)."""
        return f"{self.name}:{self.lines.get(path, 1)}"


class LostSpecError(StudyError):
    """A spec of which nothing can be planned: what others read of its domain is not known."""

    @classmethod
    def of(cls, error: StudyError) -> LostSpecError:
        """The error, as one that costs the whole spec."""
        return cls(error.message, place=error.place, remedy=error.remedy)


def spec_files(folder: Path, problems: list[StudyError]) -> dict[str, SpecFile]:
    """The folder's specs by domain; mistakes go to ``problems``.

    A second file of a domain, and a file that only looks like a spec, are mistakes.
    """
    found: dict[str, SpecFile] = {}
    for path in sorted(folder.glob("*.y*ml")):
        name = f"{folder.name}/{path.name}"
        if path.suffix != ".yaml":
            problems.append(_not_read(name))
        elif file := _spec_file(path, name, problems):
            first = found.setdefault(file.spec.domain, file)
            if first is not file:
                problems.append(_second(file, first))
    return found


def _not_read(name: str) -> StudyError:
    return StudyError("only *.yaml files are specs", place=name, remedy="rename it to .yaml")


def _second(file: SpecFile, first: SpecFile) -> StudyError:
    return StudyError(
        f"{first.name} is already the spec of {file.spec.domain}",
        place=file.place("domain"),
        remedy="put the lines of both into one file",
    )


def _spec_file(path: Path, name: str, problems: list[StudyError]) -> SpecFile | None:
    try:
        parsed = parse_yaml(path, name)
    except StudyError as error:
        problems.append(LostSpecError.of(error))
        return None
    problems += parsed.repeated
    try:
        return SpecFile(name, DomainSpec.model_validate(parsed.data), line_numbers(parsed.text))
    except ValidationError as error:
        told = explain(error, parsed.text, name, DomainSpec)
        sound = _sound_part(name, parsed.text, parsed.data, error)
        problems += told if sound else map(LostSpecError.of, told)
        return sound


def _sound_part(name: str, text: str, data: Any, error: ValidationError) -> SpecFile | None:
    """The file without what ``error`` is about; None where too little is left to plan."""
    if not isinstance(data, dict):
        return None
    sound, unreadable = copy.deepcopy(data) | {"version": 1}, set()
    for detail in error.errors():
        path = _culprit(detail["loc"])
        if _taken_out(sound, path):
            unreadable.add(_as_written(path))
    sound["keys"] = [key for key in sound.get("keys") or [] if key is not None]
    if not (sound.get("from") or sound.get("records") or sound.get("extends")):
        sound["from"] = _NOTHING
    try:
        spec = DomainSpec.model_validate(sound)
    except ValidationError:
        return None
    return SpecFile(name, spec, line_numbers(text), frozenset(unreadable))


_NOTHING = "nothing"
"""The raw table of a spec that names none, so that its lines can be checked."""


def _culprit(loc: Sequence[int | str]) -> tuple[int | str, ...]:
    """The line of the spec that a mistake is in, else the file's own key."""
    match list(loc):
        case ["variables" | "supplemental" as section, name, *_]:
            return (section, name)
        case ["records", int(at), "variables", name, *_]:
            return ("records", at, "variables", name)
        case ["records", int(at), key, *_]:
            return ("records", at, key)
        case ["keys", int(at), *_]:
            return ("keys", at)
        case [key, *_]:
            return (key,)
    return ()


def _as_written(path: Sequence[int | str]) -> tuple[str, ...]:
    return tuple(str(step + 1) if isinstance(step, int) else step for step in path)


def _taken_out(data: Any, path: Sequence[int | str]) -> bool:
    """Make a line or a key null, and remove anything else; whether a line stays known so."""
    if not path:
        return False
    *parents, last = path
    for step in parents:
        data = data[step]
    keep = parents and parents[-1] in {"variables", "supplemental", "keys"}
    if keep and (isinstance(last, int) or _NAME.fullmatch(last)):
        data[last] = None
        return True
    if isinstance(data, dict):
        data.pop(last, None)
    return False


_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,7}")


def line_numbers(text: str) -> dict[tuple[str, ...], int]:
    """Path of keys (list positions from 1) → line (from 1), for the upper levels of the file."""
    return dict(_walk(composed(text), ()))


_DEPTH = 4  # records / 1 / variables / NAME


def _walk(node: Node | None, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if len(path) == _DEPTH:
        return
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line + 1
            yield from _walk(value, (*path, key.value))
    elif isinstance(node, SequenceNode):
        for position, value in enumerate(node.value, start=1):
            yield (*path, str(position)), value.start_mark.line + 1
            yield from _walk(value, (*path, str(position)))
