"""The mapping plan of a run: made once for all processes and commands, and kept in ``work/plan``.

A plan is decided by the study folder's own files, the standard specs, the standards and the code;
it holds no subject's data. What is kept of another content, by other libraries, or for a folder
that has moved since, is never asked for; what cannot be read any more is made anew.
"""

from __future__ import annotations

import pickle
import platform
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from sdtmflow.errors import StudyError
from sdtmflow.pipeline.keys import Keys, key_of
from sdtmflow.pipeline.run import Run
from sdtmflow.pipeline.workspace import Workspace
from sdtmflow.study import StudyFolder

if TYPE_CHECKING:
    from sdtmflow.mapping import Plan

_STEP = "plan"
_FILE = "plan.pickle"
_KEPT = 4
"""Plans of earlier contents that stay beside the newest: who edits a spec goes back and forth."""


def plan_of(run: Run) -> Plan:
    """The mapping plan. Raises StudyErrors with every mistake of every spec."""
    return _plan(run.folder, _key(run.folder, run.keys), always=True)


def plan_of_folder(folder: StudyFolder) -> Plan:
    """The mapping plan of a study outside of any run. Raises StudyErrors with every mistake.

    It is kept where a run has made the work folder: who only looks at a study leaves no folder.
    """
    return _plan(folder, _key(folder, Keys.of(folder)), always=False)


def require_sound(run: Run) -> None:
    """Raises StudyError where a spec, or a file of the study's documents, is wrong.

    Also where the specs lack a domain that the run is asked for.
    """
    from sdtmflow.documents.soundness import require_sound_documents
    from sdtmflow.mapping.planning.plan import DESIGN_DATASETS

    require_sound_documents(run.folder.guide, plan_of(run))
    domains = plan_of(run).domains.values()
    known = {*DESIGN_DATASETS, *(name for each in domains for name in each.datasets)}
    unknown = [domain for domain in run.domains if domain.removeprefix("SUPP") not in known]
    if unknown:
        raise StudyError(
            f"there is no mapping of {', '.join(unknown)}",
            place="mappings",
            remedy=f"there are: {', '.join(sorted(known))}",
        )


def _key(folder: StudyFolder, keys: Keys) -> str:
    return key_of(
        _STEP,
        folder=str(folder.root),
        study=folder.study.model_dump(mode="json"),
        specs=keys.specs,
        standards=keys.standards,
        code=keys.code,
        versions=[platform.python_version(), version("pydantic")],
    )


@lru_cache(maxsize=4)
def _plan(folder: StudyFolder, key: str, *, always: bool) -> Plan:
    workspace = Workspace(folder.work)
    kept = _kept(workspace, key)
    if kept is not None:
        return kept
    from sdtmflow.mapping import load_plan

    plan = load_plan(folder)
    unchanged = _key(folder, Keys.of(folder)) == key  # or was a file edited while it was read?
    if unchanged and (always or folder.work.is_dir()):
        _keep(workspace, key, plan)
    return plan


def _keep(workspace: Workspace, key: str, plan: Plan) -> None:
    """Keep the plan; a folder that cannot be written to is planned each time."""

    def write(out: Path) -> None:
        (out / _FILE).write_bytes(pickle.dumps(plan, protocol=pickle.HIGHEST_PROTOCOL))

    with suppress(OSError):
        workspace.artifact(_STEP, key, write)
        workspace.forget(_STEP, but=_KEPT)


def _kept(workspace: Workspace, key: str) -> Plan | None:
    found = workspace.find(_STEP, key)
    if found is None:
        return None
    try:
        plan: Plan = pickle.loads((workspace.path(found) / _FILE).read_bytes())  # noqa: S301 — ours
    except Exception:  # noqa: BLE001 — whatever is wrong with it, the plan is made anew
        return None
    return plan
