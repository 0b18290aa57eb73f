"""``notify`` of study.yaml: who is told what came of a run, and of what."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sdtmflow.typed_yaml import Strict
from sdtmflow.yaml_words import Said

Block = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$"),
    Said("the kind and the name of a Prefect block, such as slack-webhook/ops"),
]


class Notify(Strict):
    """Whom a run tells, once, that it found something; without any channel nobody is told.

    Addresses that Apprise knows stand in SDTMFLOW_NOTIFY_URLS: they hold secrets.
    """

    said: ClassVar[str] = "a map such as {blocks: [slack-webhook/ops], severities: [critical]}"

    blocks: list[Block] = []
    """Notification blocks of the Prefect server, kind and name as ``prefect block ls`` shows them:
    ``slack-webhook/ops``."""
    severities: list[Literal["critical", "major", "minor"]] = ["critical"]
    """Findings of these severities are told, where the run saw them first or reopened them; ``[]``:
    none."""
    sites: bool = True
    """Whether sites are told that were left out, or whose last good delivery was used."""
