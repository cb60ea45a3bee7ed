"""Live views between two processes: leases that any engine reads, and samples that cost no commit of app.db."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.core.clock import SystemClock
from backend.core.paths import DataFolder
from backend.core.ssh import sampler
from backend.engine.feed import FeedWatcher
from backend.fleet.metrics import server_series
from backend.monitoring import live, live_follower
from backend.monitoring.live import LiveWatch
from backend.monitoring.live_follower import MOST_VIEWS, LiveFollower
from backend.store.changes import Changed, newest_seq
from backend.store.database import Store, StoreAddress
from backend.store.live_leases import LiveLeases, ServerKey
from backend.store.metrics import MetricStore
from backend.store.migrate import migrate
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.ssh.test_sampler import OUTPUT
from tests.installation import until

LIVE = Changed("live", AGENCY)
#: Longer than any test lasts; as long as a lease is where its end is waited for.
NEVER_S, SHORT_S = 1e9, 3.0


class Answering:
    """Servers that answer each command at once with the same figures."""

    @contextmanager
    def session(self, _server: UUID, *, stop: Callable[[], bool]) -> Iterator[Answering]:
        assert not stop()
        yield self

    def check(self, command: str, *, timeout_s: float) -> str:
        assert (command, timeout_s > 0) == (sampler.COMMAND, True)
        return OUTPUT


class Team:
    """One store, as two processes have it open: a window's, and an engine's."""

    def __init__(self, store: Store) -> None:
        self.window, self.engines = Store(store.address), Store(store.address)
        self.follower = LiveFollower(self.window)
        self.heard: list[Changed] = []
        self.window.feed.subscribe(self.heard.extend)
        self.watcher = FeedWatcher(self.engines)
        self.watcher.start()
        self.watch = self._new_engine()

    def change_engine(self) -> None:
        """The engine ends and another follows."""
        self.watch.close()
        self.watch = self._new_engine()

    def states(self) -> dict[UUID, str]:
        return {lease.server.id: lease.state for lease in LiveLeases(self.window).all()}

    def count(self, server: UUID) -> int:
        return len(MetricStore(self.window).live(ENGINE_SCOPE, server_series(server), 0).times)

    def ends_within(self, server: UUID) -> float:
        """Seconds that the engine leaves the lease of a server."""
        return self.watch._until[ServerKey(AGENCY, server)] - time.monotonic()

    def close(self) -> None:
        self.follower.close()
        self.watch.close()
        self.watcher.close()
        self.window.close()
        self.engines.close()

    def _new_engine(self) -> LiveWatch:
        access: Any = Answering()
        made = LiveWatch(self.engines, MetricStore(self.engines), access, SystemClock())
        made.start()
        return made


@pytest.fixture(params=["sqlite", "postgres"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    if request.param == "sqlite":
        address = StoreAddress.in_folder(folder)
    else:
        address = StoreAddress.on_server(request.getfixturevalue("postgres_url"))
    store = Store(address)
    migrate(store, folder, datetime.now(UTC))
    yield store
    store.close()


@pytest.fixture
def team(any_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """Leases are renewed faster than the product's; they end as late, for a busy machine renews late."""
    monkeypatch.setattr(live_follower, "RENEW_S", 0.4)
    monkeypatch.setattr(live_follower, "UNHEARD_S", 0.4)
    monkeypatch.setattr(live, "LOOK_S", 0.2)
    made = Team(any_store)
    yield made
    made.close()


def test_samples_reach_who_looks_without_a_commit_of_the_app_database(team: Team) -> None:
    server = uuid4()
    team.follower.watch(server, NEVER_S)
    until(lambda: team.count(server) >= 1, "the first sample")
    stands_at = newest_seq(team.window)
    before, samples = team.heard.count(LIVE), team.count(server)

    until(lambda: team.count(server) >= samples + 3, "three more samples")
    until(lambda: team.heard.count(LIVE) >= before + 3, "the window to hear of each")
    assert newest_seq(team.window) == stands_at


def test_a_view_that_nobody_looks_at_any_more_ends_and_leaves_no_lease(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LEASE_S", SHORT_S)
    server = uuid4()
    team.follower.watch(server, 1.0)
    until(lambda: team.count(server), "a sample")

    until(lambda: not team.states() and not team.watch._threads, "the view to end")


def test_another_engine_takes_up_the_views_that_are_looked_at(team: Team) -> None:
    looked_at, left = uuid4(), uuid4()
    LiveLeases(team.window).renew(ENGINE_SCOPE, ServerKey(AGENCY, left))  # and never renewed again
    team.follower.watch(looked_at, NEVER_S)
    until(lambda: team.count(looked_at), "a sample")

    team.change_engine()
    samples = team.count(looked_at)

    until(lambda: team.count(looked_at) > samples + 1, "samples by the other engine")
    assert list(team.states()) == [looked_at]


@pytest.mark.parametrize("is_told", [False, True])
def test_an_engine_that_starts_takes_up_at_once_what_is_looked_at(
    team: Team, monkeypatch: pytest.MonkeyPatch, is_told: bool
) -> None:
    """A window shows a server before its engine runs: that must not wait for the next renewal of a lease in force."""
    monkeypatch.setattr(live_follower, "RENEW_S", NEVER_S)
    server = uuid4()
    team.watch.close()
    team.follower.watch(server, NEVER_S)
    until(lambda: server in team.states(), "the lease")
    if is_told:
        monkeypatch.setattr(live_follower, "UNHEARD_S", NEVER_S)

    team.watch = team._new_engine()
    if is_told:
        team.follower.ask_again()

    until(lambda: team.count(server) > 0, "its samples")


def test_who_looks_at_one_more_than_can_be_shown_is_told_and_follows_when_one_ends(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = servers = sorted(uuid4() for _view in range(MOST_VIEWS + 1))
    for server in others:
        team.follower.watch(server, NEVER_S)
    until(lambda: list(team.states().values()).count("running") == MOST_VIEWS, "eight views")

    team.follower.watch(first, NEVER_S)
    until(lambda: team.states().get(first) == "full", "the ninth to be told")
    assert team.count(first) == 0
    until(lambda: team.follower._seen[ServerKey(AGENCY, first)].state == "full", "the window to see it")

    monkeypatch.setattr(live, "LEASE_S", SHORT_S)
    until(lambda: team.ends_within(others[0]) <= SHORT_S, "a short lease")
    team.follower.watch(others[0], 0.0)  # somebody turns away
    until(lambda: team.states().get(first) == "running" and team.count(first), "the ninth to follow")
    until(lambda: set(team.states()) == set(servers) - {others[0]}, "the other leases to be as before")


def test_nobody_asks_for_anything_before_somebody_looks(team: Team) -> None:
    assert not team.follower._beat._thread.is_alive()
    assert team.watch._turn() == live.AT_REST_S


def test_two_windows_that_look_at_one_server_share_its_lease(any_store: Store) -> None:
    leases, server = LiveLeases(any_store), ServerKey(AGENCY, uuid4())
    assert [leases.renew(ENGINE_SCOPE, server), leases.renew(ENGINE_SCOPE, server)] == ["", ""]
    (lease,) = leases.all()
    assert lease.renewals == 2
    leases.say(lease, "running")
    assert leases.renew(ENGINE_SCOPE, server) == "running"

    leases.end(lease)  # renewed since
    assert [each.renewals for each in leases.all()] == [3]
    leases.end(*leases.all())
    assert leases.all() == []
