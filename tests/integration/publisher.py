"""A publisher in a process of its own: it waits for a line, or dies on the way.

    publisher.py URL TREE NAME [--wait] [--die BOUNDARY]

The store's settings come from the environment. BOUNDARY 2n is just before the n-th write to the
store, 2n + 1 just after it. Prints the version's name.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import sys
from pathlib import Path

from sdtmflow.bundle import BundleFacts, Code, publish
from sdtmflow.store import Store, open_store

WRITES = frozenset({"put_file", "put_bytes", "copy", "take_claim"})


class DyingStore:
    """A store whose publisher is killed, as by a power cut, at one boundary of its writes."""

    def __init__(self, store: Store, boundary: int) -> None:
        self._store = store
        self._left = boundary

    def __getattr__(self, name):
        method = getattr(self._store, name)
        return self._dying(method) if name in WRITES else method

    def _dying(self, method):
        def write(*arguments):
            self._pass()
            answer = method(*arguments)
            self._pass()
            return answer

        return write

    def _pass(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


def facts_of(name: str) -> BundleFacts:
    return BundleFacts(
        inputs_key=hashlib.sha256(name.encode()).hexdigest(),
        run=name,
        created="2026-03-01T12:00:00+00:00",
        inputs=(),
        specs={},
        suites={},
        standards={},
        code=Code(version="0", sha256="0" * 64),
        findings={},
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("tree", type=Path)
    parser.add_argument("name")
    parser.add_argument("--wait", action="store_true")
    parser.add_argument("--die", type=int)
    asked = parser.parse_args()
    store = open_store(asked.url, Path("/"))
    if asked.die is not None:
        store = DyingStore(store, asked.die)
    if asked.wait:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
    sys.stdout.write(publish(store, "TRIAL", asked.tree, facts_of(asked.name)).name)


if __name__ == "__main__":
    main()
