"""What keeps a probe from its work: a server that prints nonsense or hangs, a busy store, a fault of our own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from backend.bootstrap import Installation
from backend.core.endpoint import Service
from backend.core.errors import Cancelled
from backend.core.ssh import sampler
from backend.core.ssh import session as session_module
from backend.engine.probes import Again, Silent
from backend.fleet.servers import ServerAccess
from backend.monitoring import live, probes
from backend.monitoring.live import LiveWatch
from backend.monitoring.probes import SampleServers
from backend.monitoring.reach import OwnNetwork
from backend.store.live_leases import LiveLeases
from backend.store.metrics import MetricStore
from backend.store.scope import ENGINE_SCOPE
from tests.backend.monitoring.watched import BusyOnce, Watched, listening, watched
from tests.backend.ssh.test_sampler import OUTPUT
from tests.backend.ssh.wayward import Act, Site, Wayward, says
from tests.installation import until
from tests.lab.hosts import LabHost

SERVER = "198.51.100.17"


class Loopback:
    """The one server there is answers at a port of this computer."""

    def __init__(self, port: int) -> None:
        self._port = port

    def address(self, _host: str, _service: Service) -> tuple[str, int]:
        return "127.0.0.1", self._port


class Odd:
    """A server in the store that answers as ``server`` says, and what looks at it."""

    def __init__(self, installation: Installation, server: Wayward) -> None:
        self.site = Site(server)
        name = f"mx-{uuid4().hex[:8]}"
        host = LabHost(name, SERVER, self.site.login.private.reveal(), self.site.login.public, self.site.host.public)
        self.server: Watched = watched(installation, host)
        self.access = ServerAccess(installation.store, installation.secrets, Loopback(self.site.port))
        self._installation = installation

    def probe(self, *references: tuple[str, int]) -> SampleServers:
        made = self._installation
        return SampleServers(made.store, made.metrics, self.access, OwnNetwork(references), clock=made.clock)

    def live(self) -> LiveWatch:
        made = self._installation
        return LiveWatch(made.store, made.metrics, self.access, made.clock)


@pytest.fixture
def odd(installation: Installation) -> Iterator[Callable[..., Odd]]:
    running: list[Odd] = []

    def make(**conduct: Any) -> Odd:
        running.append(Odd(installation, Wayward(**conduct)))
        return running[-1]

    yield make
    for each in running:
        each.site.close()


def _prints(*outputs: str) -> Act:
    """One output after another, the last one for ever."""
    left = list(outputs)

    def act(channel: Any, command: str) -> None:
        says((left.pop(0) if len(left) > 1 else left[0]).encode())(channel, command)

    return act


NONSENSE = (OUTPUT.replace("eth0: 1000", f"eth0: {'9' * 400}"), OUTPUT.replace("0.52", "nan"), "")


@pytest.mark.parametrize("output", NONSENSE, ids=["endless", "nan", "nothing"])
def test_a_server_that_prints_nonsense_is_inconclusive(odd: Callable[..., Odd], output: str) -> None:
    made = odd(act=_prints(output))

    made.probe().observe(made.server.id)

    assert (made.server.row.health, made.server.check.verdict) == ("inconclusive", "inconclusive")
    assert made.server.row.health_note == "The server's metrics could not be read."


def test_a_server_that_answers_no_command_is_not_well(odd: Callable[..., Odd], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "SAMPLE_S", 0.5)
    made = odd(silent="exec")

    made.probe().observe(made.server.id)

    assert made.server.row.health == "inconclusive"
    assert SERVER in made.server.row.health_note


def test_a_server_that_wants_a_second_factor_is_not_down(odd: Callable[..., Odd]) -> None:
    made = odd(factors="password")

    with listening() as reference:
        made.probe(reference).observe(made.server.id)

    assert made.server.row.health == "inconclusive"
    assert made.server.row.health_note == f"{SERVER} asks for a second factor after the login."


@pytest.mark.parametrize("silent", ["login", "exec"])
def test_the_end_of_the_program_is_not_held_by_a_server_that_hangs(odd: Callable[..., Odd], silent: str) -> None:
    made = odd(silent=silent)
    probe, watch = made.probe(), made.live()
    thread = threading.Thread(target=probe.observe, args=(made.server.id,))
    thread.start()
    _look(watch, made)
    until(lambda: len(made.site.transports) == 2, "both to be connected")

    probe.close()
    watch.close()
    thread.join(session_module.CONNECT_S)

    assert not thread.is_alive()
    assert watch._threads == {}
    assert made.server.row.health == "unknown"  # as it was: nothing was written


@pytest.mark.parametrize("silent", ["login", "exec"])
def test_a_check_that_is_stopped_is_not_held_by_a_server_that_hangs(odd: Callable[..., Odd], silent: str) -> None:
    made, stopped = odd(silent=silent), threading.Event()
    ended: list[Cancelled] = []

    def check() -> None:
        try:
            made.probe().check(made.server.id, stopped.is_set)
        except Cancelled as error:
            ended.append(error)

    thread = threading.Thread(target=check)
    thread.start()
    until(lambda: made.site.transports, "it to be connected")

    stopped.set()
    thread.join(session_module.CONNECT_S)

    assert len(ended) == 1
    assert made.server.row.health == "unknown"  # as it was: nothing was written


def test_one_unreadable_sample_does_not_end_a_live_view(
    odd: Callable[..., Odd], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AGAIN_S", 0.1)
    made = odd(act=_prints(NONSENSE[0], OUTPUT))
    watch = made.live()
    _look(watch, made)

    until(lambda: len(made.server.live().times), "a sample after the unreadable one", seconds=60)
    watch.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the bug is what the test is about
def test_a_live_view_that_met_a_bug_frees_its_place(odd: Callable[..., Odd], monkeypatch: pytest.MonkeyPatch) -> None:
    made = odd(act=_prints(OUTPUT))
    watch = made.live()
    spoilt = [True]

    def read(output: str) -> sampler.Reading:
        if spoilt and spoilt.pop():
            raise RuntimeError("a bug")
        return real(output)

    real = sampler.read
    monkeypatch.setattr(sampler, "read", read)
    _look(watch, made)
    until(lambda: not spoilt and not watch._threads, "its place to be free", seconds=60)
    _look(watch, made)

    until(lambda: len(made.server.live().times), "a sample", seconds=60)
    watch.close()


def _look(watch: LiveWatch, made: Odd) -> None:
    """Somebody looks at the server alone, and the engine reads that."""
    leases = LiveLeases(made.server.installation.store)
    for lease in leases.all():
        leases.end(lease)
    leases.renew(ENGINE_SCOPE, made.server.key)
    watch._turn()


def test_a_probe_that_met_a_bug_says_that_it_knows_nothing(odd: Callable[..., Odd]) -> None:
    made = odd(act=_prints(OUTPUT))
    probe = made.probe()
    probe.observe(made.server.id)
    assert made.server.row.health == "ok"

    probe.doubt(made.server.id)

    assert (made.server.row.health, made.server.check.verdict) == ("inconclusive", "inconclusive")


def test_a_busy_store_says_nothing_about_a_server(odd: Callable[..., Odd]) -> None:
    made = odd(act=_prints(OUTPUT))
    probe = made.probe()
    probe.observe(made.server.id)
    busy: Any = BusyOnce(made.server.installation.metrics)
    probe._metrics = busy

    probe.observe(made.server.id)

    assert made.server.row.health == "ok"
    assert isinstance(made.server.installation.metrics, MetricStore)


def test_a_server_that_does_not_answer_is_down_at_the_second_try(odd: Callable[..., Odd]) -> None:
    made = odd()
    made.site.close()

    with listening() as reference:
        probe = made.probe(reference)
        assert probe.observe(made.server.id) == Again(20.0)
        assert made.server.row.health == "unknown"  # nothing was written of the first
        assert probe.observe(made.server.id) == Silent()
        assert (made.server.row.health, made.server.check.verdict) == ("critical", "critical")
        assert probe.observe(made.server.id) == Silent()  # and stays so with each more


def test_what_our_own_network_hid_counts_as_no_try(odd: Callable[..., Odd]) -> None:
    made = odd()
    made.site.close()
    probe = made.probe()  # without references nothing is proven

    assert [probe.observe(made.server.id) for _try in range(3)] == [Again(20.0), Silent(), Again(20.0)]
    assert made.server.row.health == "inconclusive"
