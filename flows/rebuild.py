"""A published bundle made again: the same steps on what the store has kept, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from expectations.table_plan import load_suites
from flows.making import Before, Begun, make
from flows.performing import perform
from flows.progress import tell
from flows.run_page import show_rebuilt
from flows.runners import Runner
from sdtmflow.bundle import shelf
from sdtmflow.pipeline.closing import bundle_facts
from sdtmflow.pipeline.earlier import as_compared
from sdtmflow.pipeline.keeping import Kept
from sdtmflow.pipeline.plan import require_sound
from sdtmflow.rebuild import Rebuild, Rebuilt, finish, folder_for, note_rebuild, prepared
from tasks import steps

_FETCH = "bring together"
_COMPARE = "compare"


def rebuild(
    study: Path,
    version: str,
    to: Path | None,
    *,
    store: str,
    runner: Runner,
    dask_scheduler: str,
    actor: str = "",
) -> State[Any]:
    """Make bundle ``version`` again into ``to`` (default: a folder named like it, here).

    The audit log tells that ``actor`` did, where the store lets them write it. The final state is
    Rebuilt, or a Failed RebuiltOtherwise; its data is ``Rebuilt``.
    """
    asked = shelf(study, store)
    target = folder_for(asked, version, to)
    note = note_rebuild(asked, version, actor)
    if note:
        get_run_logger().warning(note)
    tell(_FETCH, "", "started")
    with prepared(asked, version, target) as prepared_study:
        tell(_FETCH, "", "done")
        rebuilt = _made_again(prepared_study, target, runner, dask_scheduler)
    show_rebuilt(rebuilt)
    if rebuilt.differences:
        return Failed(name="RebuiltOtherwise", message=rebuilt.message, data=rebuilt)
    return Completed(name="Rebuilt", message=rebuilt.message, data=rebuilt)


def _made_again(again: Rebuild, to: Path, runner: Runner, dask_scheduler: str) -> Rebuilt:
    run, manifest = again.run, again.manifest
    require_sound(run)
    load_suites(run.folder)
    known = as_compared(manifest.deliveries)
    before = Before(manifest.run, again.standing())
    begun = Begun(run, again.collect(), again.numbering(), known, before)
    made = make(begun, runner, dask_scheduler)
    tree = run.workspace.path(perform(steps.lay_out, made.tree))
    tell(_COMPARE, again.claim.name, "started")
    kept = Kept(manifest.study_files, manifest.deliveries)
    facts = bundle_facts(run, made.outcome, made.deliveries, kept, manifest.created)
    rebuilt = finish(again, facts, tree, to)
    tell(_COMPARE, again.claim.name, "failed" if rebuilt.differences else "done")
    return rebuilt
