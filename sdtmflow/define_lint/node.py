"""An element of a define.xml by short names, and what the fields of a model are read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field, fields
from typing import Any, TypeVar

from sdtmflow.define_lint.reading import line_of, short
from sdtmflow.formats.define.xml import Element

NCI = "nci:ExtCodeID"
_READ = "read"
_Built = TypeVar("_Built")


class Node:
    """An element by short names (``def:leaf``, ``OID``), whichever edition it is of."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.tag = short(str(element.tag))
        self.line = line_of(element)
        self.attributes = {short(str(key)): str(value) for key, value in element.attrib.items()}

    def __call__(self, name: str) -> str:
        """An attribute; "" where it is absent."""
        return self.attributes.get(name, "")

    def children(self, *names: str) -> Iterator[Node]:
        """The children of these names, in their order."""
        for child in self.element:
            if isinstance(child.tag, str) and short(child.tag) in names:
                yield Node(child)

    def child(self, name: str) -> Node | None:
        """The first child of that name."""
        return next(self.children(name), None)

    def of(self, name: str, attribute: str) -> str:
        """An attribute of the first child of that name; "" where there is none."""
        child = self.child(name)
        return child(attribute) if child else ""

    def all(self, name: str, build: Callable[[Node], _Built]) -> tuple[_Built, ...]:
        """Every child of that name, built."""
        return tuple(build(child) for child in self.children(name))

    def text(self, name: str = "Description") -> str:
        """The text of a child, its translations joined."""
        child = self.child(name)
        return (
            "" if child is None else " ".join("".join(map(str, child.element.itertext())).split())
        )


def built(kind: type[_Built], node: Node) -> _Built:
    """A model whose fields say what they are read from; the first is the line."""
    _, *others = fields(kind)  # type: ignore[arg-type]
    values = (each.metadata[_READ](node) for each in others)
    return kind(node.line, *values)  # type: ignore[call-arg]  # the fields of kind


def read(how: Callable[[Node], object]) -> Any:
    """A field that is read as ``how`` says."""
    return field(metadata={_READ: how})


def said(name: str) -> Any:
    """A field that is an attribute."""
    return read(lambda node: node(name))


def text(name: str = "Description") -> Any:
    """A field that is the text of a child."""
    return read(lambda node: node.text(name))


def every(names: str | tuple[str, ...], kind: type[Any]) -> Any:
    """A field that is all children of these names."""
    wanted = (names,) if isinstance(names, str) else names
    return read(lambda node: tuple(built(kind, child) for child in node.children(*wanted)))


def first(name: str, kind: type[Any]) -> Any:
    """A field that is the first child of that name, None where there is none."""
    return read(lambda node: next((built(kind, child) for child in node.children(name)), None))


def nci_code(node: Node) -> str:
    """The NCI code in the aliases."""
    codes = (alias("Name") for alias in node.children("Alias") if alias("Context") == NCI)
    return next(codes, "")
