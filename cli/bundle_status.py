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
    from sdtmflow.audit import Event
    from sdtmflow.bundle import Claim, Manifest
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
    keeps it by.
    """
    from cli.bundles import opened_store
    from sdtmflow.audit import events
    from sdtmflow.bundle import bundles, find, read_manifest
    from sdtmflow.releasing import state_of
    from sdtmflow.study import StudyFolder

    opened, study_id = opened_store(study, store)
    is_study = (study / "study.yaml").is_file()
    rules = StudyFolder(study).study.releases if is_study else None
    log = events(opened, study_id)
    if version:
        claim = find(opened, study_id, version)
        state = state_of(claim, log)
        _tell_one(opened, state, read_manifest(opened, claim), rules)
        if rules is None and not state.release:
            err.print(Text(_NO_RULES if is_study else _NO_STUDY))
        return
    claims = bundles(opened, study_id)
    if not claims:
        out.print(Text(f"no bundle of {study_id} in {opened.url}"))
        return
    states = [state_of(claim, log) for claim in claims]
    manifests = [read_manifest(opened, claim) for claim in claims]
    Console(highlight=False).print(_table(states, manifests, rules))
    _tell_names(claims, states)


def _table(states: list[State], manifests: list[Manifest], rules: Releases | None) -> Table:
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


def _tell_names(claims: tuple[Claim, ...], states: list[State]) -> None:
    """What ``latest`` and ``released`` mean now."""
    released = [state.claim.name for state in states if state.release]
    out.print(Text(f"latest: {claims[-1].name}, released: {released[-1] if released else 'none'}"))
    if any(state.release and not is_locked(state.release) for state in states):
        err.print(Text("released without Object Lock: 'kept until' is an intention", "yellow"))


def _tell_one(store: Store, state: State, manifest: Manifest, rules: Releases | None) -> None:
    claim = state.claim
    facts = bundle_facts(manifest, claim.manifest.sha256)
    facts += [("approved", _approval(event)) for event in state.approvals]
    facts += [("not yet", role) for role in _open(state, rules)]
    facts += _release(state)
    facts += [("legal hold", "yes")] if state.held else []
    facts.append(("the store", _kept(store, claim)))
    tell_facts(f"{claim.study} {claim.name}: {_word(state, rules)}", facts)


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
