"""A value as people write it in a spec: YAML's flow style, on one line."""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_](?:[\w .;()/<>'-]*[\w.;()/<>'-])?")
"""Texts that YAML reads as they are; others are written in double quotes."""
_WORDS = {"null", "true", "false"}
"""Texts that YAML reads as something else than text."""


def flow(value: Any) -> str:
    """``{assign_ct: AESEV, codelist: AESEV}``; what it gives, YAML reads as the same value."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
