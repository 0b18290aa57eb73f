"""The grammar of a mapping spec: one domain a file, one variable a line, as frozen typed models.

    version: 1
    domain: AE
    from: ae                                   # the staged raw table
    where: "AETERM is not missing"             # rows that fail are dropped, and counted
    keys: [STUDYID, USUBJID, AESTDTC, AETERM]  # natural key = sort order = define.xml's KeySequence
    variables:
      AETERM:  {assign: AETERM}
      AESEV:   {assign_ct: AESEV}
      AESTDTC: {datetime: [AESTDAT, AESTTIM], formats: [DD-MON-YYYY, "HH:MM"]}
      AESTDY:  {study_day: AESTDTC}
    supplemental:
      AESI:    {label: Adverse Event of Special Interest, assign_ct: AESI, codelist: NY}

**What a name means.** In the verbs that read raw data (assign, assign_ct, concat, coalesce, case,
datetime, number, convert, visit, and every ``where``/``when``) a plain name is a raw column, unless
it is a variable of this domain that is not itself made from a raw column of that name: then it is
that variable (``DTHDTC`` made from ``DTHDAT`` may be named in a ``case``). In the verbs that derive
(study_day, epoch, sequence, baseline, earliest, latest, derive) it is the SDTM variable. Prefixes
leave no doubt: ``raw.AESER`` is the raw column, ``AE.AESER`` the variable, ``DM.RFSTDTC`` another
dataset's variable for the same subject (its only record, else the first as delivered).

A raw column that a source does not deliver is missing; `sdtmflow check` reports it.
STUDYID, DOMAIN, USUBJID (and in DM also SUBJID and SITEID) are filled unless a line says otherwise.
``raw._site`` and ``raw._subject`` are every record's site and subject number: where sites share
their numbers, ``SUBJID: {concat: {parts: [raw._site, raw._subject], separator: "-"}}`` is unique.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from sdtmflow.dataset import DataType, OriginSource, OriginType
from sdtmflow.mapping.conditions import parse
from sdtmflow.typed_yaml import Strict


def _parses(condition: str) -> str:
    parse(condition)
    return condition


VariableName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,7}$")]
Reference = Annotated[str, Field(min_length=1, max_length=128)]
"""A name as the module's docstring explains it: ``AETERM``, ``raw.AETERM``, ``DM.RFSTDTC``."""
Condition = Annotated[str, AfterValidator(_parses)]
"""``A = 'x' and (B > 3 or C is missing)``; see ``conditions.py``."""


class Constant(Strict):
    """A literal where a name is expected: ``{constant: "-"}``."""

    constant: str | int | float


class Assigned(Strict):
    """A name where a literal is expected: ``{assign: AEOUT}``."""

    assign: Reference


class Concat(Strict):
    """The parts joined by the separator; missing parts leave no separator behind.

    | A | B | concat {parts: [A, B], separator: "-"} |
    |---|---|---|
    | x | y | x-y |
    | x |   | x |
    """

    parts: Annotated[list[Reference | Constant], Field(min_length=1)]
    separator: str = ""


class Branch(Strict):
    """One line of a ``case``: ``{when: …, then: …}``, or ``{else: …}`` as the last.

    ``then`` and ``else`` are literals, or ``{assign: NAME}``; ``null`` leaves the value missing.
    """

    when: Condition | None = None
    then: str | int | float | Assigned | None = None
    else_: Annotated[str | int | float | Assigned | None, Field(alias="else")] = None


class Convert(Strict):
    """A result in standard units, by a declared table of factors.

    ``table`` is a CSV in the study's ``terms/`` (else the standard one beside the standard specs)
    with the columns ``test,from,to,factor,offset,decimals``: standard = value × factor + offset,
    rounded half away from zero to ``decimals`` where given. A test that the table does not name
    keeps its value and unit. A unit that the table lacks for a test it names gives the finding
    UNIT_UNMAPPED and no standard result.

    ``give``: ``number`` (--STRESN), ``text`` (--STRESC; ``<5`` keeps its sign, ``NEGATIVE`` stays),
    ``unit`` (--STRESU).
    """

    value: Reference
    unit: Reference
    test: Reference
    table: str = "units"
    give: Literal["number", "text", "unit"] = "number"


class Lookup(Strict):
    """A value of the same subject's record in another raw table or SDTM dataset.

    ``match`` gives further pairs ``there: here``; ``where`` restricts the records there; ``take``
    chooses where several are left (in the order of ``by``, else as delivered). ``only``: several
    different values give the finding LOOKUP_AMBIGUOUS and stay missing. With ``formats`` the value
    (one column, or date and time) becomes a date; with ``codelist`` or ``terms`` it is matched.
    """

    table: str = ""
    dataset: str = ""
    value: Reference | list[Reference]
    match: dict[Reference, Reference] = {}
    where: Condition | None = None
    take: Literal["only", "first", "last", "min", "max"] = "only"
    by: list[Reference] = []

    @model_validator(mode="after")
    def _one_place(self) -> Lookup:
        if bool(self.table) == bool(self.dataset):
            raise ValueError(
                "a lookup reads either 'table' (raw) or 'dataset' (SDTM); name exactly one"
            )
        return self


