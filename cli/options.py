"""Arguments that several commands share, said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sdtmflow.agency import AGENCIES, Agency, profile
from sdtmflow.errors import StudyError

StudyArgument = Annotated[
    Path, typer.Argument(help="The study folder (it holds study.yaml).", show_default="here")
]
StudyOption = Annotated[
    Path,
    typer.Option("--study", help="The study folder (it holds study.yaml).", show_default="here"),
]
StoreOption = Annotated[
    str,
    typer.Option(
        "--store",
        help="A folder, or s3://bucket/prefix. Default: what study.yaml says.",
        show_default=False,
    ),
]
HERE = Path()


def store_url(given: str) -> str:
    """``--store`` as given on the command line: a folder counts from the current one."""
    return given if "://" in given or not given else str(Path(given).expanduser().absolute())


AgencyOption = Annotated[
    str, typer.Option("--agency", help="FDA, PMDA or NMPA: whose criteria and limits count.")
]


def agency_of(name: str) -> Agency:
    """``--agency`` in any case. Raises StudyError where there is none of that name."""
    found = profile(name)
    if found is None:
        raise StudyError(
            f"there is no agency '{name}'", remedy=f"it is one of: {', '.join(AGENCIES)}"
        )
    return found.agency
