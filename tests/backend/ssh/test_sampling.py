"""The sampler on real hosts under load: it sees the load of its own host and not that of the neighbour."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from backend.core.ssh import sampler
from backend.core.ssh.session import SshSession
from tests.backend.ssh.hosts import host, login
from tests.installation import until
from tests.lab.client import Client

pytestmark = pytest.mark.lab

#: Processor time of the host, by the kernel's books of either version.
USED_NS = "cat /sys/fs/cgroup/cpuacct/cpuacct.usage || awk '/usage_usec/ {print $2 * 1000}' /sys/fs/cgroup/cpu.stat"
LOAD = "systemd-run --quiet --unit=load sh -c 'while :; do :; done'"


@pytest.fixture(scope="module")
def pair(lab: Client) -> Iterator[tuple[SshSession, SshSession]]:
    """A busy host with half a core, and an idle one."""
    with ExitStack() as stack:
        sessions = []
        for name in ("busy", "idle"):
            made = stack.enter_context(host(lab, name, cpus=0.5, memory_mb=512, disk_mb=1024))
            sessions.append(stack.enter_context(SshSession(login(made))))
        yield sessions[0], sessions[1]


def _reading(session: SshSession) -> sampler.Reading:
    return sampler.read(session.check(sampler.COMMAND))


def _sample(session: SshSession, seconds: str = "1") -> dict[str, float]:
    """Of one second that passes on the host itself."""
    before = _reading(session)
    session.check(f"sleep {seconds}")
    return sampler.sample(_reading(session), before)


def test_a_sample_of_a_real_host_has_every_metric_in_its_range(pair: tuple[SshSession, SshSession]) -> None:
    values = _sample(pair[1])

    shares = {"cpu", "memory", "disk", "inodes", "iowait", "steal"}
    assert set(values) >= shares | {"load", "processes", "network_in", "network_out"}
    assert all(0 <= values[key] <= 110 for key in shares)  # a limited host's CPU share can read a little high
    assert values["memory"] > 1
    assert values["processes"] >= 1  # the lab's /proc counts few of them


def _shown_load(session: SshSession) -> float | None:
    """What a sample says of a host at work, once that is most of what the kernel counted: all of its half core, where
    the machine has it to give."""
    before = int(session.check(USED_NS))
    began, said = time.monotonic(), _sample(session)["cpu"]
    counted = (int(session.check(USED_NS)) - before) / (time.monotonic() - began) / 5e6  # percent of 0.5 s in a second
    return said if said > 0.7 * counted > 7 else None


def test_load_is_seen_on_its_own_host_only(pair: tuple[SshSession, SshSession]) -> None:
    busy, idle = pair
    busy.check(LOAD)

    shown = until(lambda: _shown_load(busy), "the load to show")
    assert shown is not None
    calm = _sample(idle, "5")["cpu"]
    busy.check("systemctl stop load")

    assert calm < shown / 1.4
    until(lambda: _sample(busy)["cpu"] < shown / 1.4, "the load to be over")


def test_memory_disk_and_inodes_grow_with_what_is_used(pair: tuple[SshSession, SshSession]) -> None:
    busy, _idle = pair
    before = _reading(busy).levels

    busy.check("head -c 200M /dev/zero > /root/fill; mkdir /root/many; cd /root/many; seq 5000 | xargs touch")
    busy.check("systemd-run --quiet --unit=eater sh -c 'x=$(head -c 100M /dev/zero | tr \"\\0\" x); sleep 600'")

    assert _reading(busy).levels["disk"] > before["disk"] + 10
    assert _reading(busy).levels["inodes"] > before["inodes"] + 1
    until(lambda: _reading(busy).levels["memory"] > before["memory"] + 10, "the memory to be used")
    busy.check("systemctl stop eater; rm -rf /root/fill /root/many")


def test_traffic_is_counted_in_both_directions(pair: tuple[SshSession, SshSession]) -> None:
    _busy, idle = pair
    before = _reading(idle)

    idle.put("/root/in", b"x" * 3_000_000)
    idle.get("/root/in")

    after = _reading(idle)
    assert after.received - before.received > 3_000_000
    assert after.sent - before.sent > 3_000_000
