"""The sampler's arithmetic as a table: what a machine prints, and what two readings of it mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.core.errors import SshError
from backend.core.ssh.sampler import JIFFY_COLUMNS, Reading, read, sample

OUTPUT = """@stat
cpu  1000 20 300 8000 100 5 6 7 0 0
@load
0.52 0.58 0.59 2/345 12345
@uptime
5000.25 9000.00
@memory
MemTotal:        2000000 kB
MemAvailable:    1500000 kB
SwapTotal:       1000000 kB
SwapFree:         750000 kB
@net
    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0
  eth0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0
docker0: 7777 1 0 0 0 0 0 0 7777 1 0 0 0 0 0 0
br-4711: 7777 1 0 0 0 0 0 0 7777 1 0 0 0 0 0 0
veth12@if3: 7777 1 0 0 0 0 0 0 7777 1 0 0 0 0 0 0
  eth1:50 1 0 0 0 0 0 0 60 1 0 0 0 0 0 0
@disk
/dev/vda1 100000000 30000000 60000000 34% /
@inodes
/dev/vda1 1000 250 750 25% /
@end
"""


def test_a_reading_has_what_the_machine_printed() -> None:
    reading = read(OUTPUT)

    assert reading.uptime_s == 5000.25
    assert [reading.jiffies[column] for column in JIFFY_COLUMNS] == [1000, 20, 300, 8000, 100, 5, 6, 7]
    assert (reading.received, reading.sent) == (1050, 2060)  # container interfaces and loopback are not traffic
    assert reading.levels == pytest.approx(
        {"load": 0.52, "processes": 345, "memory": 25.0, "disk": 100 / 3, "inodes": 25.0, "swap": 25.0}
    )


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ("SwapTotal:       1000000 kB\nSwapFree:         750000 kB", "SwapTotal: 0 kB\nSwapFree: 0 kB", "swap"),
        ("/dev/vda1 1000 250 750 25% /", "/dev/vda1 0 0 0 - /", "inodes"),  # btrfs
    ],
)
def test_what_a_machine_has_not_is_missing_and_not_zero(old: str, new: str, missing: str) -> None:
    assert old in OUTPUT

    levels = read(OUTPUT.replace(old, new)).levels

    assert missing not in levels
    assert len(levels) == 5


@pytest.mark.parametrize(
    "output",
    [
        "",
        "sh: 1: m: not found\n",
        OUTPUT.replace("@end\n", ""),
        OUTPUT[: OUTPUT.index("@net")],
        OUTPUT.replace("MemAvailable:    1500000 kB\n", ""),
        OUTPUT.replace("cpu  1000 20 300 8000 100 5 6 7 0 0", "cpu  1000 20"),
        OUTPUT.replace("5000.25 9000.00", ""),
        OUTPUT.replace("@disk\n", "@disk\ndf: /: Input/output error\n"),
        OUTPUT.replace("MemTotal:        2000000 kB", "MemTotal: 0 kB"),
    ],
    ids=["nothing", "another shell", "no end", "cut", "no memory", "short cpu", "no uptime", "df fails", "no total"],
)
def test_output_that_is_cut_or_strange_is_refused(output: str) -> None:
    with pytest.raises(SshError, match="could not be read") as refused:
        read(output)

    assert refused.value.remedy


BEFORE = read(OUTPUT)


def _later(seconds: float = 10.0, *, received: int = 0, sent: int = 0, **jiffies: int) -> Reading:
    grown = {column: BEFORE.jiffies[column] + jiffies.get(column, 0) for column in JIFFY_COLUMNS}
    return replace(
        BEFORE,
        uptime_s=BEFORE.uptime_s + seconds,
        jiffies=grown,
        received=BEFORE.received + received,
        sent=BEFORE.sent + sent,
    )


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (_later(idle=1000), {"cpu": 0.0, "iowait": 0.0, "steal": 0.0}),
        (_later(user=1000), {"cpu": 100.0, "iowait": 0.0, "steal": 0.0}),
        (_later(user=250, idle=750), {"cpu": 25.0}),
        (_later(user=100, iowait=300, idle=600), {"cpu": 10.0, "iowait": 30.0}),  # waiting is not work
        (_later(steal=500, idle=500), {"cpu": 50.0, "steal": 50.0}),
        (_later(user=100, idle=-50), {"cpu": 100.0}),  # a counter that fell counts as nothing
        (_later(10, received=5_000, sent=20_000, idle=1), {"network_in": 500.0, "network_out": 2_000.0}),
    ],
)
def test_rates_are_of_the_time_between_two_readings(later: Reading, expected: dict[str, float]) -> None:
    values = sample(later, BEFORE)

    assert {key: values[key] for key in expected} == pytest.approx(expected)


RATES = {"cpu", "iowait", "steal", "network_in", "network_out"}


@pytest.mark.parametrize(
    ("later", "before", "missing"),
    [
        (BEFORE, None, RATES),
        (_later(-4_000, user=10), BEFORE, RATES),  # it rebooted in between
        (BEFORE, BEFORE, RATES),
        (_later(10), BEFORE, {"cpu", "iowait", "steal"}),  # no time was counted
        (_later(10, received=-500, idle=1), BEFORE, {"network_in", "network_out"}),  # the counter began anew
        (_later(10, sent=-500, idle=1), BEFORE, {"network_in", "network_out"}),
    ],
    ids=["first", "reboot", "same moment", "no jiffies", "received wrapped", "sent wrapped"],
)
def test_a_rate_that_nobody_can_know_is_missing_and_levels_stay(
    later: Reading, before: Reading | None, missing: set[str]
) -> None:
    values = sample(later, before)

    assert not missing & set(values)
    assert set(values) >= (RATES - missing) | set(BEFORE.levels)
