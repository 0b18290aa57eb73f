"""DD19: what define.xml says against the data; asked only where a folder of data is named."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from sdtmflow.define_lint import terms
from sdtmflow.define_lint.contents import Contents, Folder, Unreadable, file_name
from sdtmflow.define_lint.model import Value, Variable
from sdtmflow.define_lint.rule import ERROR, NOTICE, ONLY_21, WARNING, Hit, Hits, Rule, whole
from sdtmflow.define_lint.rules.value_level import clauses, equalities

_SHOWN = 3
"""Values that a message names."""

_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?"
_ISO = {
    "date": rf"^{_DATE}$",
    "datetime": rf"^{_DATE}T{_TIME}$",
    "time": rf"^{_TIME}$",
    "partialDate": r"^\d{4}(-\d\d(-\d\d)?)?$",
    "partialDatetime": rf"^\d{{4}}(-\d\d(-\d\d(T(\d\d|{_TIME}))?)?)?$",
    "durationDatetime": r"^[+-]?P[\dYMWDTHS.]+$",
}

_NUMBERS = {"integer": r"^[+-]?\d+$", "float": r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"}


def _missing_file(folder: Folder) -> Hits:
    for dataset in folder.define.datasets:
        name = file_name(dataset)
        if name and not dataset.no_data and name not in folder.files:
            yield Hit(dataset.line, f"{dataset.name}: '{name}' is not in the folder")


def _stray_file(folder: Folder) -> Hits:
    described = {file_name(dataset) for dataset in folder.define.datasets}
    for name in folder.files:
        if name not in described:
            yield Hit(folder.define.version.line, f"'{name}' is not described")


def _unreadable(found: Unreadable) -> Hits:
    yield Hit(found.dataset.line, f"{found.dataset.name}: {found.why}")


def _name(of: Contents) -> Hits:
    if of.member.name != of.dataset.name:
        yield Hit(of.dataset.line, f"{of.dataset.name}: the file holds {of.member.name}")


def _dataset_label(of: Contents) -> Hits:
    if of.member.label != of.dataset.label:
        what = f"{of.dataset.name}: '{of.dataset.label}', in the file '{of.member.label}'"
        yield Hit(of.dataset.line, what)


def _not_in_file(of: Contents) -> Hits:
    names = {column.name for column in of.member.columns}
    for variable in of.described:
        if variable.item.name not in names:
            yield Hit(variable.ref.line, f"{_of(variable)} is not in the file")


def _not_described(of: Contents) -> Hits:
    described = {variable.item.name for variable in of.described}
    for column in of.member.columns:
        if column.name not in described:
            yield Hit(of.dataset.line, f"{of.dataset.name}.{column.name} is not described")


def _order(of: Contents) -> Hits:
    said = [variable.item.name for variable, _ in of.both]
    found = [column.name for column in of.member.columns if column.name in set(said)]
    for one, other in zip(said, found, strict=False):
        if one != other:
            what = f"{of.dataset.name}: {one} stands where the file has {other}"
            yield Hit(of.dataset.line, what)
            return


def _label(of: Contents) -> Hits:
    for variable, column in of.both:
        if variable.item.label != column.label:
            what = f"{_of(variable)}: '{variable.item.label}', in the file '{column.label}'"
            yield Hit(variable.item.line, what)


def _type(of: Contents) -> Hits:
    for variable, column in of.both:
        if column.numeric != (variable.item.type in terms.NUMBERS) and variable.item.type:
            kind = "numbers" if column.numeric else "text"
            what = f"{_of(variable)}: {variable.item.type}, in the file {kind}"
            yield Hit(variable.item.line, what)


def _length(of: Contents) -> Hits:
    for variable, column in of.both:
        item = variable.item
        said = whole(item.length) if item.type == "text" and not column.numeric else None
        if said is not None and said != column.length:
            what = f"{_of(variable)}: Length {item.length}, in the file {column.length}"
            yield Hit(item.line, what)


def _mandatory(of: Contents) -> Hits:
    for variable, column in of.both:
        if variable.ref.mandatory == "Yes" and (empty := of.rows[column.name].null_count()):
            what = f"{_of(variable)}: mandatory, missing in {empty:,} of {of.rows.height:,} records"
            yield Hit(variable.ref.line, what)


def _keys(of: Contents) -> Hits:
    keys = [variable.item.name for variable, _ in of.both if variable.ref.key]
    repeated = int(of.rows.select(keys).is_duplicated().sum()) if keys and of.rows.height else 0
    if repeated:
        what = f"{of.dataset.name}: {repeated:,} records share their keys {', '.join(keys)}"
        yield Hit(of.dataset.line, what)


def _has_data(of: Contents) -> Hits:
    for variable, column in of.both:
        filled = of.rows.height - of.rows[column.name].null_count()
        if variable.ref.no_data and filled:
            what = f"{_of(variable)}: said to have no data, has {filled:,} values"
            yield Hit(variable.ref.line, what)


def _has_none(of: Contents) -> Hits:
    for variable, column in of.both:
        empty = of.rows.height and of.rows[column.name].null_count() == of.rows.height
        if empty and not variable.ref.no_data:
            yield Hit(variable.ref.line, f"{_of(variable)} has no values")


def _codelist(of: Contents) -> Hits:
    for variable, column in of.both:
        codelist = of.define.codelist.get(variable.item.codelist)
        if codelist is None or not codelist.terms:
            continue
        known = {term.value for term in codelist.terms}
        strange = [text for text in _texts(of.rows[column.name]) if text not in known]
        if strange:
            what = f"{_of(variable)}: {_few(strange)} not in {codelist.oid}"
            yield Hit(variable.item.line, what)


def _texts(values: pl.Series) -> list[str]:
    """The distinct values as define.xml writes them: whole numbers without a point."""
    found = values.drop_nulls().unique().sort().to_list()
    return [
        f"{one:.0f}" if isinstance(one, float) and one.is_integer() else str(one) for one in found
    ]


def _few(values: list[str]) -> str:
    more = len(values) - _SHOWN
    shown = ", ".join(f"'{value}'" for value in values[:_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def _integer(of: Contents) -> Hits:
    for variable, column in of.both:
        if variable.item.type == "integer" and column.numeric:
            values = of.rows[column.name].drop_nulls()
            if count := int((values != values.round(0)).sum()):
                yield Hit(variable.item.line, f"{_of(variable)}: {count:,} values have decimals")


def _iso(of: Contents) -> Hits:
    for variable, column in of.both:
        pattern = _ISO.get(variable.item.type)
        if pattern and not column.numeric:
            values = of.rows[column.name].drop_nulls()
            if count := int((~values.str.contains(pattern)).sum()):
                what = f"{_of(variable)}: {count:,} values are no {variable.item.type}"
                yield Hit(variable.item.line, what)


def _values(of: Contents) -> Hits:
    """Value level of texts whose conditions are EQ and IN on texts of the same dataset."""
    names = {variable.item.oid: variable.item.name for variable, _ in of.both}
    for value in of.define.values:
        column = value.parent.item.name
        there = value.parent.dataset is of.dataset and of.rows.schema.get(column) == pl.String
        met = _met(of, value, names) if there else None
        if met is not None and (what := _broken(of, value, of.rows.filter(met)[column])):
            yield Hit(value.item.line, f"{value.item.oid}: {what}")


def _met(of: Contents, value: Value, names: dict[str, str]) -> pl.Expr | None:
    """Which records a value-level definition speaks of; None where that cannot be told here."""
    conditions = [equalities(clause) for clause in clauses(of.define, value.ref)]
    asked = {names.get(item, "") for condition in conditions for item in condition}
    if not all(conditions) or any(of.rows.schema.get(name) != pl.String for name in asked):
        return None
    each = [
        pl.all_horizontal(
            pl.col(names[item]).is_in(sorted(allowed)) for item, allowed in condition.items()
        )
        for condition in conditions
    ]
    return pl.any_horizontal(each) if each else None


def _broken(of: Contents, value: Value, values: pl.Series) -> str:
    """How the values differ from what is said of them, or nothing."""
    item, texts = value.item, values.drop_nulls()
    codelist = of.define.codelist.get(item.codelist)
    known = {term.value for term in codelist.terms} if codelist else set[str]()
    strange = [text for text in texts.unique().sort() if text not in known] if known else []
    if strange and codelist:
        return f"{_few(strange)} not in {codelist.oid}"
    pattern = _NUMBERS.get(item.type)
    if pattern and (count := int((~texts.str.contains(pattern)).sum())):
        return f"{count:,} values are no {item.type}"
    longest = max(texts.str.len_bytes().to_list(), default=0)
    said = whole(item.length) if item.type == "text" else None
    longer = said is not None and longest > said
    return f"Length {item.length}, the longest value has {longest}" if longer else ""


def _of(variable: Variable) -> str:
    return f"{variable.dataset.name}.{variable.item.name}"


_FILES = "Define-XML, def:leaf and the files it names"
_MATCH = "FDA Study Data Technical Conformance Guide: define.xml describes the data as they are"
_KEY = "Define-XML, ItemRef KeySequence"

FOLDER_RULES: tuple[Rule[Folder], ...] = (
    Rule("DD1901", ERROR, "A described dataset has its file", _FILES,
         "add the file, or def:HasNoData=Yes", _missing_file),
    Rule("DD1902", ERROR, "Every XPT file is described", _FILES,
         "describe the dataset, or take the file away", _stray_file),
)  # fmt: skip

UNREADABLE = Rule(
    "DD1903", ERROR, "A dataset's file is SAS XPORT version 5", "SAS TS-140",
    "write it as XPORT v5 (not v8, not CPORT)", _unreadable,
)  # fmt: skip

CONTENT_RULES: tuple[Rule[Contents], ...] = (
    Rule("DD1904", ERROR, "A file holds the dataset that it is the file of", _MATCH,
         "mend the name in the file or the leaf", _name),
    Rule("DD1905", ERROR, "Dataset labels agree", _MATCH, "make file and define.xml agree",
         _dataset_label),
    Rule("DD1906", ERROR, "A described variable is in the file", _MATCH,
         "add the variable to the file, or take it out of define.xml", _not_in_file),
    Rule("DD1907", ERROR, "A variable of the file is described", _MATCH,
         "describe it, or take it out of the file", _not_described),
    Rule("DD1908", ERROR, "Variables stand in the file's order", _MATCH,
         "order the ItemRefs as the file does", _order),
    Rule("DD1909", ERROR, "Labels of variables agree", _MATCH, "make file and define.xml agree",
         _label),
    Rule("DD1910", ERROR, "Numbers are numbers in the file, all else is text", _MATCH,
         "mend DataType, or the type in the file", _type),
    Rule("DD1911", WARNING, "Lengths of text agree", _MATCH, "make Length the length in the file",
         _length),
    Rule("DD1912", ERROR, "A mandatory variable is never missing", "Define-XML, ItemRef Mandatory",
         "Mandatory=No, or give the values", _mandatory),
    Rule("DD1913", ERROR, "The keys tell all records apart", _KEY,
         "add the key that is missing, or remove repeated records", _keys),
    Rule("DD1914", ERROR, "What is said to have no data has none",
         "Define-XML 2.1, ItemRef def:HasNoData", "remove def:HasNoData", _has_data, ONLY_21),
    Rule("DD1915", NOTICE, "A variable without values says so",
         "Define-XML 2.1, ItemRef def:HasNoData", "add def:HasNoData=Yes and a comment", _has_none,
         ONLY_21),
    Rule("DD1916", ERROR, "Values are in their codelist", "Define-XML, CodeList",
         "add the terms to the codelist, or mend the data", _codelist),
    Rule("DD1917", ERROR, "Integers have no decimals", "Define-XML, ItemDef DataType",
         "make it float with SignificantDigits", _integer),
    Rule("DD1918", WARNING, "Dates and times are of the type they are said to be",
         "Define-XML, ItemDef DataType",
         "use partialDate, partialDatetime or incompleteDatetime where the data are partial", _iso),
    Rule("DD1919", WARNING, "Values under a condition are as the condition's definition says",
         "Define-XML, def:ValueListDef", "mend DataType, Length or codelist of the value level",
         _values),
)  # fmt: skip


def folder_hits(folder: Folder) -> Iterator[tuple[Rule[Folder], Hit]]:
    """What the rules of files find."""
    for rule in FOLDER_RULES:
        yield from ((rule, hit) for hit in rule.check(folder))


def content_hits(
    found: Contents | Unreadable,
) -> Iterator[tuple[Rule[Contents] | Rule[Unreadable], Hit]]:
    """What the rules of one dataset's data find."""
    if isinstance(found, Unreadable):
        yield from ((UNREADABLE, hit) for hit in UNREADABLE.check(found))
        return
    for rule in CONTENT_RULES:
        if found.define.edition in rule.editions:
            yield from ((rule, hit) for hit in rule.check(found))


DATA_RULES: tuple[Rule[Folder] | Rule[Unreadable] | Rule[Contents], ...] = (
    *FOLDER_RULES,
    UNREADABLE,
    *CONTENT_RULES,
)
"""All of them, in the order of their numbers."""
