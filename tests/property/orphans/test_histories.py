"""Whatever the order in which publishers and sweeps take their steps, and wherever they are killed:
what is published stays whole, with every delivery that it was made from.

Every orphan counts as old enough here, so that nothing but the fence protects a publication.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sdtmflow.bundle import bundles, read_manifest, verify
from sdtmflow.errors import SdtmflowError
from sdtmflow.orphans import ALL, sweep
from sdtmflow.store import Store, open_store
from tests.integration.orphanage import keep, kept, publish_tree

STOPS = {"append", "take_claim", "claims", "put_bytes", "hide", "show", "attempts", "under"}
"""Before and after each of these a scheduler decides who goes on."""
ORPHANS_ARE_OLD = dt.timedelta(days=8)


class KilledError(BaseException):
    """No ``except`` of ours catches it, and nothing is cleaned up."""


class Player:
    """A publisher or a sweep that goes on by one step when it is told to."""

    def __init__(self, act: Callable[[Player], None]) -> None:
        self.errors: list[BaseException] = []
        self._act = act
        self._killed = False
        self._go, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._stands.acquire()

    def step(self) -> bool:
        """Go on to the next stop; False where it is at its end."""
        if not self._thread.is_alive():
            return False
        self._go.release()
        self._stands.acquire()
        return True

    def kill(self) -> None:
        self._killed = True
        while self._thread.is_alive():
            self._go.release()
            self._thread.join(0.01)

    def finish(self) -> None:
        while self.step():
            self._thread.join(0.001)

    def stop(self) -> None:
        """Called by what it uses. Its pool's threads pass."""
        if threading.current_thread() is self._thread:
            self._stands.release()
            self._go.acquire()
        if self._killed:
            raise KilledError

    @property
    def killed(self) -> bool:
        return self._killed

    def _run(self) -> None:
        try:
            self.stop()
            self._act(self)
        except KilledError:
            pass
        except BaseException as error:  # noqa: BLE001 — looked at by the test
            self.errors.append(error)
        finally:
            self._stands.release()


class Stepping:
    """A store, or what lies in it, whose user stops before and after each telling step."""

    def __init__(self, real, player: Player) -> None:
        self._real, self._player = real, player

    def __getattr__(self, name):
        if name == "abandon" and self._player.killed:
            return lambda *_: None
        if name == "pieces":
            return lambda: Stepping(self._real.pieces(), self._player)
        if name == "now":
            return lambda: self._real.now() + ORPHANS_ARE_OLD
        method = getattr(self._real, name)
        if name not in STOPS:
            return method

        def stepping(*asked, **options):
            self._player.stop()
            answer = method(*asked, **options)
            answer = tuple(answer) if name == "under" else answer
            self._player.stop()
            return answer

        return stepping


def publisher(store: Store, folder: Path, name: str, delivery: str) -> Callable[[Player], None]:
    def act(player: Player) -> None:
        stepping = Stepping(store, player)
        (folder / name).mkdir()
        keep(stepping, folder / name, delivery)
        player.stop()
        publish_tree(stepping, folder / name, name, delivery)

    return act


def sweeper(store: Store) -> Callable[[Player], None]:
    def act(player: Player) -> None:
        span = dt.timedelta(days=7)
        sweep(Stepping(store, player), "TRIAL", lambda _: None, older_than=span, kinds=ALL)

    return act


def require_whole(store: Store) -> int:
    claims = bundles(store, "TRIAL")
    for claim in claims:
        assert verify(store, "TRIAL", claim.name).faults == ()
        needed = {file.sha256 for file in read_manifest(store, claim).inputs}
        assert needed <= kept(store), "a bundle lost a delivery that it was made from"
    return len(claims)


def test_a_sweep_at_each_step_of_a_publication():
    """And a publication at each step of a sweep: every way in which one interrupts the other."""
    tried = 0
    for first, second in ((0, 1), (1, 0)):
        for steps in range(100):
            with tempfile.TemporaryDirectory() as place:
                folder, store, players = a_ground(Path(place), sweeps=1)
                keep(store, folder, "monday")
                goes_on = all(players[first].step() for _ in range(steps))
                for each in (second, first):
                    players[each].finish()
                require_sound(store, players)
            tried += 1
            if not goes_on:
                break
    assert tried > 20


PLAYERS = 3
schedules = st.lists(st.tuples(st.integers(0, PLAYERS - 1), st.integers(1, 12)), max_size=8)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(
    schedules,
    st.permutations(range(PLAYERS)),
    st.sets(st.integers(0, PLAYERS - 1), max_size=2),
)
def test_nothing_published_is_ever_hit(schedule, order, killed):
    """A publisher, two sweeps, in any order and with any of them killed."""
    with tempfile.TemporaryDirectory() as place:
        folder, store, players = a_ground(Path(place), sweeps=2)
        keep(store, folder, "monday")
        for who, steps in schedule:
            for _ in range(steps):
                players[who].step()
        for who in order:
            players[who].kill() if who in killed else players[who].finish()
        count = require_sound(store, players)
        last = Player(sweeper(store))
        last.finish()
        assert require_sound(store, [last]) == count
        keep(store, folder, "monday")
        assert publish_tree(store, folder, "last", "monday").claim.version == count + 1
        assert require_whole(store) == count + 1


def a_ground(folder: Path, sweeps: int) -> tuple[Path, Store, list[Player]]:
    """A store, a publisher of what came on monday, and sweeps."""
    store = open_store(str(folder / "store"), folder)
    players = [Player(publisher(store, folder, "a", "monday"))]
    return folder, store, [*players, *(Player(sweeper(store)) for _ in range(sweeps))]


def require_sound(store: Store, players: list[Player]) -> int:
    for player in players:
        assert all(isinstance(error, SdtmflowError) for error in player.errors), player.errors
    return require_whole(store)
