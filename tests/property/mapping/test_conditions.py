"""Conditions: the compiled expression and a naive evaluator of three-valued logic agree."""

import operator

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sdtmflow.mapping.values.conditions import Column, expression, names, parse

OPERATORS = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
texts = st.sampled_from(["", "Y", "N", "it's", "10", "9", "-1.5"])
numbers = st.sampled_from([9, 10, -1.5])

few = settings(max_examples=40, deadline=None)


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def to_number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


@st.composite
def comparisons(draw):
    """A test as text and as a function of a record → True, False or None (unknown)."""
    name = draw(st.sampled_from("AB"))
    kind = draw(st.sampled_from(["text", "number", "in", "missing", "contains"]))
    if kind == "missing":
        negated = draw(st.booleans())
        return f"{name} is {'not ' * negated}missing", lambda r: (r[name] is None) != negated
    if kind == "in":
        values = draw(st.lists(texts, min_size=1, max_size=3))
        shown = ", ".join(map(quoted, values))
        return f"{name} in ({shown})", lambda r: None if r[name] is None else r[name] in values
    if kind == "contains":
        part = draw(st.sampled_from(["1", "Y"]))
        return f"{name} contains '{part}'", lambda r: None if r[name] is None else part in r[name]
    symbol = draw(st.sampled_from(list(OPERATORS)))
    compare = OPERATORS[symbol]
    if kind == "number":
        number = draw(numbers)

        def by_number(record):
            value = to_number(record[name])
            return None if value is None else compare(value, number)

        return f"{name} {symbol} {number}", by_number
    text = draw(texts)
    return (
        f"{name} {symbol} {quoted(text)}",
        lambda r: None if r[name] is None else compare(r[name].encode(), text.encode()),
    )


def negate(part):
    return f"not ({part[0]})", lambda r: None if (v := part[1](r)) is None else not v


def conjunction(parts):
    def evaluate(record):
        values = [part[1](record) for part in parts]
        return False if False in values else None if None in values else True

    return " and ".join(f"({text})" for text, _ in parts), evaluate


def disjunction(parts):
    def evaluate(record):
        values = [part[1](record) for part in parts]
        return True if True in values else None if None in values else False

    return " or ".join(f"({text})" for text, _ in parts), evaluate


conditions = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        inner.map(negate),
        st.lists(inner, min_size=2, max_size=3).map(conjunction),
        st.lists(inner, min_size=2, max_size=3).map(disjunction),
    ),
    max_leaves=6,
)
records = st.fixed_dictionaries({"A": st.none() | texts, "B": st.none() | texts})


@few
@given(conditions, st.lists(records, min_size=1, max_size=8))
def test_compiled_and_naive_agree(condition, rows):
    text, naive = condition
    frame = pl.DataFrame(rows, schema={"A": pl.String, "B": pl.String})
    node = parse(text)
    assert set(names(node)) <= {"A", "B"}
    result = frame.with_columns(value=expression(node, lambda name: Column(pl.col(name))))["value"]
    assert result.to_list() == [naive(row) for row in rows]
