"""The spec files of a folder, with the line at which each of their keys stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from sdtmflow.errors import StudyError
from sdtmflow.mapping.spec import DomainSpec
from sdtmflow.typed_yaml import StudyErrors, load_yaml


@dataclass(frozen=True, slots=True)
class SpecFile:
    """One file: its name with its folder's, what it says, and where."""

    name: str
    spec: DomainSpec
    lines: Mapping[tuple[str, ...], int]

    def place(self, *path: str) -> str:
        """``mappings/ae.yaml:14`` for the key at ``path`` (list positions from 1)."""
        return f"{self.name}:{self.lines.get(path, 1)}"


def spec_files(folder: Path, problems: list[StudyError]) -> Iterator[SpecFile]:
    """The folder's specs by file name; mistakes go to ``problems`` instead."""
    for path in sorted(folder.glob("*.yaml")):
        name = f"{folder.name}/{path.name}"
        try:
            spec = load_yaml(path, DomainSpec, name=name)
        except StudyErrors as errors:
            problems.extend(errors.problems)
        except StudyError as error:
            problems.append(error)
        else:
            yield SpecFile(name, spec, _line_numbers(path))


def _line_numbers(path: Path) -> dict[tuple[str, ...], int]:
    """Path of keys (list positions from 1) → line (from 1), for the upper levels of the file."""
    root = YAML().compose(path.read_text(encoding="utf-8-sig"))
    return dict(_walk(root, ()))


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
