"""The probe of servers against a real host: samples, and *down* only after two tries with our own network proven up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from backend.core.ssh import session
from backend.monitoring.probes import SECOND_TRY_S, SampleServers
from backend.monitoring.reach import OwnNetwork
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.monitoring.watched import Watched, listening, refusing
from tests.lab.client import Client

pytestmark = pytest.mark.lab

NewProbe = Callable[..., SampleServers]


class Pause(threading.Event):
    """The time between two tries, over at once; what was asked for is noted, and ``then`` happens in it."""

    def __init__(self, then: Callable[[], object]) -> None:
        super().__init__()
        self.asked: list[float | None] = []
        self._then = then

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout)
        self._then()
        return False


@pytest.fixture
def new_probe(server: Watched, monkeypatch: pytest.MonkeyPatch) -> Iterator[NewProbe]:
    """Probes with reference targets that answer, unless told otherwise; time-outs are short."""
    monkeypatch.setattr(session, "CONNECT_S", 1.0)
    installation = server.installation
    with ExitStack() as stack:

        def make(*targets: Callable[[], object], then: Callable[[], object] = bool) -> SampleServers:
            wanted = targets or (listening, listening)
            network = OwnNetwork([stack.enter_context(target()) for target in wanted])  # type: ignore[arg-type]
            probe = SampleServers(
                installation.store, installation.metrics, server.access(), network, clock=installation.clock
            )
            probe._ended = Pause(then)
            return probe

        yield make


@pytest.fixture
def cut(server: Watched, lab: Client) -> Iterator[None]:
    address = str(server.row.address)
    lab.net("cut", a=address)
    yield
    lab.net("heal", a=address)


def _pauses(probe: SampleServers) -> list[float | None]:
    assert isinstance(probe._ended, Pause)
    return probe._ended.asked


def test_a_server_that_answers_is_sampled_and_well(server: Watched, new_probe: NewProbe) -> None:
    probe = new_probe()
    before = len(server.samples().times)

    probe.observe(server.id)

    assert len(server.samples().times) == before + 1
    assert (server.row.health, server.check.verdict, server.check.why) == ("ok", "ok", "")
    assert server.row.sampled_at is not None
    assert _pauses(probe) == []


def test_only_servers_that_can_be_entered_and_should_run_are_probed(server: Watched, new_probe: NewProbe) -> None:
    probe = new_probe()
    assert list(probe.subjects()) == [server.id]

    for changes in ({"power": "off"}, {"life": "provisioning"}, {"host_key": None}):
        before = {name: getattr(server.row, name) for name in changes}
        _change(server, **changes)
        assert list(probe.subjects()) == []
        _change(server, **before)


def test_down_needs_two_tries_twenty_seconds_apart(server: Watched, new_probe: NewProbe, cut: None) -> None:
    probe, sampled_at = new_probe(), server.row.sampled_at

    probe.observe(server.id)

    assert (server.row.health, server.check.verdict) == ("critical", "critical")
    assert server.row.health_note == f"{server.row.address} does not answer over SSH."
    assert _pauses(probe) == [SECOND_TRY_S] == [20.0]
    assert server.row.sampled_at == sampled_at


def test_a_figure_stays_as_old_as_it_is_while_its_server_is_silent(
    server: Watched, new_probe: NewProbe, lab: Client
) -> None:
    probe = new_probe()
    probe.observe(server.id)
    sampled_at = server.row.sampled_at
    lab.net("cut", a=server.row.address)

    probe.observe(server.id)
    lab.net("heal", a=server.row.address)

    assert server.check.observed_at > (sampled_at or server.check.observed_at)
    assert server.row.sampled_at == sampled_at


def test_a_short_silence_is_not_down(server: Watched, new_probe: NewProbe, lab: Client, cut: None) -> None:
    probe = new_probe(then=lambda: lab.net("heal", a=server.row.address))

    probe.observe(server.id)

    assert (server.row.health, len(_pauses(probe))) == ("ok", 1)


@pytest.mark.parametrize("targets", [(refusing, refusing), (listening, refusing)])
def test_with_our_own_network_in_doubt_nothing_is_said_about_the_server(
    server: Watched, new_probe: NewProbe, cut: None, targets: tuple[Callable[[], object], ...]
) -> None:
    new_probe(*targets).observe(server.id)

    assert server.row.health == "inconclusive"
    assert server.row.health_note == "our own network is down or cannot be proven up"


def test_a_server_with_another_host_key_is_not_sampled(server: Watched, new_probe: NewProbe) -> None:
    pinned, count = server.row.host_key, len(server.samples().times)
    _change(server, host_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJc8Bll2GIMMX1bfzsrVUFvPQvwq3JO8gfH0JTFD2Hgg")

    new_probe().observe(server.id)
    _change(server, host_key=pinned)

    assert server.row.health == "inconclusive"
    assert "unknown host key" in server.row.health_note
    assert len(server.samples().times) == count


def test_the_moment_a_verdict_began_is_kept_while_it_holds(server: Watched, new_probe: NewProbe) -> None:
    probe = new_probe()
    probe.observe(server.id)
    since = server.check.since

    probe.observe(server.id)

    assert server.check.since == since
    assert server.check.observed_at > since


def test_after_a_gap_rates_begin_anew(server: Watched, new_probe: NewProbe) -> None:
    """The figures of a night asleep are not one long sample."""
    probe = new_probe()
    probe.observe(server.id)
    assert server.id in probe._before

    probe.gap(3_600.0)

    assert probe._before == {}


def test_closing_ends_the_wait_for_the_second_try(server: Watched, new_probe: NewProbe, cut: None) -> None:
    probe = new_probe()
    probe._ended = threading.Event()
    thread = threading.Thread(target=probe.observe, args=(server.id,))
    thread.start()

    probe.close()
    thread.join(timeout=10)

    assert not thread.is_alive()
    assert server.row.health == "inconclusive"


def _change(server: Watched, **values: object) -> None:
    with server.installation.store.write(ENGINE_SCOPE) as session_:
        row = session_.get_one(Server, (AGENCY, server.id))
        for name, value in values.items():
            setattr(row, name, value)
