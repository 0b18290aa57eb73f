"""What commands ask and tell about signatures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.screen import out

if TYPE_CHECKING:
    from sdtmflow.bundle import Claim, Signer
    from sdtmflow.signing import Trust

TrustOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--key",
        help="PUBLIC key (somebody.pub.pem) of who may have signed; repeatable. Then a bundle that "
        "none of them has signed is at fault. Default: the keys that study.yaml trusts.",
        metavar="PUBLIC-KEY",
        show_default=False,
    ),
]


def trust_of(study: Path, keys: list[Path] | None) -> Trust:
    """``--key``; else what study.yaml trusts, where ``study`` is a study folder."""
    from sdtmflow.signing import Trust, study_trust
    from sdtmflow.study import StudyFolder

    if keys or not (study / "study.yaml").is_file():
        return Trust.of(key.expanduser() for key in keys or ())
    return study_trust(StudyFolder(study))


def tell_signer(signer: Signer | None) -> None:
    """Whose signature a verified bundle has, and what that is worth."""
    from sdtmflow.bundle.verifier import signature_words

    whose, worth = signature_words(signer)
    out.print(Text(f"signature: {whose}"))
    out.print(Text(f"           {worth}"))


def signed_by(claim: Claim) -> str:
    """For a table: how the fingerprint of the key begins."""
    from sdtmflow.signing import shown_fingerprint

    return f"{shown_fingerprint(claim.signature.key)[:_BEGIN]}…" if claim.signature else "no"


def signature_line(claim: Claim) -> str:
    """Which key the claim says has signed; only `verify` proves it."""
    from sdtmflow.signing import shown_fingerprint

    if not claim.signature:
        return "signed: no"
    return f"signed: by key {shown_fingerprint(claim.signature.key)}"


_BEGIN = 9
"""Two groups of a fingerprint: enough to tell a study's keys apart in a list."""
