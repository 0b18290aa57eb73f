"""`sdtmflow bundles hold, unhold, extend`: what keeps a version longer than its release said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.bundle_release import (
    ReasonOption,
    SignerOption,
    VersionArgument,
    named_signer,
    numbered,
    tell_recorded,
)
from cli.options import HERE, StoreOption, StudyOption
from cli.screen import out

if TYPE_CHECKING:
    from sdtmflow.store import Store

HOLD = 'Example: sdtmflow bundles hold v0007 --as "Cy Ode" --reason "inspection announced"'
UNHOLD = 'Example: sdtmflow bundles unhold v0007 --as "Cy Ode" --reason "inspection closed"'
EXTEND = (
    'Example: sdtmflow bundles extend v0007 --until 2061-12-31 --as "Cy Ode" --reason "new rule"'
)


def hold(
    version: VersionArgument,
    reason: ReasonOption,
    signer: SignerOption = "",
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Put one version under legal hold: nobody can remove it before `unhold`, whatever its date."""
    from cli.bundles import acting_store
    from sdtmflow.releasing import hold as hold_version

    opened, study_id = acting_store(study, store)
    event = hold_version(opened, study_id, numbered(version), named_signer(signer), reason=reason)
    tell_recorded(event, " is under legal hold")
    _tell_lock(opened)


def unhold(
    version: VersionArgument,
    reason: ReasonOption,
    signer: SignerOption = "",
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Lift a legal hold; a retention goes on, and what another version under hold needs stays."""
    from cli.bundles import acting_store
    from sdtmflow.releasing import unhold as unhold_version

    opened, study_id = acting_store(study, store)
    event = unhold_version(opened, study_id, numbered(version), named_signer(signer), reason=reason)
    tell_recorded(event, " is no longer under legal hold")


def extend(
    version: VersionArgument,
    until: Annotated[
        str, typer.Option("--until", help="A later date (2061-12-31), or a period from now on.")
    ],
    reason: ReasonOption,
    signer: SignerOption = "",
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Keep a released version longer; a retention can only grow."""
    from cli.bundles import acting_store
    from sdtmflow.releasing import extend as extend_version

    opened, study_id = acting_store(study, store)
    event = extend_version(
        opened, study_id, numbered(version), until, named_signer(signer), reason=reason
    )
    tell_recorded(event, f" is kept until {event.details['until'][:10]}")
    _tell_lock(opened)


def _tell_lock(store: Store) -> None:
    from sdtmflow.releasing.gates import NO_LOCK

    if not store.can_lock():
        out.print(Text("it is a note in the log alone:", "yellow"))
        out.print(Text(NO_LOCK, "yellow"))
