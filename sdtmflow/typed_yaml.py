"""YAML files as frozen, typed models; a mistake is explained as ``file:line: path: what; remedy``.

A file is parsed once: what it says and where it says it come from the same nodes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from sdtmflow.errors import StudyError
from sdtmflow.yaml_words import expected, found, is_plain

M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """Base of everything that is read from YAML: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PlacedError(ValueError):
    """For validators of a whole model: a mistake at ``path`` below it, not at its first line."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path


class StudyErrors(StudyError):  # noqa: N818 — the plural of StudyError
    """Every mistake of one file at once, one line each."""

    def __init__(self, problems: Sequence[StudyError]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[object, ...]:
        return (StudyErrors, (self.problems,))


@dataclass(frozen=True, slots=True)
class Parsed:
    """A YAML file as plain data, before it is anything in particular."""

    name: str
    """What messages call the file."""
    text: str
    data: Any
    repeated: tuple[StudyError, ...] = ()
    """Keys that stand twice in one mapping; the last one is in ``data``."""


def load_yaml(path: Path, model: type[M], *, name: str = "") -> M:
    """Read ``path`` as ``model``; ``name`` is what messages call the file (default: its name).

    Raises StudyError where the file is missing or no YAML, StudyErrors with every mistake found.
    """
    parsed = parse_yaml(path, name)
    problems = list(parsed.repeated)
    try:
        made = model.model_validate(parsed.data)
    except ValidationError as error:
        problems += explain(error, parsed.text, parsed.name, model)
    if problems:
        raise StudyErrors(problems)
    return made


def parse_yaml(path: Path, name: str = "") -> Parsed:
    """The file's data; an empty file is an empty mapping. Raises StudyError for what is no YAML."""
    name = name or path.name
    text = _read_text(path, name)
    try:
        data, repeated = _loaded(text, name)
    except MarkedYAMLError as error:
        raise _syntax_error(error, name) from None
    except YAMLError as error:
        raise StudyError(str(error).splitlines()[0], place=name) from None
    return Parsed(name, text, {} if data is None else data, repeated)


def _loaded(text: str, name: str) -> tuple[Any, tuple[StudyError, ...]]:
    root = composed(text)
    try:
        return _constructed(text), ()
    except DuplicateKeyError:
        return _constructed(text, allow_duplicate_keys=True), tuple(_repeated(root, name))


def _constructed(text: str, *, allow_duplicate_keys: bool = False) -> Any:
    """What the text's nodes say; a merge would change them, so then they are made anew."""
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = allow_duplicate_keys
    root = yaml.compose(text) if "<<" in text else composed(text)
    return None if root is None else yaml.constructor.construct_document(root)


def _repeated(node: Node | None, name: str) -> Iterator[StudyError]:
    """Every key that a mapping below ``node`` has already."""
    if isinstance(node, MappingNode):
        first: dict[str, Node] = {}
        for key, value in node.value:
            before = first.setdefault(str(key.value), key)
            if before is not key:
                yield StudyError(
                    f"'{key.value}' stands already at line {before.start_mark.line + 1}",
                    place=f"{name}:{key.start_mark.line + 1}",
                    remedy="keep one of the two",
                )
            yield from _repeated(value, name)
    elif isinstance(node, SequenceNode):
        for value in node.value:
            yield from _repeated(value, name)


@lru_cache(maxsize=64)
def composed(text: str) -> Node | None:
    """The text's nodes with their lines, made once however often they are asked for."""
    root: Node | None = YAML(typ="safe", pure=True).compose(text)
    return root


def place_of(path: Path, *loc: str | int) -> str:
    """Where a sound file says something: ``study.yaml:12: standards.ct``."""
    return _place(path.name, *_locate(composed(_read_text(path, path.name)), loc))


def explain(
    error: ValidationError, text: str, name: str, model: type[BaseModel]
) -> list[StudyError]:
    """Each mistake of ``error`` with its line in ``text``."""
    root = composed(text)
    return [_explained(detail, root, name, model) for detail in _telling(error.errors(), root)]


def _telling(details: Sequence[ErrorDetails], root: Node | None) -> list[ErrorDetails]:
    """Of a value that fits no form of several, only the forms that it comes near to.

    Where it comes near to none, one mistake stands for all of them.
    """
    at = [tuple(_locate(root, detail["loc"])[1]) for detail in details]
    told, whole = [], set()
    for detail, path in zip(details, at, strict=True):
        if not _is_wrong_form(detail):
            told.append(detail)
        elif path not in whole and not _comes_near(path, details, at):
            whole.add(path)
            told.append(detail)
    return told


def _is_wrong_form(detail: ErrorDetails) -> bool:
    return detail["type"].endswith(("_type", "_parsing", "_from_float", "_inexact"))


def _comes_near(
    path: tuple[str | int, ...],
    details: Sequence[ErrorDetails],
    at: Sequence[tuple[str | int, ...]],
) -> bool:
    """Whether another form takes the value at ``path``, but for something in it or its text."""
    size = len(path)
    return any(
        other[:size] == path and (len(other) > size or not _is_wrong_form(detail))
        for detail, other in zip(details, at, strict=True)
    )


def _read_text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise StudyError(
            "the file is missing", place=name, remedy="create it, or run `sdtmflow init`"
        ) from None
    except UnicodeDecodeError:
        raise StudyError(
            "the file is not UTF-8 text", place=name, remedy="save it as UTF-8"
        ) from None


