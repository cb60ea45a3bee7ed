"""The probe of servers against a real host: samples, and *down* only after two tries with our own network verified to
be up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from backend.core.ssh import session
from backend.engine.probes import Again, Silent
from backend.monitoring.probes import SampleServers
from backend.monitoring.reach import OwnNetwork
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.monitoring.watched import Watched, listening, refusing
from tests.lab.client import Client

pytestmark = pytest.mark.lab

NewProbe = Callable[..., SampleServers]


@pytest.fixture
def new_probe(server: Watched, monkeypatch: pytest.MonkeyPatch) -> Iterator[NewProbe]:
    """Probes with reference targets that answer, unless told otherwise; time-outs are short."""
    monkeypatch.setattr(session, "CONNECT_S", 1.0)
    installation = server.installation
    with ExitStack() as stack:

        def make(*targets: Callable[[], object]) -> SampleServers:
            wanted = targets or (listening, listening)
            network = OwnNetwork([stack.enter_context(target()) for target in wanted])  # type: ignore[arg-type]
            return SampleServers(
                installation.store, installation.metrics, server.access(), network, clock=installation.clock
            )

        yield make


@pytest.fixture
def cut(server: Watched, lab: Client) -> Iterator[None]:
    address = str(server.row.address)
    lab.net("cut", a=address)
    yield
    lab.net("heal", a=address)


def test_a_server_that_answers_is_sampled_and_well(server: Watched, new_probe: NewProbe) -> None:
    probe = new_probe()
    before = len(server.samples().times)

    assert probe.observe(server.id) is None

    assert len(server.samples().times) == before + 1
    assert (server.row.health, server.check.verdict, server.check.why) == ("ok", "ok", "")
    assert server.row.sampled_at is not None


def test_only_servers_that_can_be_entered_and_should_run_are_probed(server: Watched, new_probe: NewProbe) -> None:
    probe = new_probe()
    assert list(probe.subjects()) == [server.id]

    for changes in ({"power": "off"}, {"life": "provisioning"}, {"host_key": None}):
        before = {name: getattr(server.row, name) for name in changes}
        _change(server, **changes)
        assert list(probe.subjects()) == []
        _change(server, **before)


def test_down_needs_two_tries_twenty_seconds_apart(server: Watched, new_probe: NewProbe, cut: None) -> None:
    probe, before = new_probe(), server.row

    assert probe.observe(server.id) == Again(20.0)
    assert (server.row.health, server.row.health_note) == (before.health, before.health_note)

    assert probe.observe(server.id) == Silent()
    assert (server.row.health, server.check.verdict) == ("critical", "critical")
    assert server.row.health_note == f"{server.row.address} does not respond over SSH."
    assert server.row.sampled_at == before.sampled_at


def test_a_server_that_stays_down_needs_one_try_a_turn(server: Watched, new_probe: NewProbe, cut: None) -> None:
    probe = new_probe()
    probe.observe(server.id)
    probe.observe(server.id)
    observed_at = server.check.observed_at

    assert probe.observe(server.id) == Silent()
    assert server.check.observed_at > observed_at


def test_a_failed_try_before_a_gap_counts_no_more(server: Watched, new_probe: NewProbe, cut: None) -> None:
    probe = new_probe()
    probe.observe(server.id)

    probe.gap(3_600.0)

    assert probe.observe(server.id) == Again(20.0)


def test_a_figure_stays_as_old_as_it_is_while_its_server_is_silent(
    server: Watched, new_probe: NewProbe, lab: Client
) -> None:
    probe = new_probe()
    probe.observe(server.id)
    sampled_at = server.row.sampled_at
    lab.net("cut", a=server.row.address)

    probe.observe(server.id)
    probe.observe(server.id)
    lab.net("heal", a=server.row.address)

    assert server.check.observed_at > (sampled_at or server.check.observed_at)
    assert server.row.sampled_at == sampled_at


def test_a_short_silence_is_not_down(server: Watched, new_probe: NewProbe, lab: Client, cut: None) -> None:
    probe = new_probe()
    assert probe.observe(server.id) == Again(20.0)
    lab.net("heal", a=server.row.address)

    assert probe.observe(server.id) is None
    assert server.row.health == "ok"

    lab.net("cut", a=server.row.address)
    assert probe.observe(server.id) == Again(20.0)  # a silence of its own


@pytest.mark.parametrize("targets", [(refusing, refusing), (listening, refusing)])
def test_with_our_own_network_in_doubt_nothing_is_said_about_the_server(
    server: Watched, new_probe: NewProbe, cut: None, targets: tuple[Callable[[], object], ...]
) -> None:
    probe = new_probe(*targets)

    answers = [probe.observe(server.id) for _try in range(3)]

    assert answers == [Again(20.0), Silent(), Again(20.0)]  # what our own network hid counts for nothing
    assert server.row.health == "inconclusive"
    assert server.row.health_note == "this computer's network is down or could not be verified"


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


def _change(server: Watched, **values: object) -> None:
    with server.installation.store.write(ENGINE_SCOPE) as session_:
        row = session_.get_one(Server, (AGENCY, server.id))
        for name, value in values.items():
            setattr(row, name, value)
