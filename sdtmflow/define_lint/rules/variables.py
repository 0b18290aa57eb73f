"""DD13: variables, and variables under a condition (both are ItemDefs)."""

from __future__ import annotations

import re
from collections.abc import Callable

from sdtmflow.define_lint import terms
from sdtmflow.define_lint.elements import Item, ItemRef
from sdtmflow.define_lint.model import Define
from sdtmflow.define_lint.rule import ERROR, NOTICE, ONLY_21, WARNING, Hit, Hits, Rule, whole
from sdtmflow.define_lint.rules.datasets import LABEL_BYTES, printable

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,7}")
_DISPLAY_FORMAT = re.compile(r"\d+(\.\d*)?|\$?[A-Za-z_]\w*\d*\.(\d+)?|\$\d*\.?")
_COUNT = re.compile(r"[1-9]\d*")
_TEXT_BYTES = 200
_DATES = terms.DATA_TYPES - terms.WITH_LENGTH


def _each_item(broken: Callable[[Item], str]) -> Callable[[Define], Hits]:
    def check(define: Define) -> Hits:
        for item in define.items:
            if what := broken(item):
                yield Hit(item.line, f"{item.oid}: {what}")

    return check


def _each_variable(broken: Callable[[Item], str]) -> Callable[[Define], Hits]:
    """Only ItemDefs that are variables: value-level ones have no column of their own."""

    def check(define: Define) -> Hits:
        for item in define.items:
            if item.oid in define.datasets_of_item and (what := broken(item)):
                yield Hit(item.line, f"{item.oid}: {what}")

    return check


def _each_ref(broken: Callable[[ItemRef], str]) -> Callable[[Define], Hits]:
    def check(define: Define) -> Hits:
        for ref in define.refs:
            if what := broken(ref):
                yield Hit(ref.line, f"{ref.item}: {what}")

    return check


def _mandatory(ref: ItemRef) -> str:
    known = terms.YES_NO | {""}
    return "" if ref.mandatory in known else f"Mandatory is '{ref.mandatory}'"


def _yes_only(ref: ItemRef) -> str:
    given = {"def:IsNonStandard": ref.non_standard, "def:HasNoData": ref.no_data}
    wrong = [name for name, value in given.items() if value not in {"", "Yes"}]
    return f"{wrong[0]} is '{given[wrong[0]]}'" if wrong else ""


def _counts(ref: ItemRef) -> str:
    given = {"OrderNumber": ref.order, "KeySequence": ref.key}
    wrong = [name for name, value in given.items() if value and not _COUNT.fullmatch(value)]
    return f"{wrong[0]} is '{given[wrong[0]]}'" if wrong else ""


def _mandatory_without_data(define: Define) -> Hits:
    for dataset in define.datasets:
        for ref in dataset.items:
            if ref.no_data == "Yes" and ref.mandatory == "Yes" and not dataset.no_data:
                yield Hit(ref.line, f"{ref.item}: mandatory, yet it has no data")


def _no_data_says_why(define: Define) -> Hits:
    for variable in define.variables:
        if variable.ref.no_data and not variable.dataset.no_data and not variable.item.comment:
            yield Hit(variable.ref.line, f"{variable.item.oid}: no data, and no comment says why")


def _role(define: Define) -> Hits:
    for dataset in define.datasets:
        count = sum(not ref.role for ref in dataset.items)
        if count and dataset.purpose == "Tabulation":
            what = f"{dataset.name}: {count} of {len(dataset.items)} variables have no Role"
            yield Hit(dataset.line, what)


def _name(item: Item) -> str:
    if not item.name or _NAME.fullmatch(item.name):
        return ""
    return f"the name '{item.name}' is not 1 to 8 letters, digits and _"


def _sas_name(item: Item) -> str:
    if not item.sas_name:
        return "no SASFieldName"
    return "" if item.sas_name == item.name else f"SASFieldName is '{item.sas_name}'"


def _label(item: Item) -> str:
    return "" if item.label else "no label (Description)"


def _label_length(item: Item) -> str:
    size = len(item.label.encode())
    return f"the label has {size} bytes" if size > LABEL_BYTES else ""


def _label_ascii(item: Item) -> str:
    return "" if printable(item.label) else "the label has characters that are not printable ASCII"


def _type(item: Item) -> str:
    known = terms.DATA_TYPES | {""}
    return "" if item.type in known else f"DataType is '{item.type}'"


def _length(item: Item) -> str:
    return "no Length" if item.type in terms.WITH_LENGTH and not item.length else ""


def _needless_length(item: Item) -> str:
    return f"{item.type} with Length {item.length}" if item.type in _DATES and item.length else ""


def _length_value(item: Item) -> str:
    if not item.length:
        return ""
    size = whole(item.length)
    if not size:
        return f"Length is '{item.length}'"
    too_long = item.type == "text" and size > _TEXT_BYTES
    return f"Length is {item.length}" if too_long else ""


def _digits(item: Item) -> str:
    return "float without SignificantDigits" if item.type == "float" and not item.digits else ""


def _needless_digits(item: Item) -> str:
    needless = item.digits and item.type and item.type != "float"
    return f"{item.type} with SignificantDigits {item.digits}" if needless else ""


def _digits_value(item: Item) -> str:
    digits, size = whole(item.digits), whole(item.length)
    if item.digits and digits is None:
        return f"SignificantDigits is '{item.digits}'"
    if digits is not None and size is not None and digits >= size:
        return f"{item.digits} significant digits in a length of {item.length}"
    return ""


