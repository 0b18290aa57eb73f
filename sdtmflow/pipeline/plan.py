"""The mapping plan of a run, loaded once for each content of specs and standards."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sdtmflow.errors import StudyError
from sdtmflow.pipeline.run import Run
from sdtmflow.study import StudyFolder

if TYPE_CHECKING:
    from sdtmflow.mapping import Plan


def plan_of(run: Run) -> Plan:
    """The mapping plan. Raises StudyErrors with every mistake of every spec."""
    return _plan(run.folder, run.keys.specs, run.keys.standards)


def require_sound(run: Run) -> None:
    """Raises StudyError where a spec is wrong, or lacks a domain that the run is asked for."""
    from sdtmflow.mapping.planning.plan import DESIGN_DATASETS

    known = {*plan_of(run).domains, *DESIGN_DATASETS}
    unknown = [domain for domain in run.domains if domain.removeprefix("SUPP") not in known]
    if unknown:
        raise StudyError(
            f"there is no mapping of {', '.join(unknown)}",
            place="mappings",
            remedy=f"there are: {', '.join(sorted(known))}",
        )


@lru_cache(maxsize=4)
def _plan(folder: StudyFolder, _specs_key: str, _standards_key: str) -> Plan:
    from sdtmflow.mapping import load_plan

    return load_plan(folder)
