"""Run every benchmark in a process of its own, one after the other: ``make bench``."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Print the machine, then each benchmark's figures; the number of benchmarks that failed."""
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}")
    failed = 0
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if not path.stem.startswith("__"):
            print(f"\n{path.stem}", flush=True)
            run = subprocess.run([sys.executable, "-m", f"benchmarks.{path.stem}"], check=False)
            failed += run.returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
