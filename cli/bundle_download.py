"""`sdtmflow bundles download`: a bundle, or some of its files, as a folder or a zip."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli import transfer
from cli.options import HERE, ActorOption, StoreOption, StudyOption
from cli.screen import out

EXAMPLE = "Example: sdtmflow bundles download v0007 --zip --study my-study"


def download(
    version: Annotated[str, typer.Argument(help="v0001, 1, latest or released.")] = "latest",
    to: Annotated[
        Path | None,
        typer.Option(
            help="A new folder, or a file that ends in .zip. Default: named like study and "
            "version, here.",
            show_default=False,
        ),
    ] = None,
    *,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only these files (path in the bundle, or a pattern); repeatable."),
    ] = None,
    as_zip: Annotated[
        bool, typer.Option("--zip", help="As one zip: <study>-<version>.zip, here or in --to.")
    ] = False,
    study: StudyOption = HERE,
    store: StoreOption = "",
    actor: ActorOption = "",
) -> None:
    """Download a bundle, or some of its files; a broken download goes on where it stopped.

    Every file is verified before it gets its name. The audit log has every download; where the log
    cannot be written, nothing is downloaded.
    """
    from cli.bundles import acting_shelf
    from sdtmflow.audit import Actor
    from sdtmflow.bundle import download as download_folder
    from sdtmflow.bundle import download_zip

    asked = acting_shelf(study, store)
    name = asked.find(version).name
    to = _target(to, f"{asked.study}-{name}", as_zip=as_zip)
    fetch = download_zip if to.suffix == ".zip" else download_folder
    by = Actor.of_account(actor)
    with transfer.shown("downloading") as progress:
        fetch(asked.store, asked.study, name, to, only or (), actor=by, progress=progress)
    out.print(Text(f"{asked.study} {name} is in {to}"))
    out.print(Text(f"check it with: sdtmflow bundles verify {_checking(to, only or ())}"))


def _target(to: Path | None, name: str, *, as_zip: bool) -> Path:
    """Where it goes; ``--to`` without ``.zip`` is the folder of a zip."""
    if not as_zip:
        return to or Path(name)
    if to is None or to.suffix != ".zip":
        return (to or Path()) / f"{name}.zip"
    return to


def _checking(to: Path, only: Sequence[str]) -> str:
    """The arguments of ``verify``, for a shell."""
    return shlex.join([str(to), *(word for pattern in only for word in ("--only", pattern))])
