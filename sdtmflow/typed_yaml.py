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
    line, found = _locate(composed(_read_text(path, path.name)), loc)
    return f"{path.name}:{line}: {found}"


def explain(
    error: ValidationError, text: str, name: str, model: type[BaseModel]
) -> list[StudyError]:
    """Each mistake of ``error`` with its line in ``text``."""
    root = composed(text)
    return [_explained(detail, root, name, model) for detail in _telling(error.errors())]


def _telling(details: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Of a value that fits no form of several, only the forms that it comes near to."""
    wrong_form = {"string_type", "dict_type", "list_type", "model_type", "model_attributes_type"}
    near = {_place_of(detail) for detail in details if detail["type"] not in wrong_form}
    return [
        detail
        for detail in details
        if detail["type"] not in wrong_form or _place_of(detail) not in near
    ]


def _place_of(detail: ErrorDetails) -> tuple[int | str, ...]:
    """The way to the value, without the name of the form that was tried."""
    return tuple(detail["loc"][:-1])


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
    message, remedy = _in_plain_words(detail, model)
    place = f"{name}:{line}: {path}" if path else f"{name}:{line}"
    return StudyError(message, place=place, remedy=remedy)


def _locate(node: Node | None, loc: Sequence[int | str]) -> tuple[int, str]:
    """Line (1-based) of the deepest node on the way to ``loc``, and the path in YAML's own words.

    Pydantic puts names of union members into ``loc``; what is no key of the file is skipped.
    """
    line, path = (node.start_mark.line + 1 if node else 1), []
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
            path.append(str(step + 1))
    return line, ".".join(path)


def _in_plain_words(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    if detail["type"] == "extra_forbidden":
        key = str(detail["loc"][-1])
        return f"unknown key '{key}'", _nearest(key, _known_keys(model, detail["loc"][:-1]))
    if detail["type"] == "missing":
        return f"'{detail['loc'][-1]}' is missing", "add it"
    if detail["type"] == "literal_error":
        return _of_choices(str(detail["input"]), detail["ctx"]["expected"])
    if detail["type"] == "less_than_equal":
        return f"{detail['input']} is too much", f"write {detail['ctx']['le']} or less"
    if detail["type"] == "greater_than_equal":
        return f"{detail['input']} is too little", f"write {detail['ctx']['ge']} or more"
    message = detail["msg"].removeprefix("Value error, ")
    message, _, remedy = message.partition("; ")
    return message[:1].lower() + message[1:], remedy or _REMEDIES.get(detail["type"], "")


_REMEDIES = {
    "string_type": "put it in quotes",
    "date_from_datetime_parsing": "write it as 2026-01-31",
    "date_type": "write it as 2026-01-31",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "float_parsing": "write a number",
    "bool_parsing": "write true or false",
}
"""What to do about a mistake that pydantic only names."""


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
