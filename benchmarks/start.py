"""How long until the window is painted, beside Debian's vorta: ``python -m benchmarks.start [STARTS]``.

Both programs are started alternately on the same virtual screen with homes of their own, and the same eye sees their
first real frame: the first moment at which the screen shows several colours. Needs the packages xvfb and vorta.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.screen import Screen, screen

ROOT = Path(__file__).parents[1]
STARTS, LIMIT_S = 10, 30.0
OURS = [str(ROOT / ".venv" / "bin" / "mailyard")]
PEER = ["vorta"]


def one_start(command: list[str], home: Path, eye: Screen) -> float:
    """Seconds from the start of the process to its first frame; the process is killed then."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "DISPLAY": eye.display,
        "LANG": "C.UTF-8",
    }
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return eye.wait_for_frame(LIMIT_S)
    finally:
        process.kill()
        process.wait(timeout=10)
        _wait_until_blank(eye)


def main(starts: int) -> None:
    with tempfile.TemporaryDirectory() as folder, screen() as eye:
        homes = {name: Path(folder) / name for name in ("mailyard", "vorta")}
        for home in homes.values():
            home.mkdir(mode=0o700)
        for command, name in ((OURS, "mailyard"), (PEER, "vorta")):
            one_start(command, homes[name], eye)  # the first start makes databases and warms the page cache
        times: dict[str, list[float]] = {"mailyard": [], "vorta": []}
        for _start in range(starts):
            times["mailyard"].append(one_start(OURS, homes["mailyard"], eye))
            times["vorta"].append(one_start(PEER, homes["vorta"], eye))
    for name, seconds in times.items():
        print(f"{name:9} median {statistics.median(seconds) * 1000:5.0f} ms, worst {max(seconds) * 1000:5.0f} ms")
    ratio = statistics.median(times["mailyard"]) / statistics.median(times["vorta"])
    print(f"ratio of medians {ratio:.2f} (target <= 0.50), of worst {max(times['mailyard']) / max(times['vorta']):.2f}")


def _wait_until_blank(eye: Screen) -> None:
    import time

    while len(eye.colours()) > 1:
        time.sleep(0.02)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STARTS)
