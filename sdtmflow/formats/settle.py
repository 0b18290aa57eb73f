"""Fill in what the metadata leave to the data: lengths, digits, the kind of dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sdtmflow.dataset import Dataset, DataType, ValueLevel, Variable
from sdtmflow.formats.measure import ISO_TYPES, Measure, Measured, is_iso_text

_OWN_IN_SUPP = frozenset(
    {"RDOMAIN", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL"}
)
"""Variables of SUPP-- whose lengths are each dataset's own."""

_NUMBER_BYTES = 8


def settled(datasets: Sequence[Dataset], measured: Mapping[str, Measured]) -> tuple[Dataset, ...]:
    """The datasets with everything filled in that was left to the data; what is declared stays.

    A text variable without a length gets the longest that any dataset of the study needs for that
    name (FDA Study Data Technical Conformance Guide, "Column Length"; SD1082), the qualifiers of
    SUPP-- their own. A number declared an integer that has decimals is a float. Date text is of
    the narrowest kind that all values fit.
    """
    shared: dict[str, int] = {}
    for dataset in datasets:
        for name, found in measured[dataset.name].variables.items():
            shared[name] = max(shared.get(name, 1), found.length)
    return tuple(
        replace(
            dataset,
            variables=tuple(
                _settle(variable, measured[dataset.name], shared) for variable in dataset.variables
            ),
        )
        for dataset in datasets
    )


def _settle(variable: Variable, measured: Measured, shared: Mapping[str, int]) -> Variable:
    own = measured.variables[variable.name]
    need = max(1, own.length) if variable.name in _OWN_IN_SUPP else shared[variable.name]
    length = _NUMBER_BYTES if variable.numeric else variable.length or need
    levels = tuple(
        _settle_level(level, measured.value(variable.name, level), variable, length)
        for level in variable.value_level
    )
    kind, digits = _kind(variable, own) if variable.numeric else (variable.type, None)
    if is_iso_text(variable) and own.filled:
        kind = _iso_type(own)
    return replace(
        variable, type=kind, length=length, significant_digits=digits, value_level=levels
    )


def _iso_type(own: Measure) -> DataType:
    for kind, fitting in zip(ISO_TYPES, own.iso, strict=True):
        if fitting == own.filled:
            return kind
    return "incompleteDatetime"


def _kind(item: Variable | ValueLevel, own: Measure) -> tuple[DataType, int | None]:
    """Its data type, and the significant digits that only a float has.

    A codelist has one type for all that refer to it: with VISITNUM 1.01 in one dataset it is a
    float in each (DD1323).
    """
    listed = item.codelist.terms if item.codelist else ()
    has_decimals = own.decimals or any("." in term.value for term in listed)
    if item.type != "float" and not (item.type == "integer" and has_decimals):
        return item.type, None
    return "float", max(own.decimals, item.significant_digits or 0)


def _settle_level(level: ValueLevel, own: Measure, variable: Variable, parent: int) -> ValueLevel:
    """Numbers are measured in digits, never declared in bytes, so that they fit the parent's."""
    declared = 0 if variable.numeric else level.length
    length = declared or own.length or (1 if variable.numeric else parent)
    kind, digits = _kind(level, own)
    return replace(level, type=kind, length=length, significant_digits=digits)
