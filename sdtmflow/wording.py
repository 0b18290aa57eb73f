"""How counts are said, on screens and in findings."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """``1 codelist``, ``1,158 codelists``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def size_text(size: int) -> str:
    """Bytes as people say them: ``1.4 MB``."""
    units = ("B", "kB", "MB", "GB", "TB")
    power = min((len(str(size)) - 1) // 3, len(units) - 1)
    return f"{size / 1000**power:.{1 if power else 0}f} {units[power]}"
