"""The trial's design as study.yaml writes it: elements, arms, criteria, summary, visits.

Everything may also come from a USDM study definition (``usdm``); then what study.yaml says of the
same element, arm, criterion, parameter or visit takes the place of what the USDM says, key by key,
and what only study.yaml has is added.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from sdtmflow.typed_yaml import Strict
from sdtmflow.yaml_words import Said

Text = Annotated[str, Field(min_length=1)]
Code8 = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_]{1,8}$"), Said("a code of up to 8 letters, digits and _")
]
TermCode = Annotated[
    str,
    Field(pattern=r"^[A-Z_][A-Z0-9_]{0,7}$"),
    Said("a code of up to 8 capitals, digits and _, a letter first"),
]
_DURATION = re.compile(
    r"P(?=\d|T\d)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)"
)


def is_duration(text: str) -> bool:
    """Whether the text is an ISO 8601 duration."""
    return _DURATION.fullmatch(text) is not None


def _duration(text: str) -> str:
    if text and not is_duration(text):
        raise ValueError(f"'{text}' is no ISO 8601 duration; write it as P14D, P2W or PT12H")
    return text


Iso8601Duration = Annotated[str, AfterValidator(_duration)]
"""``P14D``, ``P2W``, ``PT12H``."""


def _as_list(given: Any) -> Any:
    """A single mapping where a list of them may stand."""
    return [given] if isinstance(given, dict) else given


class Visit(Strict):
    """One planned visit: one record of TV, or one for each arm in ``arms``."""

    said: ClassVar[str] = "a map such as {visit: WEEK 2, visitnum: 3, day: 15}"

    visit: Text
    visitnum: float | None = None
    """Required, but where a USDM study definition has the visit: then its place there counts."""
    day: int | None = None
    """Planned study day (VISITDY); there is no day 0."""
    window: tuple[int, int] | None = None
    """First and last study day that still count as this visit."""
    collected: list[str] = []
    """Other texts that sources send for it."""
    arms: list[str] = []
    """The arms (ARMCD) that have the visit; empty: all."""
    start_rule: str = ""
    end_rule: str = ""
    encounter: str = ""
    """The name or id of the USDM's encounter that it is, where ``visit`` is not its name."""

    @field_validator("day")
    @classmethod
    def _no_day_zero(cls, day: int | None) -> int | None:
        if day == 0:
            raise ValueError("SDTM has no study day 0; use 1 for the day of the reference start")
        return day


class StartRule(Strict):
    """How the data tell the start of a subject's element: one date of some, and days after it.

    ``{earliest: EX.EXSTDTC, where: "EXTRT = 'DRUG A'"}`` is the first dose of drug A,
    ``{latest: EX.EXENDTC, plus_days: 1}`` the day after the last dose.
    """

    earliest: str | list[str] = []
    """SDTM date variables with their dataset (``DM.RFICDTC``)."""
    latest: str | list[str] = []
    where: str = ""
    """Only these records of the dataset; the conditions of mapping specs, on its variables."""
    plus_days: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _one_extreme(self) -> StartRule:
        if bool(self.earliest) == bool(self.latest):
            raise ValueError("a start is the 'earliest' or the 'latest' of dates; name one of them")
        return self

    @property
    def of(self) -> tuple[str, ...]:
        """The variables, whichever extreme is asked for."""
        named = self.earliest or self.latest
        return (named,) if isinstance(named, str) else tuple(named)


Starts = Annotated[list[StartRule], BeforeValidator(_as_list)]
"""One rule or several."""


class Element(Strict):
    """A row of TE: a building block of the arms."""

    element: str = ""
    start_rule: str = ""
    """TESTRL, in words."""
    end_rule: str = ""
    duration: Iso8601Duration = ""
    """TEDUR, an ISO 8601 duration."""
    starts: Starts = []
    """How the data tell that it began (SE); of several rules the first that gives a date counts.

    Default, by the epochs: the first element before treatment begins with informed consent, the
    first treatment element with the first dose, the first element after all treatment on the day
    after the last dose; no other element begins by default."""


