"""Writes every page, dialog and component in each look into a folder, and what the README shows into docs/pictures.

``python -m tests.screenshots FOLDER [LOOK...]``, where no look means all of them; ``looks.py`` has them. What is
photographed is what ``tests/app/views.py`` finds, over data that has something of everything, and each page of the
demo. Every look is a process of its own, since the scale of a Qt program is settled before it starts.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from backend.core.present.text import PSEUDO
from tests.requirements import OFFSCREEN
from tests.screenshots.looks import BY_NAME, LOOKS, SCALES

#: Both pages of components, in light, dark and high contrast.
GALLERIES = (("en", 1), ("en", 2), ("de", 1), (PSEUDO, 1))
LIMIT_S = 3600


def main(folder: Path, names: Sequence[str]) -> int:
    """The number of processes that failed. The README's pictures and the components are made where no look is named."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    for scale, command in _commands(folder, names):
        environment = {**os.environ, "QT_QPA_PLATFORM": OFFSCREEN, "QT_SCALE_FACTOR": str(scale)}
        ended = subprocess.run([sys.executable, "-m", *command], env=environment, timeout=LIMIT_S)
        failed += ended.returncode != 0
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return failed


def _commands(folder: Path, names: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each a scale, and what Python is to run in it."""
    looks = [BY_NAME[name] for name in names] or LOOKS
    for scale in SCALES:
        found = [look.name for look in looks if look.scale == scale]
        if found:
            yield scale, ("tests.screenshots.demo", str(folder), *found)
    for look in looks:
        yield look.scale, ("tests.screenshots.pages", str(folder), look.name)
    if not names:
        yield 1, ("tests.screenshots.readme",)
        for language, scale in GALLERIES:
            yield scale, ("tests.widgets.gallery", str(folder), language)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"), sys.argv[2:]))
