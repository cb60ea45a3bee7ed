"""The walls of naming: drawers, module docstrings, star imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import FLOORS, Breach, Source, name_of

PATHS = "backend/core/paths.py"
HOMES = frozenset({"expanduser", "user_data_path", "user_data_dir"})
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


def homes(source: Source) -> Iterator[Breach]:
    """A user may have no home: whoever needs it asks where that is told apart."""
    if source.floor not in FLOORS or source.path == PATHS:
        return
    for call in source.calls():
        if (called := name_of(call.func)).split(".")[-1] in HOMES or called.endswith("Path.home"):
            yield source.breach(call, f"{called}() fails without a home: {PATHS} knows better")


def stars(source: Source) -> Iterator[Breach]:
    """Names come from somewhere a reader can see."""
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield source.breach(node, f"star import from {node.module}")
