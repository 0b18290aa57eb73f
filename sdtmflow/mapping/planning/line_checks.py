"""What is wrong with a line in itself: keys without effect, types, lengths, labels, patterns."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.mapping.planning.derivations import takes_a_frame
from sdtmflow.mapping.planning.plan import PlannedLine
from sdtmflow.mapping.planning.planned_terms import literals
from sdtmflow.mapping.spec import Line
from sdtmflow.mapping.values import dates
from sdtmflow.mapping.values.conditions import regex_groups

Mistake = tuple[str, str]
"""What is wrong, and what to write."""

LABEL_LIMIT = 40
"""Characters of a label in an XPT file of version 5."""
_NUMERIC_LENGTH = 8
_SHORT = {"TESTCD": 8, "PARMCD": 8, "ETCD": 8, "ARMCD": 20}
"""Variables whose values have a limit of their own (SDTMIG 3.4, 4.2.1), by the end of the name."""

EFFECT: dict[str, frozenset[str]] = {
    "formats": frozenset({"datetime", "lookup", "coalesce"}),
    "unknown": frozenset({"datetime", "lookup", "coalesce"}),
    "year_cutoff": frozenset({"datetime", "lookup", "coalesce"}),
    "pattern": frozenset({"assign", "coalesce", "concat", "lookup", "case"}),
    "upper": frozenset({"assign", "coalesce", "concat", "lookup", "case"}),
    "terms": frozenset({"assign_ct", "lookup", "case", "coalesce", "multiple"}),
    "needs": frozenset({"derive"}),
}
"""Key of a line → the verbs that heed it; keys that are not named here suit every verb."""
_NUMBERS = frozenset({"sequence", "study_day"})
_TEXTS = frozenset(
    {"datetime", "epoch", "earliest", "latest", "baseline"}
    | {"duration", "range_indicator", "multiple"}
)
_GIVES = {"VISITNUM": "Num", "VISITDY": "Num", "VISIT": "Char"} | {
    "number": "Num",
    "text": "Char",
    "unit": "Char",
}
"""What ``give`` of a visit or a conversion makes."""


def mistakes_of(line: PlannedLine) -> Iterator[Mistake]:
    """Every mistake that the line alone shows."""
    yield from _without_effect(line)
    yield from _formats(line.line)
    yield from _type(line)
    yield from _literal_values(line)
    yield from _metadata(line)
    yield from _pattern(line.line)
    yield from _branches(line.line)
    yield from _derivation(line)


def _without_effect(line: PlannedLine) -> Iterator[Mistake]:
    for key, verbs in EFFECT.items():
        if getattr(line.line, key) and line.line.verb not in verbs:
            yield (
                f"'{key}' has no effect on {line.line.verb}",
                f"remove it, or use {' or '.join(sorted(verbs))}",
            )
    if line.line.evaluator and not line.supplemental:
        yield "'evaluator' has an effect on supplemental qualifiers only", "remove it"


def _formats(line: Line) -> Iterator[Mistake]:
    for format_ in line.formats:
        try:
            dates.check([format_], line.year_cutoff)
        except dates.FormatError as error:
            message, _, remedy = str(error).partition("; ")
            yield message, remedy


def _type(line: PlannedLine) -> Iterator[Mistake]:
    wanted = "Num" if line.numeric else "Char"
    made = _made_type(line.line)
    if made and made != wanted and not line.supplemental:
        words = {"Num": "a number", "Char": "text"}
        yield (
            f"{line.variable} is {words[wanted]}, and {line.line.verb} makes {words[made]}",
            "use another verb, or correct the variable",
        )
    declared = line.line.type
    if declared and (declared in {"integer", "float"}) != line.numeric:
        yield (
            f"type {declared} does not suit {line.variable}, which is {line.facts.type}",
            "write integer or float" if line.numeric else "write text, or a kind of date",
        )


def _made_type(line: Line) -> str:
    """The type that the verb makes; empty where it makes what the variable wants."""
    give = getattr(getattr(line, line.verb), "give", None)
    if give in _GIVES:
        return _GIVES[give]
    if line.verb in _NUMBERS:
        return "Num"
    return "Char" if line.verb in _TEXTS else ""


def _literal_values(line: PlannedLine) -> Iterator[Mistake]:
    for value in literals(line.line):
        text = str(value)
        if line.numeric and not _is_number(text):
            yield f"{line.variable} is a number, and '{text}' is none", "write a number"
        elif not line.numeric:
            yield from _too_long(line, text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _too_long(line: PlannedLine, text: str) -> Iterator[Mistake]:
    size = len(text.encode())
    if line.line.length and size > line.line.length:
        yield (
            f"length {line.line.length} is too small for '{text}'",
            f"write {size} or more, or leave it out",
        )
    limit = next((n for end, n in _SHORT.items() if line.variable.endswith(end)), 0)
    if limit and size > limit:
        yield f"'{text}' is longer than the {limit} characters of {line.variable}", "shorten it"


def _metadata(line: PlannedLine) -> Iterator[Mistake]:
    label = line.line.label
    yield from label_mistakes(label)
    if line.supplemental and not label:
        yield (
            f"the qualifier {line.variable} needs a label of 1 to {LABEL_LIMIT} characters",
            "add 'label: …'",
        )
    if line.numeric and line.line.length > _NUMERIC_LENGTH:
        yield f"a number has a length of at most {_NUMERIC_LENGTH}", "leave 'length' out"
    if line.line.significant_digits is not None and line.line.significant_digits < 0:
        yield "'significant_digits' is negative", "write 0 or more"


def label_mistakes(label: str) -> Iterator[Mistake]:
    """What an XPT file cannot hold of a label."""
    if len(label) > LABEL_LIMIT:
        yield (
            f"a label has at most {LABEL_LIMIT} characters, this one {len(label)}",
            "shorten it",
        )
    if not label.isascii():
        strange = next(char for char in label if not char.isascii())
        yield f"the label has the character '{strange}'", "write it in plain ASCII"


def _pattern(line: Line) -> Iterator[Mistake]:
    if not line.pattern:
        return
    try:
        groups = regex_groups(line.pattern)
    except ValueError as error:
        message, _, remedy = str(error).partition("; ")
        yield message, remedy
    else:
        if not groups:
            yield "the pattern has no group", "put what is to be kept into parentheses"


def _branches(line: Line) -> Iterator[Mistake]:
    branches = line.case or []
    for at, branch in enumerate(branches, start=1):
        said = branch.model_fields_set
        if branch.when is None and "else_" not in said:
            yield f"branch {at} has no condition", "write {when: …, then: …}, or {else: …}"
        elif branch.when is not None and "else_" in said:
            yield (
                f"branch {at} has both 'when' and 'else'",
                "make {else: …} a branch of its own",
            )
        elif branch.when is not None and "then" not in said:
            yield f"branch {at} has no 'then'", "write {when: …, then: …}; null leaves it missing"
        elif branch.when is None and at < len(branches):
            yield "branches after 'else' are never reached", "put {else: …} last"


def _derivation(line: PlannedLine) -> Iterator[Mistake]:
    function = line.function
    if function is not None and not takes_a_frame(function):
        yield (
            f"'{function.name}' ({function.place}) does not take one argument",
            "write def name(records): …",
        )
