"""`sdtmflow design`: the trial as people draw it, arms by epochs and the schedule of visits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from cli.options import HERE, StudyArgument
from cli.screen import out

if TYPE_CHECKING:
    from sdtmflow.design import Arm, Design, Visit

EXAMPLE = "Example: sdtmflow design studies/demo"


def design(study: StudyArgument = HERE) -> None:
    """Show arms by epochs, how elements begin, and the planned visits.

    The design is that of study.yaml together with its USDM file, where it names one. What it lacks
    is told by `sdtmflow check`.
    """
    from sdtmflow.pipeline.plan import plan_of_folder
    from sdtmflow.study import StudyFolder

    plan = plan_of_folder(StudyFolder(study))
    out.print(Text(f"{plan.study.study}: {plan.study.title}", "bold"))
    if plan.study.design:
        for table in (_arms(plan.study.design), _elements(plan.study.design)):
            out.print()
            out.print(table, soft_wrap=False)
    if plan.study.visits:
        out.print()
        out.print(_visits(plan.study.visits), soft_wrap=False)


def _arms(design: Design) -> Table:
    """One row an arm, one column an epoch, in a cell its elements."""
    epochs = _epochs(design)
    table = _table("arm", "", *epochs)
    for code, arm in design.arms.items():
        cells = (" → ".join(_in_epoch(arm, epoch)) for epoch in epochs)
        table.add_row(Text(code, "bold"), arm.arm, *cells)
    return table


def _epochs(design: Design) -> list[str]:
    """The epochs of all arms, by the first place that one of them has in any arm."""
    places: dict[str, int] = {}
    for arm in design.arms.values():
        for order, step in enumerate(arm.elements):
            places[step.epoch] = min(order, places.get(step.epoch, order))
    return sorted(places, key=lambda epoch: places[epoch])


def _in_epoch(arm: Arm, epoch: str) -> Iterator[str]:
    return (step.etcd for step in arm.elements if step.epoch == epoch)


def _elements(design: Design) -> Table:
    from sdtmflow.mapping.design.element_rules import planned_elements, said

    steps = [step for arm in planned_elements(design).values() for step in arm]
    table = _table("element", "", "duration", "a subject's begins with")
    for code, element in design.elements.items():
        rules = dict.fromkeys(said(rule) for s in steps if s.etcd == code for rule in s.rules)
        begins = "\n".join(rules) or "no date"
        table.add_row(Text(code, "bold"), element.element, element.duration, begins)
    return table


def _visits(visits: list[Visit]) -> Table:
    table = _table("visit", "", "day", "window", "arms", "starts")
    for visit in visits:
        window = f"{visit.window[0]} to {visit.window[1]}" if visit.window else ""
        table.add_row(
            Text(f"{visit.visitnum:g}", "bold"),
            visit.visit,
            "" if visit.day is None else str(visit.day),
            window,
            ", ".join(visit.arms),
            visit.start_rule,
        )
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column == "day" else "left")
    return table
