"""Prints where source or documents leave a wall, and the ten largest; exit code 1 when a wall is broken."""

from __future__ import annotations

import sys

from tests.architecture.documents import WALLS as OF_DOCUMENTS
from tests.architecture.documents import document_breaches, documents
from tests.architecture.sizes import largest
from tests.architecture.source import sources
from tests.architecture.walls import WALLS, breaches


def main() -> int:
    found = sources()
    broken = [(wall, breach) for wall in WALLS for breach in breaches(found, wall)]
    written = documents()
    broken += [(wall, breach) for wall in OF_DOCUMENTS for breach in document_breaches(written, wall)]
    for wall, breach in broken:
        print(f"{breach} [{wall}]")
    looked_at = f"{len(found)} files, {len(written)} documents, {len(WALLS) + len(OF_DOCUMENTS)} walls"
    print(f"{looked_at}, broken in {len(broken)} places. The ten largest:")
    for size, where in largest(found):
        print(f"{size:>12}  {where}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