class Extreme(Strict):
    """The subject's earliest or latest of these date variables (``EX.EXSTDTC``).

    Dates that are complete to the day decide; partial ones count only where there is no other,
    because they cannot be ordered. ``where`` restricts the records (names of that dataset).
    """

    of: Annotated[list[Reference], Field(min_length=1)]
    where: Condition | None = None


class Sequence(Strict):
    """1, 2, 3 … within the subject, by the domain's ``keys`` or the variables named.

    Ties are broken by where the record came from, so that numbers are unique and repeatable.
    """

    by: Literal["keys"] | list[VariableName] = "keys"


class StudyDay(Strict):
    """date − reference + 1 on or after the reference day, date − reference before it; no day 0.

    Only dates complete to the day count; else missing.
    """

    date: Reference
    reference: Reference = "DM.RFSTDTC"


class Epoch(Strict):
    """The EPOCH of the subject's element (SE) that the date falls in.

    An element covers its start up to, not including, the start of the next; the last also its end.
    Missing where the date is partial or outside every element.
    """

    date: Reference


class Visit(Strict):
    """The planned visit by its name or a ``collected`` text of study.yaml (any letter case).

    A text that begins with ``UNSCHED`` or ``UNPLAN`` is an unscheduled visit. A number that it
    holds is kept (``Unscheduled 3.1`` → 3.1); else VISITNUM is the number of the subject's last
    planned visit on or before ``date`` (over all domains) plus 0.01 for each unscheduled date
    since (2.01, 2.02, …; 0.01 … before the first). VISIT is ``UNSCHEDULED 2.01``, VISITDY missing.
    Any other text, or an unscheduled visit without a complete date, is kept as collected, its
    VISITNUM is missing, and the finding VISIT_UNKNOWN tells.
    """

    collected: Reference
    date: Reference | None = None
    give: Literal["VISIT", "VISITNUM", "VISITDY"] = "VISIT"


class Baseline(Strict):
    """``Y`` on the last non-missing result on or before the reference, one record per ``by``.

    A result is ``result`` not missing; the date must be complete to the day. Where both the date
    and the reference carry a time, a later time on that day does not count.
    """

    result: Reference
    date: Reference
    by: Annotated[list[Reference], Field(min_length=1)]
    reference: Reference = "DM.RFXSTDTC"


class Dictionary(Strict):
    """An external dictionary that the values come from (MedDRA, WHODrug, ISO 3166)."""

    name: str
    version: str = ""


class OriginSpec(Strict):
    """Where values come from, in Define-XML 2.1's words; short form: the type alone."""

    type: OriginType
    source: OriginSource | None = None
    description: str = ""


VERBS = (
    "assign",
    "assign_ct",
    "constant",
    "concat",
    "coalesce",
    "case",
    "datetime",
    "number",
    "convert",
    "lookup",
    "earliest",
    "latest",
    "sequence",
    "study_day",
    "epoch",
    "visit",
    "baseline",
    "derive",
)


