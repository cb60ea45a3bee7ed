"""The walls of naming: drawers, module docstrings, star imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import Breach, Source

DRAWERS = frozenset({"utils", "util", "helpers", "helper", "manager", "common", "misc", "info"})


def drawers(source: Source) -> Iterator[Breach]:
    """A name that says nothing becomes a place for everything."""
    for part in source.path.removesuffix(".py").split("/"):
        if part in DRAWERS:
            yield source.breach(1, f"{part} is a drawer, not a name")


def docstrings(source: Source) -> Iterator[Breach]:
    """Every module with code says in its first line what it is for."""
    docstring = ast.get_docstring(source.tree)
    if source.tree.body and not docstring:
        yield source.breach(1, "no module docstring")
    elif docstring and not docstring.splitlines()[0].strip():
        yield source.breach(1, "the module docstring says nothing in its first line")


def stars(source: Source) -> Iterator[Breach]:
    """Names come from somewhere a reader can see."""
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield source.breach(node, f"star import from {node.module}")
