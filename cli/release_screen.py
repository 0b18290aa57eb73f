"""How approvals, gates and releases are printed, for people who compare and file them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.screen import err
from sdtmflow.wording import counted, size_text

if TYPE_CHECKING:
    from sdtmflow.audit import Event
    from sdtmflow.bundle import Manifest, Shelf
    from sdtmflow.releases import Releases
    from sdtmflow.releasing import Gate, Released
    from sdtmflow.retention import Retention

_OUTCOMES = {"passed": "green", "warning": "yellow", "closed": "bold red"}


def tell_approval(asked: Shelf, event: Event, rules: Releases) -> None:
    """What was approved, in words that can be compared, and what is still missing."""
    from sdtmflow.audit import events
    from sdtmflow.bundle import read_manifest
    from sdtmflow.releasing import state_of

    claim = asked.find(str(event.bundle))
    role = event.details["role"]
    facts = [
        ("by", f"{event.who} ({event.account})"),
        ("at", moment(event.time)),
        ("as", role),
        ("meaning", event.details["meaning"]),
        ("reason", event.details["reason"]),
        ("recorded", f"entry {event.number} of the audit log"),
        *signature_facts(event),
        *bundle_facts(read_manifest(asked.store, claim), claim.manifest.sha256),
    ]
    tell_facts(f"{event.study} {claim.name} is approved", facts)
    state = state_of(claim, events(asked.store, asked.study), asked.signers)
    missing = state.missing(rules.approvals)
    if missing:
        err.print(Text(f"still to approve: {', '.join(missing)}"))
    else:
        err.print(Text(f"every role has approved; next: sdtmflow bundles release {claim.name} …"))


def tell_release(done: Released) -> None:
    """What a release made of a version."""
    claim, event, retention = done.state.claim, done.state.release, done.state.retention
    if event is None or retention is None:
        return
    tell_gates(done.gates)
    facts = [
        ("by", f"{event.who} ({event.account})"),
        ("at", moment(event.time)),
        ("reason", event.details.get("reason", "")),
        ("approved by", ", ".join(each.who for each in done.state.approvals)),
        ("kept until", kept_text(event, retention)),
        ("legal hold", "yes" if done.state.held else "no"),
        ("recorded", f"entry {event.number} of the audit log"),
        *signature_facts(event),
        ("manifest", hash_text(claim.manifest.sha256)),
    ]
    word = "is released" if done.new else "was released before; nothing new is recorded"
    tell_facts(f"{claim.study} {claim.name} {word}", facts)
    for warning in done.warnings:
        err.print(Text(f"warning: {warning}", "yellow"))


def signature_facts(event: Event) -> list[tuple[str, str]]:
    """Which key signed an entry of the log; nothing where none did."""
    from sdtmflow.signing import shown_fingerprint

    if event.signature is None:
        return []
    return [("signed by key", shown_fingerprint(event.signature.key))]


def tell_gates(gates: Iterable[Gate]) -> None:
    """Every gate, what was found, and what to do where it is closed."""
    table = Table(box=None, pad_edge=False)
    for name in ("gate", "", "what was found"):
        table.add_column(name, no_wrap=not name)
    for gate in gates:
        found = Text(gate.told)
        if not gate.passed:
            found.append(f"\n→ {gate.remedy}", "italic")
        table.add_row(gate.name, Text(gate.outcome, _OUTCOMES[gate.outcome]), found)
    if table.row_count:
        Console(highlight=False).print(table)


def tell_facts(title: str, facts: Iterable[tuple[str, str]]) -> None:
    """A title and a list of names with their values."""
    console = Console(highlight=False)
    console.print(Text(title, "bold"))
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(f"  {name}", Text(value))
    console.print(table)


def bundle_facts(manifest: Manifest, sha256: str) -> list[tuple[str, str]]:
    """What a person compares before they sign."""
    from sdtmflow.finding import findings_text

    datasets = sorted(
        PurePosixPath(file.path).stem.upper()
        for file in manifest.files
        if file.path.endswith(".xpt") and "/split/" not in file.path
    )
    size = size_text(sum(file.size for file in manifest.files))
    gaps = [f"{gap.site or 'study'} ({gap.source}): {gap.reason}" for gap in manifest.gaps]
    return [
        ("manifest", hash_text(sha256)),
        ("made", f"{moment(manifest.created)} by run {manifest.run}"),
        ("datasets", f"{len(datasets)}: {' '.join(datasets)}"),
        ("files", f"{len(manifest.files)}, {size}"),
        ("findings", findings_text(manifest.findings)),
        *(("missing", gap) for gap in gaps),
    ]


def kept_text(release: Event, retention: Retention) -> str:
    """How long, and by whom: where the store cannot lock, the date is an intention."""
    until = f"{retention.until:%Y-%m-%d}"
    if is_locked(release):
        return f"{until}, by the store ({retention.mode} mode)"
    return f"{until} as the log says; the store has no Object Lock, so nothing enforces it"


def is_locked(release: Event) -> bool:
    """Whether a release locked what it released."""
    from sdtmflow.releasing.state import OBJECT_LOCK

    return release.details.get("lock") == OBJECT_LOCK


def hash_text(sha256: str) -> str:
    """A hash in groups, for two people to compare."""
    from sdtmflow.signing import shown_fingerprint

    return shown_fingerprint(sha256)


def moment(time: str) -> str:
    """``2026-03-01 12:30:00 UTC``, from what the log and manifests write (ISO 8601)."""
    import datetime as dt

    return f"{dt.datetime.fromisoformat(time).astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def approvals_text(given: int, asked: int) -> str:
    """``2 of 3``."""
    return f"{given} of {asked}" if asked else counted(given, "approval")
