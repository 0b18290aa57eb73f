from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from sdtmflow.store.digests import Digests, Hashing, hashing, taken_in

ABC = Digests(
    3,
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "900150983cd24fb0d6963f7d28e17f72",
)


@pytest.mark.parametrize("threads", [0, 1])
def test_digests_of_pieces_are_those_of_the_whole(threads):
    with ThreadPoolExecutor(1) as aside:
        digest = Hashing(aside if threads else None)
        assert b"".join(taken_in([b"a", b"", b"bc"], digest)) == b"abc"
    assert digest.digests() == ABC
    assert digest.hexdigest() == ABC.sha256


@pytest.mark.parametrize("size", [3, 1 << 40])
def test_how_large_a_file_is_said_to_be_changes_nothing(size):
    with hashing(size) as digest:
        digest.update(b"abc")
    assert digest.digests() == ABC
