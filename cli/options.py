"""Arguments that several commands share, said once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

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


class AgencyChoice(StrEnum):
    """The agencies, as sdtmflow.agency has them."""

    FDA = "FDA"
    PMDA = "PMDA"
    NMPA = "NMPA"


AgencyOption = Annotated[
    AgencyChoice,
    typer.Option("--agency", case_sensitive=False, help="Whose criteria and limits count."),
]
PackageArgument = Annotated[
    Path,
    typer.Argument(
        help="A downloaded bundle, an eCTD sequence, or a folder of XPT files and define.xml.",
        show_default=False,
    ),
]
