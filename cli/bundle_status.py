"""`sdtmflow bundles status`: what has become of each version, for a regulatory person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.options import HERE, StoreOption, StudyOption
from cli.release_screen import (
    approvals_text,
    bundle_facts,
    is_locked,
    kept_text,
    moment,
    tell_facts,
)
from cli.screen import err, out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdtmflow.audit import Event
    from sdtmflow.bundle import Claim, Manifest, Shelf
    from sdtmflow.releases import Releases
    from sdtmflow.releasing import State
    from sdtmflow.store import Store

EXAMPLE = "Examples: sdtmflow bundles status  ·  sdtmflow bundles status released"
_COLUMNS = (
    "bundle",
    "state",
    "created",
    "critical findings",
    "approvals",
    "released",
    "kept until",
    "hold",
)
_NO_RULES = "study.yaml has no 'releases': nothing of this study can be released"
_NO_STUDY = "which roles must approve is in study.yaml: name the study folder to see who is missing"
_NO_SIGNERS = "whose signatures count is in study.yaml: name the study folder to have them checked"
_STYLES = {"released": "bold green", "approved": "green"}


def status(
    version: Annotated[
        str, typer.Argument(help="v0001, 1, latest or released; all without.", show_default=False)
    ] = "",
    study: StudyOption = HERE,
    store: StoreOption = "",
) -> None:
    """Show what has become of each version: approved, released, kept until when, held.

    Of one version, also who approved it with which meaning, and what the store itself says that it
    keeps it by. Where study.yaml names `releases.signers`, what none of them signed does not count,
    and is told.
    """
    from cli.bundles import opened_shelf
    from sdtmflow.audit import events
    from sdtmflow.bundle import bundles
    from sdtmflow.releasing import state_of

    asked = opened_shelf(study, store)
    log = events(asked.store, asked.study)
    if version:
        _tell_one(asked, state_of(asked.find(version), log, asked.signers))
        return
    claims = bundles(asked.store, asked.study)
    if not claims:
        out.print(Text(f"no bundle of {asked.study} in {asked.store.url}"))
        return
    _tell_all(asked, [state_of(claim, log, asked.signers) for claim in claims])


def _tell_all(asked: Shelf, states: Sequence[State]) -> None:
    from sdtmflow.bundle import read_manifest

    manifests = [read_manifest(asked.store, state.claim) for state in states]
    Console(highlight=False).print(_table(states, manifests, _rules(asked)))
    _tell_names(states)
    for state in states:
        for objection in _objections(state):
            err.print(Text(f"{state.claim.name}: does not count: {objection}", "yellow"))
    if asked.folder is None and any(state.release for state in states):
        err.print(Text(_NO_SIGNERS))


def _rules(asked: Shelf) -> Releases | None:
    return asked.folder.study.releases if asked.folder else None


def _objections(state: State) -> list[str]:
    """What the log says of the version and nobody proves."""
    return [
        f"entry {event.number}, {event.action} by {event.who} on {event.time[:10]}: {problem}"
        for event, problem in state.objections
    ]


def _table(states: Sequence[State], manifests: Sequence[Manifest], rules: Releases | None) -> Table:
    from sdtmflow.finding import Severity

    table = Table(box=None, pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, no_wrap=True)
    for state, manifest in zip(states, manifests, strict=True):
        word = _word(state, rules)
        table.add_row(
            state.claim.name,
            Text(word, _STYLES.get(word, "")),
            state.claim.created[:10],
            f"{manifest.findings.get(Severity.CRITICAL, 0):,}",
            _approved(state, rules),
            state.release.time[:10] if state.release else "",
            f"{state.retention.until:%Y-%m-%d}" if state.retention else "",
            Text("hold" if state.held else "", "yellow"),
        )
    return table


def _word(state: State, rules: Releases | None) -> str:
    if state.release is not None:
        return "released"
    asked = rules.approvals if rules else ()
    return "approved" if asked and not state.missing(asked) else "published"


def _approved(state: State, rules: Releases | None) -> str:
    if rules is None and not state.approvals:
        return ""
    asked = rules.approvals if rules else ()
    return approvals_text(len(state.approvals), len(asked))


def _tell_names(states: Sequence[State]) -> None:
    """What ``latest`` and ``released`` mean now."""
    released = [state.claim.name for state in states if state.release]
    out.print(
        Text(f"latest: {states[-1].claim.name}, released: {released[-1] if released else 'none'}")
    )
    if any(state.release and not is_locked(state.release) for state in states):
        err.print(Text("released without Object Lock: 'kept until' is an intention", "yellow"))


def _tell_one(asked: Shelf, state: State) -> None:
    from sdtmflow.bundle import read_manifest

    claim, rules = state.claim, _rules(asked)
    facts = bundle_facts(read_manifest(asked.store, claim), claim.manifest.sha256)
    facts += [("approved", _approval(event)) for event in state.approvals]
    facts += [("not yet", role) for role in _open(state, rules)]
    facts += _release(state)
    facts += [("legal hold", "yes")] if state.held else []
    facts += [("does not count", objection) for objection in _objections(state)]
    facts.append(("the store", _kept(asked.store, claim)))
    tell_facts(f"{claim.study} {claim.name}: {_word(state, rules)}", facts)
    if asked.folder is None:
        err.print(Text(_NO_SIGNERS if state.release else _NO_STUDY))
    elif rules is None and not state.release:
        err.print(Text(_NO_RULES))


def _open(state: State, rules: Releases | None) -> tuple[str, ...]:
    return state.missing(rules.approvals) if rules and not state.release else ()


def _approval(event: Event) -> str:
    role, meaning = event.details.get("role", ""), event.details.get("meaning", "")
    return f"{role}: {event.who}, {moment(event.time)}: {meaning}"


def _release(state: State) -> list[tuple[str, str]]:
    if state.release is None:
        return []
    event = state.release
    told = [("released", f"{event.who}, {moment(event.time)}: {event.details.get('reason', '')}")]
    if state.retention is not None:
        told.append(("kept until", kept_text(event, state.retention)))
    return told


def _kept(store: Store, claim: Claim) -> str:
    """What the store itself says of the manifest."""
    from sdtmflow.bundle.read import manifest_address
    from sdtmflow.releasing.gates import NO_LOCK

    if not store.can_lock():
        return NO_LOCK.removeprefix("the store ")
    kept = store.protection(manifest_address(store, claim))
    until = kept.retention and f"{kept.retention.until:%Y-%m-%d} in {kept.retention.mode} mode"
    hold = ", under legal hold" if kept.held else ""
    return f"keeps it until {until}{hold}" if until else f"has no retention for it{hold}"
