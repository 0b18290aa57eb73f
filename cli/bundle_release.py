"""`sdtmflow bundles approve, revoke, release, hold, unhold, extend`: who vouches for a version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.options import HERE, StoreOption, StudyOption
from cli.release_screen import tell_approval, tell_gates, tell_release
from cli.screen import out
from cli.signatures import approvers_of, trust_of
from sdtmflow.errors import SdtmflowError, StudyError

if TYPE_CHECKING:
    from sdtmflow.audit import Actor, Event
    from sdtmflow.releases import Releases
    from sdtmflow.signing import SigningKey
    from sdtmflow.store import Store

VersionArgument = Annotated[str, typer.Argument(help="v0001 or 1.", show_default=False)]
SignerOption = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="NAME",
        help="Your name in full, as it is to stand in the audit log. Default: SDTMFLOW_ACTOR.",
        show_default=False,
    ),
]
KeyOption = Annotated[
    Path | None,
    typer.Option(
        "--key",
        help="Your private key (PEM): it signs the entry of the audit log.",
        show_default=False,
    ),
]
RoleOption = Annotated[
    str, typer.Option("--role", help="A role of releases.approvals in study.yaml.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")]

APPROVE = (
    'Example: sdtmflow bundles approve v0007 --as "Ana Álvarez" --role "Data Management" '
    '--meaning "I have reviewed the data" --reason "database lock"'
)
REVOKE = (
    'Example: sdtmflow bundles revoke v0007 --as "Bo Li" --role Biostatistics '
    '--reason "wrong data cut-off"'
)
RELEASE = 'Example: sdtmflow bundles release v0007 --as "Cy Ode" --reason "submission 0001"'
HOLD = 'Example: sdtmflow bundles hold v0007 --as "Cy Ode" --reason "inspection announced"'
UNHOLD = 'Example: sdtmflow bundles unhold v0007 --as "Cy Ode" --reason "inspection closed"'
EXTEND = (
    'Example: sdtmflow bundles extend v0007 --until 2061-12-31 --as "Cy Ode" --reason "new rule"'
)


def approve(
    version: VersionArgument,
    role: RoleOption,
    meaning: Annotated[
        str, typer.Option("--meaning", help="What the signature says: review, approval, authorship")
    ],
    reason: ReasonOption,
    signer: SignerOption = "",
    key: KeyOption = None,
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Approve one version, after every byte of it was verified.

    Your name, the time, the role and the meaning are kept in the audit log, bound to the SHA-256 of
    the manifest that you see: an approval never counts for another version. A role approves once,
    a person in one role only.
    """
    from sdtmflow.releasing import approve as approve_version

    opened, study_id, rules = _opened(study, store)
    event = approve_version(
        opened,
        study_id,
        _numbered(version),
        rules,
        _signer(signer),
        role=role,
        meaning=meaning,
        reason=reason,
        trust=trust_of(study, None),
        approvers=approvers_of(study),
        key=_opened_key(key),
    )
    tell_approval(opened, event, rules)


def revoke(
    version: VersionArgument,
    role: RoleOption,
    reason: ReasonOption,
    signer: SignerOption = "",
    key: KeyOption = None,
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Take back the approval in a role, before the release; both stay in the audit log."""
    from sdtmflow.releasing import revoke as revoke_approval

    opened, study_id, rules = _opened(study, store)
    who = _signer(signer)
    name, opened_key = _numbered(version), _opened_key(key)
    event = revoke_approval(
        opened, study_id, name, rules, who, role=role, reason=reason, key=opened_key
    )
    _tell_recorded(event, f": its approval as {event.details['role']} is taken back")


def release(
    version: VersionArgument,
    reason: ReasonOption,
    signer: SignerOption = "",
    key: KeyOption = None,
    study: StudyOption = HERE,
    store: StoreOption = "",
    *,
    hold: Annotated[bool, typer.Option("--hold", help="Put it under legal hold, too.")] = False,
) -> None:
    """Release one version: pass every gate, lock all that it rests on, and record it.

    Each gate is shown with what was found and what to do. The exit code is 5 where one is closed;
    then nothing is locked. Where the release breaks off, repeat the command: it goes on from there.
    """
    from sdtmflow.releasing import ClosedGatesError
    from sdtmflow.releasing import release as release_version

    opened, study_id, rules = _opened(study, store)
    who = _signer(signer)
    try:
        done = release_version(
            opened,
            study_id,
            _numbered(version),
            rules,
            who,
            reason=reason,
            hold=hold,
            trust=trust_of(study, None),
            approvers=approvers_of(study),
            key=_opened_key(key),
        )
    except ClosedGatesError as error:
        tell_gates(error.gates)
        raise
    tell_release(done)


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
    event = hold_version(opened, study_id, _numbered(version), _signer(signer), reason=reason)
    _tell_recorded(event, " is under legal hold")
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
    event = unhold_version(opened, study_id, _numbered(version), _signer(signer), reason=reason)
    _tell_recorded(event, " is no longer under legal hold")


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
        opened, study_id, _numbered(version), until, _signer(signer), reason=reason
    )
    _tell_recorded(event, f" is kept until {event.details['until'][:10]}")
    _tell_lock(opened)


def _opened(study: Path, store: str) -> tuple[Store, str, Releases]:
    """The store, the study's id, and what study.yaml says of releases. Raises StudyError."""
    from cli.bundles import acting_store
    from sdtmflow.study import StudyFolder

    rules = StudyFolder(study).study.releases
    if rules is None:
        raise StudyError(
            "it has no 'releases', so nothing of this study is released",
            place="study.yaml",
            remedy="add, for instance, releases: {approvals: [Biostatistics], retention: 25 years}",
        )
    return (*acting_store(study, store), rules)


def _numbered(version: str) -> str:
    """``version``, if it is a number: what ``latest`` means may change under a person's hand."""
    from sdtmflow.bundle import asked_number

    if asked_number(version) is None:
        raise SdtmflowError(
            f"'{version}' may mean another version by now", remedy="name the version: v0007"
        )
    return version


def _signer(given: str) -> Actor:
    """Who signs; an account's name is no printed name. Raises SdtmflowError."""
    from sdtmflow.audit import Actor
    from sdtmflow.settings import Settings

    if not given.strip() and not Settings.read().actor.strip():
        raise SdtmflowError(
            "nobody is named", remedy="say who signs: --as NAME, or set SDTMFLOW_ACTOR"
        )
    return Actor.of_account(given)


def _opened_key(path: Path | None) -> SigningKey | None:
    from cli.keys import unlocked

    return unlocked(path) if path else None


def _tell_recorded(event: Event, what: str) -> None:
    from sdtmflow.store.protocol import version_name

    name = version_name(event.bundle or 0)
    out.print(Text(f"{event.study} {name}{what}"))
    out.print(Text(f"entry {event.number} of the audit log, by {event.who} ({event.account})"))


def _tell_lock(store: Store) -> None:
    from sdtmflow.releasing.gates import NO_LOCK

    if not store.can_lock():
        out.print(Text("it is a note in the log alone:", "yellow"))
        out.print(Text(NO_LOCK, "yellow"))
