"""`sdtmflow bundles orphans` and `sweep`: what belongs to no bundle, and its removal."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.options import HERE, ActorOption, StoreOption, StudyOption
from cli.screen import out
from sdtmflow.durations import parse_duration
from sdtmflow.wording import counted, minute_text, size_text

if TYPE_CHECKING:
    from sdtmflow.orphans import Orphan, Sweep

ORPHANS_EXAMPLE = "Example: sdtmflow bundles orphans --study my-study --store s3://trials/my-study"
SWEEP_EXAMPLE = "Example: sdtmflow bundles sweep --older-than 30d --dry-run"
_AGE = "--older-than"

OlderThanOption = Annotated[
    str, typer.Option(_AGE, help="Age since the last change: 24h, 7d, 4w; at least 1d.")
]


def orphans(
    older_than: OlderThanOption = "7d", study: StudyOption = HERE, store: StoreOption = ""
) -> None:
    """List what belongs to no bundle: why it is there, and from when it may be swept.

    Attempts at a publication that claimed no version, uploads that were never finished, leavings of
    probes, deliveries that no bundle was made from, zips that were made for links.
    """
    from cli.bundles import opened_shelf
    from sdtmflow.orphans import find_orphans

    asked = opened_shelf(study, store)
    age = parse_duration(older_than, _AGE)
    found = find_orphans(asked.store, asked.study)
    if not found:
        out.print(Text(f"no orphans of {asked.study} in {asked.store.url}"))
    for group in _groups(found):
        _tell(group, _when(group, age))


def sweep(
    *,
    older_than: OlderThanOption = "7d",
    snapshots: Annotated[
        bool, typer.Option("--snapshots", help="Also deliveries that no bundle was made from.")
    ] = False,
    exports: Annotated[
        bool, typer.Option("--exports", help="Also zips that were made for links, which then die.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Tell what would go, and change nothing.")] = False,
    actor: ActorOption = "",
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Remove orphans that are old enough; nothing that a bundle is, or may become, can be hit.

    The audit log says first what is going to be removed. What Object Lock holds stays, and is told.
    """
    from cli.bundles import acting_shelf
    from sdtmflow.audit import Actor
    from sdtmflow.orphans import ALWAYS, Kind, in_the_log
    from sdtmflow.orphans import sweep as sweep_store

    asked = acting_shelf(study, store)
    opened, study_id = asked.store, asked.study
    age = parse_duration(older_than, _AGE)
    more = {kind for kind, asked in ((Kind.SNAPSHOT, snapshots), (Kind.EXPORT, exports)) if asked}
    announce = in_the_log(opened, study_id, Actor.of_account(actor), age)
    done = sweep_store(
        opened, study_id, announce, older_than=age, kinds=ALWAYS | more, dry_run=dry_run
    )
    _tell_sweep(done, "would be removed" if dry_run else "removed")


def _tell_sweep(done: Sweep, removed: str) -> None:
    """What goes, one line each; what stays, one line a reason: `orphans` explains each."""
    for group in _groups(done.removed):
        out.print(Text(f"{_summary(group)}: {removed}"))
    for reason, count in Counter(left.reason for left in done.left).items():
        out.print(Text(f"{counted(count, 'orphan')} {'stays' if count == 1 else 'stay'}: {reason}"))
    size = size_text(sum(orphan.size for orphan in done.removed))
    out.print(
        Text(f"{counted(len(done.removed), 'orphan')} {removed}, {size}; {len(done.left)} left")
    )


def _groups(orphans: Iterable[Orphan]) -> list[list[Orphan]]:
    """One by one; but leavings, of which each publication makes some, together."""
    from sdtmflow.orphans import Kind

    leavings = [orphan for orphan in orphans if orphan.kind is Kind.LEAVING]
    others = [[orphan] for orphan in orphans if orphan.kind is not Kind.LEAVING]
    return [*others, leavings] if leavings else others


def _tell(group: Sequence[Orphan], end: str) -> None:
    out.print(Text(_summary(group)))
    begun, changed = min(o.begun for o in group), max(o.changed for o in group)
    out.print(Text(f"    begun {minute_text(begun)}, last change {minute_text(changed)} UTC"))
    out.print(Text(f"    {group[0].why}"))
    out.print(Text(f"    {end}"))


def _summary(group: Sequence[Orphan]) -> str:
    first = group[0]
    named = f"{first.kind} {first.name}" if len(group) == 1 else f"{len(group)} {first.kind}s"
    files = counted(sum(orphan.files for orphan in group), "file")
    return f"{named}: {files}, {size_text(sum(orphan.size for orphan in group))}"


def _when(group: Sequence[Orphan], age: dt.timedelta) -> str:
    waits_for = group[0].waits_for
    due = max(orphan.changed for orphan in group) + age
    return f"stays {waits_for}" if waits_for else f"may be swept from {minute_text(due)} UTC"
