"""DD12: datasets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from sdtmflow.dataset import CLASSES
from sdtmflow.define_lint import terms
from sdtmflow.define_lint.elements import Dataset
from sdtmflow.define_lint.model import Define
from sdtmflow.define_lint.rule import ERROR, ONLY_21, WARNING, Hit, Hits, Rule

NAME = re.compile(r"[A-Z][A-Z0-9]{0,7}")
LABEL_BYTES = 40
_ONE_PER_SUBJECT = frozenset({"STUDYID", "USUBJID", "SUBJID"})


def printable(text: str) -> bool:
    """Whether a SAS label can hold it everywhere."""
    return text.isascii() and text.isprintable()


def _each(broken: Callable[[Dataset], str]) -> Callable[[Define], Hits]:
    """A check of one dataset at a time; ``broken`` says what is wrong, or nothing."""

    def check(define: Define) -> Hits:
        for dataset in define.datasets:
            if what := broken(dataset):
                yield Hit(dataset.line, f"{dataset.name}: {what}")

    return check


def _name(one: Dataset) -> str:
    return "" if NAME.fullmatch(one.name) else "no SAS dataset name of 1 to 8 letters and digits"


def _sas_name(one: Dataset) -> str:
    if not one.sas_name:
        return "no SASDatasetName"
    return "" if one.sas_name == one.name else f"SASDatasetName is '{one.sas_name}'"


def _domain(one: Dataset) -> str:
    return "" if one.domain or one.purpose != "Tabulation" else "no Domain"


def _label(one: Dataset) -> str:
    return "" if one.label else "no label (Description)"


def _label_length(one: Dataset) -> str:
    size = len(one.label.encode())
    return f"the label has {size} bytes" if size > LABEL_BYTES else ""


def _label_ascii(one: Dataset) -> str:
    return "" if printable(one.label) else "the label has characters that are not printable ASCII"


def _class(one: Dataset) -> str:
    return "" if one.cls else "no class"


def _class_term(one: Dataset) -> str:
    return "" if not one.cls or one.cls in terms.CLASSES else f"the class is '{one.cls}'"


def _sub_class(one: Dataset) -> str:
    unknown = sorted(set(one.sub_classes) - terms.SUB_CLASSES)
    return f"the subclass is '{unknown[0]}'" if unknown else ""


def _purpose(one: Dataset) -> str:
    known = {"", "Tabulation", "Analysis"}
    return "" if one.purpose in known else f"Purpose is '{one.purpose}'"


def _yes_no(one: Dataset) -> str:
    given = {"Repeating": one.repeating, "IsReferenceData": one.reference_data}
    wrong = [name for name, value in given.items() if value and value not in terms.YES_NO]
    return f"{wrong[0]} is '{given[wrong[0]]}'" if wrong else ""


def _yes_only(one: Dataset) -> str:
    given = {"def:IsNonStandard": one.non_standard, "def:HasNoData": one.no_data}
    wrong = [name for name, value in given.items() if value not in {"", "Yes"}]
    return f"{wrong[0]} is '{given[wrong[0]]}'" if wrong else ""


def _reference_data(define: Define) -> Hits:
    subjects = {v.dataset.oid for v in define.variables if v.item.name == "USUBJID"}
    for one in define.datasets:
        if one.reference_data == "Yes" and one.oid in subjects:
            yield Hit(one.line, f"{one.name}: reference data, yet it has USUBJID")


def _repeating(define: Define) -> Hits:
    for one, keys in _keys(define):
        if "USUBJID" in keys:
            single = set(keys) <= _ONE_PER_SUBJECT
            if single and one.repeating == "Yes":
                yield Hit(one.line, f"{one.name}: Repeating=Yes, but its keys are one per subject")
            if not single and one.repeating == "No":
                yield Hit(one.line, f"{one.name}: Repeating=No, but its keys allow several records")


def _keys(define: Define) -> list[tuple[Dataset, list[str]]]:
    found: dict[str, list[str]] = {one.oid: [] for one in define.datasets}
    for variable in define.variables:
        if variable.ref.key:
            found[variable.dataset.oid].append(variable.item.name)
    return [(one, found[one.oid]) for one in define.datasets]


def _class_order(define: Define) -> Hits:
    reached = -1
    for one in define.datasets:
        if one.cls in CLASSES:
            place = CLASSES.index(one.cls)
            if place < reached:
                yield Hit(one.line, f"{one.name} ({one.cls}) stands after {CLASSES[reached]}")
            reached = max(reached, place)


def _standard(one: Dataset) -> str:
    if one.standard and one.non_standard:
        return "both def:StandardOID and def:IsNonStandard"
    return "" if one.standard or one.non_standard else "no def:StandardOID nor def:IsNonStandard"


def _standard_is_guide(define: Define) -> Hits:
    for one in define.datasets:
        standard = define.standard.get(one.standard)
        if standard and standard.type == "CT":
            yield Hit(one.line, f"{one.name}: its standard {one.standard} is terminology")


def _no_data_says_why(one: Dataset) -> str:
    return "no data, and no comment says why" if one.no_data and not one.comment else ""


def _archive(one: Dataset) -> str:
    if one.no_data:
        return "no data, yet it names a file" if one.archive else ""
    return "" if one.archive else "no def:ArchiveLocationID"


def _own_leaf(one: Dataset) -> str:
    if not one.archive or (one.leaf and one.leaf.oid == one.archive):
        return ""
    return f"its def:leaf is not {one.archive}"


def _file_name(one: Dataset) -> str:
    if one.leaf is None:
        return ""
    file, expected = one.leaf.href.rpartition("/")[2], f"{one.name.lower()}.xpt"
    return "" if file == expected else f"its file is '{file}', not '{expected}'"


def _same_name(define: Define) -> Hits:
    counted = Counter(one.name for one in define.datasets)
    for one in define.datasets:
        if counted[one.name] > 1:
            yield Hit(one.line, f"{one.name} is described {counted[one.name]} times")


def _split_alias(one: Dataset) -> str:
    split = len(one.domain) == 2 and one.name.startswith(one.domain) and one.name != one.domain  # noqa: PLR2004
    missing = split and "DomainDescription" not in one.aliases
    return f"a part of {one.domain} without Alias DomainDescription" if missing else ""


def _no_variables(one: Dataset) -> str:
    return "" if one.items else "no variables"


def _no_keys(one: Dataset) -> str:
    return "" if not one.items or any(ref.key for ref in one.items) else "no KeySequence"


def _key_numbers(one: Dataset) -> str:
    keys = [ref.key for ref in one.items if ref.key]
    expected = {str(number) for number in range(1, len(keys) + 1)}
    return "" if set(keys) == expected else f"KeySequence is {', '.join(sorted(keys))}"


def _order_missing(one: Dataset) -> str:
    count = sum(not ref.order for ref in one.items)
    return f"{count} of {len(one.items)} variables have no OrderNumber" if count else ""


def _order_numbers(one: Dataset) -> str:
    given = [ref.order for ref in one.items if ref.order]
    if len(given) < len(one.items):
        return ""
    for number, order in enumerate(given, start=1):
        if order != str(number):
            return f"the variable in place {number} has OrderNumber {order}"
    return ""


def _same_variable(define: Define) -> Hits:
    seen: set[tuple[str, str]] = set()
    for variable in define.variables:
        place = (variable.dataset.oid, variable.item.name)
        if place in seen:
            what = f"{variable.dataset.name} has two variables {variable.item.name}"
            yield Hit(variable.ref.line, what)
        seen.add(place)


_GROUP = "Define-XML, ItemGroupDef"
_SAS = "SAS TS-140; FDA Study Data Technical Conformance Guide, names and labels"
_REF = "Define-XML, ItemRef"

RULES: tuple[Rule[Define], ...] = (
    Rule("DD1201", ERROR, "A dataset has a SAS name", _SAS, "use letters A-Z and digits, at most 8",
         _each(_name)),
    Rule("DD1202", ERROR, "SASDatasetName is the dataset's name", _GROUP,
         "set SASDatasetName to the name of the XPT dataset", _each(_sas_name)),
    Rule("DD1203", ERROR, "A tabulation dataset names its domain", _GROUP, "add Domain",
         _each(_domain)),
    Rule("DD1204", ERROR, "A dataset has a label", _GROUP, "add Description/TranslatedText",
         _each(_label)),
    Rule("DD1205", ERROR, "A dataset's label has at most 40 bytes", _SAS, "shorten it",
         _each(_label_length)),
    Rule("DD1206", ERROR, "A dataset's label is printable ASCII", _SAS, "replace what is not",
         _each(_label_ascii)),
    Rule("DD1207", ERROR, "A dataset has a class", "Define-XML 2.1, def:Class", "add def:Class",
         _each(_class), ONLY_21),
    Rule("DD1208", ERROR, "A dataset's class is one of the fixed terms",
         "Define-XML, def:Class (NCI C103329)", "use the term as published, in upper case",
         _each(_class_term)),
    Rule("DD1209", ERROR, "A dataset's subclass is one of the fixed terms",
         "Define-XML 2.1, def:SubClass", "use the term as published, in upper case",
         _each(_sub_class), ONLY_21),
    Rule("DD1210", ERROR, "Purpose is Tabulation or Analysis", _GROUP,
         "Tabulation for SDTM and SEND, Analysis for ADaM", _each(_purpose)),
    Rule("DD1211", ERROR, "Repeating and IsReferenceData are Yes or No", _GROUP,
         "write Yes or No", _each(_yes_no)),
    Rule("DD1212", ERROR, "def:IsNonStandard and def:HasNoData are Yes or absent", _GROUP,
         "write Yes, or leave the attribute out", _each(_yes_only), ONLY_21),
    Rule("DD1213", ERROR, "Reference data hold no subjects", _GROUP,
         "IsReferenceData=Yes is for data such as the trial design", _reference_data),
    Rule("DD1214", WARNING, "Repeating agrees with the keys", _GROUP,
         "Repeating=No means one record per subject; mend it or the KeySequence", _repeating),
    Rule("DD1215", WARNING, "Datasets stand by class", "Define-XML, order of ItemGroupDef",
         "trial design, special purpose, interventions, events, findings, relationship",
         _class_order),
    Rule("DD1216", ERROR, "A dataset names its standard, or says that it has none", _GROUP,
         "add def:StandardOID, or def:IsNonStandard=Yes", _each(_standard), ONLY_21),
    Rule("DD1217", ERROR, "A dataset's standard is an implementation guide", _GROUP,
         "refer to a def:Standard of type IG", _standard_is_guide, ONLY_21),
    Rule("DD1218", ERROR, "A dataset without data says why", _GROUP,
         "add def:CommentOID with the reason", _each(_no_data_says_why), ONLY_21),
    Rule("DD1219", ERROR, "A dataset names its file, unless it has no data", _GROUP,
         "def:ArchiveLocationID with data, def:HasNoData=Yes without", _each(_archive)),
    Rule("DD1220", ERROR, "A dataset's file stands inside its own definition", _GROUP,
         "put the def:leaf that def:ArchiveLocationID names into the ItemGroupDef",
         _each(_own_leaf)),
    Rule("DD1221", WARNING, "A dataset's file is named as the dataset", _SAS,
         "name it as the dataset, in lower case, with .xpt", _each(_file_name)),
    Rule("DD1222", ERROR, "A dataset is described once", _GROUP,
         "keep one; parts of a split dataset have names of their own", _same_name),
    Rule("DD1223", WARNING, "A part of a split dataset names the whole", "Define-XML, Alias",
         'add <Alias Context="DomainDescription" Name="…"/>', _each(_split_alias)),
    Rule("DD1224", ERROR, "A dataset has variables", _GROUP, "add an ItemRef for each",
         _each(_no_variables)),
    Rule("DD1225", ERROR, "A dataset has keys", _REF, "number its keys with KeySequence",
         _each(_no_keys)),
    Rule("DD1226", ERROR, "KeySequence counts 1, 2, 3 …, each once", _REF, "renumber the keys",
         _each(_key_numbers)),
    Rule("DD1227", WARNING, "Every variable has an OrderNumber", _REF, "number the variables",
         _each(_order_missing)),
    Rule("DD1228", WARNING, "OrderNumber counts 1, 2, 3 … in the order of the ItemRefs", _REF,
         "renumber the variables", _each(_order_numbers)),
    Rule("DD1229", ERROR, "A dataset has a variable once", _REF, "remove or rename one",
         _same_variable),
)  # fmt: skip
