"""DD10: the document itself, its header, the study, the standards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sdtmflow.define_lint import shapes, terms
from sdtmflow.define_lint.elements import Standard
from sdtmflow.define_lint.model import Define
from sdtmflow.define_lint.rule import ERROR, NOTICE, ONLY_21, WARNING, Hit, Hits, Rule

_CLOCK = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _odd(kind: str, words: str) -> Callable[[Define], Hits]:
    """The oddities of one kind; ``words`` names ``{element}`` and ``{name}``."""

    def check(define: Define) -> Hits:
        for odd in define.oddities:
            if odd.kind == kind:
                yield Hit(odd.line, words.format(element=odd.element, name=odd.name))

    return check


def _encoding(define: Define) -> Hits:
    if define.header.encoding.upper() not in {"UTF-8", "US-ASCII", "ASCII"}:
        yield Hit(1, f"the file is written in {define.header.encoding}")


def _stylesheet(define: Define) -> Hits:
    if not define.header.stylesheet:
        yield Hit(define.header.line, "no xml-stylesheet before the ODM element")


def _odm_version(define: Define) -> Hits:
    found = define.header.odm_version
    if found and found != "1.3.2":
        yield Hit(define.header.line, f"ODMVersion is '{found}'")


def _file_type(define: Define) -> Hits:
    found = define.header.file_type
    if found and found != "Snapshot":
        yield Hit(define.header.line, f"FileType is '{found}'")


def _created(define: Define) -> Hits:
    found = define.header.created
    if found and not _CLOCK.fullmatch(found):
        yield Hit(define.header.line, f"CreationDateTime is '{found}'")


def _context(define: Define) -> Hits:
    found = define.header.context
    if found and found not in terms.CONTEXTS:
        yield Hit(define.header.line, f"def:Context is '{found}'")


def _one_study(define: Define) -> Hits:
    counts = {"Study": define.header.studies, "MetaDataVersion": define.version.count}
    for name, count in counts.items():
        if count > 1:
            yield Hit(define.header.line, f"{count} {name} elements")


def _study_names(define: Define) -> Hits:
    for name, text in define.study.items():
        if not text:
            yield Hit(define.header.line, f"{name} is blank or missing")


def _define_version(define: Define) -> Hits:
    found = define.version.define
    if found and not re.fullmatch(rf"{re.escape(define.edition)}\.(0|[1-9]\d*)", found):
        what = f"def:DefineVersion is '{found}' in a namespace of {define.edition}"
        yield Hit(define.version.line, what)


def _version_description(define: Define) -> Hits:
    if not define.version.description:
        yield Hit(define.version.line, "MetaDataVersion has no Description")


def _no_datasets(define: Define) -> Hits:
    if not define.datasets:
        yield Hit(define.version.line, "no ItemGroupDef")


def _no_standards(define: Define) -> Hits:
    if not define.standards:
        yield Hit(define.version.line, "no def:Standards")


def _term(of: Callable[[Standard], str], known: frozenset[str], name: str) -> Callable[..., Hits]:
    """An attribute of def:Standard is one of the fixed terms."""

    def check(define: Define) -> Hits:
        for standard in define.standards:
            if of(standard) and of(standard) not in known:
                yield Hit(standard.line, f"{name} of {standard.oid} is '{of(standard)}'")

    return check


def _terminologies(define: Define) -> Iterator[Standard]:
    return (standard for standard in define.standards if standard.type == "CT")


def _publishing_set(define: Define) -> Hits:
    for standard in _terminologies(define):
        if not standard.publishing_set:
            yield Hit(standard.line, f"{standard.oid} is terminology without PublishingSet")


def _ct_version(define: Define) -> Hits:
    for standard in _terminologies(define):
        if not _DAY.fullmatch(standard.version):
            yield Hit(standard.line, f"version of {standard.oid} is '{standard.version}'")


def _ct_name(define: Define) -> Hits:
    for standard in define.standards:
        if (standard.name == "CDISC/NCI") != (standard.type == "CT") and standard.type:
            yield Hit(standard.line, f"{standard.oid}: '{standard.name}' of type {standard.type}")


def _guide(define: Define) -> Hits:
    if define.standards and all(standard.type != "IG" for standard in define.standards):
        yield Hit(define.standards[0].line, "no implementation guide among the standards")


def _terminology(define: Define) -> Hits:
    if define.standards and not any(_terminologies(define)):
        yield Hit(define.standards[0].line, "no controlled terminology among the standards")


def _same_standard(define: Define) -> Hits:
    seen = set()
    for one in define.standards:
        what = (one.name, one.type, one.publishing_set, one.version)
        if what in seen:
            yield Hit(one.line, f"{one.oid} is {one.name} {one.version} once more")
        seen.add(what)


_GRAMMAR = "Define-XML schema (ODM 1.3.2 with the def extension)"
_ODM, _MDV, _STANDARD = (
    "Define-XML, ODM element",
    "Define-XML, MetaDataVersion",
    "Define-XML 2.1, def:Standard",
)

RULES: tuple[Rule[Define], ...] = (
    Rule("DD1001", ERROR, "Only elements that Define-XML knows are used", _GRAMMAR,
         "remove or rename the element; extensions belong in a namespace of their own",
         _odd(shapes.UNKNOWN_ELEMENT, "{name} is not known inside {element}")),
    Rule("DD1002", ERROR, "Elements stand in the order of the schema", _GRAMMAR,
         "move the element before those that follow it in the schema",
         _odd(shapes.OUT_OF_ORDER, "{name} stands too late inside {element}")),
    Rule("DD1003", ERROR, "An element that may stand once stands once", _GRAMMAR,
         "keep one of them",
         _odd(shapes.REPEATED, "{name} stands more than once inside {element}")),
    Rule("DD1004", ERROR, "Elements that must be there are there", _GRAMMAR, "add the element",
         _odd(shapes.MISSING_ELEMENT, "{element} has no {name}")),
    Rule("DD1005", ERROR, "Only attributes that Define-XML knows are used", _GRAMMAR,
         "remove or rename the attribute; mind its prefix (def:)",
         _odd(shapes.UNKNOWN_ATTRIBUTE, "{element} has an attribute {name}, which is not known")),
    Rule("DD1006", ERROR, "Attributes that must be there are there, and not blank", _GRAMMAR,
         "fill in the attribute", _odd(shapes.MISSING_ATTRIBUTE, "{element} has no {name}")),
    Rule("DD1007", WARNING, "The file is written in UTF-8", "Define-XML, XML prolog",
         "save it as UTF-8 and say so in the XML declaration", _encoding),
    Rule("DD1008", WARNING, "A stylesheet is named, so that people can read the file",
         "Define-XML, XML prolog", 'add <?xml-stylesheet type="text/xsl" href="…"?> before ODM',
         _stylesheet),
    Rule("DD1009", ERROR, "ODMVersion is 1.3.2", _ODM, "set ODMVersion to 1.3.2", _odm_version),
    Rule("DD1010", ERROR, "FileType is Snapshot", _ODM, "set FileType to Snapshot", _file_type),
    Rule("DD1011", ERROR, "CreationDateTime is an ISO 8601 date and time", _ODM,
         "write it as 2026-03-31T12:00:00", _created),
    Rule("DD1012", ERROR, "def:Context is Submission or Other", _ODM,
         "Submission for an agency, Other for anything else", _context, ONLY_21),
    Rule("DD1013", ERROR, "One study and one metadata version", _ODM,
         "write one define.xml per study and kind of data", _one_study),
    Rule("DD1014", ERROR, "Study name, description and protocol name are given",
         "Define-XML, GlobalVariables", "fill in the three texts of GlobalVariables", _study_names),
    Rule("DD1015", ERROR, "def:DefineVersion agrees with the namespace", _MDV,
         "2.1.n with namespace def/v2.1, 2.0.n with def/v2.0", _define_version),
    Rule("DD1016", NOTICE, "The metadata version is described", _MDV,
         "say in Description what data the file describes", _version_description),
    Rule("DD1017", ERROR, "At least one dataset is described", "Define-XML, ItemGroupDef",
         "describe every dataset with an ItemGroupDef", _no_datasets),
    Rule("DD1020", ERROR, "The standards are listed", "Define-XML 2.1, def:Standards",
         "list the implementation guide and the terminology in def:Standards", _no_standards,
         ONLY_21),
    Rule("DD1021", ERROR, "A standard has a name that Define-XML knows", _STANDARD,
         f"one of {', '.join(sorted(terms.STANDARDS))}",
         _term(lambda one: one.name, terms.STANDARDS, "the name"), ONLY_21),
    Rule("DD1022", ERROR, "A standard's type is IG or CT", _STANDARD,
         "IG for a guide, CT for terminology",
         _term(lambda one: one.type, terms.STANDARD_TYPES, "the type"), ONLY_21),
    Rule("DD1023", ERROR, "A standard's status is Final, Provisional or Draft", _STANDARD,
         "use one of the three", _term(lambda one: one.status, terms.STATUSES, "the status"),
         ONLY_21),
    Rule("DD1024", ERROR, "Terminology names its publishing set", _STANDARD,
         "add PublishingSet (SDTM, ADaM, SEND, CDASH or DEFINE-XML)", _publishing_set, ONLY_21),
    Rule("DD1025", ERROR, "The publishing set is one that Define-XML knows", _STANDARD,
         f"one of {', '.join(sorted(terms.PUBLISHING_SETS))}",
         _term(lambda one: one.publishing_set, terms.PUBLISHING_SETS, "the publishing set"),
         ONLY_21),
    Rule("DD1026", ERROR, "The version of terminology is its date", _STANDARD,
         "write the date of the package, as 2025-03-28", _ct_version, ONLY_21),
    Rule("DD1027", ERROR, "CDISC/NCI is the name of terminology, and of it alone", _STANDARD,
         "name CDISC/NCI with type CT, a guide with type IG", _ct_name, ONLY_21),
    Rule("DD1028", WARNING, "An implementation guide is among the standards", _STANDARD,
         "add the guide that the datasets follow", _guide, ONLY_21),
    Rule("DD1029", WARNING, "Controlled terminology is among the standards", _STANDARD,
         "add the terminology that the codelists come from", _terminology, ONLY_21),
    Rule("DD1030", WARNING, "A standard is listed once", _STANDARD,
         "keep one of them and refer to it", _same_standard, ONLY_21),
)  # fmt: skip
