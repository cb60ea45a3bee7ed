"""One cheap command that reads a machine's vital figures, and the arithmetic that turns two readings into a sample."""

from __future__ import annotations

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
    "m disk; df -P -B1 / | tail -n1; m inodes; df -P -i / | tail -n1; m end"
)
JIFFY_COLUMNS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


@dataclass(frozen=True)
class Reading:
    """Counters and levels of one moment. Counters only mean something beside an earlier reading."""

    uptime_s: float
    jiffies: Mapping[str, int]
    received: int
    sent: int
    levels: Mapping[str, float]


def read(output: str) -> Reading:
    """Parse what :data:`COMMAND` printed.

    :raises SshError: it is not that (another system, a cut output).
    """
    try:
        parts = _sections(output)
        received, sent = _traffic(parts["net"])
        return Reading(
            uptime_s=float(parts["uptime"][0].split()[0]),
            jiffies=dict(zip(JIFFY_COLUMNS, map(int, parts["stat"][0].split()[1:9]), strict=True)),
            received=received,
            sent=sent,
            levels=_levels(parts),
        )
    except (KeyError, IndexError, ValueError, ZeroDivisionError) as error:
        raise SshError(
            _("The server's figures could not be read."),
            remedy=_("Mailyard reads Debian and Ubuntu servers."),
            detail=f"{type(error).__name__}: {error}",
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
    if now.received >= before.received and now.sent >= before.sent:
        values["network_in"] = (now.received - before.received) / seconds
        values["network_out"] = (now.sent - before.sent) / seconds
    return values


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
    memory = {line.split(":")[0]: int(line.split()[1]) for line in parts["memory"]}
    load = parts["load"][0].split()
    levels = {
        "load": float(load[0]),
        "processes": float(load[3].split("/")[1]),
        "memory": 100.0 * (1 - memory["MemAvailable"] / memory["MemTotal"]),
        "disk": _share(parts["disk"][0]),
    }
    if _has_inodes(parts["inodes"][0]):
        levels["inodes"] = _share(parts["inodes"][0])
    if memory["SwapTotal"] > 0:
        levels["swap"] = 100.0 * (1 - memory["SwapFree"] / memory["SwapTotal"])
    return levels


def _share(line: str) -> float:
    """Used of used plus available, as df's own percentage: what root alone may use is not counted as room."""
    fields = line.split()
    used, available = int(fields[-4]), int(fields[-3])
    return 100.0 * used / (used + available)


def _has_inodes(line: str) -> bool:
    """Some file systems (btrfs) make them as needed and show zeros."""
    return line.split()[-5] != "0"


def _traffic(lines: list[str]) -> tuple[int, int]:
    """Bytes received and sent over all interfaces but loopback and container bridges."""
    received = sent = 0
    for line in lines:
        name, _colon, figures = line.partition(":")
        if name.strip() == "lo" or name.strip().startswith(("docker", "br-", "veth")):
            continue
        fields = figures.split()
        received, sent = received + int(fields[0]), sent + int(fields[8])
    return received, sent
