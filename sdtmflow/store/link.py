"""A link to one object of a store, for whoever has no access to the store."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Link:
    """A bearer secret: whoever has ``url`` gets the object until ``expires`` (UTC)."""

    url: str = field(repr=False)
    expires: dt.datetime
    temporary: bool
    """Signed with temporary credentials: the link dies with them, which may be earlier."""
