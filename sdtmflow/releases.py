"""``releases`` of study.yaml: who must approve a bundle, and how long a released one is kept."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sdtmflow.retention import Mode, checked_retention
from sdtmflow.typed_yaml import PlacedError, Strict
from sdtmflow.yaml_words import Said

Role = Annotated[str, Field(min_length=1, max_length=60), Said("a role such as Biostatistics")]


def _as_text(given: Any) -> Any:
    """YAML makes dates and numbers of texts that look like them."""
    if isinstance(given, dt.date):
        return given.isoformat()
    return str(given) if isinstance(given, int) else given


class Releases(Strict):
    """How bundles of the study are released; without this section none is."""

    said: ClassVar[str] = "a map such as {approvals: [Biostatistics], retention: 25 years}"

    approvals: Annotated[list[Role], Field(min_length=1)]
    """The roles that must each approve a bundle, each by another person."""
    retention: Annotated[
        str,
        BeforeValidator(_as_text),
        AfterValidator(checked_retention),
        Said("a period such as 25 years, or a date such as 2051-12-31"),
    ]
    """How long a released bundle is kept, from its release on: ``25 years``, ``18 months``,
    ``30 days``, or until a date. Where the bucket has Object Lock, the store sees to it."""
    mode: Mode = "compliance"
    """``compliance``: nobody can remove it or shorten the time, the account's owner included.
    ``governance``: whoever has the right to bypass it can."""
    signers: list[Annotated[str, Field(min_length=1)]] = []
    """Public keys (PEM, paths from the study folder) of those who may approve, release and hold:
    with any, an approval, its revocation, a release, a hold, its end or an extension counts only
    where one of them signed it. Without, whoever may append to the audit log can write one."""
    lock: Literal["required", "wanted"] = "wanted"
    """``required``: no release into a store without Object Lock, so into no folder either.
    ``wanted``: with a warning, which the log keeps."""

    @model_validator(mode="after")
    def _roles_differ(self) -> Releases:
        known: set[str] = set()
        for position, role in enumerate(self.approvals):
            if role.casefold() in known:
                raise PlacedError(
                    f"'{role}' stands here twice; name each role once", "approvals", position
                )
            known.add(role.casefold())
        return self

    def role(self, given: str) -> str | None:
        """The role as study.yaml writes it, whatever the letter case; None for an unknown one."""
        known = {role.casefold(): role for role in self.approvals}
        return known.get(" ".join(given.split()).casefold())
