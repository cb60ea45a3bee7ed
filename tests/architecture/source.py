"""One file of the project, read once for all walls, and how a wall says what it found."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = ("app", "widgets", "backend")
FOLDERS = (*FLOORS, "packaging", "tests", "benchmarks")


@dataclass(frozen=True)
class Breach:
    """Where the source leaves a wall, and how."""

    path: str
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.says}"


@dataclass(frozen=True)
class Source:
    """A Python file: its path from the root with slashes, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node, outer ones first."""
        return list(ast.walk(self.tree))

    @property
    def floor(self) -> str:
        return self.path.split("/")[0]

    @property
    def length(self) -> int:
        return len(self.text.splitlines())

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in self.nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))

    def breach(self, node: ast.AST | int, says: str) -> Breach:
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return Breach(self.path, line, says)


Wall = Callable[[Source], Iterator[Breach]]


def sources(root: Path = ROOT) -> list[Source]:
    """All files of the project, in order."""
    found = (path for folder in FOLDERS for path in sorted((root / folder).rglob("*.py")))
    return [Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in found]


def name_of(node: ast.expr) -> str:
    """``a.b.c`` of names and attributes; what else there is inside shows as nothing: ``x().exec`` is ``.exec``."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return ""
