"""`sdtmflow init`: a study folder that runs as it is, to be changed into one's own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli.screen import out
from sdtmflow.errors import StudyError

TEMPLATE = Path(__file__).parent / "template"


def init(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")]) -> None:
    """Make a small study folder that runs: one site, one CSV file a form."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(
            "this is not an empty folder", place=str(folder), remedy="name a new folder"
        )
    shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True)
    out.print(Text(f"{folder} is a study folder. Next:"))
    for command in (f"sdtmflow check {folder}", f"sdtmflow run {folder}"):
        out.print(Text(f"  {command}", "bold"))
