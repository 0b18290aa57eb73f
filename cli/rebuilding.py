"""`sdtmflow run --as-of`: a published bundle made again, and compared with what was published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from cli.screen import out

if TYPE_CHECKING:
    from cli.starting import Start

_SHOWN = 20
"""Differing files that are named on the screen; the folder has them all."""


def rebuild(
    start: Start, study: Path, as_of: str, to: Path | None, *, store: str, actor: str
) -> None:
    """Make bundle ``as_of`` again and tell whether it is the same.

    Raises RebuildError where it cannot be made, or a file of it differs.
    """
    from sdtmflow.bundle import shelf
    from sdtmflow.rebuild import folder_for

    folder_for(shelf(study, store), as_of, to)  # what is wrong is told before Prefect is started
    rebuilt = start.rebuild(study, as_of, to, store=store, actor=actor)
    for each in rebuilt.differences[:_SHOWN]:
        out.print(Text.assemble((f"{each.path}  ", "bold"), (each.how, "yellow")))
    if len(rebuilt.differences) > _SHOWN:
        out.print(Text(f"… and {len(rebuilt.differences) - _SHOWN} more files", "dim"))
    rebuilt.require()
    for cause in rebuilt.otherwise:
        out.print(Text(f"the same although {cause}", "dim"))
    out.print(Text(rebuilt.message, "bold green"))
    out.print(Text.assemble(("bundle     ", "dim"), rebuilt.folder))