class Line(Strict):
    """A variable: exactly one verb, and what define.xml says of it."""

    assign: Reference | None = None
    """The raw text as sent, without surrounding blanks; a numeric variable reads it as a number."""
    assign_ct: Reference | None = None
    """The submission value: see ``terminology.py`` for the order in which texts are matched."""
    constant: str | int | float | None = None
    """The same value on every record."""
    concat: Concat | None = None
    coalesce: Annotated[list[Reference | Constant], Field(min_length=1)] | None = None
    """The first of these that is not missing; with ``codelist`` or ``terms`` it is matched."""
    case: Annotated[list[Branch], Field(min_length=1)] | None = None
    """The first branch whose condition is true; unknown (a missing operand) is not true.
    With ``codelist`` or ``terms`` the result is matched."""
    datetime: Reference | Annotated[list[Reference], Field(min_length=1, max_length=2)] | None = (
        None
    )
    """ISO 8601 text of a date column, or of a date and a time column; see ``dates.py``."""
    number: Reference | None = None
    """The number that the raw text says; other text gives the finding NUMBER_UNREADABLE."""
    convert: Convert | None = None
    lookup: Lookup | None = None
    earliest: Reference | Extreme | None = None
    latest: Reference | Extreme | None = None
    sequence: Sequence | None = None
    study_day: Reference | StudyDay | None = None
    epoch: Reference | Epoch | None = None
    visit: Visit | None = None
    baseline: Baseline | None = None
    derive: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")] | None = None
    """A function of the study's ``mappings/*.py``: DataFrame (text columns) in, Series out."""

    needs: list[Reference] = []
    """derive: the columns the function reads; default: the raw columns and the lines above."""
    formats: list[str] = []
    """datetime, lookup: formats in the words of study.yaml; default: the source's, else ISO."""
    unknown: list[str] = []
    """datetime: texts that stand for an unknown part, besides UN, UNK, UNKN, NK and dashes."""
    codelist: str | None = None
    """NCI code or submission name; default: what the SDTMIG says of the variable."""
    terms: str | None = None
    """The ``terms/NAME.csv`` to use; default: the one named like the codelist or the variable."""
    pattern: str | None = None
    """assign, coalesce, concat, lookup: keep the first group of this regular expression."""
    upper: bool = False
    """assign, coalesce, concat, lookup: in capitals, where the sponsor's convention says so."""
    when: Condition | None = None
    """Only on records where this is true; missing on the others."""

    origin: OriginType | OriginSpec | None = None
    """Default: what the verb implies."""
    method: str = ""
    """The derivation in words; default: the verb's own words."""
    comment: str = ""
    label: str = ""
    type: DataType | None = None
    length: Annotated[int, Field(ge=0, le=200)] = 0
    significant_digits: int | None = None
    display_format: str = ""
    dictionary: Dictionary | None = None
    evaluator: str = ""
    """supplemental: QEVAL."""

    @model_validator(mode="before")
    @classmethod
    def _one_verb(cls, data: Any) -> Any:
        if isinstance(data, dict):
            named = [verb for verb in VERBS if verb in data]
            strangers = [key for key in data if key not in cls.model_fields]
            if len(named) != 1 and not strangers:
                found = " and ".join(named) or "no verb"
                raise ValueError(
                    f"a line has exactly one verb, found {found}; write one of: {', '.join(VERBS)}"
                )
        return data

    @property
    def verb(self) -> str:
        """The name of the line's verb."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)


class Unpivot(Strict):
    """One raw row becomes one record per value (wide vital signs → one record a test).

    ``{}`` in a column name stands for the value; the keys of ``columns`` and ``into`` are then
    raw columns like any other, and the row's own columns stay. A record whose ``columns`` are all
    missing is dropped (counted).

    | SYSBP_VSORRES | SYSBP_VSORRESU | PULSE_VSORRES | → | VSTESTCD | RESULT | UNIT |
    |---|---|---|---|---|---|---|
    | 120 | mmHg | 61 | | SYSBP | 120 | mmHg |
    |     |      |    | | PULSE | 61 |  |
    """

    into: Reference
    values: Annotated[list[str], Field(min_length=1)]
    columns: Annotated[dict[Reference, str], Field(min_length=1)]
    labels: dict[str, str] = {}
    """Value: text for the column ``<into>_LABEL`` (``SYSBP: Systolic Blood Pressure``)."""


class RecordSet(Strict):
    """Records of a domain that come from one raw table (or a built-in maker)."""

    from_: Annotated[str, Field(alias="from", min_length=1)]
    where: Condition | None = None
    unpivot: Unpivot | None = None
    variables: dict[VariableName, Line | None] = {}
    """Added to, and before, the domain's common ``variables``; ``null`` leaves one out."""


class DomainSpec(Strict):
    """A mapping spec file."""

    version: Literal[1]
    domain: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,7}$")]
    extends: Literal["standard"] | None = None
    """A study's spec: ``standard`` overrides and adds lines to the standard spec; without it the
    file replaces the standard spec. ``AEREL: null`` removes a line. ``from``, ``where``,
    ``unpivot`` and ``keys`` take the place of the standard's; where the standard has several
    record sets and it is not clear which is meant, ``records`` replaces them all."""
    from_: Annotated[str, Field(alias="from")] = ""
    """A staged table, ``builtin.subject_elements`` (SE) or ``builtin.subject_visits`` (SV)."""
    where: Condition | None = None
    unpivot: Unpivot | None = None
    records: list[RecordSet] = []
    """Several record sets instead of ``from``; their rows are united."""
    keys: list[VariableName] = []
    variables: dict[VariableName, Line | None] = {}
    supplemental: dict[VariableName, Line | None] = {}
    label: str = ""
    structure: str = ""
    comment: str = ""

    @model_validator(mode="after")
    def _records_or_from(self) -> DomainSpec:
        if self.records and (self.from_ or self.where or self.unpivot):
            raise ValueError(
                "'from', 'where' and 'unpivot' belong inside 'records' where there are several; "
                "move them there"
            )
        if not self.extends and not (self.records or self.from_):
            raise ValueError("nothing to read from; add 'from: <raw table>' or 'records:'")
        return self

    def record_sets(self) -> tuple[RecordSet, ...]:
        """The record sets, also where the file uses the short form ``from``."""
        if self.records:
            return tuple(self.records)
        return (
            RecordSet.model_validate(
                {"from": self.from_, "unpivot": self.unpivot}
                | ({"where": self.where} if self.where else {})
            ),
        )
