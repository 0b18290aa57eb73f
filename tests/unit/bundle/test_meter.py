from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sdtmflow.bundle.meter import Meter, unseen, watched_by, watcher


def test_no_thread_s_bytes_are_lost():
    told = []
    meter = Meter(lambda *now: told.append(now), 8_000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(meter.moved, [1] * 8_000))
    assert told[0] == (0, 8_000)
    assert [done for done, _ in told] == list(range(8_001))


def test_bytes_that_must_be_moved_again_are_taken_back():
    told = []
    meter = Meter(lambda done, _: told.append(done), 10)
    for count in (4, -4, 10):
        meter.moved(count)
    assert told == [0, 4, 0, 10]


def test_a_watcher_is_known_where_it_was_named_only():
    def mine(done, total):
        raise AssertionError((done, total))

    assert watcher() is unseen
    with watched_by(mine):
        assert watcher() is mine
    assert watcher() is unseen
