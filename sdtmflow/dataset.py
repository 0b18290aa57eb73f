"""What a dataset is: the metadata that mapping makes and every output format is written from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

DataType = Literal[
    "text",
    "integer",
    "float",
    "date",
    "datetime",
    "time",
    "durationDatetime",
    "partialDate",
    "partialDatetime",
    "incompleteDatetime",
    "partialTime",
    "intervalDatetime",
]
"""Define-XML 2.1 data types."""

OriginType = Literal[
    "Collected", "Derived", "Assigned", "Protocol", "Predecessor", "Not Available", "Other"
]
OriginSource = Literal["Subject", "Investigator", "Vendor", "Sponsor"]

CLASSES = (
    "TRIAL DESIGN",
    "SPECIAL PURPOSE",
    "INTERVENTIONS",
    "EVENTS",
    "FINDINGS",
    "FINDINGS ABOUT",
    "RELATIONSHIP",
    "STUDY REFERENCE",
)
"""Dataset classes in the order of define.xml (Define-XML 2.1, ItemGroupDef ordering)."""


ANNOTATED_CRF = "acrf"
"""How the annotated CRF is called among the documents."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file beside define.xml that people read: the annotated CRF, the reviewer's guide."""

    name: str
    """How ``DocumentRef`` and identifiers call it: ``acrf``."""
    file: str
    """Relative to define.xml: ``acrf.pdf``."""
    title: str
    annotated_crf: bool = False
    """Whether it belongs under def:AnnotatedCRF; all others stand under def:SupplementalDoc."""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document by its name, and where in it: physical pages (from 1), or named destinations."""

    document: str
    pages: tuple[int, ...] = ()
    destinations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a variable's values come from, in Define-XML 2.1's words."""

    type: OriginType
    source: OriginSource | None = None
    description: str = ""
    documents: tuple[DocumentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A permitted value; ``code`` is its NCI code, empty for a sponsor's extension."""

    value: str
    code: str = ""
    decode: str = ""


@dataclass(frozen=True, slots=True)
class Codelist:
    """A codelist restricted to what the study uses or may collect."""

    oid: str
    name: str
    code: str = ""
    extensible: bool = False
    terms: tuple[Term, ...] = ()
    dictionary: str = ""
    """External dictionary (MedDRA, ISO 3166, …); then there are no terms."""
    dictionary_version: str = ""


Comparator = Literal["EQ", "NE", "LT", "LE", "GT", "GE", "IN", "NOTIN"]


@dataclass(frozen=True, slots=True)
class Check:
    """What a value must be: ``VSTESTCD EQ SYSBP``; the variable may be another dataset's."""

    variable: str
    """``VSTESTCD``, or ``DM.COUNTRY``."""
    values: tuple[str, ...]
    comparator: Comparator = "EQ"


Where = tuple[Check, ...]
"""The condition of a value level: all of its checks hold."""


def equal(variable: str, value: str) -> Where:
    """The condition that is mostly meant: one variable has one value."""
    return (Check(variable, (value,)),)


@dataclass(frozen=True, slots=True)
class ValueLevel:
    """Value-level metadata: one variable under a condition such as VSTESTCD = SYSBP."""

    where: Where
    type: DataType
    length: int
    significant_digits: int | None = None
    label: str = ""
    codelist: Codelist | None = None
    origin: Origin | None = None
    further_origins: tuple[Origin, ...] = ()
    method: str = ""
    """The derivation in words; without it and ``expression``, the variable's own holds."""
    expression: str = ""
    code: str = ""
    comment: str = ""
    mandatory: bool = False
    role: str = ""

    @property
    def value(self) -> str:
        """The value that a simple condition asks for; empty for any other condition."""
        (first, *more) = self.where
        simple = first.comparator == "EQ" and not more
        return first.values[0] if simple else ""


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of a dataset.

    ``numeric`` decides the column's form in every file (XPT number or text); ``type`` is what
    define.xml says of it. ``length`` is bytes for text and 8 for numbers; 0 means "as the data
    needs". ``method`` is the derivation in words, ``expression`` the spec lines that do it,
    ``code`` the functions that these call. ``further_origins``: where some records have the
    values from elsewhere.
    """

    name: str
    label: str
    type: DataType = "text"
    numeric: bool = False
    length: int = 0
    significant_digits: int | None = None
    role: str = ""
    core: str = ""
    mandatory: bool = False
    codelist: Codelist | None = None
    origin: Origin | None = None
    further_origins: tuple[Origin, ...] = ()
    method: str = ""
    expression: str = ""
    code: str = ""
    comment: str = ""
    non_standard: bool = False
    """Not of the standard that the dataset follows."""
    display_format: str = ""
    value_level: tuple[ValueLevel, ...] = ()
    spec_place: str = ""
    """``ae.yaml:14``: the line of the mapping spec."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """An SDTM dataset's metadata; its rows travel separately (Parquet, one column a variable)."""

    name: str
    label: str
    cls: str
    """SDTM class in Define-XML's words (``EVENTS``, ``SPECIAL PURPOSE``, …)."""
    structure: str
    keys: tuple[str, ...]
    variables: tuple[Variable, ...] = field(default=())
    repeating: bool = True
    reference_data: bool = False
    domain: str = ""
    """The two-letter domain; for SUPPAE it is AE, for a part of QS it is QS."""
    domain_label: str = ""
    """What the domain is, where this is one of several datasets that it is split into."""
    comment: str = ""
    non_standard: bool = False
    """Of no standard: the sponsor's own domain."""

    def variable(self, name: str) -> Variable:
        """The variable called ``name``; KeyError where there is none."""
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise KeyError(name)
