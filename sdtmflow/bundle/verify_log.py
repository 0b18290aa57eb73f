"""Verify a bundle in its store, and log that it was verified, and with what result."""

from __future__ import annotations

from sdtmflow.audit import Actor
from sdtmflow.bundle.logged import act_on, note_act
from sdtmflow.bundle.meter import Progress, unseen
from sdtmflow.bundle.read import bundles, pick
from sdtmflow.bundle.verify import Verification, verify
from sdtmflow.signing import NOBODY, Trust
from sdtmflow.store.protocol import Store
from sdtmflow.wording import counted

_NAMED = 5
"""Faulty files that the log names; the verification itself names all."""


def verify_and_log(
    store: Store,
    study_id: str,
    version: str = "latest",
    trust: Trust = NOBODY,
    *,
    actor: Actor | None = None,
    progress: Progress = unseen,
) -> tuple[Verification, str]:
    """What ``verify`` finds; and why the log does not tell of it, empty where it does.

    Who may read and not write the log verifies all the same: nothing leaves the store. Raises as
    ``verify`` does; a chain of claims that is broken is no version's result, and is not logged.
    """
    verification = verify(store, study_id, version, trust, progress)
    claims = bundles(store, study_id)
    claim = pick(store, study_id, claims, verification.name)
    act = act_on(claim, "verify", **_result(verification))
    return verification, note_act(store, claims, act, actor, "verification")


def _result(verification: Verification) -> dict[str, str]:
    if not verification.faults:
        return {"result": "intact", "files": str(verification.files)}
    names = [fault.path for fault in verification.faults]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return {"result": counted(len(names), "fault"), "in": ", ".join(names[:_NAMED]) + more}
