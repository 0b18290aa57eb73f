"""The suites of a study folder, merged: everything that is expected of one table in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from expectations.suite import Check, Join, TableSuite
from expectations.tables import subject_column
from sdtmflow.errors import StudyError
from sdtmflow.study import StudyFolder
from sdtmflow.typed_yaml import StudyErrors, load_yaml


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What is expected of one table at one stage, from all suite files that name it."""

    table: str
    stage: str
    place: str
    """The files, for messages: ``expectations/ae.yaml``."""
    checks: tuple[Check, ...]
    key: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()
    pointer: bool = False
    required: bool = False

    @property
    def name(self) -> str:
        """What GX and the Data Docs call it: ``raw.ae``."""
        return f"{self.stage}.{self.table}"


def load_suites(folder: StudyFolder) -> tuple[TableSuite, ...]:
    """The study's own suites (``expectations/*.yaml``), in the order of their file names.

    Raises StudyErrors with every mistake of every file as ``expectations/ae.yaml:12: …``.
    """
    return tuple(suite for _, suite in _named_suites(folder))


def rule_messages(folder: StudyFolder) -> dict[str, tuple[str, ...]]:
    """Rule → messages of the study's own suites, with ``{COLUMN}`` where a record's value stands.

    Several expectations may share a rule; each says it in its own words.
    """
    found: dict[str, dict[str, None]] = {}
    for suite in load_suites(folder):
        for check in suite.expectations:
            found.setdefault(check.rule, {})[check.message] = None
    return {rule: tuple(messages) for rule, messages in found.items()}


def record_keys(folder: StudyFolder) -> dict[str, tuple[str, ...]]:
    """Raw table → the columns that name a record within its subject, where its suites say so."""
    return {table: plan.key for table, plan in plans(folder, "raw").items() if plan.key}


def plans(folder: StudyFolder, stage: str) -> dict[str, TablePlan]:
    """Table → plan, for the study's own suites of ``stage``."""
    by_table: dict[str, list[TablePlan]] = {}
    for plan in plans_by_file(folder):
        if plan.stage == stage:
            by_table.setdefault(plan.table, []).append(plan)
    return {table: merged(parts) for table, parts in by_table.items()}


def plans_by_file(folder: StudyFolder) -> tuple[TablePlan, ...]:
    """The study's own suites as they stand in their files; raises as ``load_suites`` does."""
    return tuple(_plan(name, suite) for name, suite in _named_suites(folder))


def merged(parts: Sequence[TablePlan]) -> TablePlan:
    """Several plans of one table as one, so that GX reads the table once; the first key counts."""
    first = parts[0]
    return TablePlan(
        table=first.table,
        stage=first.stage,
        place=", ".join(part.place for part in parts),
        checks=tuple(check for part in parts for check in part.checks),
        key=next((part.key for part in parts if part.key), ()),
        joins=_united([join for part in parts for join in part.joins], first.stage),
        pointer=any(part.pointer for part in parts),
        required=any(part.required for part in parts),
    )


def _named_suites(folder: StudyFolder) -> list[tuple[str, TableSuite]]:
    found: list[tuple[str, TableSuite]] = []
    problems: list[StudyError] = []
    for path in sorted(folder.expectations.glob("*.y*ml")):
        name = f"expectations/{path.name}"
        try:
            found.append((name, load_yaml(path, TableSuite, name=name)))
        except StudyErrors as errors:
            problems += errors.problems
        except StudyError as error:
            problems.append(error)
    if problems:
        raise StudyErrors(problems)
    return found


def _plan(name: str, suite: TableSuite) -> TablePlan:
    return TablePlan(
        table=suite.table,
        stage=suite.stage,
        place=name,
        checks=tuple(suite.expectations),
        key=tuple(suite.key),
        joins=suite.joins,
        pointer=suite.pointer,
        required=suite.required,
    )


def _united(joins: Sequence[Join], stage: str) -> tuple[Join, ...]:
    """One join for each way to look up a table, which takes what all of them take."""
    united: list[Join] = []
    for join in joins:
        on = join.keys or {subject_column(stage): subject_column(stage)}
        bare = join.model_copy(update={"on": on, "take": {}})
        same = next((n for n, each in enumerate(united) if _bare(each) == bare), None)
        if same is None:
            united.append(bare.model_copy(update={"take": join.columns}))
        else:
            taken = united[same].columns | join.columns
            united[same] = bare.model_copy(update={"take": taken})
    return tuple(united)


def _bare(join: Join) -> Join:
    return join.model_copy(update={"take": {}})
