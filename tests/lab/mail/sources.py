"""Files of this project that a module needs to run: its own and, found in their text, all that they import of it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.lab.lifetime import ROOT


def with_imported(paths: Iterable[Path]) -> set[Path]:
    """These, and what they import of this project, however far down."""
    found, rest = set[Path](), list(paths)
    while rest:
        path = rest.pop()
        if path not in found:
            found.add(path)
            rest += [each for name in _imported(path) for each in _files(name)]
    return found


def _imported(path: Path) -> Iterator[str]:
    """Names of modules, and names out of them that may be modules, too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _files(name: str) -> Iterator[Path]:
    """A module, and the packages that it lies in; of a name out of a module, that module."""
    place = ROOT
    for part in name.split("."):
        place /= part
        yield from (each for each in (place.with_name(f"{part}.py"), place / "__init__.py") if each.is_file())