def _syntax_error(error: MarkedYAMLError, name: str) -> StudyError:
    mark = error.problem_mark or error.context_mark
    line = f":{mark.line + 1}" if mark else ""
    problem = " ".join(str(error.problem or error.context or "not valid YAML").split())
    return StudyError(problem, place=f"{name}{line}", remedy="correct the YAML syntax")


def _explained(
    detail: ErrorDetails, root: Node | None, name: str, model: type[BaseModel]
) -> StudyError:
    cause = detail.get("ctx", {}).get("error")
    loc = (*detail["loc"], *(cause.path if isinstance(cause, PlacedError) else ()))
    line, path = _locate(root, loc)
    message, remedy = _in_plain_words(detail, model, path)
    return StudyError(message, place=_place(name, line, path), remedy=remedy)


def _place(name: str, line: int, path: Sequence[str | int]) -> str:
    """``study.yaml:12: sources.edc.dates.2``: list positions from 1."""
    steps = [str(step + 1) if isinstance(step, int) else step for step in path]
    return f"{name}:{line}: {'.'.join(steps)}" if steps else f"{name}:{line}"


def _locate(node: Node | None, loc: Sequence[int | str]) -> tuple[int, list[str | int]]:
    """Line (1-based) of the deepest node on the way to ``loc``, and the way through the file.

    Pydantic puts names of union members into ``loc``; what is no key of the file is skipped.
    """
    line = node.start_mark.line + 1 if node else 1
    path: list[str | int] = []
    for step in loc:
        if isinstance(node, MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if found:
                key, node = found[0]
                line = key.start_mark.line + 1
                path.append(str(step))
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
            path.append(step)
    return line, path


def _in_plain_words(
    detail: ErrorDetails, model: type[BaseModel], path: Sequence[str | int]
) -> tuple[str, str]:
    """What is wrong, and what to write."""
    kind, limits = detail["type"], detail.get("ctx", {})
    if kind in {"extra_forbidden", "missing"}:
        return _of_key(detail, model)
    if kind == "literal_error" and not isinstance(detail["input"] or None, list | dict | None):
        return _of_choices(str(detail["input"]), limits["expected"])
    if kind in _BOUNDS:
        return _of_bounds(detail)
    if kind == "value_error" or "problem" in limits:
        message, _, remedy = detail["msg"].removeprefix("Value error, ").partition("; ")
        return message[:1].lower() + message[1:], remedy
    return _of_form(detail, expected(model, path))


def _of_key(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    *way, key = detail["loc"]
    if detail["type"] == "missing":
        return f"'{key}' is missing", "add it"
    return f"unknown key '{key}'", _nearest(str(key), _known_keys(model, way))


def _of_bounds(detail: ErrorDetails) -> tuple[str, str]:
    given, (what, remedy, limit) = detail["input"], _BOUNDS[detail["type"]]
    if given in ("", [], {}):
        return "nothing is written here", "write what is meant, or leave the key out"
    shown = "this" if isinstance(given, list | dict) else given
    shown = f"'{given}'" if isinstance(given, str) else shown
    return f"{shown} is {what}", remedy.format(detail["ctx"][limit])


_BOUNDS = {
    "less_than_equal": ("too much", "write {} or less", "le"),
    "greater_than_equal": ("too little", "write {} or more", "ge"),
    "string_too_long": ("too long", "write at most {} characters", "max_length"),
    "string_too_short": ("too short", "write at least {} characters", "min_length"),
    "too_short": ("too short", "write at least {} of them", "min_length"),
    "too_long": ("too long", "write at most {} of them", "max_length"),
}
"""Pydantic's kind of mistake → what is wrong, what to write, and the name of the limit."""


def _of_form(detail: ErrorDetails, words: str) -> tuple[str, str]:
    """A value of a form that the place does not take."""
    given = detail["input"]
    if detail["loc"] and detail["loc"][-1] == "[key]":
        return f"the key {given} is no text", "put it in quotes"
    if is_plain(given) and detail["type"] == "string_type":
        return f"{found(given)} stands where text is meant", "put it in quotes"
    remedy = f"write {words}" if words else "correct or remove it"
    if given in (None, ""):
        return "nothing stands here", remedy
    here = f"'{given}'" if isinstance(given, str) else found(given)
    return f"{here} cannot stand here", remedy


def _of_choices(given: str, expected: str) -> tuple[str, str]:
    """``expected`` is pydantic's ``'a', 'b' or 'c'``."""
    choices = [part.strip("'") for part in expected.replace(" or ", ", ").split(", ")]
    near = difflib.get_close_matches(given, choices, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"write one of: {', '.join(choices)}"
    return f"'{given}' is not known here", remedy


def _nearest(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known keys: {', '.join(known)}" if known else "remove it"


def _known_keys(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    """The field names of the model that ``loc`` leads to (best effort through containers)."""
    models = [model]
    for step in loc:
        deeper = [
            found
            for candidate in models
            if str(step) in _fields(candidate)
            for found in _models_in(
                candidate.model_fields[_fields(candidate)[str(step)]].annotation
            )
        ]
        models = deeper or models
    return sorted({key for candidate in models for key in _fields(candidate)})


def _fields(model: type[BaseModel]) -> dict[str, str]:
    return {field.alias or name: name for name, field in model.model_fields.items()}


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]
