"""A study's own domain: what the SDTM asks of any dataset of its general class (SDTMIG 2.6)."""

from __future__ import annotations

from sdtmflow.standards.model import class_variables
from sdtmflow.standards.sdtmig import DatasetFacts, VariableFacts

_TOPIC = {
    "INTERVENTIONS": ("--TRT",),
    "EVENTS": ("--TERM",),
    "FINDINGS": ("--TESTCD", "--TEST"),
    "FINDINGS ABOUT": ("--TESTCD", "--TEST", "--OBJ"),
}
"""What a record is about, by class."""
_STRUCTURE = {
    "INTERVENTIONS": "One record per recorded intervention occurrence per subject",
    "EVENTS": "One record per event per subject",
    "FINDINGS": "One record per finding per visit per subject",
    "FINDINGS ABOUT": "One record per finding per object per visit per subject",
}
_ALWAYS = ("STUDYID", "DOMAIN", "USUBJID", "--SEQ")


def own_domain(version: str, code: str, cls: str, label: str) -> DatasetFacts:
    """The domain ``code`` of a general class: its required variables, by SDTMIG ``version``.

    All others of the class are permissible, and borrowed from the model where a spec has them.
    """
    needed = (*_ALWAYS, *_TOPIC[cls])
    found = (each for each in class_variables(version, cls) if each.name in needed)
    return DatasetFacts(
        name=code,
        label=label,
        cls=cls,
        structure=_STRUCTURE[cls],
        repeating=True,
        reference=False,
        variables=tuple(
            VariableFacts(each.of(code), each.label, each.type, each.role, "Req", order)
            for order, each in enumerate(found, start=1)
        ),
        own=True,
    )
