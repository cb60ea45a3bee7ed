"""How busy all servers are together: sampled for each workspace, read at once; and which are the hottest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import event

from backend.bootstrap import Installation
from backend.core.present.status import Status
from backend.fleet.metrics import server_series
from backend.monitoring.fleet_load import fleet_sample, fleet_series
from backend.monitoring.fleet_probe import SampleFleet
from backend.monitoring.queries import FleetLoad, HottestServers
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.installation import ask, held_installation
from tests.sample_data.servers import CLIENTS, add_fleet, client_id, look_of, server_id, server_name


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Installation]:
    with held_installation(tmp_path / "data") as installation:
        yield installation


def probe(installation: Installation) -> None:
    SampleFleet(installation.store, installation.metrics, installation.clock).observe(AGENCY)


def test_half_and_nineteen_of_twenty_are_below_and_what_was_not_observed_counts_for_nothing() -> None:
    servers = [{"cpu": float(each), "memory": 50.0, "disk": float("nan")} for each in range(21)]
    sample = fleet_sample(servers)

    assert (sample["cpu_p50"], sample["cpu_p95"]) == (10.0, 19.0)
    assert (sample["memory_p50"], sample["servers"]) == (50.0, 21.0)
    assert "disk_p50" not in sample
    assert fleet_sample([]) == {"servers": 0.0}


def test_each_workspace_has_its_own_load_and_the_agency_that_of_all(fleet: Installation) -> None:
    add_fleet(fleet, 12)
    probe(fleet)

    whole, acme = ask(fleet, FleetLoad(AGENCY)), ask(fleet, FleetLoad(client_id(CLIENTS[0])))
    assert len(whole.times) == len(acme.times) == 1
    assert acme.bands["disk"]["p95"][0] > whole.bands["disk"]["p50"][0]
    assert ask(fleet, FleetLoad(UUID(int=5))).times.size == 0


def test_a_day_of_which_some_was_not_sampled_has_a_gap(fleet: Installation) -> None:
    now = int(fleet.clock.now().timestamp())
    sample = fleet_sample([{"cpu": 20.0, "memory": 30.0, "disk": 40.0}])
    moments = [now - 3600 * hour for hour in (30, 20, 2, 1)]
    fleet.metrics.add_many(ENGINE_SCOPE, [(fleet_series(AGENCY), at, sample) for at in moments])

    rows = ask(fleet, FleetLoad(AGENCY))
    assert rows.times.tolist() == moments[1:]
    assert rows.until - rows.since == 24 * 3600


def test_the_hottest_are_those_nearest_to_a_threshold_with_what_they_have_least_left_of(fleet: Installation) -> None:
    add_fleet(fleet, 12)
    rows = ask(fleet, HottestServers(Scope.of(AGENCY)))

    assert len(rows) == 5
    assert [(row.name, row.metric, row.status) for row in rows[:2]] == [
        (server_name(0), "disk", Status.CRITICAL),
        (server_name(1), "cpu", Status.WARNING),
    ]
    assert rows[0].workspaces == (CLIENTS[0],)
    assert rows[-1].status is None
    assert all(look_of(number).is_observed for number in range(12) if server_id(number) in {row.id for row in rows})


def test_a_client_is_shown_the_hottest_of_its_own(fleet: Installation) -> None:
    add_fleet(fleet, 12)
    rows = ask(fleet, HottestServers(Scope.of(client_id(CLIENTS[1]))))

    assert {row.id for row in rows} == {server_id(1), server_id(7)}


def test_a_server_that_was_last_seen_long_ago_is_not_hot(fleet: Installation) -> None:
    add_fleet(fleet, 1, samples=0)
    old = int((fleet.clock.now() - timedelta(hours=1)).timestamp())
    fleet.metrics.add(ENGINE_SCOPE, server_series(server_id(0)), old, {"cpu": 99.0, "memory": 99.0, "disk": 99.0})

    assert ask(fleet, HottestServers(Scope.of(AGENCY))) == ()


@pytest.mark.parametrize("count", [3, 40])
def test_both_read_in_as_many_statements_however_many_servers(fleet: Installation, count: int) -> None:
    add_fleet(fleet, count, samples=3)
    probe(fleet)
    said: list[str] = []
    engines = [fleet.store.engine(name) for name in ("app", "metrics")]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", lambda _c, _k, words, *_rest: said.append(words))
    ask(fleet, FleetLoad(AGENCY))
    ask(fleet, HottestServers(Scope.of(AGENCY)))

    assert len([words for words in said if words.lstrip().upper().startswith("SELECT")]) <= 6
