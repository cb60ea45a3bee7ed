"""The demo left alone: growth of its memory and its share of a core: ``python -m benchmarks.steady [MINUTES]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.stories.steady import demo, watch

MINUTES, WARM_UP_S, EVERY_S = 30.0, 300.0, 15.0


def main(minutes: float) -> None:
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as process:
        found = watch(process, warm_up_s=WARM_UP_S, seconds=minutes * 60, every_s=EVERY_S)
    print(f"window and engine: {found.window_mb:.0f} MB, {found.window_mb_an_hour:+.2f} MB an hour")
    print(f"emulated clouds: {found.clouds_mb:.0f} MB, {found.clouds_mb_an_hour:+.2f} MB an hour")
    print(f"together {100 * found.core:.1f} % of one core")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES)
