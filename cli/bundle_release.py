"""`sdtmflow bundles approve, revoke, release`: who vouches for a version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.options import HERE, StoreOption, StudyOption
from cli.release_screen import tell_approval, tell_gates, tell_release
from cli.screen import out
from cli.signatures import trust_of
from sdtmflow.errors import StudyError, UsageError

if TYPE_CHECKING:
    from sdtmflow.audit import Actor, Event
    from sdtmflow.bundle import Shelf
    from sdtmflow.releases import Releases
    from sdtmflow.releasing import Signatory

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
        help="Your PRIVATE key (you.pem, not you.pub.pem): it signs the entry of the audit log.",
        metavar="PRIVATE-KEY",
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

    asked, rules = _opened(study, store)
    event = approve_version(
        asked.store,
        asked.study,
        numbered(version),
        rules,
        signatory_of(signer, key, asked),
        role=role,
        meaning=meaning,
        reason=reason,
        trust=trust_of(study, None),
    )
    tell_approval(asked, event, rules)


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

    asked, rules = _opened(study, store)
    name, who = numbered(version), signatory_of(signer, key, asked)
    event = revoke_approval(asked.store, asked.study, name, rules, who, role=role, reason=reason)
    tell_recorded(event, f": its approval as {event.details['role']} is taken back")


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

    asked, rules = _opened(study, store)
    try:
        done = release_version(
            asked.store,
            asked.study,
            numbered(version),
            rules,
            signatory_of(signer, key, asked),
            reason=reason,
            hold=hold,
            trust=trust_of(study, None),
        )
    except ClosedGatesError as error:
        tell_gates(error.gates)
        raise
    tell_release(done)


def _opened(study: Path, store: str) -> tuple[Shelf, Releases]:
    """The study's bundles, and what study.yaml says of releases. Raises StudyError."""
    from cli.bundles import acting_shelf
    from sdtmflow.study import StudyFolder

    rules = StudyFolder(study).study.releases
    if rules is None:
        raise StudyError(
            "it has no 'releases', so nothing of this study is released",
            place="study.yaml",
            remedy="add, for instance, releases: {approvals: [Biostatistics], retention: 25 years}",
        )
    return acting_shelf(study, store), rules


def numbered(version: str) -> str:
    """``version``, if it is a number: what ``latest`` means may change under a person's hand."""
    from sdtmflow.bundle import asked_number

    if asked_number(version) is None:
        raise UsageError(
            f"'{version}' may mean another version by now", remedy="name the version: v0007"
        )
    return version


def named_signer(given: str) -> Actor:
    """Who signs; an account's name is no printed name. Raises UsageError."""
    from sdtmflow.audit import Actor
    from sdtmflow.settings import Settings

    if not given.strip() and not Settings.read().actor.strip():
        raise UsageError(
            "nobody is named", remedy="say who signs: --as NAME, or set SDTMFLOW_ACTOR"
        )
    return Actor.of_account(given)


def signatory_of(name: str, key: Path | None, asked: Shelf) -> Signatory:
    """Who signs, with the key in the file ``key``; raises as ``named_signer`` does."""
    from cli.keys import unlocked
    from sdtmflow.releasing import Signatory

    actor = named_signer(name)
    return Signatory(actor, unlocked(key) if key else None, asked.signers)


def tell_recorded(event: Event, what: str) -> None:
    """What was recorded of a version, and where."""
    from sdtmflow.store.protocol import version_name

    name = version_name(event.bundle or 0)
    out.print(Text(f"{event.study} {name}{what}"))
    out.print(Text(f"entry {event.number} of the audit log, by {event.who} ({event.account})"))
