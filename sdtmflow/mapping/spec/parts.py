"""A domain whose records stand in several datasets (SDTMIG 4.1.7)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sdtmflow.mapping.spec.names import Condition
from sdtmflow.typed_yaml import Strict

PartName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{2,3}$")]
"""The domain's code and one or two letters or digits: ``QSPH``."""


class Part(Strict):
    """One dataset of a split domain: ``QSPH: {label: PHQ-9, where: "QSCAT = 'PHQ-9'"}``.

    ``where`` reads the domain's variables. A record belongs to the first dataset whose condition
    holds; one of none stays in a dataset named after the domain, and is told (SPLIT_REST).
    """

    label: Annotated[str, Field(min_length=1)]
    where: Condition
    structure: str = ""
    comment: str = ""
