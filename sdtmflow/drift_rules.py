"""``drift`` of study.yaml: how a delivery is held against the last one, and how much it matters."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from sdtmflow.finding import Severity
from sdtmflow.typed_yaml import PlacedError, Strict
from sdtmflow.yaml_words import Said

Column = Annotated[str, Field(min_length=1), Said("a raw column")]
Table = Annotated[str, Field(min_length=1), Said("a raw table")]
Share = Annotated[float, Field(gt=0, le=1)]


class DriftRule(StrEnum):
    """What may have changed since the last delivery of the same source."""

    DELIVERY_OLDER = "DRIFT_DELIVERY_OLDER"
    DELIVERY_EMPTY = "DRIFT_DELIVERY_EMPTY"
    ENTRY_BACKWARDS = "DRIFT_ENTRY_BACKWARDS"
    TABLE_GONE = "DRIFT_TABLE_GONE"
    TABLE_NEW = "DRIFT_TABLE_NEW"
    COLUMN_GONE = "DRIFT_COLUMN_GONE"
    COLUMN_NEW = "DRIFT_COLUMN_NEW"
    SUBJECT_GONE = "DRIFT_SUBJECT_GONE"
    RECORD_GONE = "DRIFT_RECORD_GONE"
    RECORDS_GONE = "DRIFT_RECORDS_GONE"
    RECORDS_DIFFER = "DRIFT_RECORDS_DIFFER"
    VALUE_CHANGED = "DRIFT_VALUE_CHANGED"
    VALUE_REMOVED = "DRIFT_VALUE_REMOVED"
    COLUMN_CHANGED = "DRIFT_COLUMN_CHANGED"
    LOCKED_CHANGED = "DRIFT_LOCKED_CHANGED"
    COMPLETENESS = "DRIFT_COMPLETENESS"
    CODE_NEW = "DRIFT_CODE_NEW"
    SHARES = "DRIFT_SHARES"
    NUMBERS = "DRIFT_NUMBERS"
    UNITS = "DRIFT_UNITS"


SEVERITIES: dict[DriftRule, Severity] = {
    DriftRule.DELIVERY_OLDER: Severity.MAJOR,
    DriftRule.DELIVERY_EMPTY: Severity.CRITICAL,
    DriftRule.ENTRY_BACKWARDS: Severity.MAJOR,
    DriftRule.TABLE_GONE: Severity.MAJOR,
    DriftRule.TABLE_NEW: Severity.MINOR,
    DriftRule.COLUMN_GONE: Severity.MAJOR,
    DriftRule.COLUMN_NEW: Severity.MINOR,
    DriftRule.SUBJECT_GONE: Severity.CRITICAL,
    DriftRule.RECORD_GONE: Severity.MAJOR,
    DriftRule.RECORDS_GONE: Severity.MAJOR,
    DriftRule.RECORDS_DIFFER: Severity.MINOR,
    DriftRule.VALUE_CHANGED: Severity.MINOR,
    DriftRule.VALUE_REMOVED: Severity.MAJOR,
    DriftRule.COLUMN_CHANGED: Severity.MAJOR,
    DriftRule.LOCKED_CHANGED: Severity.MAJOR,
    DriftRule.COMPLETENESS: Severity.MAJOR,
    DriftRule.CODE_NEW: Severity.MINOR,
    DriftRule.SHARES: Severity.MINOR,
    DriftRule.NUMBERS: Severity.MINOR,
    DriftRule.UNITS: Severity.MAJOR,
}
"""What each matters where the study says nothing else."""


class Drift(Strict):
    """How each source's delivery is compared with its last one; without this section, as here."""

    said: ClassVar[str] = "a map such as {severities: {DRIFT_VALUE_CHANGED: off}, one_by_one: 50}"

    severities: dict[DriftRule, Literal["critical", "major", "minor", "off"]] = {}
    """Rule → ``critical``, ``major``, ``minor`` or ``off``; the others keep their own severity."""
    one_by_one: Annotated[int, Field(ge=0)] = 100
    """Up to so many changed values of a column at a site, or gone records of a table, are findings
    one by one; more of them are one finding with their number."""
    min_records: Annotated[int, Field(ge=2)] = 30
    """Completeness and distributions are told where a column has as many records on either side."""
    completeness: Share = 0.1
    """By how much the share of filled records must be lower among new records (0.1: 10 points)."""
    shift: Annotated[float, Field(gt=0)] = 1.0
    """By how many robust standard deviations the median of new numbers must lie elsewhere."""
    psi: Annotated[float, Field(gt=0)] = 0.25
    """The population stability index above which the shares of codes have moved."""
    keys: dict[Table, Annotated[list[Column], Field(min_length=1)]] = {}
    """Raw table → the columns that name a record within its subject, as ``key`` of a suite does."""
    entered: list[Column] = []
    """Raw columns with the date of entry or of the last change of a record, in any table."""
    locked: dict[Column, Annotated[list[str], Field(min_length=1)]] = {}
    """Raw column, in any table → its values that mark a record as verified or locked."""
    leave_out: list[Annotated[str, Field(min_length=1), Said("a table, or table.COLUMN")]] = []
    """Raw tables (``lb``) and columns (``ae.AECOMNT``) that are not compared."""

    @model_validator(mode="before")
    @classmethod
    def _rules_are_known(cls, given: Any) -> Any:
        severities = given.get("severities") if isinstance(given, dict) else None
        for rule in severities if isinstance(severities, dict) else ():
            if rule not in {known.value for known in DriftRule}:
                raise PlacedError(
                    f"there is no rule '{rule}'; there are {', '.join(DriftRule)}",
                    "severities",
                    rule,
                )
        return given

    def severity(self, rule: DriftRule) -> Severity | None:
        """How much a rule matters in this study; None where it is off."""
        said = self.severities.get(rule, SEVERITIES[rule])
        return None if said == "off" else Severity(said)

    def compares(self, table: str, column: str = "") -> bool:
        """Whether a table, or one column of it, is compared; upper and lower case are the same."""
        left_out = {name.casefold() for name in self.leave_out}
        named = f"{table}.{column}" if column else table
        return not {table.casefold(), named.casefold()} & left_out
