"""The sampler's arithmetic as a table: what a machine prints, and what two readings of it mean."""

from __future__ import annotations

import re
from dataclasses import replace
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        OUTPUT.replace("5000.25", "9" * 400),
        OUTPUT.replace("5000.25", "inf"),
        OUTPUT.replace("5000.25", "-5000.25"),
        OUTPUT.replace("5000.25", "1e400"),
        OUTPUT.replace("0.52", "nan"),
        OUTPUT.replace("2/345", f"2/{'9' * 5000}"),
        OUTPUT.replace("2/345", "2/-345"),
        OUTPUT.replace("1000 20 300", "1000 -20 300"),
        OUTPUT.replace("1000 20 300", f"{2**64} 20 300"),
        OUTPUT.replace("1000 20 300", "1_000 20 300"),
        OUTPUT.replace("eth0: 1000", f"eth0: {'9' * 400}"),
        OUTPUT.replace("1500000 kB", "2500000 kB"),
        OUTPUT.replace("30000000", "\N{ARABIC-INDIC DIGIT THREE}"),
    ],
    ids=[
        *("nothing", "another shell", "no end", "cut", "no memory", "short cpu", "no uptime", "df fails", "no total"),
        *(
            "endless uptime",
            "inf",
            "negative",
            "too large",
            "nan",
            "processes",
            "negative processes",
            "negative jiffies",
        ),
        *("more than a counter holds", "underscore", "endless traffic", "more free than there is", "other digits"),
    ],
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
        traffic={**BEFORE.traffic, "eth0": (1000 + received, 2000 + sent)},
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


# What a server prints is never anything but a reading or an SshError


TOKENS = st.one_of(
    st.sampled_from(
        ["", "inf", "-inf", "nan", "-1", "1e999", "9" * 400, "9" * 5_000, "0x10", "1_0", "0", "1/2", "@end"]
    ),
    st.text(max_size=8),
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
)


@st.composite
def _spoilt(draw: st.DrawFn) -> str:
    """The output of a server with some of its words replaced, lines lost, doubled or cut."""
    words = re.split(r"(\s+)", OUTPUT + ROUTES)
    for _spot in range(draw(st.integers(1, 4))):
        words[draw(st.integers(0, len(words) - 1))] = draw(TOKENS)
    lines = "".join(words).splitlines(keepends=True)
    if draw(st.booleans()):
        del lines[draw(st.integers(0, len(lines) - 1))]
    text = "".join(lines)
    return text[: draw(st.integers(0, len(text)))] + "\n@end\n" if draw(st.booleans()) else text


ROUTES = """@devices
/sys/class/net/eth0/device
@route
0 eth0
@route6
eth0
@end
"""


@given(_spoilt() | st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "replace")))
def test_whatever_a_server_prints_is_a_reading_or_an_error_of_ours(output: str) -> None:
    try:
        reading = read(output)
    except SshError:
        return
    for before in (None, BEFORE, reading):
        values = sample(reading, before)
        assert all(isfinite(value) and value >= 0 for value in values.values())


# Traffic, each byte counted once


def _net(
    traffic: dict[str, int], *, devices: tuple[str, ...] = (), routes: str = "", uptime: float = 5_000.25
) -> Reading:
    """A reading of a machine with these interfaces, each of which has received and sent so much."""
    lines = "".join(f"{name}: {count} 1 0 0 0 0 0 0 {count} 1 0 0 0 0 0 0\n" for name, count in traffic.items())
    start, end = OUTPUT.index("    lo:"), OUTPUT.index("@disk")
    found = "".join(f"/sys/class/net/{name}/device\n" for name in devices)
    text = f"{OUTPUT[:start]}{lines}@devices\n{found}@route\n{routes}{OUTPUT[end:]}"
    return read(text.replace("5000.25", f"{uptime:.2f}"))


@pytest.mark.parametrize(
    ("grown", "devices", "routes"),
    [
        ({"eth0": 5_000, "eth1": 5_000, "bond0": 10_000}, ("eth0", "eth1"), "0 bond0\n"),
        ({"eth0": 10_000, "eth0.100": 10_000}, ("eth0",), "0 eth0.100\n"),
        ({"eth0": 10_000, "wg0": 9_500}, ("eth0",), "0 wg0\n"),
        ({"eth0": 10_000, "mailu0": 4_000, "ifb0": 10_000}, ("eth0",), "0 eth0\n"),
        ({"eth0": 10_000, "br0": 10_000, "tap1": 3_000}, ("eth0",), "0 br0\n"),
        ({"eth0": 10_000, "wg0": 9_500}, (), "100 wg0\n50 eth0\n"),  # a container: no device of its own
        ({"venet0": 10_000, "dummy0": 4_000}, (), "0 venet0\n"),
        ({"eth0": 10_000, "docker0": 4_000, "lo": 7_000}, (), ""),
        ({"eth0": 10_000, "lo": 7_000}, ("eth9",), "0 eth9\n"),  # of another name space
    ],
    ids=["bond", "VLAN", "tunnel", "other names", "bridge", "container", "venet", "nothing known", "nothing that fits"],
)
def test_a_byte_that_passes_several_interfaces_is_counted_once(
    grown: dict[str, int], devices: tuple[str, ...], routes: str
) -> None:
    before = _net(dict.fromkeys(grown, 70_000), devices=devices, routes=routes)
    after = {name: 70_000 + count for name, count in grown.items()}

    values = sample(_net(after, devices=devices, routes=routes, uptime=5_010.25), before)

    assert (values["network_in"], values["network_out"]) == (1_000.0, 1_000.0)


def test_a_machine_that_speaks_ipv6_alone_is_counted_by_that_route() -> None:
    text = OUTPUT.replace("@disk\n", "@devices\n@route\n@route6\neth1\n@disk\n")

    assert dict(read(text).traffic) == {"eth1": (50, 60)}


def test_an_interface_that_appears_adds_nothing_in_its_first_sample_and_one_that_goes_takes_nothing() -> None:
    devices = ("eth0", "eth1")
    before = _net({"eth0": 1_000}, devices=devices)
    between = _net({"eth0": 11_000, "eth1": 9 * 10**13}, devices=devices, uptime=5_010.25)
    after = _net({"eth1": 9 * 10**13 + 500}, devices=devices, uptime=5_020.25)

    assert sample(between, before)["network_in"] == 1_000.0
    assert sample(after, between)["network_in"] == 50.0


def test_with_no_interface_in_common_the_rate_is_unknown() -> None:
    values = sample(_net({"eth1": 5}, devices=("eth1",), uptime=5_010.25), _net({"eth0": 5}, devices=("eth0",)))

    assert "network_in" not in values
    assert "cpu" not in values
