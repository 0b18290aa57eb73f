"""`sdtmflow bundles hold, unhold, extend`: what keeps a version longer than its release said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.bundle_release import (
    KeyOption,
    ReasonOption,
    SignerOption,
    VersionArgument,
    numbered,
    signatory_of,
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
    key: KeyOption = None,
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Put one version under legal hold: nobody can remove it before `unhold`, whatever its date."""
    from cli.bundles import acting_shelf
    from sdtmflow.releasing import hold as hold_version

    asked = acting_shelf(study, store)
    name, who = numbered(version), signatory_of(signer, key, asked)
    event = hold_version(asked.store, asked.study, name, who, reason=reason)
    tell_recorded(event, " is under legal hold")
    _tell_lock(asked.store)


def unhold(
    version: VersionArgument,
    reason: ReasonOption,
    signer: SignerOption = "",
    key: KeyOption = None,
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Lift a legal hold; a retention goes on, and what another version under hold needs stays."""
    from cli.bundles import acting_shelf
    from sdtmflow.releasing import unhold as unhold_version

    asked = acting_shelf(study, store)
    name, who = numbered(version), signatory_of(signer, key, asked)
    event = unhold_version(asked.store, asked.study, name, who, reason=reason)
    tell_recorded(event, " is no longer under legal hold")


def extend(
    version: VersionArgument,
    until: Annotated[
        str, typer.Option("--until", help="A later date (2061-12-31), or a period from now on.")
    ],
    reason: ReasonOption,
    signer: SignerOption = "",
    key: KeyOption = None,
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Keep a released version longer; a retention can only grow."""
    from cli.bundles import acting_shelf
    from sdtmflow.releasing import extend as extend_version

    asked = acting_shelf(study, store)
    name, who = numbered(version), signatory_of(signer, key, asked)
    event = extend_version(asked.store, asked.study, name, until, who, reason=reason)
    tell_recorded(event, f" is kept until {event.details['until'][:10]}")
    _tell_lock(asked.store)


def _tell_lock(store: Store) -> None:
    from sdtmflow.releasing.gates import NO_LOCK

    if not store.can_lock():
        out.print(Text("it is a note in the log alone:", "yellow"))
        out.print(Text(NO_LOCK, "yellow"))
