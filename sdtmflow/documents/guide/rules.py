"""Rules in words that hold no value of any record."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_TEXTS = Path(__file__).with_name("rule_texts.csv")
_ELSE = "…"
_VALUE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([a-z_]+)")


def rule_text(rule: str, of_study: Mapping[str, tuple[str, ...]]) -> str:
    """What a rule says.

    ``of_study`` are the messages of the study's own suites, in which ``{COLUMN}`` stands for the
    record's value and stays as a name; a finding's own message would tell the value. Of several
    messages that differ, what they have in common is kept, and ``…`` stands for the rest.
    """
    shared = _shared(of_study[rule]) if rule in of_study else _ELSE
    if shared != _ELSE:
        return _VALUE.sub(lambda found: f"[{found[1] or found[2]}]", shared)
    return _texts().get(rule) or rule.replace("_", " ").capitalize()


def _shared(messages: tuple[str, ...]) -> str:
    """What all messages say; ``…`` where they differ, and from where they have another length."""
    if len(messages) == 1:
        return messages[0]
    words = [message.split() for message in messages]
    length = min(map(len, words))
    kept = [
        here[0] if len(set(here)) == 1 else _ELSE
        for here in zip(*(one[:length] for one in words), strict=True)
    ]
    if any(len(one) != length for one in words):
        common = kept.index(_ELSE) if _ELSE in kept else length
        kept = [*kept[:common], _ELSE]
    return " ".join(word for word, _ in itertools.groupby(kept))


@cache
def _texts() -> dict[str, str]:
    with _TEXTS.open(encoding="utf-8", newline="") as file:
        return {row["rule"]: row["text"] for row in csv.DictReader(file)}
