"""Arguments that several commands share, said once."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sdtmflow.agency import Agency

StudyArgument = Annotated[
    Path, typer.Argument(help="The study folder (it holds study.yaml).", show_default="here")
]
StudyOption = Annotated[
    Path,
    typer.Option(
        "--study",
        help="The study folder (it holds study.yaml). Of published bundles the study's id will do, "
        "where --store names the store.",
        show_default="here",
    ),
]
StoreOption = Annotated[
    str,
    typer.Option(
        "--store",
        help="A folder, or s3://bucket/prefix. Default: what study.yaml says.",
        show_default=False,
    ),
]
ActorOption = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="NAME",
        help="Who acts, for the audit log. Default: SDTMFLOW_ACTOR, else your account's name.",
        show_default=False,
    ),
]
HERE = Path()


@contextmanager
def work_folder(study: Path) -> Iterator[Path]:
    """The study folder's own ``work``; of a store alone, a folder that is gone afterwards."""
    if (study / "study.yaml").is_file():
        yield study.absolute() / "work"
        return
    with tempfile.TemporaryDirectory(prefix=".sdtmflow-", dir=Path.cwd()) as folder:
        yield Path(folder)


def store_url(given: str) -> str:
    """``--store`` as given on the command line: a folder counts from the current one."""
    return given if "://" in given or not given else str(Path(given).expanduser().absolute())


class AgencyChoice(StrEnum):
    """The agencies, as sdtmflow.agency has them."""

    FDA = "FDA"
    PMDA = "PMDA"
    NMPA = "NMPA"


AgencyOption = Annotated[
    AgencyChoice | None,
    typer.Option(
        "--agency",
        case_sensitive=False,
        help="Whose criteria and limits count. Default: the one that a bundle is made for, else "
        "the FDA.",
        show_default=False,
    ),
]
PackageArgument = Annotated[
    Path,
    typer.Argument(
        help="A downloaded bundle, an eCTD sequence, or a folder of XPT files and define.xml.",
        show_default=False,
    ),
]


def agency_of(package: Path, given: AgencyChoice | None) -> Agency:
    """``--agency``; else the one that a bundle was judged for, as it says; else the FDA."""
    if given:
        return given.value
    try:
        said = json.loads((package / "reports" / "gate.json").read_text(encoding="utf-8"))
        return AgencyChoice(said["agency"]).value
    except (OSError, ValueError, TypeError, KeyError):
        return AgencyChoice.FDA.value
