"""A JSON object of ours that is kept and hashed: frozen, and with one way to write it."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sdtmflow.errors import VerificationError

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Hashes = dict[str, Sha256]
"""Name → SHA-256 of what has that name."""

ADDED = Field(exclude_if=lambda value: not value)
"""For a field that came to a format later, with an empty default: where it is empty it is not
written, so that older records keep the text that was hashed."""


class Record(BaseModel):
    """A frozen JSON object with one way to write it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def canonical(self) -> bytes:
        """The one JSON text of this object: sorted keys, UTF-8, a newline at the end."""
        text = json.dumps(
            self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, indent=1
        )
        return f"{text}\n".encode()

    @property
    def digest(self) -> str:
        """SHA-256 of ``canonical()``."""
        return hashlib.sha256(self.canonical()).hexdigest()


class Sealed(Record):
    """A record that shows by itself that it is damaged, before anything is built on it."""

    seal: str = ""
    """SHA-256 of the record without its seal."""

    def sealed(self) -> Self:
        """The record as it is stored."""
        return self.model_copy(update={"seal": self.model_copy(update={"seal": ""}).digest})

    @property
    def is_intact(self) -> bool:
        """Whether it has its own seal."""
        return self == self.sealed()


R = TypeVar("R", bound=Record)


def parse(data: bytes, model: type[R], place: str) -> R:
    """``data`` as ``model``. Raises VerificationError where it is not, or is written otherwise."""
    try:
        record = model.model_validate_json(data)
    except ValidationError:
        raise _damaged(place, f"this is no {model.__name__.lower()} of format 1") from None
    if record.canonical() != data:
        raise _damaged(place, f"the {model.__name__.lower()} was changed after it was written")
    return record


def _damaged(place: str, message: str) -> VerificationError:
    return VerificationError(message, place=place, remedy="do not use it; restore it from a backup")