class ArmElement(Strict):
    """A row of TA."""

    etcd: Code8
    epoch: Text
    branch: str = ""
    transition: str = ""
    starts: Starts = []
    """As in the element, where its start differs here (a second period, another arm)."""


class Arm(Strict):
    """A planned arm, as the sequence of its elements."""

    arm: str = ""
    elements: list[ArmElement] = []


class Unplanned(Strict):
    """An element that no arm plans, but that the data show: ETCD is ``UNPLAN`` (SE only)."""

    description: Text
    """SEUPDES."""
    starts: Starts
    epoch: str = ""


class Criterion(Strict):
    """A row of TI, or one for each of ``versions``."""

    text: str = ""
    short: Annotated[str, Field(max_length=200)] = ""
    """IETEST where ``text`` has more than 200 bytes."""
    category: Literal["INCLUSION", "EXCLUSION"] | None = None
    subcategory: str = ""
    rule: str = ""
    """TIRL: the criterion as an expression that a program can evaluate."""
    versions: list[str] = []
    """The protocol versions that have it (TIVERS). A criterion whose meaning an amendment changed
    is another criterion, with a code of its own."""


class Parameter(Strict):
    """A row of TS: ``value`` (several: one row each), or ``null_flavor`` where there is none.

    ``code`` is the value's code in the dictionary; of several values, one code each. A value of a
    CDISC codelist gets its code, ``CDISC CT`` and the study's CT version unless they are given.
    """

    value: str | list[str] = ""
    null_flavor: str = ""
    code: str | list[str] = ""
    dictionary: str = ""
    dictionary_version: str = ""
    group: str = ""
    """TSGRPID: parameters that belong together."""
    name: Annotated[str, Field(max_length=40)] = ""
    """TSPARM, for a parameter that controlled terminology does not know."""

    @model_validator(mode="after")
    def _consistent(self) -> Parameter:
        values = self.value if isinstance(self.value, list) else [self.value]
        if isinstance(self.code, list) and len(self.code) != len(values):
            raise ValueError("'code' and 'value' differ in number; give one code for each value")
        if any(values) == bool(self.null_flavor):
            raise ValueError(
                "a parameter has either 'value' or 'null_flavor'; give one of the two, such as "
                "null_flavor: NA"
            )
        return self

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Each value with its code."""
        values = self.value if isinstance(self.value, list) else [self.value]
        codes = self.code if isinstance(self.code, list) else [self.code] * len(values)
        return tuple(zip(values, codes, strict=True))


Parameters = Annotated[list[Parameter], BeforeValidator(_as_list), Field(min_length=1)]
"""One entry or several."""


class Design(Strict):
    """The trial design: TA, TE, TI, TS; TV comes from ``visits``; SE from the elements' starts."""

    usdm: str = ""
    """A USDM v4 study definition (JSON), relative to the study folder, such as
    ``design/study.usdm.json``: the design as far as it says it."""
    study_design: str = ""
    """USDM: name or id of the study design to use, where the file has several."""
    names: dict[str, str] = {}
    """USDM: id or name of an arm, element, epoch, criterion or encounter → its ARMCD, ETCD, EPOCH,
    IETESTCD or VISIT."""
    elements: dict[Code8, Element] = {}
    arms: dict[Annotated[str, Field(max_length=20)], Arm] = {}
    unplanned: list[Unplanned] = []
    criteria: dict[TermCode, Criterion] = {}
    summary: dict[TermCode, Parameters] = {}
    """TS by TSPARMCD; several entries of one parameter as a list."""
    expected_summary: list[str] | None = None
    """The parameters that `sdtmflow check` misses where they are not there; default: those that
    SDTMIG and the FDA's conformance guide ask for of every interventional study."""
