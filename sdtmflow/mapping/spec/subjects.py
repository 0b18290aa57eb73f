"""The verbs that need the subject's other records, its reference dates or its visits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sdtmflow.mapping.spec.names import Condition, Constant, Reference, VariableName
from sdtmflow.typed_yaml import Strict


class Lookup(Strict):
    """A value of the same subject's record in another raw table or SDTM dataset.

    ``match`` gives further pairs ``there: here``; ``where`` restricts the records there. The value
    is a column, a list of a date and a time column, or a ``{constant: Y}`` for "there is such a
    record". Raw text is read as the variable wants it, in the manner of its own source: as a number
    for a numeric variable, as a date for --DTC or with ``formats``; with ``codelist`` or ``terms``
    it is matched. What cannot be read is the same finding as in ``number`` and ``datetime``.

    ``take`` chooses where several records are left: ``only`` (several different values give the
    finding LOOKUP_AMBIGUOUS and stay missing), ``first`` and ``last`` that have a value (in the
    order of ``by``, else as delivered), ``min`` and ``max`` (of numbers, dates, else texts),
    ``earliest`` and ``latest`` (read as dates), ``count`` (of those that have a value; 0 for none).
    A partial date is the earliest or latest where it is certainly that, or no date is complete.
    """

    table: str = ""
    dataset: str = ""
    value: Reference | Annotated[list[Reference], Field(min_length=1, max_length=2)] | Constant
    match: dict[Reference, Reference] = {}
    where: Condition | None = None
    take: Literal["only", "first", "last", "min", "max", "earliest", "latest", "count"] = "only"
    by: list[Reference] = []

    def values(self) -> tuple[str, ...]:
        """The columns there that the value is read from; none for a constant."""
        if isinstance(self.value, Constant):
            return ()
        return (self.value,) if isinstance(self.value, str) else tuple(self.value)

    @model_validator(mode="after")
    def _one_place(self) -> Lookup:
        if bool(self.table) == bool(self.dataset):
            raise ValueError(
                "a lookup reads either 'table' (raw) or 'dataset' (SDTM); name exactly one"
            )
        return self


class Extreme(Strict):
    """The subject's earliest or latest of these date variables (``EX.EXSTDTC``).

    Dates that are complete to the day decide. A partial one counts where there is no other, and
    where it is certainly the earliest or the latest: ``2024-03`` is later than ``2024-02-20``, but
    ``2024-02`` may be either. ``where`` restricts the records (names of that dataset).
    """

    of: Annotated[list[Reference], Field(min_length=1)]
    where: Condition | None = None


class Sequence(Strict):
    """1, 2, 3 … within the subject, by the domain's ``keys`` or the variables named.

    Ties stand in the order of delivery. --SEQ is remembered from bundle to bundle: a record that
    was published keeps its number, a new one gets the subject's next, and a retired number is not
    given again. So numbers are always unique, and follow the keys in the first bundle only.
    """

    by: Literal["keys"] | list[VariableName] = "keys"


class StudyDay(Strict):
    """date − reference + 1 on or after the reference day, date − reference before it; no day 0.

    Only dates complete to the day count; else missing.
    """

    date: Reference
    reference: Reference = "DM.RFSTDTC"


class Age(Strict):
    """Completed years (or months, weeks, days) from the date of birth to the reference.

    A birth date without day (and month) counts where every day that it may mean gives the same
    age; else the age is missing, since nothing is invented. AGEU is a line of its own.
    """

    birth: Reference = "DM.BRTHDTC"
    at: Reference = "DM.RFSTDTC"
    unit: Literal["YEARS", "MONTHS", "WEEKS", "DAYS"] = "YEARS"


class Epoch(Strict):
    """The EPOCH of the subject's element (SE) that the date falls in.

    An element covers its start up to, not including, the start of the next; the last also its end.
    A date without time counts as the end of its day. Missing where the date is partial or outside
    every element, or where a start is partial and the date may be before or after it.
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

    ``window`` assigns the visit by the ``window`` of study.yaml (first and last study day, counted
    from ``reference``) that the date falls in: ``missing`` where no visit is collected, ``always``
    whatever is collected (which may be left out). Of several windows it is the visit whose planned
    day is nearest, of two equally near the earlier. A date in no window, or not complete, gives
    VISIT_UNKNOWN and no visit.
    """

    collected: Reference | None = None
    date: Reference | None = None
    give: Literal["VISIT", "VISITNUM", "VISITDY"] = "VISIT"
    window: Literal["never", "missing", "always"] = "never"
    reference: Reference = "DM.RFSTDTC"

    @model_validator(mode="after")
    def _says_by_what(self) -> Visit:
        if not self.collected and self.window != "always":
            raise ValueError("'collected' is missing; name its column, or write 'window: always'")
        if not self.date and self.window != "never":
            raise ValueError("a window needs 'date'; name the variable")
        return self


class Baseline(Strict):
    """``Y`` on the last non-missing result on or before the reference, one record per ``by``.

    A missing ``result``, one that says ND or NOT DONE, and one whose --STAT has a value are none.
    The date must be complete to the day. Where both the date and the reference carry a time, a
    later time on that day does not count. ``by`` names what makes a result of its own: the test,
    and where they differ specimen, position, time point. Of several at the same moment the last in
    the order of delivery is flagged. ``reference`` is DM.RFXSTDTC for --LOBXFL, and for --BLFL what
    the protocol says.
    """

    result: Reference
    date: Reference
    by: Annotated[list[Reference], Field(min_length=1)]
    reference: Reference = "DM.RFXSTDTC"
