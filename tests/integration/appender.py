"""Somebody who acts, in a process of its own: ``appender.py URL NAME COUNT``, after a line."""

from __future__ import annotations

import sys
from pathlib import Path

from sdtmflow.audit import Act, Actor, record
from sdtmflow.store import open_store


def main() -> None:
    url, name, count = sys.argv[1:]
    store, actor = open_store(url, Path("/")), Actor(name=name, account="a@b")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for turn in range(int(count)):
        record(store, "TRIAL", Act("verify", details={"turn": str(turn)}), actor)


if __name__ == "__main__":
    main()
