"""Conditions of value-level metadata: comparisons joined with ``and``, as define.xml has them."""

from __future__ import annotations

from sdtmflow.dataset import Check, Comparator, Where
from sdtmflow.mapping.values.conditions import (
    All,
    Comparison,
    ConditionError,
    Literal,
    Membership,
    Name,
    Node,
    Not,
    parse,
)

_COMPARATORS: dict[str, Comparator] = {
    "=": "EQ",
    "!=": "NE",
    "<": "LT",
    "<=": "LE",
    ">": "GT",
    ">=": "GE",
}
_OPERATORS = {comparator: operator for operator, comparator in _COMPARATORS.items()}


def where_of(condition: str) -> Where:
    """The checks of ``LBTESTCD in ('BILI', 'GLUC') and LBSPEC = 'BLOOD'``.

    Raises ConditionError for a condition that define.xml cannot say.
    """
    node = parse(condition)
    return tuple(map(_check, node.parts if isinstance(node, All) else (node,)))


def _check(node: Node) -> Check:
    match node:
        case Comparison(operator, Name(name), Literal(value)):
            return Check(name, (_text(value),), _COMPARATORS[operator])
        case Membership(Name(name), values):
            return Check(name, tuple(_text(each.value) for each in values), "IN")
        case Not(Membership(Name(name), values)):
            return Check(name, tuple(_text(each.value) for each in values), "NOTIN")
    raise ConditionError(
        "a condition of value-level metadata compares variables with texts or numbers, joined "
        "with 'and'; write it so"
    )


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def condition_of(where: Where) -> str:
    """The checks as a condition; ``where_of`` reads the same again."""
    return " and ".join(map(_said, where))


def _said(check: Check) -> str:
    values = ", ".join(map(_quoted, check.values))
    match check.comparator:
        case "IN":
            return f"{check.variable} in ({values})"
        case "NOTIN":
            return f"{check.variable} not in ({values})"
    return f"{check.variable} {_OPERATORS[check.comparator]} {values}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
