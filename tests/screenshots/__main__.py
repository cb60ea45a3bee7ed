"""Writes every page in light, dark and pseudo-locale, at 1366 x 768 and at 200 %, into a folder.

Each look is a process of its own, since the scale of a Qt program is settled before it starts.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LOOKS = {
    "light": ("light", "en", "1"),
    "dark": ("dark", "en", "1"),
    "light-200": ("light", "en", "2"),
    "pseudo": ("light", "qps-ploc", "1"),
    "german": ("light", "de", "1"),
    "light-high": ("light+high", "en", "1"),
    "dark-high": ("dark+high", "en", "1"),
}
LIMIT_S = 180


def main(folder: Path) -> int:
    """One process a look; the number of looks that failed."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name, (appearance, language, scale) in LOOKS.items():
        command = [sys.executable, "-m", "tests.screenshots.pages", str(folder), name, appearance, language]
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale}
        failed += subprocess.run(command, env=environment, timeout=LIMIT_S).returncode != 0
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return failed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")))
