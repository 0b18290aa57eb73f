"""DD15: value-level metadata and its conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sdtmflow.define_lint import terms
from sdtmflow.define_lint.elements import Check, ItemRef, WhereClause
from sdtmflow.define_lint.model import Define, Value
from sdtmflow.define_lint.rule import ERROR, NOTICE, WARNING, Hit, Hits, Rule, whole

Condition = Mapping[str, frozenset[str]]
"""The values that each variable may have: ``{IT.VS.VSTESTCD: {SYSBP}}``."""


def _checks(define: Define) -> Iterator[tuple[WhereClause, Check]]:
    for clause in define.where_clauses:
        for check in clause.checks:
            yield clause, check


def _no_condition(define: Define) -> Hits:
    for one in define.value_lists:
        for ref in one.items:
            if not ref.where:
                yield Hit(ref.line, f"{ref.item} in {one.oid} has no condition")


def _condition_outside(define: Define) -> Hits:
    for dataset in define.datasets:
        for ref in dataset.items:
            if ref.where:
                yield Hit(ref.line, f"{ref.item} in {dataset.name} has a condition")


def _comparator(define: Define) -> Hits:
    for clause, check in _checks(define):
        if check.comparator and check.comparator not in terms.COMPARATORS:
            yield Hit(check.line, f"{clause.oid}: the comparator is '{check.comparator}'")


def _one_value(define: Define) -> Hits:
    for clause, check in _checks(define):
        alone = check.comparator in terms.COMPARATORS - terms.WITH_SETS
        if alone and len(check.values) > 1:
            what = f"{clause.oid}: {check.comparator} with {len(check.values)} values"
            yield Hit(check.line, what)


def _same_value(define: Define) -> Hits:
    for clause, check in _checks(define):
        for value, count in Counter(check.values).items():
            if count > 1:
                yield Hit(check.line, f"{clause.oid}: '{value}' stands {count} times")


def _blank_value(define: Define) -> Hits:
    for clause, check in _checks(define):
        # EQ "" and NE "" ask whether there is a value, which is allowed.
        sets = check.comparator in terms.WITH_SETS
        if sets and any(not value.strip() for value in check.values):
            yield Hit(check.line, f"{clause.oid}: a blank CheckValue in {check.comparator}")


def _soft(define: Define) -> Hits:
    for clause, check in _checks(define):
        if check.soft_hard and check.soft_hard != "Soft":
            yield Hit(check.line, f"{clause.oid}: SoftHard is '{check.soft_hard}'")


def _in_codelist(define: Define) -> Hits:
    for clause, check in _checks(define):
        item = define.item.get(check.item)
        codelist = define.codelist.get(item.codelist) if item else None
        if codelist and codelist.terms:
            known = {term.value for term in codelist.terms}
            for value in check.values:
                if value and value not in known:
                    yield Hit(check.line, f"{clause.oid}: '{value}' is not in {codelist.oid}")


def _other_dataset(define: Define) -> Hits:
    seen: set[tuple[str, str]] = set()
    for value in define.values:
        for clause in clauses(define, value.ref):
            for check in clause.checks:
                homes = define.datasets_of_item.get(check.item, frozenset())
                foreign = homes and value.parent.dataset.oid not in homes
                if foreign and not clause.comment and (clause.oid, check.item) not in seen:
                    seen.add((clause.oid, check.item))
                    what = f"{clause.oid}: {check.item} is not in {value.parent.dataset.name}"
                    yield Hit(check.line, f"{what}, and no comment says how they are joined")


def clauses(define: Define, ref: ItemRef) -> list[WhereClause]:
    """The conditions of an ItemRef that are defined; any of them suffices."""
    return [define.where_clause[oid] for oid in ref.where if oid in define.where_clause]


def _same_condition(define: Define) -> Hits:
    for one in define.value_lists:
        first: dict[object, str] = {}
        for ref in one.items:
            for clause in clauses(define, ref):
                condition = frozenset(
                    (check.item, check.comparator, frozenset(check.values))
                    for check in clause.checks
                )
                if condition in first:
                    what = f"{one.oid}: {ref.item} has the condition of {first[condition]}"
                    yield Hit(ref.line, what)
                first.setdefault(condition, ref.item)


def _overlap(define: Define) -> Hits:
    """Conditions of equality that one record can meet twice; others are not compared."""
    for one in define.value_lists:
        placed = [
            (ref, condition)
            for ref in one.items
            for clause in clauses(define, ref)
            if (condition := equalities(clause))
        ]
        yield from (
            Hit(ref.line, f"{one.oid}: {ref.item} and {other.item} can hold for one record")
            for ref, other in _overlapping(placed)
        )


def equalities(clause: WhereClause) -> Condition:
    """The clause as values allowed; empty where it is more than EQ and IN."""
    if any(check.comparator not in {"EQ", "IN"} for check in clause.checks):
        return {}
    found: dict[str, frozenset[str]] = {}
    for check in clause.checks:
        values = frozenset(check.values)
        found[check.item] = found[check.item] & values if check.item in found else values
    return found


def _overlapping(placed: list[tuple[ItemRef, Condition]]) -> Iterator[tuple[ItemRef, ItemRef]]:
    """Pairs of conditions on the same variables of which none tells them apart.

    Only conditions that share a value of their first variable are compared, so that a long list
    does not take the square of its length.
    """
    shared: dict[tuple[str, str], list[tuple[ItemRef, Condition]]] = {}
    told: set[tuple[str, str]] = set()
    for ref, condition in placed:
        first = min(condition)
        for value in sorted(condition[first]):
            for other, others in shared.setdefault((first, value), []):
                pair = (ref.item, other.item)
                if pair not in told and _meet(condition, others):
                    told.add(pair)
                    yield ref, other
            shared[first, value].append((ref, condition))


def _meet(one: Condition, other: Condition) -> bool:
    if one == other or set(one) != set(other):  # the same condition is a rule of its own
        return False
    return all(one[item] & other[item] for item in one)


def _type_fits(define: Define) -> Hits:
    for value in define.values:
        above, own = value.parent.item.type, value.item.type
        if above in terms.NUMBERS and own and own not in terms.NUMBERS:
            yield Hit(value.item.line, f"{value.item.oid} is {own}, its variable is {above}")


def _length_fits(define: Define) -> Hits:
    for value in define.values:
        above, own = whole(value.parent.item.length), whole(value.item.length)
        if above is not None and own is not None and own > above:
            what = f"{value.item.oid} has Length {own}, its variable {above}"
            yield Hit(value.item.line, what)


def _supplemental(define: Define) -> Hits:
    for variable in define.variables:
        name, dataset = variable.item.name, variable.dataset
        if name == "QVAL" and not variable.item.value_list and not dataset.no_data:
            yield Hit(variable.ref.line, f"{dataset.name}.QVAL has no value-level metadata")


def _by_qnam(define: Define) -> Hits:
    for value in define.values:
        if value.parent.item.name == "QVAL" and not _asks_for(define, value, "QNAM"):
            yield Hit(value.ref.line, f"{value.item.oid}: its condition does not name QNAM")


def _asks_for(define: Define, value: Value, name: str) -> bool:
    asked = {
        define.item[check.item].name
        for clause in clauses(define, value.ref)
        for check in clause.checks
        if check.item in define.item
    }
    return name in asked


def _nested(define: Define) -> Hits:
    for value in define.values:
        if value.item.value_list:
            yield Hit(value.item.line, f"{value.item.oid} has a value list of its own")


def _same_order(define: Define) -> Hits:
    for one in define.value_lists:
        counted = Counter(ref.order for ref in one.items if ref.order)
        for ref in one.items:
            if counted[ref.order] > 1:
                yield Hit(ref.line, f"{one.oid}: OrderNumber {ref.order} stands more than once")


_LIST, _WHERE = "Define-XML, def:ValueListDef", "Define-XML, def:WhereClauseDef"
_CHECK = "Define-XML, RangeCheck"

RULES: tuple[Rule[Define], ...] = (
    Rule("DD1501", ERROR, "A value-level definition has a condition", _LIST,
         "add def:WhereClauseRef to the ItemRef", _no_condition),
    Rule("DD1502", ERROR, "Only value-level definitions have conditions", _LIST,
         "move the condition to a value list", _condition_outside),
    Rule("DD1503", ERROR, "A comparator is one of the fixed terms", _CHECK,
         f"one of {', '.join(sorted(terms.COMPARATORS))}", _comparator),
    Rule("DD1504", ERROR, "Comparators other than IN and NOTIN have one value", _CHECK,
         "use IN for several values", _one_value),
    Rule("DD1505", WARNING, "A condition names a value once", _CHECK, "remove the repeated value",
         _same_value),
    Rule("DD1506", WARNING, "IN and NOTIN hold no blank value", _CHECK, "remove the blank value",
         _blank_value),
    Rule("DD1507", ERROR, "SoftHard is Soft", _CHECK, "set SoftHard to Soft", _soft),
    Rule("DD1508", WARNING, "A condition asks for values that the codelist has", _WHERE,
         "mend the value, or add it to the codelist", _in_codelist),
    Rule("DD1509", WARNING, "A condition on another dataset says how they are joined", _WHERE,
         "add def:CommentOID to the where clause", _other_dataset),
    Rule("DD1510", ERROR, "A value list has a condition once", _LIST,
         "join the definitions, or mend the condition", _same_condition),
    Rule("DD1511", WARNING, "Conditions of a value list do not overlap", _LIST,
         "make the conditions exclude each other", _overlap),
    Rule("DD1512", ERROR, "Values of a numeric variable are numeric", _LIST,
         "make the types agree", _type_fits),
    Rule("DD1513", WARNING, "A value is not longer than its variable", _LIST,
         "lengthen the variable or shorten the value", _length_fits),
    Rule("DD1514", ERROR, "Supplemental qualifiers have value-level metadata", _LIST,
         "add a def:ValueListDef to QVAL, one condition a QNAM", _supplemental),
    Rule("DD1515", WARNING, "Value-level metadata of QVAL go by QNAM", _LIST,
         "ask for QNAM in the condition", _by_qnam),
    Rule("DD1516", WARNING, "Value-level metadata have no value level of their own", _LIST,
         "put both conditions into one where clause", _nested),
    Rule("DD1517", NOTICE, "OrderNumbers of a value list differ", _LIST, "renumber the list",
         _same_order),
)  # fmt: skip
