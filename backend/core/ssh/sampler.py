"""One cheap command that reads a machine's vital figures, and the arithmetic that turns two readings into a sample."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backend.core.errors import SshError
from backend.core.present.text import _

# Plain files of proc(5) and one df: about 7 ms of the machine's time. Sections are separated by lines '@name'.
COMMAND = (
    'LC_ALL=C; m(){ echo "@$1"; }; '
    "m stat; head -n1 /proc/stat; m load; cat /proc/loadavg; m uptime; cat /proc/uptime; "
    "m memory; grep -E '^(MemTotal|MemAvailable|SwapTotal|SwapFree):' /proc/meminfo; "
    "m net; tail -n +3 /proc/net/dev; "
    "m devices; ls -d /sys/class/net/*/device 2>/dev/null; "
    'm route; awk \'$2 == "00000000" && $8 == "00000000" {print $7, $1}\' /proc/net/route 2>/dev/null; '
    'm route6; awk \'$1 ~ /^0+$/ && $2 == "00" && $10 != "lo" {print $10}\' /proc/net/ipv6_route 2>/dev/null; '
    "m disk; df -P -B1 / | tail -n1; m inodes; df -P -i / | tail -n1; m end"
)
#: As the kernel prints them: counters of 64 bits, and figures with a point.
WHOLE, DECIMAL, MOST = re.compile(r"[0-9]{1,20}"), re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?"), 2**64
JIFFY_COLUMNS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


@dataclass(frozen=True)
class Reading:
    """Counters and levels of one moment. Counters only mean something beside an earlier reading.

    ``traffic`` has the bytes received and sent of each interface that counts, see :func:`_traffic`.
    """

    uptime_s: float
    jiffies: Mapping[str, int]
    traffic: Mapping[str, tuple[int, int]]
    levels: Mapping[str, float]

    @property
    def received(self) -> int:
        return sum(down for down, _up in self.traffic.values())

    @property
    def sent(self) -> int:
        return sum(up for _down, up in self.traffic.values())


def read(output: str) -> Reading:
    """Parse what :data:`COMMAND` printed.

    :raises SshError: it is not that (another system, a cut output, figures that no machine has).
    """
    try:
        parts = _sections(output)
        return Reading(
            uptime_s=_decimal(parts["uptime"][0].split()[0]),
            jiffies=dict(zip(JIFFY_COLUMNS, map(_whole, parts["stat"][0].split()[1:9]), strict=True)),
            traffic=_traffic(parts),
            levels=_levels(parts),
        )
    except (LookupError, ValueError, ArithmeticError) as error:
        raise SshError(
            _("The server's metrics could not be read."),
            remedy=_("Mailyard supports servers with Debian or Ubuntu."),
            detail=f"{type(error).__name__}: {error}"[:200],
        ) from error


def sample(now: Reading, before: Reading | None) -> dict[str, float]:
    """Metrics of the time between two readings, by metric key; rates are missing without an earlier reading.

    A reboot in between (uptime fell) also leaves them out: unknown, not zero.
    """
    values = dict(now.levels)
    if before is None or now.uptime_s <= before.uptime_s:
        return values
    seconds = now.uptime_s - before.uptime_s
    spent = {key: max(0, now.jiffies[key] - before.jiffies[key]) for key in JIFFY_COLUMNS}
    total = sum(spent.values())
    if total > 0:
        values["cpu"] = 100.0 * (total - spent["idle"] - spent["iowait"]) / total
        values["iowait"] = 100.0 * spent["iowait"] / total
        values["steal"] = 100.0 * spent["steal"] / total
    return values | _traffic_rates(now, before, seconds)


def _traffic_rates(now: Reading, before: Reading, seconds: float) -> dict[str, float]:
    """Of the interfaces that were there before; unknown with none, and when a counter began anew."""
    pairs = [(now.traffic[name], before.traffic[name]) for name in now.traffic if name in before.traffic]
    if not pairs or any(new < old for counts in pairs for new, old in zip(*counts, strict=True)):
        return {}
    received, sent = (sum(new[way] - old[way] for new, old in pairs) for way in (0, 1))
    return {"network_in": received / seconds, "network_out": sent / seconds}


def _sections(output: str) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    current: list[str] = []
    for line in output.splitlines():
        if line.startswith("@"):
            current = parts.setdefault(line[1:], [])
        else:
            current.append(line)
    if "end" not in parts:
        raise KeyError("end")
    return parts


def _levels(parts: Mapping[str, list[str]]) -> dict[str, float]:
    memory = {line.split(":")[0]: _whole(line.split()[1]) for line in parts["memory"]}
    load = parts["load"][0].split()
    levels = {
        "load": _decimal(load[0]),
        "processes": float(_whole(load[3].split("/")[1])),
        "memory": _taken(memory["MemTotal"], memory["MemAvailable"]),
        "disk": _share(parts["disk"][0]),
    }
    if _has_inodes(parts["inodes"][0]):
        levels["inodes"] = _share(parts["inodes"][0])
    if memory["SwapTotal"] > 0:
        levels["swap"] = _taken(memory["SwapTotal"], memory["SwapFree"])
    return levels


def _whole(text: str) -> int:
    """:raises ValueError: no counter of the kernel looks so."""
    if not WHOLE.fullmatch(text) or int(text) >= MOST:
        raise ValueError(f"no whole number: {text[:40]!r}")
    return int(text)


def _decimal(text: str) -> float:
    """:raises ValueError: no figure of the kernel looks so; ``inf`` and ``nan`` are none."""
    if not DECIMAL.fullmatch(text):
        raise ValueError(f"no figure: {text[:40]!r}")
    return float(text)


def _taken(total: int, free: int) -> float:
    """Percent of ``total`` that is not free."""
    if free > total:
        raise ValueError(f"{free} of {total} are free")
    return 100.0 * (1 - free / total)


def _share(line: str) -> float:
    """Used of used plus available, as df's own percentage: what root alone may use is not counted as room."""
    fields = line.split()
    used, available = _whole(fields[-4]), _whole(fields[-3])
    return 100.0 * used / (used + available)


def _has_inodes(line: str) -> bool:
    """Some file systems (btrfs) make them as needed and show zeros."""
    return line.split()[-5] != "0"


def _traffic(parts: Mapping[str, list[str]]) -> dict[str, tuple[int, int]]:
    """Bytes received and sent of each interface that carries traffic to the outside, each byte counted once.

    These are the ones with a device behind them: what goes through a bond, a VLAN, a bridge or a tunnel goes through
    these too. A container has none: there it is the one of the default route.
    """
    counts: dict[str, tuple[int, int]] = {}
    for line in parts["net"]:
        name, _colon, figures = line.rpartition(":")
        fields = figures.split()
        counts[name.strip()] = _whole(fields[0]), _whole(fields[8])
    devices = {line.split("/")[4] for line in parts.get("devices", [])} & counts.keys()
    wanted = devices or _on_the_way_out(parts) & counts.keys() or {name for name in counts if _may_lead_out(name)}
    return {name: counts[name] for name in sorted(wanted)}


def _on_the_way_out(parts: Mapping[str, list[str]]) -> set[str]:
    """The interface of the default route: with several that of the lowest metric, without any that of IPv6."""
    routes = [(_whole(line.split()[0]), line.split()[1]) for line in parts.get("route", [])]
    return {min(routes)[1]} if routes else {line.strip() for line in parts.get("route6", [])[:1]}


def _may_lead_out(name: str) -> bool:
    """Where neither devices nor routes are known: not loopback, and not what containers use among themselves."""
    return name != "lo" and not name.startswith(("docker", "br-", "veth"))
