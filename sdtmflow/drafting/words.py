"""Words of names and labels, and how far two of them mean the same."""

from __future__ import annotations

import re

_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "as",
        "at",
        "by",
        "did",
        "do",
        "does",
        "for",
        "from",
        "has",
        "have",
        "if",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "please",
        "the",
        "specify",
        "subject",
        "patient",
        "participant",
        "study",
        "this",
        "to",
        "was",
        "were",
        "what",
        "when",
        "which",
        "who",
        "with",
        "yes",
        "no",
        "date",
        "description",
        "time",
        "text",
        "result",
        "term",
        "name",
        "variable",
        "reported",
        "collected",
    ]
)
_SAME = {
    "begin": "start", "began": "start", "onset": "start", "first": "start", "started": "start",
    "stop": "end", "stopped": "end", "last": "end", "resolution": "end", "ended": "end",
    "gender": "sex", "dob": "birth", "born": "birth",
    "causality": "causality", "relationship": "causality", "related": "causality",
    "severity": "severity", "intensity": "severity", "grade": "toxicity",
    "drug": "treatment", "medication": "treatment", "therapy": "treatment", "med": "treatment",
    "freq": "frequency", "units": "unit", "indicated": "indication", "reason": "reason",
    "serious": "serious", "seriousness": "serious", "consent": "consent", "informed": "consent",
    "hospitalization": "hospital", "hospitalisation": "hospital", "hospitalised": "hospital",
    "hospitalized": "hospital", "hosp": "hospital", "life": "threatening",
    "died": "death", "fatal": "death", "dead": "death", "disability": "disability",
    "disab": "disability", "incapacity": "disability", "congenital": "congenital",
    "cong": "congenital", "diagnosis": "condition", "illness": "condition", "soc": "organ",
    "coded": "derived", "pt": "derived", "preferred": "derived", "ethnicity": "ethnic",
    "daily": "", "verbatim": "",
}  # fmt: skip
"""Word of a form → the word that the guide's labels use, where they differ."""


def words(text: str) -> frozenset[str]:
    """The telling words of a name or label, in the guide's own words."""
    split = re.sub(r"([a-z])([A-Z])", r"\1 \2", text.removeprefix("Description of "))
    found = re.findall(r"[a-z]+", split.lower())
    whole = (part for word in found for part in _uncoded(word))
    same = (_SAME.get(word, word) for word in whole if word not in _STOP)
    return frozenset(word for word in same if len(word) > 1)


def _uncoded(word: str) -> tuple[str, ...]:
    """``armcd`` says arm and code."""
    return (word[:-2], "code") if word.endswith("cd") and len(word) > len("xcd") else (word,)


_OPPOSITE = frozenset(["non"])
"""Words that make a label mean the contrary of the same label without them."""


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """0 (no word shared) to 1 (the same words); ``one`` is what a form says, often in short."""
    shared = len(one & other)
    if not shared or _OPPOSITE & (one ^ other):
        return 0.0
    alike, within = 2 * shared / (len(one) + len(other)), shared / len(one)
    return (alike + within) / 2
