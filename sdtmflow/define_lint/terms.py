"""The terms that Define-XML fixes (Define-XML 2.1.5 enumerations, NCI codelists named)."""

from __future__ import annotations

CLASSES = frozenset(
    {
        "ADAM OTHER",
        "BASIC DATA STRUCTURE",
        "DEVICE LEVEL ANALYSIS DATASET",
        "EVENTS",
        "FINDINGS",
        "FINDINGS ABOUT",
        "INTERVENTIONS",
        "MEDICAL DEVICE BASIC DATA STRUCTURE",
        "MEDICAL DEVICE OCCURRENCE DATA STRUCTURE",
        "OCCURRENCE DATA STRUCTURE",
        "RELATIONSHIP",
        "SPECIAL PURPOSE",
        "STUDY REFERENCE",
        "SUBJECT LEVEL ANALYSIS DATASET",
        "TRIAL DESIGN",
    }
)
"""C103329, General Observation Class."""

SUB_CLASSES = frozenset(
    {
        "ADVERSE EVENT",
        "MEDICAL DEVICE TIME-TO-EVENT",
        "NON-COMPARTMENTAL ANALYSIS",
        "POPULATION PHARMACOKINETIC ANALYSIS",
        "TIME-TO-EVENT",
    }
)

DATA_TYPES = frozenset(
    {
        "text",
        "integer",
        "float",
        "date",
        "datetime",
        "time",
        "partialDate",
        "partialTime",
        "partialDatetime",
        "incompleteDatetime",
        "durationDatetime",
        "intervalDatetime",
    }
)
NUMBERS = frozenset({"integer", "float"})
WITH_LENGTH = NUMBERS | {"text"}

ORIGIN_TYPES = {
    "2.1": frozenset(
        {"Assigned", "Collected", "Derived", "Not Available", "Other", "Predecessor", "Protocol"}
    ),
    "2.0": frozenset({"CRF", "Derived", "Assigned", "Protocol", "eDT", "Predecessor"}),
}
"""C170449 in 2.1; in 2.0 as its specification lists them."""

ORIGIN_SOURCES = frozenset({"Investigator", "Sponsor", "Subject", "Vendor"})
"""C170450."""

COMPARATORS = frozenset({"LT", "LE", "GT", "GE", "EQ", "NE", "IN", "NOTIN"})
WITH_SETS = frozenset({"IN", "NOTIN"})

STANDARDS = frozenset(
    {
        "ADaMIG",
        "BIMO",
        "CDISC/NCI",
        "SDTMIG",
        "SDTMIG-AP",
        "SDTMIG-MD",
        "SENDIG",
        "SENDIG-AR",
        "SENDIG-DART",
    }
)


PUBLISHING_SETS = frozenset({"ADaM", "CDASH", "DEFINE-XML", "SDTM", "SEND"})
STATUSES = frozenset({"Draft", "Final", "Provisional"})
STANDARD_TYPES = frozenset({"CT", "IG"})
CONTEXTS = frozenset({"Other", "Submission"})
PAGE_TYPES = frozenset({"NamedDestination", "PhysicalRef"})
METHOD_TYPES = frozenset({"Computation", "Imputation"})
CODELIST_TYPES = frozenset({"text", "integer", "float"})
YES_NO = frozenset({"Yes", "No"})
LABELS_OF_THE_GUIDE = {
    "DOMAIN": frozenset({"Domain", "Domain Abbreviation"}),
    "IETESTCD": frozenset(
        {"Incl/Excl Criterion Short Name", "Inclusion/Exclusion Criterion Short Name"}
    ),
    "NHOID": frozenset(
        {
            "Non-Host Organism Identifier",
            "Non-host Organism ID",
            "Non-host Organism Identifier",
        }
    ),
}
"""Labels that the SDTMIG (3.3, 3.4) itself gives to one variable in different datasets."""
