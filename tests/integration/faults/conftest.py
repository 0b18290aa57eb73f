"""Grounds to publish on, one after the other, in one place; processes that are forked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.faults.ground import Ground
from tests.integration.faults.processes import Warm, warm_process
from tests.integration.faults.wire import Wire, wire_to


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    with warm_process() as started:
        yield started


@pytest.fixture
def grounds(exclusive_place, warm, tmp_path) -> Iterator[Ground]:
    """Empty grounds without end; on S3 they are studies of one bucket, else folders."""
    return _grounds(exclusive_place, warm, tmp_path)


@pytest.fixture
def s3_grounds(guarded_place, warm, tmp_path) -> Iterator[Ground]:
    """Empty grounds on S3."""
    return _grounds(guarded_place, warm, tmp_path)


@pytest.fixture
def wire(guarded_place) -> Iterator[Wire]:
    """A proxy to the server of ``s3_grounds``."""
    with wire_to(guarded_place.environ["SDTMFLOW_S3_ENDPOINT"]) as opened:
        yield opened


def _grounds(place, warm, tmp_path) -> Iterator[Ground]:
    number = 0
    while True:
        number += 1
        yield Ground(place, warm, tmp_path / f"ground {number}", number)
