"""What a spec says of a variable beyond its mapping, for define.xml."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from sdtmflow.dataset import DataType, OriginSource, OriginType
from sdtmflow.mapping.values.wheres import where_of
from sdtmflow.typed_yaml import Strict


def _is_where(condition: str) -> str:
    where_of(condition)
    return condition


WhereCondition = Annotated[str, AfterValidator(_is_where)]
"""``LBTESTCD in ('BILI', 'GLUC') and LBSPEC = 'BLOOD'``."""


class Dictionary(Strict):
    """An external dictionary that the values come from (MedDRA, WHODrug, ISO 3166)."""

    name: str
    version: str = ""
    """Default: ``standards.dictionaries`` of study.yaml."""


class OriginSpec(Strict):
    """Where values come from, in Define-XML 2.1's words; short form: the type alone."""

    type: OriginType
    source: OriginSource | None = None
    description: str = ""
    pages: list[Annotated[int, Field(ge=1)]] = []
    """Pages of the annotated CRF; default: those on which ``acrf.pdf`` has the variable."""


class PermittedTerm(Strict):
    """A term of a codelist that the controlled terminology does not say so itself."""

    decode: str = ""
    code: str = ""
    """Its NCI code."""


class Permitted(Strict):
    """The codelist of define.xml as it is to be listed; default: what the data use.

    ``terms`` are submission values whose codes and decodes the controlled terminology has, or
    ``value: decode`` of the sponsor's own, or ``value: {decode: …, code: C…}``. Short form: the
    terms alone. ``name`` and ``code`` (of the list) default to those of the variable's codelist.
    """

    terms: Annotated[list[str] | dict[str, str | PermittedTerm], Field(min_length=1)]
    name: str = ""
    code: str = ""
    """NCI code of the codelist; empty for a list of the sponsor."""


class ValueSpec(Strict):
    """The variable where a condition holds: ``{where: "VSTESTCD = 'TEMP'", type: float}``.

    The condition is comparisons of variables with texts or numbers, joined with ``and``.
    """

    where: WhereCondition
    label: str = ""
    type: DataType = "text"
    length: Annotated[int, Field(ge=0, le=200)] = 0
    """0: as the data need."""
    significant_digits: int | None = None
    codelist: str | None = None
    permitted: Permitted | list[str] | None = None
    dictionary: Dictionary | None = None
    origin: OriginType | OriginSpec | list[OriginSpec] | None = None
    method: str = ""
    comment: str = ""
    mandatory: bool = False
    role: str = ""
