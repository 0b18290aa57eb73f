"""What a place of a YAML file takes, and what stands there, in the words of the manual."""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Said:
    """In ``Annotated``: what people call such a value (``a raw column or a variable``)."""

    words: str


_SIMPLE = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dt.date: "a date such as 2026-01-31",
    Any: "anything",
}
_SHOWN_KEYS = 8
"""A map with more keys is not listed; the manual has them."""


def expected(root: type[BaseModel], path: Sequence[str | int]) -> str:
    """What the place at ``path`` takes: ``text, or a map with of, where``; "" if unknown."""
    words = [_words(annotation) for annotation in annotations_at(root, path)]
    distinct = list(dict.fromkeys(word for each in words for word in each))
    if {"a whole number", "a number"} <= set(distinct):
        distinct.remove("a whole number")
    return _either(distinct)


def words_of(annotation: Any) -> str:
    """What a value of this type is called: ``a number``, ``a list (each: text)``."""
    return _either(_words(annotation))


def found(value: Any) -> str:
    """What stands there, by its form alone: ``a list``."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    kinds = {dict: "a map", list: "a list", str: "text", dt.datetime: "a date with time"}
    kinds |= {dt.date: "a date", int: "a number", float: "a number"}
    return next((word for kind, word in kinds.items() if isinstance(value, kind)), "this")


def is_plain(value: Any) -> bool:
    """Whether quotes would make a text of it."""
    return isinstance(value, bool | int | float | dt.date)


def annotations_at(root: type[BaseModel], path: Sequence[str | int]) -> tuple[Any, ...]:
    """The types that the place may have: several where the way leads through a choice."""
    at: list[Any] = [root]
    for step in path:
        at = [deeper for annotation in at for deeper in _below(annotation, step)]
    return tuple(at)


def _below(annotation: Any, step: str | int) -> Iterator[Any]:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if str(step) == (field.alias or name):
                # The field's own metadata stand beside its annotation.
                yield typing.Annotated[field.annotation, *field.metadata, None]
    elif origin is typing.Annotated or _is_union(origin):
        for part in parts[:1] if origin is typing.Annotated else parts:
            yield from _below(part, step)
    elif origin is dict:
        yield parts[1]
    elif origin in (list, tuple):
        # A single entry may stand where a list of them is meant.
        yield from (parts[0],) if isinstance(step, int) else _below(parts[0], step)


def _is_union(origin: Any) -> bool:
    return origin in (typing.Union, types.UnionType)


def _words(annotation: Any) -> tuple[str, ...]:
    """Each form that the annotation allows, in words."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        said = [part.words for part in parts[1:] if isinstance(part, Said)]
        return tuple(said) or _words(parts[0])
    if _is_union(origin):
        return tuple(word for part in parts if part is not type(None) for word in _words(part))
    if origin is typing.Literal:
        return tuple(str(part) for part in parts)
    if origin in (list, tuple, dict):
        if origin is dict:
            return (f"a map (each value: {_either(_words(parts[1]))})",)
        return (f"a list (each: {_either(_words(parts[0]))})",)
    return _of_type(annotation)


def _of_type(kind: Any) -> tuple[str, ...]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return (_map_words(kind),)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return tuple(str(each.value) for each in kind)
    return (_SIMPLE.get(kind, "something else"),)


def _map_words(model: type[BaseModel]) -> str:
    said = getattr(model, "said", "")
    if said:
        return str(said)
    keys = [field.alias or name for name, field in model.model_fields.items()]
    return f"a map with {', '.join(keys)}" if len(keys) <= _SHOWN_KEYS else "a map"


def _either(words: Iterable[str]) -> str:
    """``a, b or c``; a comma before "or" where the words are many."""
    *others, last = list(dict.fromkeys(words)) or [""]
    comma = "," if any(len(word.split()) > _FEW_WORDS for word in (*others, last)) else ""
    return f"{', '.join(others)}{comma} or {last}" if others else last


_FEW_WORDS = 3
