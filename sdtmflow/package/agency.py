"""What an agency takes only split."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sdtmflow.agency import AGENCIES, Agency
from sdtmflow.finding import Finding, Severity, Stage


def too_large(files: Sequence[str], package: Path, agency: Agency) -> list[Finding]:
    """A finding for every file (relative to ``package``) that the agency takes only split."""
    limits = AGENCIES[agency]
    sizes = {file: (package / file).stat().st_size for file in files}
    return [
        Finding(
            rule="DATASET_TOO_LARGE",
            severity=Severity.MAJOR,
            stage=Stage.PACKAGE,
            message=f"{file} has {size} bytes; {agency} takes at most "
            f"{limits.dataset_bytes} ({limits.guide}, dataset size)",
            dataset=Path(file).stem.upper(),
        )
        for file, size in sizes.items()
        if size > limits.dataset_bytes
    ]
