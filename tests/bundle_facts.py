"""What the maker of a bundle knows of it, where a test does not care: made from nothing."""

from __future__ import annotations

import hashlib
from typing import Any

from sdtmflow.bundle import BundleFacts, Code


def facts_of(name: str, **known: Any) -> BundleFacts:
    """The facts of run ``name``, from inputs of its own; ``known`` are those that matter here."""
    unknown: dict[str, Any] = {
        "inputs_key": hashlib.sha256(name.encode()).hexdigest(),
        "run": name,
        "created": "2026-03-01T12:00:00+00:00",
        "inputs": (),
        "specs": {},
        "suites": {},
        "standards": {},
        "code": Code(version="0", sha256="0" * 64),
        "findings": {},
    }
    return BundleFacts(**{**unknown, **known})