def _display_format(item: Item) -> str:
    wrong = item.display_format and not _DISPLAY_FORMAT.fullmatch(item.display_format)
    return f"def:DisplayFormat is '{item.display_format}'" if wrong else ""


def _date_type(item: Item) -> str:
    dated = item.name.endswith("DTC") and item.type and item.type not in _DATES
    return f"ISO 8601 dates, yet DataType is {item.type}" if dated else ""


def _codelist_type(define: Define) -> Hits:
    for item in define.items:
        codelist = define.codelist.get(item.codelist)
        if codelist is None or not item.type or codelist.type not in terms.CODELIST_TYPES:
            continue
        if codelist.external is None and codelist.type != _kind(item.type):
            what = f"{item.oid} is {item.type}, its codelist {codelist.oid} {codelist.type}"
            yield Hit(item.line, what)


def _kind(data_type: str) -> str:
    return data_type if data_type in terms.NUMBERS else "text"


def _same_label(define: Define) -> Hits:
    """Identifiers and timing variables mean the same wherever they stand."""
    first: dict[str, str] = {}
    for variable in define.variables:
        item = variable.item
        known = first.setdefault(item.name, item.label)
        guide = terms.LABELS_OF_THE_GUIDE.get(item.name, frozenset())
        if item.label and known and item.label != known and not guide >= {item.label, known}:
            what = f"{item.oid}: the label of {item.name} is '{known}' elsewhere"
            yield Hit(item.line, what)


_ITEM, _REF = "Define-XML, ItemDef", "Define-XML, ItemRef"
_SAS = "SAS TS-140; FDA Study Data Technical Conformance Guide, names and labels"

RULES: tuple[Rule[Define], ...] = (
    Rule("DD1301", ERROR, "Mandatory is Yes or No", _REF, "write Yes or No", _each_ref(_mandatory)),
    Rule("DD1302", ERROR, "def:IsNonStandard and def:HasNoData are Yes or absent", _REF,
         "write Yes, or leave the attribute out", _each_ref(_yes_only), ONLY_21),
    Rule("DD1303", ERROR, "OrderNumber and KeySequence are whole numbers from 1", _REF,
         "write a number", _each_ref(_counts)),
    Rule("DD1304", WARNING, "A mandatory variable has data", _REF,
         "Mandatory=No, or give the data", _mandatory_without_data, ONLY_21),
    Rule("DD1305", WARNING, "A variable without data says why", _REF,
         "add def:CommentOID to the ItemDef, with the reason", _no_data_says_why, ONLY_21),
    Rule("DD1306", NOTICE, "Variables of tabulation datasets have roles", _REF,
         "add Role as the implementation guide gives it", _role),
    Rule("DD1310", ERROR, "A variable has a SAS name", _SAS,
         "use letters A-Z, digits and _, at most 8", _each_variable(_name)),
    Rule("DD1311", WARNING, "SASFieldName is the variable's name", _ITEM,
         "set SASFieldName to the name in the XPT file", _each_variable(_sas_name)),
    Rule("DD1312", ERROR, "A variable has a label", _ITEM, "add Description/TranslatedText",
         _each_variable(_label)),
    Rule("DD1313", ERROR, "A variable's label has at most 40 bytes", _SAS, "shorten it",
         _each_variable(_label_length)),
    Rule("DD1314", ERROR, "A variable's label is printable ASCII", _SAS, "replace what is not",
         _each_variable(_label_ascii)),
    Rule("DD1315", ERROR, "DataType is one that Define-XML uses", _ITEM,
         f"one of {', '.join(sorted(terms.DATA_TYPES))}", _each_item(_type)),
    Rule("DD1316", ERROR, "Text and numbers have a Length", _ITEM, "add Length",
         _each_item(_length)),
    Rule("DD1317", ERROR, "Dates, times and durations have no Length", _ITEM, "remove Length",
         _each_item(_needless_length)),
    Rule("DD1318", ERROR, "Length is a number from 1, for text at most 200", _SAS,
         "longer text goes on in further variables or supplemental qualifiers",
         _each_item(_length_value)),
    Rule("DD1319", ERROR, "A float has SignificantDigits", _ITEM,
         "add the number of digits after the point", _each_item(_digits)),
    Rule("DD1320", ERROR, "Only a float has SignificantDigits", _ITEM, "remove SignificantDigits",
         _each_item(_needless_digits)),
    Rule("DD1321", ERROR, "SignificantDigits is a number below Length", _ITEM,
         "Length counts all characters, the point too", _each_item(_digits_value)),
    Rule("DD1322", WARNING, "def:DisplayFormat is a format such as 8.2", _ITEM,
         "write width.decimals, or a SAS format", _each_item(_display_format)),
    Rule("DD1323", ERROR, "A variable and its codelist have one type", "Define-XML, CodeListRef",
         "make DataType of CodeList and ItemDef agree", _codelist_type),
    Rule("DD1324", WARNING, "A --DTC variable has a date type", _ITEM,
         "date, datetime, partialDate … instead of text", _each_variable(_date_type)),
    Rule("DD1325", NOTICE, "A variable has one label in all datasets",
         "SDTMIG 4.1, labels of variables", "use the label of the implementation guide",
         _same_label),
)  # fmt: skip
