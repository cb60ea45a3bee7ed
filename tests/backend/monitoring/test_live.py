"""Live samples at 1 s from a real host: only while somebody looks, and on again after a cut."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from backend.core.errors import HostUnreachable
from backend.monitoring import live
from backend.monitoring.live import LiveWatch
from backend.store.live_leases import LiveLeases
from backend.store.scope import ENGINE_SCOPE
from tests.backend.monitoring.watched import Watched
from tests.installation import until

pytestmark = pytest.mark.lab


@pytest.fixture
def watch(server: Watched, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveWatch]:
    monkeypatch.setattr(live, "AGAIN_S", 0.2)
    installation = server.installation
    made = LiveWatch(installation.store, installation.metrics, server.access(), installation.clock)
    made.start()
    yield made
    made.close()


def _look(watch: LiveWatch, server: Watched) -> None:
    """Somebody looks at the server, and the engine reads that."""
    LiveLeases(server.installation.store).renew(ENGINE_SCOPE, server.key)
    watch._turn()


def _count(server: Watched) -> int:
    return len(server.live().times)


def test_nothing_runs_before_somebody_looks(watch: LiveWatch) -> None:
    assert watch._threads == {}


def test_a_look_brings_a_sample_each_second_and_ends_by_itself(
    server: Watched, watch: LiveWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, begun = _count(server), time.monotonic()

    _look(watch, server)

    until(lambda: _count(server) >= before + 3, "three samples")
    monkeypatch.setattr(live, "LEASE_S", 0.1)
    _look(watch, server)
    until(lambda: not watch._threads, "the lease to end")
    times = [int(at) for at in server.live().times[before:]]
    assert len(times) <= time.monotonic() - begun + 2  # the first at once, the last in a second that began
    assert times == sorted(set(times))
    values = server.live().values
    assert values["cpu"][before] != values["cpu"][before]  # NaN: a rate needs two readings
    assert 0 <= values["cpu"][-1] <= 100.5
    assert 0 < values["memory"][-1] < 100


def test_a_lease_that_is_renewed_goes_on_with_the_same_connection(server: Watched, watch: LiveWatch) -> None:
    _look(watch, server)
    until(lambda: watch._threads, "the thread")
    thread = watch._threads[server.key]

    _look(watch, server)

    assert watch._threads[server.key] is thread


def test_after_its_connection_broke_the_samples_go_on_and_the_silence_is_logged_once(
    server: Watched, watch: LiveWatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="backend.monitoring.live")
    _look(watch, server)
    before = _count(server)
    until(lambda: _count(server) > before, "a first sample")

    with server.access().session(server.id) as ssh, suppress(HostUnreachable):
        ssh.run("pkill -f 'sshd: root'")  # ends this session too
    until(lambda: "A live view is back" in caplog.messages, "the connection to be back")

    seen = _count(server)
    until(lambda: _count(server) > seen + 1, "samples after the break")
    assert len([message for message in caplog.messages if "fell silent" in message]) == 1


def test_closing_ends_all(server: Watched, watch: LiveWatch) -> None:
    _look(watch, server)
    thread = watch._threads[server.key]

    watch.close()

    assert not thread.is_alive()
