"""What an emulated host's kernel and ``df`` print: proc(5), as the sampler reads it."""

from __future__ import annotations

from backend.demo.fleet.host import Counters, Host

KIB_OF_MIB = 1024
SWAP_MIB = 512
INODES_OF_GB = 65_536
RESERVED = 0.05  # of a disk, for root (ext4's default)


def sampled(host: Host, now: float) -> str:
    """The sections of the sampler's command, with the figures of this moment."""
    seen, counted = host.load_profile.now(now), host.counted(now)
    uptime = now - float(host.record["booted"])
    sections = {
        "stat": _stat(counted),
        "load": f"{seen['load']:.2f} {0.9 * seen['load']:.2f} {0.8 * seen['load']:.2f} 1/{seen['processes']:.0f} 4711",
        "uptime": f"{uptime:.2f} {0.8 * uptime:.2f}",
        "memory": _memory(int(host.record["memory_mb"]) * KIB_OF_MIB, seen),
        "net": _network(counted),
        "devices": "/sys/class/net/eth0/device",
        "route": "0 eth0",
        "route6": "",
        "disk": _disk(int(host.record["disk_gb"]) * 10**9, seen["disk"]),
        "inodes": _inodes(int(host.record["disk_gb"]) * INODES_OF_GB, seen["inodes"]),
        "end": "",
    }
    return "".join(f"@{name}\n{text}\n" if text else f"@{name}\n" for name, text in sections.items())


def _stat(counted: Counters) -> str:
    ticks = [round(counted.ticks.get(kind, 0.0)) for kind in ("user", "nice", "system", "idle", "iowait")]
    rest = [0, 0, round(counted.ticks.get("steal", 0.0)), 0, 0]
    return "cpu  " + " ".join(map(str, [*ticks, *rest]))


def _memory(total: int, seen: dict[str, float]) -> str:
    swap = SWAP_MIB * KIB_OF_MIB
    lines = {
        "MemTotal": total,
        "MemAvailable": round(total * (1 - seen["memory"] / 100)),
        "SwapTotal": swap,
        "SwapFree": round(swap * (1 - seen["swap"] / 100)),
    }
    return "\n".join(f"{name}:{value:>15} kB" for name, value in lines.items())


def _network(counted: Counters) -> str:
    received, sent = round(counted.received), round(counted.sent)
    lines = (("lo", 8_412_345, 8_412_345), ("eth0", received, sent))
    return "\n".join(
        f"{name:>6}: {down} {down // 700} 0 0 0 0 0 0 {up} {up // 700} 0 0 0 0 0 0" for name, down, up in lines
    )


def _disk(size: int, percent: float) -> str:
    """``df -P -B1 /``: percent is used of used plus available, what root alone may use left out."""
    room = size * (1 - RESERVED)
    used = round(room * percent / 100)
    return f"/dev/vda1 {size} {used} {round(room) - used} {percent:.0f}% /"


def _inodes(count: int, percent: float) -> str:
    used = round(count * percent / 100)
    return f"/dev/vda1 {count} {used} {count - used} {percent:.0f}% /"
