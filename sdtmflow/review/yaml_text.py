"""The smallest change of a YAML text: comments, layout and everything else stay as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from sdtmflow.mapping.values.flow_text import flow
from sdtmflow.typed_yaml import composed

Path = Sequence[str]
"""Keys from the top; positions in lists from 1."""


def set_value(text: str, path: Path, value: Any) -> str:
    """The text with ``value`` at ``path``: the key's value replaced, or the key added.

    Of a mapping that stays a mapping only the keys that differ are touched.
    """
    key, node = _find(text, path)
    if key is None or node is None:
        return _added(text, path, value)
    if isinstance(node, MappingNode) and isinstance(value, dict):
        return _changed_mapping(text, path, node, value)
    start, end = key.end_mark.index, _end(node, key)
    gap = re.match(r":[ \t]*(?=\S)", text[start:end])
    return text[:start] + (gap.group() if gap else ": ") + flow(value) + text[end:]


def remove(text: str, path: Path) -> str:
    """The text without the key at ``path`` and, if it was the last of its section, without that."""
    *above, name = path
    key, node = _find(text, path)
    parent = _find(text, above)[1] if above else _root(text)
    if key is None or node is None or not isinstance(parent, MappingNode):
        return text
    if above and len(parent.value) == 1:
        return remove(text, above)
    if parent.flow_style:
        kept = {k: v for k, v in _data(text, above).items() if k != name}
        start, end = parent.start_mark.index, parent.end_mark.index
        return text[:start] + flow(kept) + text[end:]
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    end = text.find("\n", _end(node, key))
    return text[:start] + (text[end + 1 :] if end >= 0 else "")


def _changed_mapping(text: str, path: Path, node: MappingNode, value: dict[str, Any]) -> str:
    now = _data(text, path)
    gone = [name for name in now if name not in value]
    if node.flow_style and gone:
        start, end = node.start_mark.index, node.end_mark.index
        return text[:start] + flow(value) + text[end:]
    for name, wanted in value.items():
        if name not in now or now[name] != wanted:
            text = set_value(text, [*path, name], wanted)
    for name in gone:
        text = remove(text, [*path, name])
    return text


def _added(text: str, path: Path, value: Any) -> str:
    *above, name = path
    parent = _find(text, above)[1] if above else _root(text)
    if above and not isinstance(parent, MappingNode):
        return _new_section(text, above, {name: value})
    if not isinstance(parent, MappingNode):
        return f"{flow(name)}: {flow(value)}\n"
    if parent.flow_style:
        at = parent.end_mark.index - 1
        comma = ", " if parent.value else ""
        return f"{text[:at]}{comma}{flow(name)}: {flow(value)}{text[at:]}"
    key, last = parent.value[-1]
    at, indent = _end(last, key), " " * key.start_mark.column
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return f"{text[:end]}\n{indent}{_padded(parent, name)}{flow(value)}{text[end:]}"


def _padded(parent: MappingNode, name: str) -> str:
    """``NAME:   `` as far out as its neighbours' values."""
    starts = {
        value.start_mark.column - key.start_mark.column
        for key, value in parent.value
        if key.start_mark.line == value.start_mark.line
    }
    width = starts.pop() if len(starts) == 1 else 0
    return f"{flow(name)}:".ljust(width - 1) + " "


def _new_section(text: str, above: Path, entries: dict[str, Any]) -> str:
    """A section that is not there, or has nothing in it, with its first entries."""
    key, _ = _find(text, above)
    lines = "".join(f"\n  {flow(name)}: {flow(value)}" for name, value in entries.items())
    if key is not None:
        at = text.find(":", key.end_mark.index) + 1
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        return text[:at] + lines + text[end:]
    gap = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{gap}{above[0]}:{lines}\n"


def _root(text: str) -> Node | None:
    return composed(text)


def _data(text: str, path: Path) -> Any:
    data = YAML(typ="safe", pure=True).load(text)
    for step in path:
        data = data[int(step) - 1] if isinstance(data, list) else data[step]
    return data


def _find(text: str, path: Path) -> tuple[Node | None, Node | None]:
    """Key and value at the path; no key for an element of a list."""
    key: Node | None = None
    node = _root(text)
    for step in path:
        key, node = _step(node, step)
        if node is None:
            return None, None
    return key, node


def _step(node: Node | None, step: str) -> tuple[Node | None, Node | None]:
    if isinstance(node, MappingNode):
        found = [(key, value) for key, value in node.value if key.value == step]
        return found[0] if found else (None, None)
    if isinstance(node, SequenceNode) and step.isdigit() and int(step) <= len(node.value):
        return None, node.value[int(step) - 1]
    return None, None


def _end(node: Node, key: Node) -> int:
    """Where the value's own text ends, without the blank lines and comments after it."""
    if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1], last[0]) if isinstance(last, tuple) else _end(last, last)
    end = int(node.end_mark.index)
    if getattr(node, "style", None) in {"|", ">"}:  # a block scalar ends before the next line
        end -= len(node.end_mark.buffer[:end]) - len(node.end_mark.buffer[:end].rstrip())
    return max(end, int(key.end_mark.index))
