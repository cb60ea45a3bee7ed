"""Live samples at 1 s from a real host: only while somebody looks, and on again after a cut."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from uuid import uuid4

import pytest

from backend.core.errors import HostUnreachable, Refused
from backend.core.ssh import session
from backend.monitoring import live
from backend.monitoring.live import AT_ONCE, LONGEST_S, LiveWatch
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.monitoring.watched import Watched
from tests.installation import until

pytestmark = pytest.mark.lab


@pytest.fixture
def watch(server: Watched, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveWatch]:
    monkeypatch.setattr(session, "CONNECT_S", 1.0)
    monkeypatch.setattr(live, "AGAIN_S", 0.2)
    installation = server.installation
    made = LiveWatch(installation.store, installation.metrics, server.access(), installation.clock)
    made.start()
    yield made
    made.close()


def _look(watch: LiveWatch, server: Watched, seconds: float) -> None:
    with server.installation.store.write(ENGINE_SCOPE) as opened:
        payload = {"server_id": str(server.id), "seconds": seconds}
        watch.watch(opened, payload, server.installation.clock.now())


def _count(server: Watched) -> int:
    return len(server.live().times)


def test_nothing_runs_before_somebody_looks(watch: LiveWatch) -> None:
    assert watch._threads == {}


def test_a_look_brings_a_sample_each_second_and_ends_by_itself(server: Watched, watch: LiveWatch) -> None:
    before = _count(server)

    _look(watch, server, 2.5)

    until(lambda: not watch._threads, "the lease to end", seconds=15)
    times = [int(at) for at in server.live().times[before:]]
    assert 2 <= len(times) <= 4
    assert times == sorted(set(times))
    values = server.live().values
    assert values["cpu"][before] != values["cpu"][before]  # NaN: a rate needs two readings
    assert 0 <= values["cpu"][-1] <= 100.5
    assert 0 < values["memory"][-1] < 100


def test_a_lease_that_is_renewed_goes_on_with_the_same_connection(server: Watched, watch: LiveWatch) -> None:
    _look(watch, server, 5)
    until(lambda: watch._threads, "the thread")
    thread = watch._threads[server.id]

    _look(watch, server, 60)

    assert watch._threads[server.id] is thread


def test_no_lease_is_longer_than_a_minute(server: Watched, watch: LiveWatch) -> None:
    before = time.monotonic()

    _look(watch, server, 86_400)

    assert watch._until[server.id] - before <= LONGEST_S + 1


def test_a_new_look_after_the_end_of_a_lease_starts_anew(server: Watched, watch: LiveWatch) -> None:
    _look(watch, server, 0.5)
    until(lambda: not watch._threads, "the lease to end", seconds=15)
    before = _count(server)

    _look(watch, server, 10)

    until(lambda: _count(server) > before, "a sample")


def test_after_its_connection_broke_the_samples_go_on_and_the_silence_is_logged_once(
    server: Watched, watch: LiveWatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="backend.monitoring.live")
    _look(watch, server, 60)
    before = _count(server)
    until(lambda: _count(server) > before, "a first sample")

    with server.access().session(server.id) as ssh, suppress(HostUnreachable):
        ssh.run("pkill -f 'sshd: root'")  # ends this session too
    until(lambda: "A live view is back" in caplog.messages, "the connection to be back")

    seen = _count(server)
    until(lambda: _count(server) > seen + 1, "samples after the break")
    assert len([message for message in caplog.messages if "fell silent" in message]) == 1


def test_a_server_that_cannot_be_entered_cannot_be_watched(server: Watched, watch: LiveWatch) -> None:
    with server.installation.store.write(ENGINE_SCOPE) as opened, pytest.raises(Refused):
        watch.watch(opened, {"server_id": str(uuid4()), "seconds": 5}, server.installation.clock.now())
    assert watch._threads == {}


def test_at_most_eight_are_watched_at_once(server: Watched, watch: LiveWatch) -> None:
    ids = [uuid4() for _place in range(AT_ONCE + 2)]
    with server.installation.store.write(ENGINE_SCOPE) as opened:
        first = server.row
        for number, other in enumerate(ids):
            opened.add(_copy(first, other, f"copy-{number}"))
    with server.installation.store.write(ENGINE_SCOPE) as opened:
        for other in ids:
            watch.watch(opened, {"server_id": str(other), "seconds": 20}, server.installation.clock.now())

    assert len(watch._threads) == AT_ONCE


def test_closing_ends_all(server: Watched, watch: LiveWatch) -> None:
    _look(watch, server, 60)
    thread = watch._threads[server.id]

    watch.close()

    assert not thread.is_alive()


def _copy(row: Server, server_id: object, name: str) -> Server:
    wanted = ("account_id", "region", "plan", "power", "address", "ssh_key_ref", "host_key", "created_at")
    values = {key: getattr(row, key) for key in wanted}
    return Server(tenant_id=AGENCY, id=server_id, name=name, life="maintenance", **values)
