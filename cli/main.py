"""The `sdtmflow` command: its subcommands, and what becomes of errors.

Heavy packages (Prefect, Great Expectations, Polars) are imported inside the commands that need
them, so that help and completion answer at once.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli import (
    audit,
    bundles,
    checking,
    define,
    design,
    findings,
    gate,
    keys,
    package,
    queries,
    running,
    scaffold,
    specs,
    store,
    suites,
    terms,
    trace,
)
from cli.interrupts import interruptible
from cli.screen import tell_error
from sdtmflow.errors import SdtmflowError

app = typer.Typer(
    name="sdtmflow",
    help="Clinical trial data from raw site exports to versioned, verifiable SDTM bundles.",
    epilog="Start with: sdtmflow init my-study && sdtmflow run my-study",
    no_args_is_help=True,
    # An error of ours is one line; anything else is a defect, and its plain trace is wanted.
    pretty_exceptions_enable=False,
)
app.command("init")(scaffold.init)
app.command("check")(checking.check)
app.command("design", epilog=design.EXAMPLE)(design.design)
app.command("run", epilog=running.EXAMPLE)(running.run)
app.command("trace", epilog=trace.EXAMPLE)(trace.trace)
app.command("gate", epilog=gate.EXAMPLE)(gate.gate)
app.add_typer(specs.app, name="spec")
app.add_typer(suites.app, name="suite")
app.add_typer(findings.app, name="findings")
app.add_typer(queries.app, name="queries")
app.add_typer(bundles.app, name="bundles")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(store.app, name="store")
app.add_typer(terms.app, name="terms")
app.add_typer(define.app, name="define")
app.add_typer(package.app, name="package")


@app.callback(invoke_without_command=True)
def options(
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    """Options of the program itself."""
    if version:
        from sdtmflow import __version__

        typer.echo(f"sdtmflow {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; an error becomes one line and its exit code (sdtmflow.errors)."""
    with interruptible():
        try:
            app()
        except SdtmflowError as error:
            tell_error(error)
            sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
