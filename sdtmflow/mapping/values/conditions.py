"""Conditions: ``AESER = 'Y' and (AESTDY > 3 or AEENDTC is missing)``; parsed, never evaluated.

Comparisons ``= != < <= > >=``, ``in ('a', 'b')``, ``not in``, ``is missing``, ``is not missing``,
``starts with 'x'``, ``contains 'x'``, ``matches 'regex'``; ``and``, ``or``, ``not``, parentheses.
ISO dates: ``before``, ``after``, ``on or before``, ``on or after``.
Keywords take any letter case. Texts stand in single or double quotes (doubled inside: ``'it''s'``).
A name that is no plain word stands in backquotes: ```IT.AE TERM```.

Logic has three values: a comparison with a missing value is unknown. Only ``is missing`` and
``is not missing`` never are. A record, a branch or a line is taken where its condition is *true*:
where it is false or unknown it is not.

| A | B | A and B | A or B | not A |
|---|---|---|---|---|
| true | true | true | true | false |
| true | false | false | true | false |
| true | unknown | unknown | true | false |
| false | false | false | false | true |
| false | unknown | false | unknown | true |
| unknown | unknown | unknown | unknown | unknown |

So ``AESER != 'Y'`` is not true where AESER is missing; write
``AESER != 'Y' or AESER is missing`` where that is meant.

Compared with a number (literal or numeric variable) a text counts as the number it says; one that
says none is unknown.

Dates are compared by day, and by time where both carry one. A partial date stands for every day
that it may mean: ``2024-02`` is before ``2024-03-15``, ``2024-03 before 2024-03-15`` is unknown.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from sdtmflow.mapping.values.days import before
from sdtmflow.mapping.values.numbers import number_of

_GRAMMAR = r"""
?start: either
?either: both ("or"i both)*
?both: negation ("and"i negation)*
?negation: "not"i negation -> negated
    | test
?test: operand COMPARE operand -> compared
    | operand DATED operand -> dated
    | operand "in"i "(" literal ("," literal)* ")" -> member
    | operand "not"i "in"i "(" literal ("," literal)* ")" -> stranger
    | operand "is"i "missing"i -> missing
    | operand "is"i "not"i "missing"i -> present
    | operand "starts"i "with"i TEXT -> starts
    | operand "contains"i TEXT -> contains
    | operand "matches"i TEXT -> matches
    | "(" either ")"
?operand: NAME -> name
    | QUOTED -> quoted
    | literal
?literal: TEXT -> text
    | NUMBER -> number
