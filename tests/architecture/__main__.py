"""Prints where the source leaves a wall, and the ten largest; exit code 1 when a wall is broken."""

from __future__ import annotations

import sys

from tests.architecture.sizes import largest
from tests.architecture.source import sources
from tests.architecture.walls import WALLS, breaches


def main() -> int:
    found = sources()
    broken = [(wall, breach) for wall in WALLS for breach in breaches(found, wall)]
    for wall, breach in broken:
        print(f"{breach} [{wall}]")
    print(f"{len(found)} files, {len(WALLS)} walls, broken in {len(broken)} places. The ten largest:")
    for size, where in largest(found):
        print(f"{size:>12}  {where}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
