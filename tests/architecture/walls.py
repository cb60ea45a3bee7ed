"""All walls by name; import contracts stand in pyproject.toml."""

from __future__ import annotations

from collections.abc import Sequence

from tests.architecture import markup, migrations, names, paths, payloads, qt, running, scope, sizes, spoken, waits
from tests.architecture.source import Breach, Source, Wall

WALLS: dict[str, Wall] = {
    "long files": sizes.files,
    "long functions": sizes.functions,
    "many parameters": sizes.parameters,
    "drawers": names.drawers,
    "module docstrings": names.docstrings,
    "homes": names.homes,
    "star imports": names.stars,
    "stray Qt calls": qt.stray_calls,
    "stray colours": qt.colours,
    "guessed markup": markup.guessed,
    "migrations in line": migrations.numbered,
    "lambdas on signals": qt.lambdas,
    "catching everything": running.catch_all,
    "thread starts": running.threads,
    "payloads read by a string": payloads.by_string,
    "payloads as mappings": payloads.loose,
    "paths in strings": paths.broken,
    "reads past the scope": scope.past_the_scope,
    "words without gettext": spoken.untranslated,
    "messages in pieces": spoken.pieces,
    "plurals by hand": spoken.plurals,
    "sleeps in tests": waits.sleeps,
    "chance without a seed": waits.chance,
}


def breaches(found: Sequence[Source], wall: str) -> list[Breach]:
    """Where ``found`` leaves one wall."""
    return [breach for source in found for breach in WALLS[wall](source)]