COMPARE: "=" | "!=" | "<=" | ">=" | "<" | ">"
DATED: /(on\s+or\s+)?(before|after)\b/i
NAME: /(?!(and|or|not|in|is)\b)[A-Za-z_][A-Za-z0-9_.]*/i
QUOTED: /`[^`]+`/
TEXT: /'(?:[^']|'')*'/ | /"(?:[^"]|"")*"/
NUMBER: /[+-]?\d+(\.\d+)?/
%ignore /\s+/
"""


class ConditionError(ValueError):
    """A condition that does not parse; the message says where."""


@dataclass(frozen=True, slots=True)
class Name:
    """A column, as the spec writes it."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or a number."""

    value: str | float


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left operator right``."""

    operator: str
    left: Name | Literal
    right: Name | Literal


@dataclass(frozen=True, slots=True)
class DateComparison:
    """``left before | after | on or before | on or after right``."""

    operator: str
    left: Name | Literal
    right: Name | Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """``operand in (values)``."""

    operand: Name | Literal
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """``operand is missing``."""

    operand: Name | Literal


@dataclass(frozen=True, slots=True)
class TextTest:
    """``operand starts with | contains | matches text``."""

    kind: str
    operand: Name | Literal
    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """``not part``."""

    part: Node


@dataclass(frozen=True, slots=True)
class All:
    """``a and b and …``."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """``a or b or …``."""

    parts: tuple[Node, ...]


Node = Comparison | DateComparison | Membership | Missing | TextTest | Not | All | Some


@dataclass(frozen=True, slots=True)
class Column:
    """What a name stands for in a frame."""

    expr: pl.Expr
    numeric: bool = False


class _Builder(Transformer[Token, Node]):
    """Parse tree → nodes; the methods are named after the grammar's rules."""

    def name(self, parts: list[Token]) -> Name:
        return Name(str(parts[0]))

    def quoted(self, parts: list[Token]) -> Name:
        return Name(str(parts[0])[1:-1])

    def text(self, parts: list[Token]) -> Literal:
        return Literal(_unquoted(parts[0]))

    def number(self, parts: list[Token]) -> Literal:
        return Literal(float(parts[0]))

    def compared(self, parts: list[Name | Literal | Token]) -> Comparison:
        left, operator, right = parts
        return Comparison(str(operator), left, right)  # type: ignore[arg-type]

    def dated(self, parts: list[Name | Literal | Token]) -> DateComparison:
        left, operator, right = parts
        return DateComparison(" ".join(str(operator).lower().split()), left, right)  # type: ignore[arg-type]

    def member(self, parts: list[Literal]) -> Membership:
        return Membership(parts[0], tuple(parts[1:]))

    def stranger(self, parts: list[Literal]) -> Not:
        return Not(self.member(parts))

    def missing(self, parts: list[Name]) -> Missing:
        return Missing(parts[0])

    def present(self, parts: list[Name]) -> Not:
        return Not(Missing(parts[0]))

    def starts(self, parts: list[Name | Token]) -> TextTest:
        return TextTest("starts", parts[0], _unquoted(parts[1]))  # type: ignore[arg-type]

    def contains(self, parts: list[Name | Token]) -> TextTest:
        return TextTest("contains", parts[0], _unquoted(parts[1]))  # type: ignore[arg-type]

    def matches(self, parts: list[Name | Token]) -> TextTest:
        return TextTest("matches", parts[0], _unquoted(parts[1]))  # type: ignore[arg-type]

    def negated(self, parts: list[Node]) -> Not:
        return Not(parts[0])

    def both(self, parts: list[Node]) -> All:
        return All(tuple(parts))

    def either(self, parts: list[Node]) -> Some:
        return Some(tuple(parts))


def _unquoted(token: object) -> str:
    text = str(token)
    return text[1:-1].replace(text[0] * 2, text[0])


@functools.cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Builder())


@functools.cache
def parse(text: str) -> Node:
    """The condition as a tree; ConditionError says the column where it breaks."""
    try:
        node: Node = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise ConditionError(_explained(error, text)) from None
    for test in tests(node):
        if isinstance(test, TextTest) and test.kind == "matches":
            regex_groups(test.text)
    return node


def regex_groups(regex: str) -> int:
    """How many groups the regular expression has; ConditionError where it is none."""
    try:
        found = pl.select(pl.lit("").str.extract_groups(regex)).to_series()
    except pl.exceptions.PolarsError as error:
        reasons = [line for line in str(error).splitlines() if line.startswith("error: ")]
        reason = reasons[0].removeprefix("error: ") if reasons else "it cannot be read"
        raise ConditionError(f"'{regex}' is no regular expression: {reason}; correct it") from None
    return len(found.struct.fields)


def tests(
    node: Node,
) -> Iterator[Comparison | DateComparison | Membership | Missing | TextTest]:
    """The single tests of a condition, in order."""
    if isinstance(node, Not):
        yield from tests(node.part)
    elif isinstance(node, All | Some):
        for part in node.parts:
            yield from tests(part)
    else:
        yield node


def _explained(error: UnexpectedInput, text: str) -> str:
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    if at_end:
        return f"the condition '{text}' breaks off; complete it"
    found = text[error.column - 1 :].split(maxsplit=1)[0] if error.column > 0 else text
    what = "cannot be read" if isinstance(error, UnexpectedCharacters) else "does not fit here"
    return (
        f"the condition '{text}' breaks at column {error.column}: '{found}' {what}; "
        "write for example: A = 'x' and (B > 3 or C is missing)"
    )


def names(node: Node) -> Iterator[str]:
    """The names that the condition reads, in order, repeats included."""
    for test in tests(node):
        operands = (
            (test.left, test.right)
            if isinstance(test, Comparison | DateComparison)
            else (test.operand,)
        )
        yield from (operand.name for operand in operands if isinstance(operand, Name))


def expression(node: Node, column: Callable[[str], Column]) -> pl.Expr:
    """The condition as a Boolean expression (null = unknown); ``column`` finds each name."""
    if isinstance(node, Not):
        return ~expression(node.part, column)
    if isinstance(node, All):
        return pl.all_horizontal([expression(part, column) for part in node.parts])
    if isinstance(node, Some):
        return pl.any_horizontal([expression(part, column) for part in node.parts])
    return _test(node, column)


def _test(
    node: Comparison | DateComparison | Membership | Missing | TextTest,
    column: Callable[[str], Column],
) -> pl.Expr:
    if isinstance(node, Comparison):
        return _comparison(node, column)
    if isinstance(node, DateComparison):
        left, right = (_operand(side, column).expr for side in (node.left, node.right))
        return _DATED[node.operator](left, right)
    if isinstance(node, Membership):
        tests = [Comparison("=", node.operand, value) for value in node.values]
        return pl.any_horizontal([_comparison(test, column) for test in tests])
    if isinstance(node, Missing):
        return _operand(node.operand, column).expr.is_null()
    return _text_test(node, column)


def _operand(operand: Name | Literal, column: Callable[[str], Column]) -> Column:
    if isinstance(operand, Name):
        return column(operand.name)
    return Column(pl.lit(operand.value), numeric=isinstance(operand.value, float))


def _comparison(node: Comparison, column: Callable[[str], Column]) -> pl.Expr:
    left, right = _operand(node.left, column), _operand(node.right, column)
    if left.numeric or right.numeric:
        left, right = _as_number(left), _as_number(right)
    return _OPERATORS[node.operator](left.expr, right.expr)


_OPERATORS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


_DATED: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "before": before,
    "after": lambda left, right: before(right, left),
    "on or before": lambda left, right: ~before(right, left),
    "on or after": lambda left, right: ~before(left, right),
}


def _as_number(column: Column) -> Column:
    return column if column.numeric else Column(number_of(column.expr), numeric=True)


def _text_test(node: TextTest, column: Callable[[str], Column]) -> pl.Expr:
    text = _operand(node.operand, column).expr.cast(pl.String)
    if node.kind == "starts":
        return text.str.starts_with(node.text)
    return text.str.contains(node.text, literal=node.kind == "contains")
