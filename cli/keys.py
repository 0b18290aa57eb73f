"""`sdtmflow keys`: make the key that signs bundles, and show whose key a file holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.screen import out

if TYPE_CHECKING:
    from sdtmflow.signing import PublicKey, SigningKey
    from sdtmflow.signing.pem import Ask

app = typer.Typer(help="Ed25519 keys: make one, show its fingerprint.", no_args_is_help=True)

KeyFile = Annotated[Path, typer.Argument(help="A key in PEM.", show_default=False)]


@app.command(epilog="Example: sdtmflow keys make ~/keys/release.pem")
def make(
    path: Annotated[Path, typer.Argument(help="A new file, such as release.pem.")],
    *,
    passphrase: Annotated[
        bool,
        typer.Option(
            help="Protect the private key by a passphrase: SDTMFLOW_SIGNING_PASSPHRASE, else it is "
            "asked for."
        ),
    ] = True,
) -> None:
    """Make a key: the private half in PATH, for its owner's eyes alone, and the public one beside.

    Nothing that is there already is written over.
    """
    from sdtmflow.signing import make_key, public_file

    public = make_key(path, _new_passphrase() if passphrase else "")
    out.print(Text(f"private key  {path}  (keep it to yourself, and a copy of it in a safe place)"))
    out.print(Text(f"public key   {public_file(path)}  (give it to those who verify)"))
    _tell_fingerprint(public)


@app.command(epilog="Example: sdtmflow keys show release.pub.pem")
def show(path: KeyFile) -> None:
    """Show the fingerprint of a key: compare it with what its owner tells you in person."""
    _tell_fingerprint(_public_half(path))


@app.command(epilog="Example: sdtmflow keys public release.pem > release.pub.pem")
def public(path: KeyFile) -> None:
    """Print the public half of a key as PEM: what `--key` and `trusted` in study.yaml take."""
    typer.echo(_public_half(path).pem.decode(), nl=False)


def unlocked(path: Path) -> SigningKey:
    """The private key in ``path``; its passphrase is asked for at a terminal, once."""
    from sdtmflow.signing import load_key

    return load_key(path.expanduser(), asker())


def asker() -> Ask | None:
    """What asks for a passphrase; None where nobody sits at a terminal."""
    return _asked if sys.stdin.isatty() else None


def _asked(path: Path) -> str:
    answer: str = typer.prompt(f"passphrase of {path}", hide_input=True, err=True)
    return answer


def _new_passphrase() -> str:
    from sdtmflow.errors import SigningError
    from sdtmflow.settings import PASSPHRASE, Settings

    given = Settings.read().signing_passphrase.get_secret_value()
    if given:
        return given
    if not sys.stdin.isatty():
        raise SigningError(
            "there is nobody to ask for a passphrase",
            remedy=f"set {PASSPHRASE}, or say --no-passphrase",
        )
    answer: str = typer.prompt(
        "passphrase", hide_input=True, confirmation_prompt="the same again", err=True
    )
    return answer


def _public_half(path: Path) -> PublicKey:
    """The public key in ``path``, or the public half of the private one."""
    from sdtmflow.signing import holds_private_key, load_public

    return unlocked(path).public if holds_private_key(path) else load_public(path)


def _tell_fingerprint(key: PublicKey) -> None:
    from sdtmflow.signing import shown_fingerprint

    out.print(Text(f"fingerprint  {shown_fingerprint(key.fingerprint)}"))
