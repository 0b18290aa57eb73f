"""ODM-XML: our reader against bare ``lxml.iterparse`` over the same file.

    python -m benchmarks.odm [subjects]

Prints megabytes per second, the ratio, and the memory that reading took.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from sdtmflow.sources.odm import read_odm
from sdtmflow.sources.raw import DeliveredFile, RawBatch
from sdtmflow.study import Source

RUNS = 3
VISITS, ITEMS = 10, 12


def write_odm(path: Path, subjects: int) -> None:
    """A snapshot with one form of ``ITEMS`` items at each of ``VISITS`` visits."""
    items = "".join(f'<ItemData ItemOID="IT.{n}" Value="{n * 7}.5"/>' for n in range(ITEMS))
    group = f'<ItemGroupData ItemGroupOID="IG.VS">{items}</ItemGroupData>'
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileType="Snapshot" '
            'FileOID="BENCH" CreationDateTime="2026-01-01T00:00:00">'
            '<ClinicalData StudyOID="S" MetaDataVersionOID="1">'
        )
        for subject in range(subjects):
            file.write(f'<SubjectData SubjectKey="{subject:06}">')
            for visit in range(VISITS):
                file.write(
                    f'<StudyEventData StudyEventOID="V{visit}"><FormData FormOID="F.VS">'
                    f"{group}</FormData></StudyEventData>"
                )
            file.write("</SubjectData>\n")
        file.write("</ClinicalData></ODM>")


def bare(path: Path) -> None:
    """What any reader must do at least: parse, and let go of each subject."""
    for _, element in etree.iterparse(str(path), events=("end",)):
        if element.tag.endswith("}SubjectData"):
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def read(path: Path) -> int:
    """Our reader; the number of rows."""
    file = DeliveredFile(
        path.name, path, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size
    )
    source = Source(kind="odm", path=path.name, site="01")
    return sum(
        batch.rows.height for batch in read_odm((file,), source) if isinstance(batch, RawBatch)
    )


def best(action: Callable[[], object]) -> float:
    """Seconds of the best of ``RUNS`` runs."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Measure and print."""
    subjects = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.xml"
        write_odm(path, subjects)
        megabytes = path.stat().st_size / 1e6
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if read(path) != subjects * VISITS:
            raise SystemExit("the reader lost rows")
        above = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        ours, theirs = best(lambda: read(path)), best(lambda: bare(path))
    print(
        f"read  {megabytes / ours:8.1f} MB/s   lxml.iterparse {megabytes / theirs:8.1f} MB/s   "
        f"{theirs / ours:5.2f} x   ({megabytes:.0f} MB file)"
    )
    print(f"reading took {above:.0f} MB of memory")


if __name__ == "__main__":
    main()
