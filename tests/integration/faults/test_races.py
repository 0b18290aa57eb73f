"""Publishers at the same time get a version each, without a gap; readers meanwhile see no half."""

from __future__ import annotations

from tests.integration.faults.jobs import Done, Refused

RIVALS = 16


def test_sixteen_publishers_get_sixteen_versions(grounds):
    ground = next(grounds)
    endings = raced(ground, [f"run {number}" for number in range(RIVALS)])
    assert sorted(ending.answer for ending in endings) == [
        (version, True, ()) for version in range(1, RIVALS + 1)
    ]
    assert ground.require_whole() == RIVALS
    ground.require_all_bytes()


def test_rivals_with_the_same_inputs_publish_one_version(grounds):
    ground = next(grounds)
    endings = raced(ground, ["same"] * RIVALS)
    assert sorted(ending.answer[:2] for ending in endings) == [
        *[(1, False)] * (RIVALS - 1),
        (1, True),
    ]
    assert ground.require_whole() == 1


def test_publishers_downloaders_and_verifiers_at_the_same_time(grounds):
    ground = next(grounds)
    ground.require_published("the first")
    with ground.watched(), ground.watched():
        readers = [ground.start("verify_latest", waits=True) for _ in range(4)]
        readers += [
            ground.start("download_latest", waits=True, to=str(ground.folder / f"copy {number}"))
            for number in range(4)
        ]
        for reader in readers:
            reader.go()
        endings = raced(ground, [f"run {number}" for number in range(8)])
        assert all(isinstance(reader.ending(), Done) for reader in readers)
    assert sorted(ending.answer[0] for ending in endings) == list(range(2, 10))
    ground.require_all_bytes()


def raced(ground, names) -> list[Done]:
    """Publications that begin at the same moment; none may be refused."""
    rivals = [ground.start("publish_tree", name=name, waits=True) for name in names]
    for rival in rivals:
        rival.go()
    endings = [rival.ending() for rival in rivals]
    assert all(isinstance(ending, Done) for ending in endings), [
        ending for ending in endings if isinstance(ending, Refused)
    ]
    return endings
