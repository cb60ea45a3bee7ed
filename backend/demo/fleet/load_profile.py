"""How busy an emulated host is at any moment: a mail server's day and week, with noise that never repeats.

Everything is a function of the moment, so that the past can be written down at once and the present goes on from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

DAY_S, WEEK_S = 86_400.0, 604_800.0
BUSIEST_S = 12.5 * 3600  # of a day, UTC
MONDAY_S = 4 * DAY_S  # the epoch was a Thursday
#: Periods of the noise in seconds: from a mail that is scanned to a mailing that goes out.
SLOW, FAST = (431.0, 1_049.0, 2_741.0, 7_919.0), (2.3, 5.9, 17.0, 41.0)
FULL = 97.0  # percent of a disk
GOLDEN = 2.399963229728653  # radians: phases that never line up


def seed_of(name: str) -> int:
    """What makes a host's noise its own: from its name."""
    return crc32(name.encode()) % 10_007


@dataclass(frozen=True)
class LoadProfile:
    """One host's habits. Levels in percent, rates in bytes a second; ``grows`` is percent of the disk a day."""

    seed: int
    cpu: float = 18.0
    memory: float = 52.0
    disk: float = 34.0
    grows: float = 0.03
    since: float = 0.0
    """the moment (epoch seconds) when the disk was as full as ``disk`` says"""
    traffic: float = 45_000.0

    def at(self, moments: Array) -> dict[str, Array]:
        """All metrics of a host at these moments (epoch seconds), by metric key."""
        import numpy as np

        busy = self._busy(moments)
        cpu = np.clip(self.cpu * busy * (1 + 0.28 * self._noise(moments, FAST, 3)), 0.4, 99.0)
        out = np.maximum(0.0, self.traffic * busy * (1 + 0.5 * self._noise(moments, FAST, 11)))
        spread = self._noise(moments, SLOW, 7)
        return {
            "cpu": cpu,
            "memory": np.clip(self.memory + 7 * (busy - 1) + 3 * spread, 5.0, 98.0),
            "disk": self._filled(moments),
            "inodes": np.full(len(moments), 8.0 + self.seed % 9),
            "network_in": np.maximum(0.0, 0.62 * out * (1 + 0.2 * spread)),
            "network_out": out,
            "load": np.maximum(0.0, cpu / 42.0 + 0.12 * spread + 0.1),
            "swap": np.clip(2.0 + self.seed % 5 + 1.5 * spread, 0.0, 60.0),
            "steal": np.clip(0.6 * busy + 0.4 * spread, 0.0, 12.0),
            "iowait": np.clip(1.4 * busy + 0.9 * spread, 0.0, 20.0),
            "processes": np.round(118 + self.seed % 23 + 9 * busy + 4 * spread),
        }

    def now(self, moment: float) -> dict[str, float]:
        """The same at one moment."""
        import numpy as np

        return {name: float(values[0]) for name, values in self.at(np.array([moment])).items()}

    def _busy(self, moments: Array) -> Array:
        """About 1 on average: up in office hours, down at the weekend."""
        import numpy as np

        of_day = 2 * math.pi * (moments - BUSIEST_S) / DAY_S
        day = 1 + 0.45 * np.cos(of_day) + 0.16 * np.cos(2 * of_day)
        weekday = np.floor((moments - MONDAY_S) % WEEK_S / DAY_S)
        week = np.where(weekday >= 5, 0.55, 1.12)
        busy: Array = np.maximum(0.08, day * week * (1 + 0.22 * self._noise(moments, SLOW, 0)))
        return busy

    def _noise(self, moments: Array, periods: tuple[float, ...], salt: int) -> Array:
        """Between -1 and 1."""
        import numpy as np

        waves = [
            np.sin(
                2 * math.pi * moments / (period * (1 + (self.seed + salt) % 13 / 40)) + GOLDEN * (self.seed + salt + n)
            )
            for n, period in enumerate(periods)
        ]
        noise: Array = np.sum(waves, axis=0) / len(periods)
        return noise

    def _filled(self, moments: Array) -> Array:
        """Logs and mail fill it day by day; old logs go each Sunday."""
        import numpy as np

        days = (moments - self.since) / DAY_S
        week = 0.35 * ((moments - MONDAY_S) % WEEK_S / WEEK_S)
        filled: Array = np.clip(self.disk + self.grows * days + week, 1.0, FULL)
        return filled
