"""A standard suite as a person would write it: YAML with Great Expectations' own names."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from expectations.standard import dataset_target, standard_plan
from expectations.suite import Check, Join, TableSuite
from expectations.table_plan import TablePlan, merged
from sdtmflow.errors import StudyError
from sdtmflow.study import StudyFolder

_WIDTH = 100


def suite_text(folder: StudyFolder, dataset: str, rules: Sequence[str] = ()) -> str:
    """The standard suite of a dataset of the study's guide; of ``rules`` only, where named.

    Raises StudyError for a dataset that the guide does not have, and for rules that it does not
    get.
    """
    plan = merged([standard_plan(dataset_target(folder, dataset))])
    checks = [check for check in plan.checks if not rules or check.rule in rules]
    if not checks:
        raise StudyError(
            f"{dataset} has no rule {' or '.join(rules)}",
            place="--rule",
            remedy="sdtmflow suite show without --rule lists all of them",
        )
    suite = _suite(plan, checks)
    TableSuite.model_validate(suite)
    text = io.StringIO()
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.default_flow_style = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(suite, text)
    return text.getvalue()


def _suite(plan: TablePlan, checks: Sequence[Check]) -> dict[str, Any]:
    read = {name for check in checks for name in (*check.columns, *check.condition_columns)}
    joins = [_join(join) for join in plan.joins if {*join.columns, join.found} & read]
    return {
        "version": 1,
        "table": plan.table,
        "stage": plan.stage,
        **({"key": list(plan.key)} if plan.key else {}),
        **({"join": joins} if joins else {}),
        **({"pointer": True} if "POINTS_TO" in read else {}),
        "expectations": [_item(check) for check in checks],
    }


def _join(join: Join) -> CommentedMap:
    on = join.keys
    told = join.model_dump(exclude_defaults=True, exclude={"take", "on"})
    same = all(own == other for own, other in on.items())
    told["on"] = list(on) if same and len(on) > 1 else on if not same else next(iter(on))
    return _in_a_line({"to": join.to, **told, **({"take": join.columns} if join.columns else {})})


def _item(check: Check) -> dict[str, Any]:
    told = check.model_dump(
        mode="json", exclude={"expectation", "arguments"}, exclude_defaults=True
    )
    return {check.expectation: _in_a_line(check.arguments), **told}


def _in_a_line(words: Mapping[str, Any]) -> CommentedMap:
    """``{column: AESEV, value_set: [MILD, MODERATE, SEVERE]}``, as people write it."""
    line = CommentedMap(words)
    line.fa.set_flow_style()
    return line
