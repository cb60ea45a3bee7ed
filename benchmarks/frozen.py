"""How long until the window of the bundle is painted, beside the sources: ``python -m benchmarks.frozen``.

Started alternately on the same virtual screen; needs ``python packaging/package.py bundle`` before.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.screen import screen
from benchmarks.start import OURS, ROOT, one_start

STARTS = 10
FROZEN = [str(ROOT / "dist" / "mailyard" / "mailyard")]


def main(starts: int) -> None:
    with tempfile.TemporaryDirectory() as folder, screen() as eye:
        homes = {name: Path(folder) / name for name in ("sources", "bundle")}
        for home in homes.values():
            home.mkdir(mode=0o700)
        commands = {"sources": OURS, "bundle": FROZEN}
        times: dict[str, list[float]] = {name: [] for name in commands}
        for start in range(starts + 1):
            for name, command in commands.items():
                seconds = one_start(command, homes[name], eye)
                if start:  # the first makes databases and warms the page cache
                    times[name].append(seconds)
    for name, found in times.items():
        print(f"{name:8} median {statistics.median(found) * 1000:5.0f} ms, worst {max(found) * 1000:5.0f} ms")
    ratio = statistics.median(times["bundle"]) / statistics.median(times["sources"])
    print(f"ratio of medians {ratio:.2f} (target <= 1.15)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STARTS)
