"""What holds for every test, whichever runs first."""

import os

# A console keeps the width that it finds when it is made: it is to ask each time.
os.environ.pop("COLUMNS", None)

import cli.screen  # noqa: F401 — makes the consoles
