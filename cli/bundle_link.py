"""`sdtmflow bundles link`: a bundle's file, or its zip, for people without access to the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.options import HERE, ActorOption, StoreOption, StudyOption
from cli.screen import out
from sdtmflow.durations import parse_duration
from sdtmflow.errors import UsageError
from sdtmflow.wording import minute_text, size_text

if TYPE_CHECKING:
    from sdtmflow.bundle.links import Shared

EXAMPLE = "Example: sdtmflow bundles link v0007 --zip --expires 48h"


def link(
    version: Annotated[str, typer.Argument(help="v0007, 7, latest or released.")],
    file: Annotated[
        str, typer.Argument(help="The file (name, or path in the bundle).", show_default=False)
    ] = "",
    *,
    only: Annotated[
        list[str] | None, typer.Option(help="Files by a pattern, such as *.xpt; repeatable.")
    ] = None,
    as_zip: Annotated[
        bool, typer.Option("--zip", help="One link to all of them as a zip.")
    ] = False,
    expires: Annotated[str, typer.Option(help="How long it works: 30m, 24h; at most 7d.")] = "24h",
    actor: ActorOption = "",
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Make links that work for some time and for whoever has them, to files of a bundle in S3.

    Needs no account at the other end, only a browser. The audit log tells that a link was made.
    """
    from cli.bundles import acting_shelf
    from sdtmflow.audit import Actor
    from sdtmflow.bundle.links import link_files, link_zip

    patterns = [*([file] if file else []), *(only or [])]
    if not patterns and not as_zip:
        raise UsageError(
            "no file is named", place="bundles link", remedy="name a file, --only PATTERN, or --zip"
        )
    asked = acting_shelf(study, store)
    opened, study_id, name = asked.store, asked.study, asked.find(version).name
    lasts, acting = parse_duration(expires, "--expires"), Actor.of_account(actor)
    if as_zip:
        _, zipped = link_zip(opened, study_id, name, patterns, lasts=lasts, actor=acting)
        shared: Sequence[Shared] = [zipped]
    else:
        _, shared = link_files(opened, study_id, name, patterns, lasts=lasts, actor=acting)
    _tell(f"{study_id} {name}", shared)


def _tell(bundle: str, shared: Sequence[Shared]) -> None:
    for each in shared:
        out.print(Text(f"{bundle}: {each.path}, {size_text(each.size)}"))
        out.print(Text(f"SHA-256 {each.sha256}"))
        typer.echo(each.link.url)  # as it is: a folded link cannot be copied
    ends = min(each.link.expires for each in shared)
    out.print(Text(f"works until {minute_text(ends)} UTC ({minute_text(ends.astimezone())} here)"))
    if any(each.link.temporary for each in shared):
        out.print(Text("signed with temporary credentials: it ends with them, if that is earlier"))
    out.print(Text("whoever has a link can download with it: send it as you send a password"))
