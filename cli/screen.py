"""What the commands print: results on standard output, progress and errors on standard error."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from sdtmflow.errors import SdtmflowError
from sdtmflow.wording import plain

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
display_console = Console(stderr=True, highlight=False)
"""A display that is redrawn must know its height, so it folds its long lines itself."""

SEVERITY_STYLES = {"critical": "bold red", "major": "yellow", "minor": "cyan"}


def tell_error(error: SdtmflowError) -> None:
    """The error's one line (or one line a mistake); nothing in it is markup or redraws anything."""
    told = "\n".join(map(plain, str(error).split("\n")))
    err.print(Text.assemble(("error: ", "bold red"), told))
