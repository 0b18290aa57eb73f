"""A source's delivery as a whole against its last one: tables, columns, and which is the older."""

from __future__ import annotations

from collections.abc import Iterator

from sdtmflow.drift.telling import Telling
from sdtmflow.drift_rules import Drift, DriftRule
from sdtmflow.finding import Finding
from sdtmflow.sources.conform import study_name
from sdtmflow.sources.report import CollectReport, TableReport
from sdtmflow.study import Source


def compare_structure(
    last: CollectReport, now: CollectReport, source: Source, settings: Drift
) -> Iterator[Finding]:
    """What the delivery has no more, has new, and whether it is older than the last one."""
    telling = Telling(settings, source.site)
    _tell_age(telling, last, now)
    _tell_tables(telling, last, now)
    yield from telling


def _tell_age(telling: Telling, last: CollectReport, now: CollectReport) -> None:
    if last.made and now.made and now.made < last.made:
        telling.tell(
            DriftRule.DELIVERY_OLDER,
            f"the delivery of source {now.source} was made on {now.made[:10]}, the last one on "
            f"{last.made[:10]}",
            record_key=f"SOURCE={now.source}",
            query="Please send the newest export.",
            file=now.files[0].name if len(now.files) == 1 else "",
        )


def _tell_tables(telling: Telling, last: CollectReport, now: CollectReport) -> None:
    before, after = (_tables(report, telling.settings) for report in (last, now))
    for name in [name for name in before if name not in after]:
        _tell(telling, DriftRule.TABLE_GONE, now, name)
    for name in [name for name in after if name not in before]:
        _tell(telling, DriftRule.TABLE_NEW, now, name)
    for name in [name for name in after if name in before]:
        _tell_columns(telling, before[name], after[name], now)


def _tables(report: CollectReport, settings: Drift) -> dict[str, TableReport]:
    return {
        table.name: table
        for table in report.tables
        if not table.auxiliary and settings.compares(study_name(table.name))
    }


def _tell_columns(
    telling: Telling, before: TableReport, after: TableReport, now: CollectReport
) -> None:
    was, here = ([column.name for column in table.columns] for table in (before, after))
    table = study_name(after.name)
    for rule, names, others in (
        (DriftRule.COLUMN_GONE, was, set(here)),
        (DriftRule.COLUMN_NEW, here, set(was)),
    ):
        for name in names:
            if name not in others and telling.settings.compares(table, name):
                _tell(telling, rule, now, after.name, name)


def _tell(
    telling: Telling, rule: DriftRule, now: CollectReport, table: str, column: str = ""
) -> None:
    what = f"column {column} of table {table}" if column else f"table {table}"
    gone = rule in {DriftRule.TABLE_GONE, DriftRule.COLUMN_GONE}
    said = "was in the last delivery" if gone else "is new in the delivery"
    rest = ", not in this one" if gone else ""
    telling.tell(
        rule,
        f"{what} {said} of source {now.source}{rest}",
        dataset=table,
        record_key=f"SOURCE={now.source}",
        variable=column,
        query="Please confirm that this was left out on purpose, or send it again." if gone else "",
        file=_file_of(table, now),
    )


def _file_of(table: str, report: CollectReport) -> str:
    """The file that holds the table's rows; empty where several or none of several may."""
    files = {file.sha256: file.name for file in report.files}
    holding = next((each.files for each in report.tables if each.name == table), [])
    names = [files[sha256] for sha256 in holding] or list(files.values())
    return names[0] if len(names) == 1 else ""
