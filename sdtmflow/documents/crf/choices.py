"""``guide/acrf.yaml``: what a sponsor says of the annotated CRF that the data cannot say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from sdtmflow.typed_yaml import Strict, load_yaml

FOLDER = "guide"
NAME = "acrf.yaml"
OWN = "acrf.pdf"

Page = Annotated[int, Field(ge=1)]


class FormChoices(Strict):
    """One form of the annotated CRF, by the raw table that it becomes."""

    title: str = ""
    """Default: what the delivery calls the form."""
    source: str = ""
    """Draw the form of this source; default: of the one whose delivery explains most of it."""
    questions: dict[str, str] = {}
    """Study column: the question as the form asks it, where the delivery does not say."""
    visits: list[str] | None = None
    """The planned visits at which the form is filled in; default: those at which it was."""
    leave_out: bool = False
    """The table is no form of the CRF (a log of the system, data of a vendor)."""


class CrfChoices(Strict):
    """guide/acrf.yaml, version 1; the file may be left out."""

    version: Literal[1] = 1
    sources: list[str] = []
    """Draw the forms of these sources only; default: of every source that belongs to a site."""
    forms: dict[str, FormChoices] = {}
    pages: dict[
        Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,7}\.[A-Z][A-Z0-9_]*(\.\S+)?$")], list[Page]
    ] = {}
    """Pages of the sponsor's own ``guide/acrf.pdf``: ``AE.AETERM: [12, 13]``,
    ``VS.VSORRES.SYSBP: [7]``, ``SUPPDM.QVAL.RACEOTH: [3]``; they come before what its annotations
    say."""


def read_choices(folder: Path) -> CrfChoices:
    """The choices in the folder ``guide`` of a study; the defaults where there is no file.

    Raises StudyErrors with every mistake as ``guide/acrf.yaml:12: …``.
    """
    path = folder / NAME
    if not path.is_file():
        return CrfChoices()
    return load_yaml(path, CrfChoices, name=f"{FOLDER}/{NAME}")
