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
datetime, number, multiple, convert, visit, a duration's value and unit, every ``where``/``when``) a
plain name is a raw column, unless it is a variable of this domain that is not itself made from a
raw column of that name: then it is that variable (``DTHDTC`` made from ``DTHDAT`` may be named in a
``case``). In the verbs that derive (study_day, age, a duration's start and end, epoch,
range_indicator, sequence, baseline, earliest, latest, derive) it is the SDTM variable. Prefixes
leave no doubt: ``raw.AESER`` is the raw column, ``AE.AESER`` the variable, ``DM.RFSTDTC`` another
dataset's variable for the same subject (its only record, else the first as delivered).

A raw column that a source does not deliver is missing; `sdtmflow check` reports it.
STUDYID, DOMAIN, USUBJID (and in DM also SUBJID and SITEID) are filled unless a line says otherwise.
``raw._site`` (with ``raw._country``) and ``raw._subject`` are every record's site and subject
number: where sites share
their numbers, ``SUBJID: {concat: {parts: [raw._site, raw._subject], separator: "-"}}`` is unique.
In DM, ``raw._arms`` is ``Y`` where the study's design has arms, or what ARMCD or ARM is read from
was delivered.
"""

from sdtmflow.mapping.spec.described import (
    Dictionary,
    OriginSpec,
    Permitted,
    PermittedTerm,
    ValueSpec,
)
from sdtmflow.mapping.spec.domain import DomainSpec
from sdtmflow.mapping.spec.line import OF_THE_VARIABLE, VERBS, Line
from sdtmflow.mapping.spec.names import Assigned, Condition, Constant, Reference, VariableName
from sdtmflow.mapping.spec.parts import Part
from sdtmflow.mapping.spec.records import (
    ROW_KEYS,
    Collapse,
    Duplicates,
    Joined,
    Link,
    RecordSet,
    Split,
    Unpivot,
)
from sdtmflow.mapping.spec.subjects import (
    Age,
    Baseline,
    Epoch,
    Extreme,
    Lookup,
    Sequence,
    StudyDay,
    Visit,
)
from sdtmflow.mapping.spec.values import (
    Branch,
    Concat,
    Convert,
    DateParts,
    Duration,
    Multiple,
    RangeIndicator,
)

__all__ = [
    "OF_THE_VARIABLE",
    "ROW_KEYS",
    "VERBS",
    "Age",
    "Assigned",
    "Baseline",
    "Branch",
    "Collapse",
    "Concat",
    "Condition",
    "Constant",
    "Convert",
    "DateParts",
    "Dictionary",
    "DomainSpec",
    "Duplicates",
    "Duration",
    "Epoch",
    "Extreme",
    "Joined",
    "Line",
    "Link",
    "Lookup",
    "Multiple",
    "OriginSpec",
    "Part",
    "Permitted",
    "PermittedTerm",
    "RangeIndicator",
    "RecordSet",
    "Reference",
    "Sequence",
    "Split",
    "StudyDay",
    "Unpivot",
    "ValueSpec",
    "VariableName",
    "Visit",
]
