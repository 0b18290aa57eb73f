"""How counts are said, on screens and in findings."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """``1 codelist``, ``1,158 codelists``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
