"""One entry of the audit log: who did what to which bundle, when, after which entry."""

from __future__ import annotations

import getpass
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from sdtmflow.errors import UsageError
from sdtmflow.record import ADDED, Record, Sealed, Sha256
from sdtmflow.settings import Settings
from sdtmflow.signing import Signature, SigningKey, check, sign
from sdtmflow.wording import is_plain, plain

PUBLISH = "publish"
"""The action that the log itself keeps in step with the claims."""
_LONGEST = 200


class Actor(Record):
    """Who acts: the name that they go by, and the account of the machine that they use."""

    name: str
    account: str

    @classmethod
    def of_account(cls, name: str = "") -> Actor:
        """``name``, else ``SDTMFLOW_ACTOR``, else the account's own name, at this account.

        The name is what somebody says; the account is what the machine knows. Raises UsageError
        for a name that cannot be read in one line.
        """
        user = _user()
        name = name.strip() or Settings.read().actor.strip() or user
        if not is_plain(name) or len(name) > _LONGEST:
            raise UsageError(
                f"a name is one line of at most {_LONGEST} characters",
                remedy="correct --as, or SDTMFLOW_ACTOR",
            )
        account = f"{user}@{platform.node() or 'unknown'}"
        return cls(name=name, account=plain(account))


def _user() -> str:
    """Whom the system runs this for; variables such as LOGNAME say what somebody wrote there."""
    if sys.platform == "win32":
        return getpass.getuser()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container whose user has no name
        return f"uid {os.getuid()}"


@dataclass(frozen=True, slots=True)
class Act:
    """What is done: ``action`` is one word, such as ``download`` or ``approve``.

    ``bundle`` is the version and ``manifest`` the SHA-256 of its manifest, where it is about one.
    ``details`` are short texts by name; they never hold anything of a subject.
    """

    action: str
    bundle: int | None = None
    manifest: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


class Head(Record):
    """The newest entry of a log at some time: its number and its SHA-256."""

    number: Annotated[int, Field(ge=1)]
    sha256: Sha256

    def __str__(self) -> str:
        return f"{self.number}:{self.sha256}"


class Event(Sealed):
    """An entry of the log, format 1. Entries are numbered from 1 without a gap.

    Its seal keeps one that was damaged on its way from being followed.
    """

    format: Literal[1] = 1
    study: str
    number: Annotated[int, Field(ge=1)]
    id: str
    """Unique to the act, so that two people who do the same at the same time are two entries."""
    time: str
    """ISO 8601, UTC, by the clock of the machine that acted."""
    who: str
    account: str
    action: str
    bundle: Annotated[int, Field(ge=1)] | None = None
    manifest: Sha256 | None = None
    details: dict[str, str] = {}
    published: Annotated[int, Field(ge=0)] = 0
    """The newest version whose publication the log holds, this entry included."""
    previous: Sha256 | None
    """``digest`` of the entry before it; None for the first."""
    signature: Annotated[Signature | None, ADDED] = None
    """Of the entry without it, by the key of who acts; None where they named no key."""

    def signed(self, key: SigningKey) -> Event:
        """The entry with the signature of ``key``."""
        return self.model_copy(update={"signature": sign(self._unsigned(), key)})

    def require_signature_fits(self, place: str) -> None:
        """Raises VerificationError where there is a signature that is not of this entry."""
        if self.signature is not None:
            check(self._unsigned(), self.signature, place)

    def _unsigned(self) -> bytes:
        return self.model_copy(update={"signature": None, "seal": ""}).canonical()

    @property
    def head(self) -> Head:
        """This entry as the log's newest."""
        return Head(number=self.number, sha256=self.digest)

    @property
    def is_publication(self) -> bool:
        """Whether it tells of a version that came to be."""
        return self.action == PUBLISH
