"""Texts of a USDM file in plain words: markup taken off, references filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from sdtmflow.usdm.model import Template

_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


def plain(template: Template, objects: Mapping[str, Mapping[str, Any]]) -> tuple[str, list[str]]:
    """The text, and the references that lead nowhere (they stand in it as ``[name]``)."""
    reader = _Reader(_references(template, objects))
    reader.feed(template.text)
    reader.close()
    return " ".join("".join(reader.parts).split()), reader.open


class _Reader(HTMLParser):
    """Collects text; a ``usdm:tag`` becomes what it refers to."""

    def __init__(self, references: Mapping[str, str]) -> None:
        super().__init__()
        self.references = references
        self.parts: list[str] = []
        self.open: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("name") or ""
        if tag != "usdm:tag":
            self.parts.append(" " if tag in {"p", "br", "li", "div", "ul", "ol"} else "")
        elif name in self.references:
            self.parts.append(self.references[name])
        else:
            self.parts.append(f"[{name}]")
            self.open.append(name)


def _references(template: Template, objects: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Tag → text, by the template's dictionary."""
    dictionary = objects.get(template.dictionary_id, {})
    found = {
        entry["tag"]: _referred(str(entry.get("reference", "")), objects)
        for entry in dictionary.get("parameterMaps") or []
    }
    return {tag: text for tag, text in found.items() if text}


def _referred(reference: str, objects: Mapping[str, Mapping[str, Any]]) -> str:
    """``<usdm:ref klass="Range" id="Range_1" attribute="minValue"/>`` → what stands there."""
    if "usdm:ref" not in reference:
        return reference
    named = dict(_ATTRIBUTE.findall(reference))
    return _said(objects.get(named.get("id", ""), {}).get(named.get("attribute", "")))


def _said(value: Any) -> str:
    """A text or a number; of a quantity its value and unit; else nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    if isinstance(value, dict) and isinstance(value.get("value"), int | float):
        unit = ((value.get("unit") or {}).get("standardCode") or {}).get("decode", "")
        return f"{number_text(value['value'])} {unit}".strip()
    return ""


def number_text(value: float) -> str:
    """A whole number without a point."""
    return str(int(value)) if value == int(value) else str(value)
