"""All walls by name; import contracts stand in pyproject.toml."""

from __future__ import annotations

from collections.abc import Sequence

from tests.architecture import names, qt, running, sizes, spoken
from tests.architecture.source import Breach, Source, Wall

WALLS: dict[str, Wall] = {
    "long files": sizes.files,
    "long functions": sizes.functions,
    "many parameters": sizes.parameters,
    "drawers": names.drawers,
    "module docstrings": names.docstrings,
    "star imports": names.stars,
    "stray Qt calls": qt.stray_calls,
    "stray colours": qt.colours,
    "lambdas on signals": qt.lambdas,
    "catching everything": running.catch_all,
    "thread starts": running.threads,
    "waits in workflows": running.waits,
    "words without gettext": spoken.untranslated,
    "messages in pieces": spoken.pieces,
}


def breaches(found: Sequence[Source], wall: str) -> list[Breach]:
    """Where ``found`` leaves one wall."""
    return [breach for source in found for breach in WALLS[wall](source)]
