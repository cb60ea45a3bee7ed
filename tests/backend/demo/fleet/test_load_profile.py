"""What an emulated host does over days: a working day, a quiet weekend, a disk that fills; always the same."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from backend.demo.fleet.host import Host, new_record
from backend.demo.fleet.load_profile import DAY_S, FULL, LoadProfile
from backend.demo.fleet.proc import sampled
from backend.demo.fleet.servers import BUSY, FILLING, ROLES, demo_servers
from backend.fleet.metrics import SERVER_METRICS

MONDAY = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
LOAD_PROFILE = LoadProfile(17, since=MONDAY)
ORDER = {"name": "mx1.acme-dental.example", "vcpus": 2, "memory_mb": 4096, "disk_gb": 80, "booted": MONDAY}


def mean(name: str, begin: float, hours: float) -> float:
    return float(np.mean(LOAD_PROFILE.at(np.arange(begin, begin + hours * 3600, 60.0))[name]))


def test_noon_is_busier_than_the_night_and_a_weekday_than_a_sunday() -> None:
    noon, night = mean("network_out", MONDAY + 11 * 3600, 3), mean("network_out", MONDAY + 1 * 3600, 3)
    sunday = mean("network_out", MONDAY + 6 * DAY_S + 11 * 3600, 3)

    assert noon > 1.5 * night
    assert noon > 1.5 * sunday


def test_every_level_stays_within_what_there_is() -> None:
    for seed in (0, 977, 10_006):
        found = LoadProfile(seed, cpu=60.0, memory=88.0, disk=90.0, grows=0.4).at(np.arange(0, 120 * DAY_S, 1_717.0))
        for name in ("cpu", "memory", "disk", "inodes", "swap", "steal", "iowait"):
            assert found[name].min() >= 0.0
            assert found[name].max() <= 100.0
        assert found["disk"].max() == FULL
        assert set(found) <= {metric.key for metric in SERVER_METRICS.metrics}


def test_one_moment_is_the_same_whenever_it_is_asked_for() -> None:
    moments = MONDAY + np.arange(0.0, 7_200.0, 300.0)
    series = LOAD_PROFILE.at(moments)

    for row, moment in enumerate(moments):
        assert LOAD_PROFILE.now(float(moment)) == pytest.approx({name: column[row] for name, column in series.items()})


def test_counters_only_grow_and_by_what_the_rhythm_says() -> None:
    host = Host(new_record(ORDER, "203.0.113.10", 22), LOAD_PROFILE)
    before = host.counted(MONDAY + 3_600)
    after = host.counted(MONDAY + 3_900)

    spent = {kind: after.ticks[kind] - before.ticks[kind] for kind in after.ticks}
    assert min(spent.values()) >= 0
    assert sum(spent.values()) == pytest.approx(300 * 2 * 100, rel=0.01)
    cpu = 100 * (1 - (spent["idle"] + spent["iowait"]) / sum(spent.values()))
    assert cpu == pytest.approx(mean("cpu", MONDAY + 3_600, 300 / 3600), rel=0.1)
    assert (after.sent - before.sent) / 300 == pytest.approx(mean("network_out", MONDAY + 3_600, 300 / 3600), rel=0.1)


def test_the_present_goes_on_where_the_past_ended() -> None:
    """What the host prints is what the same load profile gave the history."""
    from backend.core.ssh import sampler

    host, moment = Host(new_record(ORDER, "203.0.113.10", 22), LOAD_PROFILE), MONDAY + 4 * DAY_S
    seen, levels = LOAD_PROFILE.now(moment), sampler.read(sampled(host, moment)).levels

    for name in ("memory", "disk", "swap", "inodes"):
        assert levels[name] == pytest.approx(seen[name], abs=0.1)
    assert levels["load"] == pytest.approx(seen["load"], abs=0.01)


def test_the_fleet_is_as_large_as_promised_and_its_troubles_are_in_it() -> None:
    fleet = {demo_server.name: demo_server for demo_server in demo_servers()}

    assert len(fleet) == 3 * len(ROLES) == 24
    assert {demo_server.place.cloud for demo_server in fleet.values()} == {"digitalocean", "linode"}
    filling = fleet[FILLING].load
    assert 80 < filling["disk"] + 90 * filling["grows"] < 90
    assert fleet[BUSY].load["cpu"] > 40
    assert [demo_server.name for demo_server in fleet.values() if demo_server.silent_for_s] == [
        "relay2.cedar-legal.example"
    ]
