"""`sdtmflow bundles`: what is published, what is in it, and whether it is still what it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli import (
    bundle_diff,
    bundle_download,
    bundle_hold,
    bundle_link,
    bundle_orphans,
    bundle_release,
    bundle_status,
    transfer,
)
from cli.options import HERE, ActorOption, StoreOption, StudyOption, store_url
from cli.release_screen import hash_text, moment
from cli.screen import err, out
from cli.signatures import TrustOption, signature_line, signed_by, tell_signer, trust_of
from sdtmflow.wording import size_text

if TYPE_CHECKING:
    from sdtmflow.audit import KnownHeads
    from sdtmflow.bundle import Manifest, Shelf, Verification
    from sdtmflow.signing import Trust

app = typer.Typer(
    help="List, show, compare, verify, download, approve and release published bundles.",
    no_args_is_help=True,
)
LIST = "Examples: sdtmflow bundles list  ·  sdtmflow bundles list --store s3://trials/demo"
SHOW = "Examples: sdtmflow bundles show  ·  sdtmflow bundles show v0007 --study my-study"
VERIFY = (
    "Examples: sdtmflow bundles verify v0007 --key release.pub.pem  ·  "
    "sdtmflow bundles verify MY01-v0007.zip"
)
VersionArgument = Annotated[str, typer.Argument(help="v0001, 1, latest or released.")]


@app.command("list", epilog=LIST)
def list_bundles(study: StudyOption = HERE, store: StoreOption = "") -> None:
    """List the published bundles, oldest first."""
    from sdtmflow.bundle import bundles, read_manifest
    from sdtmflow.finding import findings_text

    asked = opened_shelf(study, store)
    opened = asked.store
    claims = bundles(opened, asked.study)
    if not claims:
        out.print(Text(f"no bundle of {asked.study} in {opened.url}"))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("bundle", "created", "files", "size", "signed", "findings", "gaps"):
        table.add_column(name, no_wrap=name not in {"findings", "gaps"})
    for claim in claims:
        manifest = read_manifest(opened, claim)
        table.add_row(
            *(claim.name, moment(claim.created), *_contents(manifest), signed_by(claim)),
            *(findings_text(manifest.findings), _gaps(manifest)),
        )
    out.print(table)


@app.command(epilog=SHOW)
def show(
    version: VersionArgument = "latest", study: StudyOption = HERE, store: StoreOption = ""
) -> None:
    """Show what a bundle holds, what it was made from, and what is missing in it."""
    from sdtmflow.bundle import read_manifest
    from sdtmflow.finding import findings_text

    asked = opened_shelf(study, store)
    claim = asked.find(version)
    manifest = read_manifest(asked.store, claim)
    made = moment(claim.created)
    out.print(Text(f"{asked.study} {claim.name}, created {made} by run {manifest.run}"))
    out.print(Text(f"manifest: {hash_text(claim.manifest.sha256)}"))
    out.print(Text(signature_line(claim)))
    out.print(Text(f"findings: {findings_text(manifest.findings)}"))
    for gap in manifest.gaps:
        out.print(Text(f"missing: {gap.site or 'study'} ({gap.source}): {gap.reason}"))
    _tell_files("file", [(file.path, file.size, file.sha256) for file in manifest.files])
    inputs = [(f"{each.source}: {each.name}", each.size, each.sha256) for each in manifest.inputs]
    _tell_files("made from", inputs)


app.command(epilog=bundle_status.EXAMPLE)(bundle_status.status)
app.command(epilog=bundle_diff.EXAMPLE)(bundle_diff.diff)


@app.command(epilog=VERIFY)
def verify(
    bundle: Annotated[
        str,
        typer.Argument(help="v0001, 1, latest or released; or a downloaded folder or zip."),
    ] = "latest",
    only: Annotated[
        list[str] | None, typer.Option(help="What was downloaded, where not all was.")
    ] = None,
    key: TrustOption = None,
    study: StudyOption = HERE,
    store: StoreOption = "",
    actor: ActorOption = "",
) -> None:
    """Check every byte of a bundle against its manifest and the chain of claims; who signed it.

    A copy is checked as `verify.py` does it, which comes with each bundle and needs Python alone.
    Of a bundle in the store the audit log keeps the result, where you may write to the log.
    """
    copy, trust = _downloaded(bundle), trust_of(study, key)
    if copy:
        verification = _verified_copy(copy, only or [], trust)
    else:
        verification = _verified(opened_shelf(study, store), bundle, trust, actor)
    verification.require()
    out.print(
        Text(
            f"{verification.study} {verification.name} is intact: "
            f"{verification.files} files, {size_text(verification.size)}"
        )
    )
    tell_signer(verification.signer)


app.command(epilog=bundle_download.EXAMPLE)(bundle_download.download)
app.command(epilog=bundle_link.EXAMPLE)(bundle_link.link)
app.command(epilog=bundle_release.APPROVE)(bundle_release.approve)
app.command(epilog=bundle_release.REVOKE)(bundle_release.revoke)
app.command(epilog=bundle_release.RELEASE)(bundle_release.release)
app.command(epilog=bundle_hold.HOLD)(bundle_hold.hold)
app.command(epilog=bundle_hold.UNHOLD)(bundle_hold.unhold)
app.command(epilog=bundle_hold.EXTEND)(bundle_hold.extend)
app.command(epilog=bundle_orphans.ORPHANS_EXAMPLE)(bundle_orphans.orphans)
app.command(epilog=bundle_orphans.SWEEP_EXAMPLE)(bundle_orphans.sweep)


def _downloaded(bundle: str) -> Path | None:
    """The copy that ``bundle`` names; None where it names a version of the store."""
    from sdtmflow.bundle import asked_number
    from sdtmflow.bundle.read import LATEST, RELEASED

    names_version = bundle in {LATEST, RELEASED} or asked_number(bundle) is not None
    return None if names_version else Path(bundle)


def _verified(asked: Shelf, version: str, trust: Trust, actor: str) -> Verification:
    from sdtmflow.audit import Actor
    from sdtmflow.bundle import verify_and_log

    name, by = asked.find(version).name, Actor.of_account(actor)
    with transfer.shown("verifying") as progress:
        verification, note = verify_and_log(
            asked.store, asked.study, name, trust, actor=by, progress=progress
        )
    if note:
        err.print(Text(note))
    return verification


def _verified_copy(copy: Path, only: list[str], trust: Trust) -> Verification:
    from sdtmflow.bundle import verify_copy

    with transfer.shown("verifying") as progress:
        verification = verify_copy(copy, only, trust, progress)
    if not only and any(fault.problem == "the file is missing" for fault in verification.faults):
        err.print(Text("if only a part was downloaded, say which: --only '*.xpt', --only m5"))
    return verification


def opened_shelf(study: Path, store: str) -> Shelf:
    """The store, and the study whose bundles are asked for; ``study`` may be its id."""
    from sdtmflow.bundle import shelf

    return shelf(study, store_url(store))


def acting_shelf(study: Path, store: str) -> Shelf:
    """``opened_shelf``, for what the audit log will tell of.

    Raises VerificationError where the log lacks what this machine has seen of it.
    """
    asked = opened_shelf(study, store)
    known_heads(study).follow(asked.store, asked.study)
    return asked


def known_heads(study: Path) -> KnownHeads:
    """What this machine remembers of the study's logs; of a store alone it remembers nothing."""
    from sdtmflow.audit import KnownHeads

    is_study = (study / "study.yaml").is_file()
    return KnownHeads(study.absolute() / "work" / "audit-heads.json" if is_study else None)


def _contents(manifest: Manifest) -> tuple[str, str]:
    return f"{len(manifest.files)}", size_text(sum(file.size for file in manifest.files))


def _gaps(manifest: Manifest) -> str:
    return ", ".join(gap.site or gap.source for gap in manifest.gaps) or "none"


def _tell_files(what: str, rows: list[tuple[str, int, str]]) -> None:
    """A line each, the name last, as sha256sum has it: no terminal is too narrow to show it all."""
    out.print(Text(f"\n{'size':>10}  {'SHA-256 begins':16}  {what}", "bold"))
    for name, size, sha256 in rows:
        out.print(Text(f"{size_text(size):>10}  {sha256[:16]}  {name}"))
